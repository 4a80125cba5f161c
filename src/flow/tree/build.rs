//! From text to a tree.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::{Key, Node, NodeKind, Scalar};
use crate::flow::diagnostic::{Diagnostic, SourceFile};

/// The largest flow file, in bytes.
pub const SIZE_LIMIT: usize = 1024 * 1024;

/// How deep values may be nested. A flow needs about ten.
const DEPTH_LIMIT: usize = 32;

/// How many values a file may have. The largest shipped flow has about a
/// thousand.
const VALUE_LIMIT: usize = 10_000;

/// The tree of a file, and every fault that can be seen from its form alone.
/// There is no tree when the file is not YAML, not one document, too large or
/// nested too deep.
pub fn parse(file: &SourceFile) -> (Option<Node>, Vec<Diagnostic>) {
    let mut builder = Builder {
        file,
        bytes: char_offsets(&file.text),
        faults: Vec::new(),
        open: Vec::new(),
        root: None,
        documents: 0,
        values: 0,
    };
    if file.text.len() > SIZE_LIMIT {
        builder.fault(
            0..0,
            format!(
                "the file has {} bytes; a flow has at most {SIZE_LIMIT}",
                file.text.len()
            ),
            "split it into several flows that call each other with `flow:`",
        );
        return (None, builder.faults);
    }
    let complete = builder.read();
    let root = builder.root.take().filter(|_| complete);
    if complete && root.is_none() {
        builder.fault(
            0..0,
            "the file is empty".to_owned(),
            "a flow begins with `schema: 1`",
        );
    }
    (root, builder.faults)
}

/// The byte offset of each character, and of the end.
fn char_offsets(text: &str) -> Vec<usize> {
    text.char_indices()
        .map(|(offset, _)| offset)
        .chain([text.len()])
        .collect()
}

/// A list or map that is being read.
struct Open {
    start: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map(Vec<(Key, Node)>, Option<Key>),
}

struct Builder<'a> {
    file: &'a SourceFile,
    bytes: Vec<usize>,
    faults: Vec<Diagnostic>,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    values: usize,
}

