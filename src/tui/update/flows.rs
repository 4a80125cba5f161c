//! Flows that were changed while the wizard is open.

use std::sync::Arc;

use super::super::form::Form;
use super::super::model::{Model, Opened, Screen, View};
use super::super::msg::Notice;
use super::super::scroll::Scroll;
use super::super::search::Search;
use crate::flow::library::Listed;

/// Shows what is wrong, or takes the flows in.
pub(super) fn changed(model: &mut Model, flows: Vec<Arc<Listed>>, faults: String) {
    model
        .opened
        .retain(|opened| !matches!(opened.view, View::Faults(_)));
    if !faults.is_empty() {
        model.opened.push(Opened {
            view: View::Faults(faults),
            scroll: Scroll::default(),
            search: Search::default(),
        });
        return;
    }
    model.notice = Some(Notice::done(
        "The flow was changed and is taken as it is now.",
    ));
    match &mut model.screen {
        Screen::Flows { selected } => *selected = (*selected).min(flows.len().saturating_sub(1)),
        Screen::Inputs(form) => {
            let now = flows
                .iter()
                .find(|flow| flow.id == form.flow.id)
                .and_then(|listed| listed.flow());
            if let Some(flow) = now {
                let known = form
                    .prompts
                    .iter_mut()
                    .filter_map(|(name, prompt)| Some((name.clone(), prompt.answer()?)))
                    .collect();
                let focus = form.focus;
                **form = Form::new(Arc::clone(flow), &known);
                form.focus = focus.min(form.prompts.len().saturating_sub(1));
            }
        }
        Screen::Walk(_) => {}
    }
    model.flows = flows;
}
