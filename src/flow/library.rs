//! All flows that can be walked: those that the program carries, and those in
//! the user's folders.

mod calls;
mod files;
mod listed;
mod shipped;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use super::check::{FlowInterface, Knowledge, KnownCauses};
use super::diagnostic::{self, Diagnostic, SourceFile};
use super::load::{self, Draft};
use super::model::Flow;
use super::schema;
use super::tree::Path;
use crate::probe::{ProbeDeclaration, registry};

pub use listed::Listed;
pub use shipped::SHIPPED;

/// Checked flows by id.
#[derive(Clone, Debug, Default)]
pub struct Library {
    flows: IndexMap<String, Arc<Listed>>,
    /// The files whose flow gave way to one of the same id.
    replaced: IndexMap<String, Vec<String>>,
}

impl Library {
    /// The flows that the program carries.
    pub fn shipped(causes: &KnownCauses) -> Result<Self, Vec<Diagnostic>> {
        Self::load(&[], causes)
    }

    /// The flows that the program carries, each read when it is asked for.
    pub fn carried() -> Self {
        let flows = shipped::texts()
            .filter_map(|(file, text)| Listed::carried(file, text))
            .map(|listed| (listed.id.clone(), Arc::new(listed)))
            .collect();
        Self {
            flows,
            replaced: IndexMap::new(),
        }
    }

    /// The flows that can be walked: those that the program carries, which its
    /// tests have checked, and those in the given files and folders. When there
    /// are any, all are checked together, for a flow can call another. Flows
    /// without a fault are there, whatever is wrong with the others.
    pub fn to_walk(
        paths: &[PathBuf],
        causes: impl FnOnce() -> KnownCauses,
    ) -> (Self, Vec<Diagnostic>) {
        let (files, faults) = files::read(paths);
        if files.is_empty() {
            return (Self::carried(), faults);
        }
        Self::with(files, faults, &causes())
    }

    /// The flows that the program carries, and those in the given files and
    /// folders (every `*.yaml` and `*.yml` in them). A flow of the user stands
    /// in for the shipped flow of the same id, and one of a later folder for
    /// that of an earlier one; twice in one folder is a fault. Every fault of
    /// every file is told at once.
    pub fn load(paths: &[PathBuf], causes: &KnownCauses) -> Result<Self, Vec<Diagnostic>> {
        let (library, faults) = Self::load_what_works(paths, causes);
        if faults.is_empty() {
            Ok(library)
        } else {
            Err(faults)
        }
    }

    /// As [`Library::load`], but flows without a fault are there, whatever is
    /// wrong with the others.
    pub fn load_what_works(paths: &[PathBuf], causes: &KnownCauses) -> (Self, Vec<Diagnostic>) {
        let (files, faults) = files::read(paths);
        Self::with(files, faults, causes)
    }

    fn with(
        files: Vec<SourceFile>,
        mut faults: Vec<Diagnostic>,
        causes: &KnownCauses,
    ) -> (Self, Vec<Diagnostic>) {
        let probes: Vec<&'static ProbeDeclaration> = registry::declarations().collect();
        let (library, more) = Self::of(shipped::files(), files, &probes, causes);
        faults.extend(more);
        diagnostic::sort(&mut faults);
        (library, faults)
    }

    /// A library of these files, with these probes and causes.
    pub fn of(
        shipped: Vec<SourceFile>,
        users: Vec<SourceFile>,
        probes: &[&'static ProbeDeclaration],
        causes: &KnownCauses,
    ) -> (Self, Vec<Diagnostic>) {
        let schema = schema::of(probes);
        let mut faults = Vec::new();
        let mut drafts: IndexMap<String, Draft> = IndexMap::new();
        let mut library = Self::default();
        for (file, own) in shipped
            .into_iter()
            .map(|file| (file, false))
            .chain(users.into_iter().map(|file| (file, true)))
        {
            match load::read(file, &schema) {
                Err(more) => faults.extend(more),
                Ok(draft) => {
                    let id = draft.raw.id.clone();
                    match drafts.get(&id) {
                        Some(first)
                            if own
                                && !shipped::is_shipped(&first.file.name)
                                && folder(&first.file) == folder(&draft.file) =>
                        {
                            faults.push(twice(&draft, first));
                        }
                        first => {
                            if let Some(first) = first {
                                let names = library.replaced.entry(id.clone()).or_default();
                                names.push(first.file.name.to_string());
                            }
                            drafts.insert(id, draft);
                        }
                    }
                }
            }
        }
        let flows: BTreeMap<String, FlowInterface> = drafts
            .iter()
            .map(|(id, draft)| (id.clone(), FlowInterface::of(&draft.raw)))
            .collect();
        let knowledge = Knowledge {
            probes,
            causes,
            flows: &flows,
        };
        faults.extend(calls::circles(&drafts));
        for (id, draft) in drafts {
            let file = draft.file.name.to_string();
            match load::finish(draft, &knowledge) {
                Ok(flow) => {
                    let listed = Arc::new(Listed::checked(flow, file));
                    library.flows.insert(id, listed);
                }
                Err(more) => faults.extend(more),
            }
        }
        diagnostic::sort(&mut faults);
        (library, faults)
    }

    /// The flow of this id.
    pub fn flow(&self, id: &str) -> Option<Arc<Flow>> {
        self.flows.get(id)?.flow().cloned()
    }

    /// All flows: the shipped ones in their order, then the user's.
    pub fn flows(&self) -> impl Iterator<Item = &Arc<Flow>> {
        self.flows.values().filter_map(|listed| listed.flow())
    }

    /// The same, as a list shows them.
    pub fn list(&self) -> impl ExactSizeIterator<Item = &Arc<Listed>> {
        self.flows.values()
    }

    /// The file that a flow comes from.
    pub fn file(&self, id: &str) -> Option<&str> {
        self.flows.get(id).map(|listed| listed.file.as_str())
    }

    /// Whether the program carries this flow, and nobody replaced it.
    pub fn is_shipped(&self, id: &str) -> bool {
        self.file(id).is_some_and(shipped::is_shipped)
    }

    /// The files with a flow of this id that is not walked, because another
    /// one stands in for it.
    pub fn replaced(&self, id: &str) -> &[String] {
        self.replaced.get(id).map_or(&[], Vec::as_slice)
    }

    /// The id that was most likely meant by one that does not exist.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        super::suggest::nearest(id, self.flows.keys().map(String::as_str))
    }
}

fn folder(file: &SourceFile) -> Option<&std::path::Path> {
    std::path::Path::new(file.name.as_ref()).parent()
}

fn twice(draft: &Draft, first: &Draft) -> Diagnostic {
    Diagnostic::new(
        &draft.file,
        draft.tree.span_of(&Path::top().key("id")),
        format!("the flow `{}` exists twice", draft.raw.id),
    )
    .note(format!("the other is in {}", first.file.name))
    .hint("give one of them another id, or remove it")
}
