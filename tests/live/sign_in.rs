//! The user's own side: ticket and clock.

use lab::fault::{Clock, Fault, Ticket};

use crate::walk::{MAIN, SQL1, inject, lab, walk};

#[test]
fn no_ticket() {
    for ticket in [Ticket::NoCache, Ticket::Expired] {
        let lab = lab();
        inject(&lab, Fault::NoTicket(ticket));
        walk(&lab, MAIN, &[("server", SQL1)]).found(&["no-ticket"]);
        lab.restore().expect("the ticket is back");
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

#[test]
fn clock_skew() {
    for clock in [Clock::Client, Clock::SqlServer] {
        let lab = lab();
        inject(&lab, Fault::ClockSkew(clock));
        let walked = walk(&lab, MAIN, &[("server", SQL1)]);
        walked.found(&["clock-skew"]);
        let seconds = walked.document["findings"][0]["values"]["seconds"]
            .as_f64()
            .expect("a number");
        assert!(
            (600.0..720.0).contains(&seconds),
            "11 minutes ahead: {seconds}"
        );
    }
}
