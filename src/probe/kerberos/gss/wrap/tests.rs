use proptest::prelude::*;

use super::super::super::encryption::{AES128, AES256, RC4};
use super::*;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn key(kind: i32, text: &str) -> Key {
    Key::new(kind, &hex(text))
}

/// What MIT krb5 1.20 agreed on and made, keys and numbers told by
/// `gss_krb5_export_lucid_sec_context`: two tokens of the initiator and two of
/// the acceptor, of [`TEXTS`].
fn known() -> [(Agreed, [&'static str; 4]); 3] {
    let aes256 = Agreed {
        subkey: key(
            AES256,
            "85cb171a7144352b8c53bde678a1fd6c0cb113bcbd53943bf59042a6961ea044",
        ),
        acceptor_subkey: Some(key(
            AES256,
            "48f6143d2a77c32de71a0e8be56abf771902faa86e9819f571ae2be1e688c7a3",
        )),
        initiator_number: 224_204_989,
        acceptor_number: 1_033_902_692,
    };
    let aes128 = Agreed {
        subkey: key(AES128, "4967fd5b9e16e3d66b7c952bb4770d1e"),
        acceptor_subkey: Some(key(AES128, "4cc707a8c306f6311bb6d0a32de0227d")),
        initiator_number: 59_238_960,
        acceptor_number: 167_652_655,
    };
    let rc4 = Agreed {
        subkey: key(RC4, "71f9733a52cacd7e9e0984076f4cbbbf"),
        // What a server may send and nobody uses.
        acceptor_subkey: Some(key(RC4, "4cc707a8c306f6311bb6d0a32de0227d")),
        initiator_number: 199_989_287,
        acceptor_number: 844_407_312,
    };
    [
        (
            aes256,
            [
                "050406ff00000000000000000d5d18bdeee84f3dc09460a5adbc78a44e0358c526f296bb\
                 489104f7c47d5bcda9aca0bf86a56f08ca4103b0603edb19a03d1a5d562db597c47c",
                "050407ff00000000000000003da01a640f65c44657f1e3271591a07b8d964503eefecf25\
                 1c162e37ca5a63a16d6bc323627534513206134358cfc7149a99a56fd567c09c6998d783\
                 5bc6623b301838b5b661a7",
                "050406ff00000000000000000d5d18be02bbdf542a640dd0a22cc62ea8984f0a1e9406d0\
                 fb640e50a2f2454fd53700205b43909e19981f3e410db00f",
                "050407ff00000000000000003da01a65e25be517387091fb5cd791f72844cfb0115a92e3\
                 7d1d9c20204f571fb9ef9e40ec696c2fdcf6d81be499d54434dc8f83d2f1d79ee9e4aa49\
                 af78bc3a056bdf3cfab1c0e6079b63e0a001d73e",
            ],
        ),
        (
            aes128,
            [
                "050406ff00000000000000000387ea30092252dcac59f3c9aa8ce94414710d090effacfd\
                 5d4c74d678979100d13d896dc87c33ad8084a06f7c573bbaeb2729ed6f85ab3a287d",
                "050407ff000000000000000009fe2d2fdf3a276218987dafa28b08b80c68f1f330d30333\
                 0fbba004194f009f0a7b18a015b16f6011df17730cd226eb9515e637bb6b5f701c0bb68f\
                 83a46f4be15d15adb58bbc",
                "050406ff00000000000000000387ea316f2e9bafed1244cab39f7eb12777506b027d5548\
                 19d833087f2875d99fac3e054d5ae1572a2b86d10b0a03c6",
                "050407ff000000000000000009fe2d307364e0851f65f9c648511db279b1b6ac5b8e84b9\
                 c1631efb64b50546ec69b8cbd516d8c04ef2231a3fe5280e66b918f80c32c62ec8f9f569\
                 cc9629f55be9d53699f2a9ef0e3fed447703d7c6",
            ],
        ),
        (
            rc4,
            [
                "603606092a864886f712010202020111001000ffff9cec696c7e8fcfed676d0a6b78cf0b\
                 4acaa3a2297d7dd5d5ef0a759ac8b9a535932bda",
                "604306092a864886f712010202020111001000ffff233b99f0431f7a44d8bfd2da2c654c\
                 bff145127662cdb7272f4b3ea6af35206f247aecbe11da9fc3d82b5206074ec257",
                "602c06092a864886f712010202020111001000ffffe27c10c8176b04533d5bddd128afd4\
                 dce0f448653359de194d",
                "604c06092a864886f712010202020111001000ffffc433812ce1493770cf19fbba9512ac\
                 8190e4fe04b187b34ab3a870fc00b2e05bbdc84b7857a30f57716c92333387631a1bab37\
                 bb95ee3236e6",
            ],
        ),
    ]
}

const TEXTS: [&[u8]; 4] = [
    b"a question",
    b"an answer of the server",
    b"",
    b"0123456789abcdef0123456789abcdef",
];

fn both(agreed: &Agreed) -> [Wrapping; 2] {
    [Side::Initiator, Side::Acceptor].map(|side| Wrapping::new(side, agreed.clone()).unwrap())
}

/// The same token with its body rotated to the right, as Windows sends it.
fn rotated(token: &[u8], count: u16) -> Vec<u8> {
    let mut token = token.to_vec();
    token[6..8].copy_from_slice(&count.to_be_bytes());
    let length = token.len() - 16;
    token[16..].rotate_right(usize::from(count) % length);
    token
}

#[test]
fn what_mit_krb5_made_is_read_in_both_directions() {
    for (agreed, tokens) in known() {
        let [mut initiator, mut acceptor] = both(&agreed);
        for (turn, (token, text)) in tokens.iter().zip(TEXTS).enumerate() {
            let reader = if turn % 2 == 0 {
                &mut acceptor
            } else {
                &mut initiator
            };
            assert_eq!(reader.open(&hex(token)).unwrap().as_slice(), text);
        }
    }
}

#[test]
fn a_token_with_any_bit_changed_or_cut_anywhere_is_refused() {
    for (agreed, tokens) in known() {
        let token = hex(tokens[1]);
        let open = |token: &[u8]| {
            Wrapping::new(Side::Initiator, agreed.clone())
                .unwrap()
                .open(token)
        };
        let is_aes = agreed.subkey.kind() != RC4;
        for bit in 0..token.len() * 8 {
            let mut changed = token.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // RRC is not signed: a whole turn more is the same token.
            if let Ok(plain) = open(&changed) {
                assert!(is_aes && (48..64).contains(&bit), "bit {bit}");
                assert_eq!(plain.as_slice(), TEXTS[1]);
            }
        }
        for end in 0..token.len() {
            assert!(open(&token[..end]).is_err(), "{end}");
        }
        assert!(open(&[token.as_slice(), &[0]].concat()).is_err());
    }
}

#[test]
fn a_token_of_the_wrong_side_or_out_of_turn_is_refused() {
    for (agreed, tokens) in known() {
        let [mut initiator, mut acceptor] = both(&agreed);
        let tokens = tokens.map(hex);
        assert_eq!(acceptor.open(&tokens[2]), Err(NOT_NEXT));
        assert!(acceptor.open(&tokens[1]).is_err());
        assert!(acceptor.open(&tokens[0]).is_ok());
        assert_eq!(acceptor.open(&tokens[0]), Err(NOT_NEXT));
        assert!(acceptor.open(&tokens[2]).is_ok());
        // Our own, sent back.
        let ours = initiator.seal(b"x").unwrap();
        assert!(initiator.open(&ours).is_err());
        assert_eq!(initiator.open(&tokens[3]), Err(NOT_NEXT));
    }
}

#[test]
fn a_token_that_is_only_signed_is_refused() {
    let [(agreed, tokens), _, (old, old_tokens)] = known();
    let mut token = hex(tokens[1]);
    token[2] &= !2;
    assert_eq!(both(&agreed)[0].open(&token), Err(NOT_SEALED));
    let mut token = hex(old_tokens[1]);
    token[17..19].fill(0xff);
    assert_eq!(both(&old)[0].open(&token), Err(DAMAGED));
}

#[test]
fn a_key_that_is_weaker_or_unknown_is_refused() {
    let [(agreed, _), _, (old, _)] = known();
    let weaker = Agreed {
        acceptor_subkey: old.acceptor_subkey.clone(),
        ..agreed.clone()
    };
    assert!(Wrapping::new(Side::Initiator, weaker).is_err());
    let unknown = Agreed {
        acceptor_subkey: Some(Key::new(20, &[1; 32])),
        ..agreed.clone()
    };
    assert!(Wrapping::new(Side::Initiator, unknown).is_err());
    let short = Agreed {
        subkey: Key::new(AES256, &[1; 16]),
        ..agreed.clone()
    };
    assert!(Wrapping::new(Side::Initiator, short).is_err());
    // A stronger one has the tokens of that.
    let stronger = Agreed {
        subkey: old.subkey,
        ..agreed
    };
    let [mut initiator, mut acceptor] = both(&stronger);
    let token = initiator.seal(b"x").unwrap();
    assert_eq!(token[..3], [5, 4, 6]);
    assert_eq!(acceptor.open(&token).unwrap().as_slice(), b"x");
}

#[test]
fn numbers_go_on_after_the_largest() {
    for (agreed, _) in known() {
        let last = Agreed {
            initiator_number: u32::MAX,
            ..agreed
        };
        let [mut initiator, mut acceptor] = both(&last);
        for _ in 0..3 {
            let token = initiator.seal(b"x").unwrap();
            assert!(acceptor.open(&token).is_ok());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_one_side_makes_the_other_reads(
        which in 0_usize..3,
        texts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..6),
        count: u16,
    ) {
        let (agreed, _) = &known()[which];
        let [mut initiator, mut acceptor] = both(agreed);
        for text in &texts {
            let token = initiator.seal(text).unwrap();
            prop_assert_eq!(&*acceptor.open(&token).unwrap(), text);
            let token = acceptor.seal(text).unwrap();
            let token = if which == 2 { token } else { rotated(&token, count) };
            prop_assert_eq!(&*initiator.open(&token).unwrap(), text);
        }
    }
}
