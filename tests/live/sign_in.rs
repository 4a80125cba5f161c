//! The user's own side: ticket, configuration, clock and KDCs.

use lab::fault::{Clock, Configuration, Fault, Network, Ticket};

use crate::walk::{MAIN, SQL1, inject, lab, put_right, walk};

#[test]
fn no_ticket() {
    for ticket in [Ticket::NoCache, Ticket::Expired] {
        let lab = lab();
        inject(&lab, Fault::NoTicket(ticket));
        walk(&lab, MAIN, &[("server", SQL1)]).found(&["no-ticket"]);
        put_right(&lab);
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

#[test]
fn the_ticket_of_somebody_else() {
    let lab = lab();
    inject(&lab, Fault::NoTicket(Ticket::OtherUser));
    // Who it should be is only known when it is said, at the start or when asked.
    for said in [
        ("user", "alice@CORP.EXAMPLE"),
        ("user", "alice"),
        ("whose", "no"),
    ] {
        let walked = walk(&lab, MAIN, &[("server", SQL1), said]);
        walked.found(&["no-ticket"]);
        let reason = &walked.document["findings"][0]["values"]["reason"];
        assert!(
            reason
                .as_str()
                .is_some_and(|text| text.contains("bob@CORP.EXAMPLE")),
            "{reason}"
        );
    }
    // Without a word it is bob who signs in, and that is told.
    let walked = walk(&lab, MAIN, &[("server", SQL1)]);
    assert!(!walked.causes().contains(&"no-ticket"));
    put_right(&lab);
    walk(&lab, MAIN, &[("server", SQL1), ("user", "alice")]).healthy();
}

#[test]
fn realm_misconfigured() {
    for fault in [Configuration::NoDefaultRealm, Configuration::WrongRealm] {
        let lab = lab();
        inject(&lab, Fault::Configuration(fault));
        walk(&lab, MAIN, &[("server", SQL1)]).found(&["realm-misconfigured"]);
        put_right(&lab);
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

#[test]
fn kdc_unreachable() {
    for fault in [
        Network::KdcWithoutRecords,
        Network::KdcSilent,
        Network::KdcRefused,
    ] {
        let lab = lab();
        inject(&lab, Fault::Network(fault));
        walk(&lab, MAIN, &[("server", SQL1)]).found(&["kdc-unreachable"]);
        put_right(&lab);
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

#[test]
fn kdc_udp_truncated() {
    let lab = lab();
    inject(&lab, Fault::Network(Network::KdcWithoutUdp));
    walk(&lab, MAIN, &[("server", SQL1)]).found(&["kdc-udp-truncated"]);
}

#[test]
fn domain_controller_slow() {
    let lab = lab();
    inject(&lab, Fault::Network(Network::SlowController));
    let walked = walk(&lab, MAIN, &[("server", SQL1)]);
    walked.found(&["domain-controller-slow"]);
    assert_eq!(
        walked.document["findings"][0]["values"]["slow"],
        "dc9.corp.example"
    );
}

#[test]
fn clock_skew() {
    for (clock, place) in [
        (Clock::Client, "client"),
        (Clock::SqlServer, "server"),
        (Clock::DomainController, "domain-controller"),
    ] {
        let lab = lab();
        inject(&lab, Fault::ClockSkew(clock));
        let walked = walk(&lab, MAIN, &[("server", SQL1)]);
        walked.found(&["clock-skew"]);
        let values = &walked.document["findings"][0]["values"];
        assert_eq!(values["where"], place, "{values}");
        let seconds = values["seconds"].as_f64().expect("a number");
        assert!(
            (600.0..720.0).contains(&seconds),
            "11 minutes ahead: {seconds}"
        );
    }
}
