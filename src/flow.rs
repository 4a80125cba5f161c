//! Flows: the declarative YAML files that a walk follows.
//!
//! `load` reads a file, `check` proves it, and what remains is an immutable
//! [`Flow`]. Expressions are Jinja (minijinja), as admins know them from
//! Ansible. Nothing here knows the engine, a screen or a socket.

pub mod expr;
pub mod model;

pub use model::{
    Action, Branch, Choice, Conclusion, Expression, Flow, Found, Input, InputKind, Output, Remark,
    Step, Template, Unknown,
};
