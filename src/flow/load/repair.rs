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
    /// The key that was meant; none leaves it out.
    pub meant: Option<String>,
}

/// Carries out every repair. Of keys that are written twice, the first stays.
pub fn apply(node: &mut Node, repairs: &[Repair]) {
    let repair = |span: &Range<usize>| repairs.iter().find(|repair| repair.span == *span);
    match &mut node.kind {
        NodeKind::Scalar(_) => {}
        NodeKind::List(items) => {
            items.retain(|item| repair(&item.span).is_none());
            for item in items {
                apply(item, repairs);
            }
        }
        NodeKind::Map(entries) => {
            let mut kept: Vec<String> = Vec::new();
            entries.retain_mut(|(key, _)| {
                if let Some(repair) = repair(&key.span) {
                    match &repair.meant {
                        Some(meant) => key.name.clone_from(meant),
                        None => return false,
                    }
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
