//! Why the walk went on as it did: the branch that was taken, as the flow has
//! it, and the values that its conditions saw.

use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;
use super::evidence;

/// The reasons as a page.
pub fn document(model: &Model, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    let Some(walking) = model.walking() else {
        return document;
    };
    let Some(visit) = walking.state.visit() else {
        return document;
    };
    document.title(&format!("Why so: {}", visit.title));
    document.gap();
    if let Some(status) = &visit.status {
        document.labelled("Result", status, Role::Strong);
    }
    let Some(taken) = &visit.taken else {
        return document;
    };
    if taken.branch > 0 {
        document.labelled(
            "Branch",
            &format!("{} of the step `{}`", taken.branch, visit.path),
            Role::Plain,
        );
        let condition = if taken.condition.is_empty() {
            "always taken"
        } else {
            taken.condition.as_str()
        };
        document.labelled("When", condition, Role::Command);
    }
    if !taken.saw.is_empty() {
        document.gap();
        document.text("The conditions saw", Role::Label);
        for (name, value) in &taken.saw {
            evidence::fact(&mut document, 1, name, value);
        }
    }
    document.gap();
    for sentence in &taken.means {
        document.labelled("Means", sentence, Role::Plain);
    }
    let excluded = walking.state.ruled_out.iter();
    for out in excluded.filter(|out| out.step == visit.path) {
        document.labelled("Not so", out.words(), Role::Plain);
    }
    for cause in &taken.found {
        document.labelled("Found", cause, Role::Fault);
    }
    if let Some(next) = &walking.state.next {
        document.labelled("Next", next, Role::Plain);
    }
    document.gap();
    document.text(
        &format!("So decides the flow `{}`.", visit.flow),
        Role::Quiet,
    );
    document
}
