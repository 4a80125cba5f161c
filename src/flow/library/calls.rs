//! Flows that walk each other in a circle.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::flow::diagnostic::Diagnostic;
use crate::flow::load::Draft;
use crate::flow::tree::Path;

/// A fault for each circle of two flows or more, told once, at the call that
/// closes it.
pub(super) fn circles(drafts: &IndexMap<String, Draft>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let mut done = BTreeSet::new();
    for id in drafts.keys() {
        let mut chain = vec![id.as_str()];
        follow(drafts, &mut chain, &mut done, &mut faults);
    }
    faults
}

/// The recursion is no deeper than there are flows in a chain without a
/// repetition; more than this are refused.
const DEEPEST: usize = 16;

fn follow<'a>(
    drafts: &'a IndexMap<String, Draft>,
    chain: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
    faults: &mut Vec<Diagnostic>,
) {
    let Some(id) = chain.last().copied() else {
        return;
    };
    if done.contains(id) {
        return;
    }
    let Some(draft) = drafts.get(id) else { return };
    for (step, raw) in &draft.raw.steps {
        let Some(called) = raw.keys.flow.as_deref() else {
            continue;
        };
        let place = Path::top().key("steps").key(step).key("flow");
        let fault = |message: String| {
            Diagnostic::new(&draft.file, draft.tree.span_of(&place), message)
                .hint("a walk only goes forward: put what is shared into a flow of its own")
        };
        if called == id {
            // The flow's own check tells that.
        } else if let Some(at) = chain.iter().position(|on_chain| *on_chain == called) {
            let names = [&chain[at..], &[called]].concat().join(" -> ");
            faults.push(fault(format!(
                "the flows walk each other in a circle: {names}"
            )));
        } else if chain.len() >= DEEPEST {
            faults.push(fault(format!(
                "flows walk each other more than {DEEPEST} deep: {}",
                chain.join(" -> ")
            )));
        } else {
            chain.push(called);
            follow(drafts, chain, done, faults);
            chain.pop();
        }
    }
    done.insert(id);
}
