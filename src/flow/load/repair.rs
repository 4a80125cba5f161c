//! What was most likely meant by a file with slips in its form, so that its
//! sense can be checked in the same go: a mistyped key counts as the key that
//! was meant, and what cannot be understood is left out.

use std::ops::Range;

use serde_yaml::{Mapping, Value};

use crate::flow::tree::{Node, NodeKind};

/// One change to the tree.
#[derive(Clone, Debug)]
pub struct Repair {
    /// Where the key, or the item of a list, stands.
    pub span: Range<usize>,
    /// What was meant by it.
    pub meant: Meant,
}

/// What was meant by something that is wrong.
#[derive(Clone, Debug)]
pub enum Meant {
    /// This key.
    Key(String),
    /// Its value, as text.
    Text,
    /// Nothing that can be made out: it is left out.
    Nothing,
}

/// Carries out every repair. Of keys that are written twice, the first stays.
pub fn apply(node: &mut Node, repairs: &[Repair]) {
    let repair = |span: &Range<usize>| repairs.iter().find(|repair| repair.span == *span);
    match &mut node.kind {
        NodeKind::Scalar(_) => {}
        NodeKind::List(items) => {
            items.retain_mut(
                |item| match repair(&item.span).map(|repair| &repair.meant) {
                    Some(Meant::Nothing) => false,
                    Some(Meant::Text) => {
                        as_text(item);
                        true
                    }
                    _ => true,
                },
            );
            for item in items {
                apply(item, repairs);
            }
        }
        NodeKind::Map(entries) => {
            let mut kept: Vec<String> = Vec::new();
            entries.retain_mut(|(key, value)| {
                match repair(&key.span).map(|repair| &repair.meant) {
                    Some(Meant::Key(meant)) => key.name.clone_from(meant),
                    Some(Meant::Text) => as_text(value),
                    Some(Meant::Nothing) => return false,
                    None => {}
                }
                let first = !kept.contains(&key.name);
                kept.push(key.name.clone());
                first
            });
            for (_, value) in entries {
                apply(value, repairs);
            }
        }
    }
}

fn as_text(node: &mut Node) {
    if let NodeKind::Scalar(scalar) = &mut node.kind {
        scalar.plain = false;
    }
}

/// The values of a tree, without their places.
pub fn value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Scalar(scalar) if scalar.plain => {
            serde_yaml::from_str(&scalar.text).unwrap_or_else(|_| scalar.text.clone().into())
        }
        NodeKind::Scalar(scalar) => scalar.text.clone().into(),
        NodeKind::List(items) => Value::Sequence(items.iter().map(value).collect()),
        NodeKind::Map(entries) => Value::Mapping(
            entries
                .iter()
                .map(|(key, item)| (Value::from(key.name.clone()), value(item)))
                .collect::<Mapping>(),
        ),
    }
}
