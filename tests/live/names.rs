//! Names and addresses.

use lab::fault::{DISJOINT_NAME, Fault, Names, Network, Pointer, TUNNEL_PORT};

use crate::walk::{MAIN, SQL1, by_hand, inject, lab, put_right, repair, walk, walk_on};

#[test]
fn healthy() {
    let lab = lab();
    walk(&lab, "name-resolution", &[("server", SQL1)]).healthy();
    // A short name that means one server only is as good.
    let short = walk(&lab, MAIN, &[("server", "sql1,1433"), ("checks", "no")]);
    short.healthy();
    // The certificate has the full name only, and nobody said what the message
    // is about: the server has no fault.
    let unsaid = walk(&lab, MAIN, &[("server", "sql1")]);
    assert_eq!(unsaid.causes(), Vec::<&str>::new(), "{}", unsaid.progress);
    assert_eq!(unsaid.unknown(), ["tls-failure"]);
}

#[test]
fn name_does_not_exist() {
    for fault in [Names::DoesNotExist, Names::WithoutAddress] {
        let lab = lab();
        inject(&lab, Fault::Names(fault));
        walk(&lab, MAIN, &[("server", SQL1)]).found(&["name-does-not-exist"]);
        let known = [("server", SQL1), ("missing_address", "10.88.0.31")];
        let walked = walk(&lab, MAIN, &known);
        walked.found(&["name-does-not-exist"]);
        repair(&lab, &walked);
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

#[test]
fn a_name_that_was_never_there_is_no_cause_for_a_record() {
    let lab = lab();
    let walked = walk(&lab, MAIN, &[("server", "sqll.corp.example,1433")]);
    walked.found(&["name-does-not-exist"]);
}

#[test]
fn name_points_elsewhere() {
    let lab = lab();
    inject(&lab, Fault::NamePointsElsewhere);
    let walked = walk(
        &lab,
        MAIN,
        &[("server", SQL1), ("right_address", "10.88.0.31")],
    );
    walked.found(&["name-points-elsewhere"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &[("server", SQL1)]).healthy();
}

#[test]
fn name_servers_disagree() {
    let lab = lab();
    inject(&lab, Fault::Names(Names::ServersDisagree));
    walk(&lab, MAIN, &[("server", SQL1)]).found(&["name-servers-disagree"]);
    put_right(&lab);
    walk(&lab, MAIN, &[("server", SQL1)]).healthy();
}

#[test]
fn name_is_ambiguous() {
    let lab = lab();
    inject(&lab, Fault::Names(Names::Ambiguous));
    let walked = walk(&lab, MAIN, &[("server", "sql1,1433"), ("checks", "no")]);
    walked.found(&["name-is-ambiguous"]);
    assert_eq!(
        walked.document["findings"][0]["values"]["candidates"],
        serde_json::json!(["sql1.corp.example", "sql1.partner.example"])
    );
    // As the advice says: the full name.
    walk(&lab, MAIN, &[("server", SQL1)]).healthy();
}

#[test]
fn reverse_lookup_mismatch() {
    for pointer in [Pointer::Missing, Pointer::Wrong, Pointer::Several] {
        let lab = lab();
        inject(&lab, Fault::ReverseLookupMismatch(pointer));
        let walked = walk(&lab, MAIN, &[("server", SQL1)]);
        walked.found(&["reverse-lookup-mismatch"]);
        repair(&lab, &walked);
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

#[test]
fn a_wrong_pointer_hides_no_missing_spn() {
    let lab = lab();
    inject(&lab, Fault::ReverseLookupMismatch(Pointer::Wrong));
    inject(&lab, Fault::SpnMissing);
    let known = [("server", SQL1), ("service_account", r"CORP\svc_sql")];
    let walked = walk(&lab, MAIN, &known);
    walked.found(&["reverse-lookup-mismatch", "spn-missing"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &known).healthy();
}

#[test]
fn hosts_file_override() {
    let lab = lab();
    inject(&lab, Fault::Names(Names::HostsFile));
    walk(&lab, MAIN, &[("server", SQL1)]).found(&["hosts-file-override"]);
    // A name that only the file knows.
    inject(&lab, Fault::Names(Names::DoesNotExist));
    walk(&lab, MAIN, &[("server", SQL1)]).found(&["hosts-file-override"]);
    put_right(&lab);
    walk(&lab, MAIN, &[("server", SQL1)]).healthy();
}

#[test]
fn connected_by_address() {
    let lab = lab();
    inject(&lab, Fault::Network(Network::Tunnel));
    let tunnel = format!("localhost,{TUNNEL_PORT}");
    let through = format!("127.0.0.1,{TUNNEL_PORT}");
    for server in ["10.88.0.31,1433", &tunnel, &through] {
        let walked = walk(&lab, MAIN, &[("server", server), ("checks", "no")]);
        walked.found(&["connected-by-address"]);
        assert_eq!(
            walked.document["findings"][0]["values"]["host"], "sql1.corp.example",
            "the server says its name: {server}"
        );
    }
}

#[test]
fn disjoint_namespace() {
    let lab = lab();
    inject(&lab, Fault::Names(Names::Disjoint));
    let server = format!("{DISJOINT_NAME},1433");
    let known = [
        ("server", server.as_str()),
        ("service_account", r"CORP\svc_sql"),
        ("checks", "no"),
    ];
    let walked = walk(&lab, MAIN, &known);
    // Nobody holds the SPN because of the name.
    walked.found(&["disjoint-namespace", "spn-missing"]);
    repair(&lab, &walked);
    // With the SPNs of its real name such a server is as good as any other.
    walk(&lab, MAIN, &known).healthy();
}

/// The name that leads to it is in the domain, its own name is not.
#[test]
fn disjoint_namespace_by_the_short_name() {
    let lab = lab();
    inject(&lab, Fault::Names(Names::Disjoint));
    let walked = walk(&lab, MAIN, &[("server", "sql1")]);
    walked.found(&["disjoint-namespace"]);
    let values = &walked.document["findings"][0]["values"];
    assert_eq!(values["host"], DISJOINT_NAME);
    assert_eq!(values["domain"], "corp.example");
    by_hand(&lab, || {
        let spns = [
            format!("MSSQLSvc/{DISJOINT_NAME}:1433"),
            format!("MSSQLSvc/{DISJOINT_NAME}"),
        ];
        for spn in spns {
            let added = lab
                .host("dc1")
                .expect("dc1")
                .command("samba-tool")
                .args(["spn", "add", &spn, "svc_sql"])
                .output()
                .expect("samba-tool runs");
            assert!(added.status.success(), "{added:?}");
        }
    });
    walk(&lab, MAIN, &[("server", "sql1"), ("checks", "no")]).healthy();
}

#[test]
fn local_connection() {
    let lab = lab();
    let walked = walk_on(&lab, "sql1", &[("server", SQL1)]);
    walked.found(&["local-connection"]);
}
