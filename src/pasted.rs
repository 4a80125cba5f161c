//! What people paste: error messages, answers of commands, reports of other
//! tools, and advice from the Internet. Pure readers: text in, meaning out.
//!
//! All of it is told by a person and observed by nobody here, so everything
//! that is made of it names its source. Each reader is bounded by
//! [`text::LONGEST`] and never fails: what it does not know, it says so.

pub mod advice;
pub mod card;
pub mod error_text;
mod kerberos_configuration_manager;
mod klist_mit;
mod klist_windows;
mod recognise;
mod service;
mod setspn;
mod sqlcheck;
pub mod text;
pub mod told;

pub use recognise::{Recognised, recognise};
pub use told::Told;
