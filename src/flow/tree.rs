//! A flow file as a tree that knows where each of its parts stands.
//!
//! What serde cannot say is said here: where a value stands, that a key is
//! written twice, and that a file wants YAML's anchors, tags, merge keys or
//! more than one document, none of which a flow has.

mod build;
pub mod scalar;

use std::ops::Range;

pub use build::{SIZE_LIMIT, parse};
pub use scalar::Scalar;

/// One value and where it stands, in bytes.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where the value stands.
    pub span: Range<usize>,
    /// What it is.
    pub kind: NodeKind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// Keys and values, in order. Keys that are written twice stand twice.
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
}

/// One part of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// The value of a key.
    Key(String),
    /// An item of a list.
    Item(usize),
}

/// The way from the top of a file to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Segment>);

impl Path {
    /// The top of the file.
    pub fn top() -> Self {
        Self::default()
    }

    /// The value of a key in here.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        self.with(Segment::Key(name.to_owned()))
    }

    /// An item of the list in here. Where one value may stand instead of a
    /// list, that value is item 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        self.with(Segment::Item(index))
    }

    fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }
}

impl Node {
    /// The value of a key; none when this is no map or has no such key.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entry(name).map(|(_, node)| node)
    }

    /// A key and its value.
    pub fn entry(&self, name: &str) -> Option<&(Key, Node)> {
        match &self.kind {
            NodeKind::Map(entries) => entries.iter().find(|(key, _)| key.name == name),
            _ => None,
        }
    }

    /// The value at a path.
    pub fn at(&self, path: &Path) -> Option<&Node> {
        path.0.iter().try_fold(self, |node, segment| match segment {
            Segment::Key(name) => node.get(name),
            Segment::Item(index) => match &node.kind {
                NodeKind::List(items) => items.get(*index),
                _ => (*index == 0).then_some(node),
            },
        })
    }

    /// Where the value at a path stands, or else the nearest part of the file
    /// around it.
    pub fn span_of(&self, path: &Path) -> Range<usize> {
        let mut node = self;
        let mut span = self.heading();
        for segment in &path.0 {
            let next = match (segment, &node.kind) {
                (Segment::Key(name), _) => node.entry(name).map(|(key, value)| {
                    span = match value.kind {
                        NodeKind::Scalar(_) if !value.span.is_empty() => value.span.clone(),
                        _ => key.span.clone(),
                    };
                    value
                }),
                (Segment::Item(index), NodeKind::List(items)) => {
                    items.get(*index).inspect(|item| {
                        span = item.heading();
                    })
                }
                (Segment::Item(index), _) => (*index == 0).then_some(node),
            };
            match next {
                Some(next) => node = next,
                None => return span,
            }
        }
        span
    }

    /// Where the last key of a path stands.
    pub fn key_span_of(&self, path: &Path) -> Range<usize> {
        if let Some((Segment::Key(name), before)) = path.0.split_last()
            && let Some((key, _)) = self
                .at(&Path(before.to_vec()))
                .and_then(|node| node.entry(name))
        {
            return key.span.clone();
        }
        self.span_of(path)
    }

    /// A short part at the start of the value that stands for all of it.
    fn heading(&self) -> Range<usize> {
        match &self.kind {
            NodeKind::Scalar(_) => self.span.clone(),
            NodeKind::Map(entries) => entries
                .first()
                .map_or_else(|| self.span.clone(), |(key, _)| key.span.clone()),
            NodeKind::List(items) => items
                .first()
                .map_or_else(|| self.span.clone(), Node::heading),
        }
    }
}
