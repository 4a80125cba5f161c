//! Flows: the declarative YAML files that a walk follows.
//!
//! `load` reads a file, `check` proves it, and what remains is an immutable
//! [`Flow`]. Expressions are Jinja (minijinja), as admins know them from
//! Ansible. Nothing here knows the engine, a screen or a socket.

pub mod check;
pub mod compile;
pub mod diagnostic;
pub mod expr;
pub mod library;
pub mod load;
pub mod model;
pub mod raw;
pub mod schema;
pub mod structure;
pub mod suggest;
pub mod tree;

pub use check::{CauseParameters, FlowInterface, Knowledge, KnownCauses};
pub use diagnostic::Diagnostic;
pub use library::Library;
pub use load::load;
pub use model::{
    Action, Branch, Choice, Conclusion, Expression, Flow, Found, Input, InputKind, Output, Remark,
    Step, Template, Unknown,
};
