//! A flow as the list of flows shows it, and the flow itself when it is wanted.

use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::flow::load;
use crate::flow::model::Flow;

/// How a flow is read when it is wanted.
type Read = Box<dyn FnOnce() -> Option<Arc<Flow>> + Send>;

/// A flow of the library. One that the program carries is read when it is asked
/// for first: to show the list, its heading is enough, and the program's tests
/// have checked the rest.
pub struct Listed {
    /// The flow's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its summary.
    pub summary: String,
    pub(super) file: String,
    flow: LazyLock<Option<Arc<Flow>>, Read>,
}

impl Listed {
    /// A flow that was read and checked.
    pub(super) fn checked(flow: Flow, file: String) -> Self {
        Self {
            id: flow.id.clone(),
            title: flow.title.clone(),
            summary: flow.summary.clone(),
            file,
            flow: LazyLock::new(Box::new(|| Some(Arc::new(flow)))),
        }
    }

    /// A flow that the program carries, of which the heading is read now. None
    /// if it has none: a test proves that each has.
    pub(super) fn carried(file: String, text: &'static str) -> Option<Self> {
        let heading = Heading::of(text)?;
        Some(Self {
            id: heading.id,
            title: heading.title,
            summary: heading.summary,
            file,
            flow: LazyLock::new(Box::new(|| load::carried(text).map(Arc::new))),
        })
    }

    /// The first sentence of its summary: what it is for.
    pub fn purpose(&self) -> &str {
        let end = self
            .summary
            .find(". ")
            .map_or(self.summary.len(), |at| at + 1);
        &self.summary[..end]
    }

    /// The flow, which may be read now.
    pub fn flow(&self) -> Option<&Arc<Flow>> {
        self.flow.as_ref()
    }
}

impl fmt::Debug for Listed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Listed")
            .field("id", &self.id)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

/// What stands at the top of a flow file.
struct Heading {
    id: String,
    title: String,
    summary: String,
}

impl Heading {
    /// The heading of a flow that the program carries. They are all written in
    /// one way, which a test holds: a line each for `id` and `title`, and a
    /// folded summary before anything else.
    fn of(text: &str) -> Option<Self> {
        let (heading, _) = text.split_once("\ninputs:")?;
        let (lines, summary) = heading.split_once("\nsummary: >-\n")?;
        let line = |key: &str| lines.lines().find_map(|line| line.strip_prefix(key));
        Some(Self {
            id: line("id: ")?.to_owned(),
            title: line("title: ")?.to_owned(),
            summary: summary.lines().map(str::trim).collect::<Vec<_>>().join(" "),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::cause::Catalogue;
    use crate::flow::library::Library;

    /// What is read when it is wanted is what the check has seen.
    #[test]
    fn a_carried_flow_is_the_checked_flow() {
        let checked = Library::shipped(&Catalogue::embedded().known()).unwrap();
        let carried = Library::carried();
        assert_eq!(checked.list().len(), carried.list().len());
        for (one, other) in checked.list().zip(carried.list()) {
            assert_eq!(one.title, other.title);
            assert_eq!(one.summary, other.summary);
            assert_eq!(one.file, other.file);
            assert_eq!(
                format!("{:?}", one.flow().unwrap()),
                format!("{:?}", other.flow().unwrap())
            );
            assert!(carried.is_shipped(&one.id));
        }
    }
}
