use super::*;
use crate::directory::trust::Trust;
use crate::probe::ldap::forest::Domain;

fn domain(name: &str, parent: Option<&str>) -> Domain {
    Domain {
        name: name.to_owned(),
        netbios_name: None,
        distinguished_name: naming::distinguished_name_of(name),
        parent: parent.map(str::to_owned),
    }
}

fn trust(read_in: &str, partner: &str, direction: Direction, attributes: u32) -> TrustRead {
    TrustRead {
        trust: Trust {
            read_in: read_in.to_owned(),
            partner: partner.to_owned(),
            netbios_name: None,
            direction,
            trust_type: 2,
            attributes: Attributes(attributes),
        },
        sid: None,
        encryption_types: None,
        suffixes: None,
    }
}

fn side(forest: &str, domains: &[Domain], trusts: &[TrustRead]) -> Side {
    Side {
        forest: Forest {
            name: forest.to_owned(),
            domains: domains.to_vec(),
        },
        trusts: trusts.to_vec(),
        ..Side::default()
    }
}

fn corp(trusts: &[TrustRead]) -> Side {
    let domains = [
        domain("corp.example", None),
        domain("eu.corp.example", Some("corp.example")),
    ];
    side("corp.example", &domains, trusts)
}

fn partner(trusts: &[TrustRead]) -> Side {
    side(
        "partner.example",
        &[domain("partner.example", None)],
        trusts,
    )
}

fn known<'a>(from_side: Option<&'a Side>, to_side: Option<&'a Side>) -> Known<'a> {
    Known {
        from: ("eu.corp.example", Some("corp.example")),
        to: ("partner.example", Some("partner.example")),
        from_side,
        to_side,
        host: None,
    }
}

#[test]
fn a_forest_trust_carries_the_way_through_the_roots() {
    let from = corp(&[trust(
        "corp.example",
        "partner.example",
        Direction::Both,
        0x8,
    )]);
    let to = partner(&[trust(
        "partner.example",
        "corp.example",
        Direction::Both,
        0x18,
    )]);
    let way = evaluate(&known(Some(&from), Some(&to)));
    assert_eq!(way.status, "trusted");
    assert_eq!(
        way.path,
        ["eu.corp.example", "corp.example", "partner.example"]
    );
    assert_eq!(way.one_sided, Some(false));
    assert_eq!(way.selective_authentication, Some(true));
    assert_eq!(way.tgt_delegation, Some(false));
    assert_eq!(way.legs.len(), 1);
    assert_eq!(way.legs[0].trust.read_in, "partner.example");
}

#[test]
fn one_side_is_enough_to_decide() {
    let from = corp(&[trust(
        "corp.example",
        "partner.example",
        Direction::Inbound,
        0x8,
    )]);
    let way = evaluate(&known(Some(&from), None));
    assert_eq!((way.status, way.one_sided), ("trusted", None));
    assert_eq!(way.selective_authentication, None);
}

#[test]
fn the_wrong_way() {
    let from = corp(&[trust(
        "corp.example",
        "partner.example",
        Direction::Outbound,
        0x8,
    )]);
    let to = partner(&[trust(
        "partner.example",
        "corp.example",
        Direction::Inbound,
        0x8,
    )]);
    assert_eq!(
        evaluate(&known(Some(&from), Some(&to))).status,
        "trusted-wrong-way"
    );
    // One side is enough to forbid it, and its words are told.
    let to = partner(&[trust(
        "partner.example",
        "corp.example",
        Direction::Both,
        0x8,
    )]);
    let way = evaluate(&known(Some(&from), Some(&to)));
    assert_eq!(way.status, "trusted-wrong-way");
    assert!(way.words.ends_with("not the reverse"), "{}", way.words);
}

#[test]
fn an_external_trust_and_none() {
    let to = partner(&[trust(
        "partner.example",
        "eu.corp.example",
        Direction::Outbound,
        0x4,
    )]);
    assert_eq!(evaluate(&known(None, Some(&to))).status, "not-forest-trust");
    let (from, to) = (corp(&[]), partner(&[]));
    let way = evaluate(&known(Some(&from), Some(&to)));
    assert_eq!((way.status, way.one_sided), ("no-trust", Some(false)));
}

#[test]
fn a_trust_on_one_side_only_is_none() {
    let from = corp(&[trust(
        "corp.example",
        "partner.example",
        Direction::Both,
        0x8,
    )]);
    let to = partner(&[]);
    let way = evaluate(&known(Some(&from), Some(&to)));
    assert_eq!((way.status, way.one_sided), ("no-trust", Some(true)));
    assert!(way.words.contains("stands in corp.example only"));
}

#[test]
fn within_one_forest_the_way_goes_up_and_down() {
    let domains = [
        domain("corp.example", None),
        domain("eu.corp.example", Some("corp.example")),
        domain("us.corp.example", Some("corp.example")),
        domain("other.example", None),
    ];
    let forest = side("corp.example", &domains, &[]);
    let question = |from, to| Known {
        from: (from, Some("corp.example")),
        to: (to, Some("corp.example")),
        from_side: Some(&forest),
        to_side: None,
        host: None,
    };
    let way = evaluate(&question("eu.corp.example", "us.corp.example"));
    assert_eq!(way.status, "same-forest");
    assert_eq!(
        way.path,
        ["eu.corp.example", "corp.example", "us.corp.example"]
    );
    let way = evaluate(&question("eu.corp.example", "other.example"));
    assert_eq!(
        way.path,
        ["eu.corp.example", "corp.example", "other.example"]
    );
    let way = evaluate(&question("EU.corp.example", "eu.corp.example"));
    assert_eq!(way.status, "same-domain");
}

#[test]
fn a_host_whose_suffix_is_not_routed() {
    let mut inbound = trust("corp.example", "partner.example", Direction::Both, 0x8);
    inbound.suffixes = Some(vec![forest_information::Record::Suffix {
        name: "partner.example".to_owned(),
        disabled: false,
    }]);
    let from = corp(&[inbound]);
    let mut question = known(Some(&from), None);
    question.host = Some("sql1.branch.example");
    assert_eq!(evaluate(&question).suffix_routed, Some(false));
    question.host = Some("sql1.partner.example");
    assert_eq!(evaluate(&question).suffix_routed, Some(true));
}
