//! In which form to write the transcript, and where.

use std::path::PathBuf;

use super::super::document::Document;
use super::super::model::Model;
use super::super::msg::Form;
use super::super::theme::Role;

/// The choice as a small page.
pub fn document(model: &Model, chosen: usize, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    document.text("Write the transcript as", Role::Strong);
    for (number, form) in Form::ALL.into_iter().enumerate() {
        let (marker, role) = if number == chosen {
            ("> ", Role::Selected)
        } else {
            ("  ", Role::Plain)
        };
        document.hanging(marker, Role::Key, 2, form.words(), role);
        if number == chosen {
            let file = path(model, form).display().to_string();
            document.hanging("", Role::Plain, 4, &file, Role::Quiet);
        }
    }
    let names = if model.without_names {
        "Names of people, servers and accounts are replaced. p: keep them"
    } else {
        "Names stand as they are. p: replace them"
    };
    document.hanging("", Role::Plain, 2, names, Role::Plain);
    document
}

/// The file that an export writes.
pub fn path(model: &Model, form: Form) -> PathBuf {
    // The name of a session says which server it was about.
    let name = if model.without_names {
        format!("sspi-doctor-session.{}", form.extension())
    } else {
        model.file_name(&format!(".{}", form.extension()))
    };
    model.save_to.join(name)
}
