//! The flows that there are.

use std::sync::Arc;

use indexmap::IndexMap;

use super::model::Flow;

/// Flows by id.
#[derive(Clone, Debug, Default)]
pub struct Library {
    flows: IndexMap<String, Arc<Flow>>,
}

impl Library {
    /// A library of these flows.
    pub fn of(flows: impl IntoIterator<Item = Flow>) -> Self {
        Self {
            flows: flows
                .into_iter()
                .map(|flow| (flow.id.clone(), Arc::new(flow)))
                .collect(),
        }
    }

    /// The flow with this id.
    pub fn flow(&self, id: &str) -> Option<Arc<Flow>> {
        self.flows.get(id).cloned()
    }

    /// All flows.
    pub fn flows(&self) -> impl Iterator<Item = &Arc<Flow>> {
        self.flows.values()
    }
}
