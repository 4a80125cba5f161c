use super::*;
use crate::directory::delegation::Kind;

#[test]
fn every_verdict_is_a_declared_status() {
    for verdict in [
        Verdict::Allowed,
        Verdict::NotTrusted,
        Verdict::ListLacksSpn,
        Verdict::ResourceBasedEntryWrong,
        Verdict::ProtocolTransitionMissing,
        Verdict::UserNotDelegable,
        Verdict::Unknown,
    ] {
        assert!(declaration::DECLARATION.has_status(status_of(verdict)));
    }
    let help = declaration::DECLARATION.facts[0].help;
    for kind in [
        Kind::None,
        Kind::Unconstrained,
        Kind::Constrained,
        Kind::ConstrainedAnyProtocol,
        Kind::ResourceBased,
    ] {
        assert!(help.contains(&format!("`{}`", kind.word())));
    }
}
