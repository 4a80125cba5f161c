//! Probes and causes for the tests of the flow language, so that they do not
//! change with those of the program.

use std::time::Duration;

use sspi_doctor::flow::check::InputInterface;
use sspi_doctor::flow::raw::RawKind;
use sspi_doctor::flow::{CauseParameters, FlowInterface, Knowledge, KnownCauses};
use sspi_doctor::probe::{
    ArgumentDeclaration, Consent, FactDeclaration, FactKind, ProbeDeclaration, StatusDeclaration,
    Tone,
};

const ANSWER: FactKind = FactKind::Record(&[
    FactDeclaration {
        name: "server",
        kind: FactKind::Address,
        help: "the name server",
    },
    FactDeclaration {
        name: "addresses",
        kind: FactKind::List(&FactKind::Address),
        help: "what it answered",
    },
]);

static FORWARD: ProbeDeclaration = ProbeDeclaration {
    key: "dns-forward",
    title: "Addresses of a name",
    help: "Asks each name server for the addresses of a name.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(10),
    arguments: &[
        ArgumentDeclaration {
            name: "name",
            kind: FactKind::HostName,
            required: true,
            help: "the name to look up",
        },
        ArgumentDeclaration {
            name: "port",
            kind: FactKind::Port,
            required: false,
            help: "the port of the name server",
        },
    ],
    statuses: &[
        StatusDeclaration {
            name: "resolved",
            tone: Tone::Good,
            help: "it has addresses",
        },
        StatusDeclaration {
            name: "no-such-name",
            tone: Tone::Fault,
            help: "the name does not exist",
        },
        StatusDeclaration {
            name: "no-address",
            tone: Tone::Fault,
            help: "the name has no address",
        },
    ],
    facts: &[
        FactDeclaration {
            name: "fqdn",
            kind: FactKind::HostName,
            help: "the full name",
        },
        FactDeclaration {
            name: "addresses",
            kind: FactKind::List(&FactKind::Address),
            help: "all addresses",
        },
        FactDeclaration {
            name: "answers",
            kind: FactKind::List(&ANSWER),
            help: "the answer of each name server",
        },
        FactDeclaration {
            name: "agree",
            kind: FactKind::Boolean,
            help: "whether all name servers answer the same",
        },
        FactDeclaration {
            name: "count",
            kind: FactKind::Integer,
            help: "how many addresses",
        },
    ],
};

static REVERSE: ProbeDeclaration = ProbeDeclaration {
    key: "dns-reverse",
    title: "Names of addresses",
    help: "Asks for the names of addresses.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(10),
    arguments: &[ArgumentDeclaration {
        name: "addresses",
        kind: FactKind::List(&FactKind::Address),
        required: true,
        help: "the addresses to look up",
    }],
    statuses: &[
        StatusDeclaration {
            name: "resolved",
            tone: Tone::Good,
            help: "each has a name",
        },
        StatusDeclaration {
            name: "no-name",
            tone: Tone::Fault,
            help: "none has a name",
        },
    ],
    facts: &[FactDeclaration {
        name: "names",
        kind: FactKind::List(&FactKind::HostName),
        help: "all names",
    }],
};

static PROBES: &[&ProbeDeclaration] = &[&FORWARD, &REVERSE];

/// Calls with two DNS probes and three causes.
pub fn with_knowledge<T>(use_it: impl FnOnce(&Knowledge<'_>) -> T) -> T {
    let parameters = |names: &[(&str, bool)]| CauseParameters {
        required: names
            .iter()
            .map(|(name, required)| ((*name).to_owned(), *required))
            .collect(),
    };
    let causes = KnownCauses(
        [
            (
                "name-servers-disagree".to_owned(),
                parameters(&[("name", true), ("answers", true), ("server", false)]),
            ),
            ("name-does-not-exist".to_owned(), parameters(&[])),
        ]
        .into(),
    );
    let input = |kind, required, options: &[&str]| InputInterface {
        kind,
        required,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    };
    let trust = FlowInterface {
        inputs: [
            ("server", input(RawKind::SqlTarget, true, &[])),
            ("port", input(RawKind::Port, false, &[])),
            ("depth", input(RawKind::Choice, false, &["shallow", "full"])),
            (
                "scope",
                input(RawKind::Choice, false, &["everyone", "nobody"]),
            ),
            ("sure", input(RawKind::YesNo, false, &[])),
        ]
        .into_iter()
        .map(|(name, input)| (name.to_owned(), input))
        .collect(),
        outputs: vec!["path".to_owned()],
        calls: Vec::new(),
    };
    use_it(&Knowledge {
        probes: PROBES,
        causes: &causes,
        flows: &[("domain-trust".to_owned(), trust)].into(),
    })
}
