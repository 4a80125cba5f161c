//! All causes, by id.

use std::sync::LazyLock;

use indexmap::IndexMap;

use super::{Cause, CauseFault, check, file};
use crate::engine::Finding;
use crate::flow::check::{CauseParameters, KnownCauses};
use crate::pasted::advice::{self, Advice};

/// The catalogue that the program carries.
const EMBEDDED: &str = include_str!("../../flows/causes.yaml");

/// Their causes, read when one is asked for first: the start of the wizard needs
/// none. A test proves that they can be read and are sound; if they could not,
/// there would be none.
static CARRIED: LazyLock<IndexMap<String, Cause>> = LazyLock::new(|| {
    let causes = file::read(EMBEDDED).unwrap_or_default();
    causes
        .into_iter()
        .map(|cause| (cause.id.clone(), cause))
        .collect()
});

/// The causes, in the order of the file.
#[derive(Clone, Debug)]
pub struct Catalogue(Causes);

#[derive(Clone, Debug)]
enum Causes {
    /// Those that the program carries.
    Carried,
    /// Those of a text.
    Read(IndexMap<String, Cause>),
}

impl Catalogue {
    /// What the flow checker must know of the causes.
    pub fn known(&self) -> KnownCauses {
        let parameters = |cause: &Cause| CauseParameters {
            required: cause
                .parameters
                .iter()
                .map(|(name, parameter)| (name.clone(), parameter.required))
                .collect(),
        };
        KnownCauses(
            self.causes()
                .map(|cause| (cause.id.clone(), parameters(cause)))
                .collect(),
        )
    }

    /// Reads and checks a catalogue; `name` stands in the fault.
    pub fn load(text: &str, name: &str) -> Result<Self, CauseFault> {
        let fault = |problem: String| CauseFault::File {
            file: name.to_owned(),
            problem,
        };
        let mut causes = IndexMap::new();
        for cause in file::read(text).map_err(fault)? {
            check::cause(&cause)
                .map_err(|problem| fault(format!("cause `{}`, {problem}", cause.id)))?;
            if let Some(earlier) = causes.insert(cause.id.clone(), cause) {
                return Err(fault(format!("cause `{}` stands there twice", earlier.id)));
            }
        }
        Ok(Self(Causes::Read(causes)))
    }

    /// The catalogue that the program carries. To copy it costs nothing.
    pub fn embedded() -> &'static Self {
        static CATALOGUE: Catalogue = Catalogue(Causes::Carried);
        &CATALOGUE
    }

    fn all(&self) -> &IndexMap<String, Cause> {
        match &self.0 {
            Causes::Carried => &CARRIED,
            Causes::Read(causes) => causes,
        }
    }

    /// The cause with this id.
    pub fn cause(&self, id: &str) -> Option<&Cause> {
        self.all().get(id)
    }

    /// Every cause, in the order of the file.
    pub fn causes(&self) -> impl ExactSizeIterator<Item = &Cause> {
        self.all().values()
    }

    /// The advice that goes around for a cause and does harm.
    pub fn beware(&self, id: &str) -> impl Iterator<Item = &'static Advice> {
        self.cause(id)
            .into_iter()
            .flat_map(|cause| &cause.beware)
            .filter_map(|id| advice::by_id(id))
    }

    /// Brings findings into the order in which they should be repaired: names
    /// before clocks, before trust, before SPNs, before delegation. Findings of
    /// equal order stay as they were found.
    pub fn sort(&self, findings: &mut [Finding]) {
        findings.sort_by_key(|finding| {
            self.cause(&finding.cause)
                .map_or(u16::MAX, |cause| cause.fix_order)
        });
    }
}
