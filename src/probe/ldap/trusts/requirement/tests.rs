use super::super::evaluate::{self, Known};
use super::super::side::{Side, TrustRead};
use super::*;
use crate::directory::trust::{Attributes, Trust};
use crate::probe::ldap::forest::Forest;

fn side(forest: &str, partner: &str, direction: Direction, attributes: u32) -> Side {
    Side {
        forest: Forest {
            name: forest.to_owned(),
            domains: Vec::new(),
        },
        trusts: vec![TrustRead {
            trust: Trust {
                read_in: forest.to_owned(),
                partner: partner.to_owned(),
                netbios_name: None,
                direction,
                trust_type: 2,
                attributes: Attributes(attributes),
            },
            sid: None,
            encryption_types: None,
            suffixes: None,
        }],
        ..Side::default()
    }
}

fn drawn(from_side: Option<&Side>, to_side: Option<&Side>) -> String {
    let known = Known {
        from: ("corp.example", Some("corp.example")),
        to: ("partner.example", Some("partner.example")),
        from_side,
        to_side,
        host: Some("sqlp.partner.example"),
    };
    let evaluation = evaluate::evaluate(&known);
    draw(&known, &evaluation, &list(&known, &evaluation))
}

#[test]
fn each_requirement_has_its_mark() {
    let corp = side("corp.example", "partner.example", Direction::Both, 0x8);
    let partner = side("partner.example", "corp.example", Direction::Both, 0x18);
    assert_eq!(
        drawn(Some(&corp), Some(&partner)),
        "corp.example -> partner.example\n\
         [ok] there is a trust between corp.example and partner.example\n\
         [ok] partner.example trusts corp.example: the direction is right\n\
         [ok] it is a forest trust, which carries Kerberos\n\
         [ok] it stands on both sides\n\
         [??] whether corp.example routes the suffix of sqlp.partner.example: its list was not read\n\
         [??] partner.example has selective authentication: users of corp.example need the right \
         `Allowed to authenticate` on the server's account"
    );
}

#[test]
fn what_was_not_read_is_unknown_and_never_ticked() {
    let corp = side("corp.example", "partner.example", Direction::Outbound, 0x18);
    let drawn = drawn(Some(&corp), None);
    assert!(
        drawn.starts_with("corp.example -/-> partner.example"),
        "{drawn}"
    );
    assert!(drawn.contains("[!!] partner.example does not trust corp.example"));
    // The flag of the user's side is about the servers there.
    assert!(drawn.contains("[??] whether partner.example has selective authentication"));
    assert!(drawn.contains("[??] whether it stands on both sides"));
}
