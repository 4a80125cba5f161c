use std::time::Duration;

use super::*;
use crate::flow::check::KnownCauses;
use crate::flow::diagnostic::Style;
use crate::flow::model::Action;
use crate::flow::sample;

const VALID: &str = include_str!("../../../tests/diagnostics/valid/name-resolution.yaml");

fn load_text(text: &str) -> Result<Flow, String> {
    sample::with_knowledge(|knowledge| {
        load("flow.yaml", text, knowledge)
            .map_err(|faults| diagnostic::human(&faults, Style::Plain))
    })
}

#[test]
fn a_flow_written_by_hand_loads() {
    let flow = load_text(VALID).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(flow.id, "name-resolution");
    assert_eq!(flow.start, "forward");
    assert_eq!(flow.inputs["scope"].choices[1].label, "Only some users");
    let forward = &flow.steps["forward"];
    let Action::Probe {
        probe,
        arguments,
        deadline,
    } = &forward.action
    else {
        panic!("not a probe");
    };
    assert_eq!(probe, "dns-forward");
    assert_eq!(arguments["name"], "{{ server.host }}");
    assert_eq!(*deadline, Some(Duration::from_secs(5)));
    assert_eq!(
        forward.also[0].conclusion.found[0].with["answers"],
        "{{ answers }}"
    );
    assert_eq!(forward.branches[1].conclusion.found.len(), 2);
    assert_eq!(
        forward.branches[2].conclusion.unknown[0].why.source,
        "{{ reason }}"
    );
    assert!(forward.branches[2].on.is_empty());
    assert_eq!(flow.steps["note"].branches[0].goto, "done");
}