impl Builder<'_> {
    fn fault(&mut self, span: Range<usize>, message: String, hint: &str) {
        self.faults
            .push(Diagnostic::new(self.file, span, message).hint(hint));
    }

    fn offset(&self, index: usize) -> usize {
        self.bytes
            .get(index)
            .copied()
            .unwrap_or(self.file.text.len())
    }

    fn span(&self, span: Span) -> Range<usize> {
        let start = self.offset(span.start.index());
        let end = self.offset(span.end.index()).max(start);
        // Block texts and collections end on a later line, after white space.
        let text = &self.file.text[start..end];
        start..start + text.trim_end().len()
    }

    /// Reads all events; false when what was read is not to be used.
    fn read(&mut self) -> bool {
        let text = self.file.text.clone();
        for event in Parser::new_from_str(&text) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    let at = self.offset(error.marker().index());
                    self.fault(
                        at..at,
                        format!("this is not YAML: {}", crate::hostile::clean_line(error.info())),
                        "look at the indentation, at unbalanced quotes and brackets, and at `: ` or ` #` inside unquoted text: put such text in quotes",
                    );
                    return false;
                }
            };
            if !self.event(event, self.span(span)) {
                return false;
            }
        }
        true
    }

    fn event(&mut self, event: Event<'_>, span: Range<usize>) -> bool {
        self.values += 1;
        if self.values > VALUE_LIMIT {
            self.fault(
                span,
                format!("the file has more than {VALUE_LIMIT} values"),
                "split it into several flows that call each other with `flow:`",
            );
            return false;
        }
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.fault(
                        span,
                        "a second document begins here".to_owned(),
                        "a file has one flow: remove the `---`, or put the rest into a file of its own",
                    );
                    return false;
                }
            }
            Event::Alias(_) => {
                self.fault(
                    span.clone(),
                    "a flow has no aliases (`*name`)".to_owned(),
                    "write the value out; steps that are used again belong in a flow of their own",
                );
                self.value(Node {
                    span,
                    // Whatever stands there counts as text from here on.
                    kind: NodeKind::Scalar(Scalar {
                        text: String::new(),
                        plain: false,
                    }),
                });
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_decoration(&span, anchor, tag.is_some());
                let plain = style == ScalarStyle::Plain;
                let text = if plain && span.is_empty() {
                    String::new()
                } else {
                    text.into_owned()
                };
                self.value(Node {
                    span,
                    kind: NodeKind::Scalar(Scalar { text, plain }),
                });
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_decoration(&span, anchor, tag.is_some());
                return self.begin(span, OpenKind::List(Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_decoration(&span, anchor, tag.is_some());
                return self.begin(span, OpenKind::Map(Vec::new(), None));
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(&span),
            _ => {}
        }
        true
    }

    fn refuse_decoration(&mut self, span: &Range<usize>, anchor: usize, tagged: bool) {
        if anchor != 0 {
            self.fault(
                span.clone(),
                "a flow has no anchors (`&name`)".to_owned(),
                "write the value where it is needed",
            );
        }
        if tagged {
            self.fault(
                span.clone(),
                "a flow has no tags (`!name`)".to_owned(),
                "write the value without a tag; text that looks like a number goes in quotes",
            );
        }
    }

    fn begin(&mut self, span: Range<usize>, kind: OpenKind) -> bool {
        if self.open.len() >= DEPTH_LIMIT {
            self.fault(
                span,
                format!("values are nested more than {DEPTH_LIMIT} deep"),
                "a flow needs about ten levels; look for brackets that are never closed",
            );
            return false;
        }
        self.open.push(Open {
            start: span.start,
            kind,
        });
        true
    }

    fn end(&mut self, span: &Range<usize>) {
        let Some(open) = self.open.pop() else { return };
        let kind = match open.kind {
            OpenKind::List(items) => NodeKind::List(items),
            OpenKind::Map(entries, _) => NodeKind::Map(entries),
        };
        let text = &self.file.text[open.start..span.end.max(open.start)];
        self.value(Node {
            span: open.start..open.start + text.trim_end().len(),
            kind,
        });
    }

    /// Puts a finished value where it belongs.
    fn value(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(node),
            Some(OpenKind::List(items)) => items.push(node),
            Some(OpenKind::Map(entries, pending)) => match pending.take() {
                Some(key) => entries.push((key, node)),
                None => self.key(node),
            },
        }
    }

    fn key(&mut self, node: Node) {
        let span = node.span.clone();
        let name = if let NodeKind::Scalar(scalar) = node.kind {
            scalar.text
        } else {
            self.fault(
                span.clone(),
                if self.file.text[..span.start].ends_with('{') {
                    "`{{ … }}` stands without quotes, and YAML reads it as a map".to_owned()
                } else {
                    "a key must be a single word".to_owned()
                },
                "put the whole text in quotes: \"{{ … }}\"",
            );
            String::new()
        };
        if name == "<<" {
            self.fault(
                span.clone(),
                "a flow has no merge keys (`<<`)".to_owned(),
                "write the keys out; steps that are used again belong in a flow of their own",
            );
        }
        let Some(Open {
            kind: OpenKind::Map(entries, pending),
            ..
        }) = self.open.last_mut()
        else {
            return;
        };
        let first = entries
            .iter()
            .find(|(key, _)| key.name == name && !name.is_empty())
            .map(|(key, _)| key.span.clone());
        *pending = Some(Key {
            name: name.clone(),
            span: span.clone(),
        });
        if let Some(first) = first {
            self.faults.push(
                Diagnostic::new(
                    self.file,
                    span,
                    format!("the key `{name}` is written twice"),
                )
                .related(first, "first written here")
                .hint("remove one of them, or give it another name"),
            );
        }
    }
}
