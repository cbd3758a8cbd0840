//! Reading tables: every mistake is reported and replaced by something harmless, so that one
//! pass finds all of them. The caller discards what was read if anything was reported.

use std::borrow::Cow;

use super::diagnostics::{Place, Sink, did_you_mean, suggest};
use super::fields::{Field, Kinds, Limits, Shape};
use super::tree::{Entry, Node, Value, read};
use super::values;
use crate::random::Distribution;
use crate::time::Span;

/// A table whose fields are being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section<'a> {
    /// What it is called in messages.
    pub(super) name: &'a str,
    pub(super) place: &'a Place,
    entries: &'a [Entry],
    fields: &'static [Field],
}

impl<'a> Section<'a> {
    /// Opens a table, reporting what does not belong there.
    pub(super) fn open(
        name: &'a str,
        node: &'a Node,
        fields: &'static [Field],
        sink: &mut Sink,
    ) -> Section<'a> {
        let Value::Table(entries) = &node.value else {
            let found = node.value.describe();
            sink.error("S003", &node.place, format!("{name} is a table; found {found}"));
            return Section { name, place: &node.place, entries: &[], fields };
        };
        for entry in entries {
            if !fields.iter().any(|field| field.name == entry.key) {
                let accepted: Vec<&str> = fields.iter().map(|field| field.name).collect();
                sink.error_with_help(
                    "S002",
                    &entry.key_place,
                    format!("unknown key `{}` in {name}", entry.key),
                    suggest(&entry.key, accepted),
                );
            }
        }
        Section { name, place: &node.place, entries, fields }
    }

    /// The same table, with what is missing reported at another place.
    pub(super) fn at(self, place: &'a Place) -> Section<'a> {
        Section { place, ..self }
    }

    fn field(&self, name: &str) -> &'static Field {
        let field = self.fields.iter().find(|field| field.name == name);
        field.unwrap_or_else(|| panic!("{} has no field {name}", self.name))
    }

    /// The entry of this name, if it was given.
    pub(super) fn given(&self, name: &str) -> Option<&'a Entry> {
        debug_assert!(self.fields.iter().any(|field| field.name == name), "{name}");
        self.entries.iter().find(|entry| entry.key == name)
    }

    /// Where the value of this name is; if it is not given, where the table is.
    pub(super) fn value_place(&self, name: &str) -> &'a Place {
        self.given(name).map_or(self.place, |entry| &entry.node.place)
    }

    /// Whether something is wrong with the value of this name: then what was read in its place
    /// is harmless, and means nothing.
    pub(super) fn failed(&self, name: &str, sink: &Sink) -> bool {
        self.given(name).is_some_and(|entry| sink.failed_in(&entry.node.place))
    }

    /// The entry of this name, if it was given and nothing is wrong with it.
    pub(super) fn sound(&self, name: &str, sink: &Sink) -> Option<&'a Entry> {
        self.given(name).filter(|entry| !sink.failed_in(&entry.node.place))
    }

    /// Whether the table has a key that does not belong there: it may be what is missing.
    pub(super) fn has_unknown(&self) -> bool {
        let known = |entry: &Entry| self.fields.iter().any(|field| field.name == entry.key);
        !self.entries.iter().all(known)
    }

    /// The value of this name, or its default.
    fn value(&self, name: &str) -> Option<Cow<'a, Node>> {
        if let Some(entry) = self.given(name) {
            return Some(Cow::Borrowed(&entry.node));
        }
        let default = self.field(name).default;
        (!default.is_empty()).then(|| Cow::Owned(default_node(default, self.place)))
    }

    /// Reads a value that is given or has a default; reports a required one that is missing.
    fn required<T>(
        &self,
        name: &str,
        sink: &mut Sink,
        harmless: T,
        read: impl FnOnce(&Node, &str, &mut Sink) -> Option<T>,
    ) -> T {
        match self.value(name) {
            Some(node) => {
                let label = format!("`{name}`");
                read(&node, &label, sink).unwrap_or(harmless)
            }
            None => {
                self.missing(name, sink);
                harmless
            }
        }
    }

    /// Reports a field that is missing.
    pub(super) fn missing(&self, name: &str, sink: &mut Sink) {
        let field = self.field(name);
        sink.error_with_help(
            "S006",
            self.place,
            format!("{} needs `{name}`", self.name),
            format!("{} Write, for example, {name} = {}", field.doc, values::example(field.shape)),
        );
    }

    pub(super) fn text(&self, name: &str, sink: &mut Sink) -> String {
        self.required(name, sink, String::new(), values::text)
    }

    pub(super) fn optional_title(&self, name: &str, sink: &mut Sink) -> Option<String> {
        let entry = self.given(name)?;
        values::title(&entry.node, &format!("`{name}`"), sink)
    }

    pub(super) fn optional_text(&self, name: &str, sink: &mut Sink) -> Option<String> {
        let entry = self.given(name)?;
        values::text(&entry.node, &format!("`{name}`"), sink)
    }

    pub(super) fn count(&self, name: &str, sink: &mut Sink) -> u32 {
        let limits = match self.field(name).shape {
            Shape::Count(limits) => limits,
            shape => panic!("{name} is a {shape:?}"),
        };
        let read =
            |node: &Node, label: &str, sink: &mut Sink| values::count(node, label, limits, sink);
        self.required(name, sink, limits.least, read) as u32
    }

    pub(super) fn optional_count(&self, name: &str, sink: &mut Sink) -> Option<u32> {
        self.given(name).map(|_| self.count(name, sink))
    }

    pub(super) fn seed(&self, name: &str, sink: &mut Sink) -> u64 {
        let read = |node: &Node, label: &str, sink: &mut Sink| {
            let most = i64::MAX as u64;
            values::count(node, label, Limits { least: 0, most, why: "TOML has 64 bits" }, sink)
        };
        self.required(name, sink, 0, read)
    }

    pub(super) fn share(&self, name: &str, sink: &mut Sink) -> f64 {
        self.required(name, sink, 0.0, |node, label, sink| {
            values::number(node, label, 0.0, 1.0, sink)
        })
    }

    /// A share that is not nothing.
    pub(super) fn part(&self, name: &str, sink: &mut Sink) -> f64 {
        self.required(name, sink, 1.0, values::part)
    }

    /// A number above 0.
    pub(super) fn positive(&self, name: &str, sink: &mut Sink) -> f64 {
        self.required(name, sink, 1.0, values::positive)
    }

    /// Any finite number.
    pub(super) fn optional_number(&self, name: &str, sink: &mut Sink) -> Option<f64> {
        let entry = self.given(name)?;
        values::number(&entry.node, &format!("`{name}`"), f64::MIN, f64::MAX, sink)
    }

    pub(super) fn span(&self, name: &str, sink: &mut Sink) -> Span {
        let zero = matches!(self.field(name).shape, Shape::Duration { zero: true });
        self.required(name, sink, Span(1), |node, label, sink| {
            values::span(node, label, zero, sink)
        })
    }

    pub(super) fn optional_span(&self, name: &str, sink: &mut Sink) -> Option<Span> {
        self.given(name).map(|_| self.span(name, sink))
    }

    pub(super) fn distribution(&self, name: &str, sink: &mut Sink) -> Distribution {
        let harmless = Distribution::Constant(Span(1));
        self.required(name, sink, harmless, values::distribution)
    }

    /// The index of the word that was chosen.
    pub(super) fn word(&self, name: &str, sink: &mut Sink) -> usize {
        let words = match self.field(name).shape {
            Shape::Word(words) => words,
            shape => panic!("{name} is a {shape:?}"),
        };
        self.required(name, sink, 0, |node, label, sink| values::word(node, label, words, sink))
    }

    /// A table within the table; `{}` if it is absent.
    pub(super) fn node(&self, name: &str) -> Cow<'a, Node> {
        self.value(name).unwrap_or_else(|| Cow::Owned(default_node("{}", self.place)))
    }

    /// The tables of an array of tables.
    pub(super) fn tables(&self, name: &str, sink: &mut Sink) -> &'a [Node] {
        match self.given(name).map(|entry| &entry.node) {
            None => &[],
            Some(Node { value: Value::Array(nodes), .. }) => nodes,
            Some(node) => {
                let found = node.value.describe();
                let message = format!("`{name}` is an array of tables; found {found}");
                let help = format!("write [[{name}]] above each");
                sink.error_with_help("S003", &node.place, message, help);
                &[]
            }
        }
    }
}

/// A default, as if it had been written at this place.
pub(super) fn default_node(toml: &str, place: &Place) -> Node {
    let mut quiet = Sink::default();
    let root = read(&format!("x = {toml}"), 0, &mut quiet);
    let Value::Table(entries) = root.value else { unreachable!("a document is a table") };
    let mut node = entries.into_iter().next().expect("the default above").node;
    move_to(&mut node, place);
    node
}

fn move_to(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::Array(items) => items.iter_mut().for_each(|item| move_to(item, place)),
        Value::Table(entries) => {
            for entry in entries {
                entry.key_place = place.clone();
                move_to(&mut entry.node, place);
            }
        }
        _ => {}
    }
}

/// The one entry of a table that names its kind, and what the kind takes.
pub(super) fn kind<'a>(
    node: &'a Node,
    what: &str,
    kinds: Kinds,
    words: &[&str],
    sink: &mut Sink,
) -> Option<(&'a Entry, Shape)> {
    let names = || {
        let kinds = kinds.iter().map(|(name, _)| format!("{{ {name} = … }}"));
        let words = words.iter().map(|word| format!("\"{word}\""));
        words.chain(kinds).collect::<Vec<_>>().join(", ")
    };
    let help = |found: &str| {
        let known = kinds.iter().map(|(name, _)| *name).chain(words.iter().copied());
        format!("{}accepted: {}", did_you_mean(found, known), names())
    };
    let Value::Table(entries) = &node.value else {
        let word = if let Value::Text(word) = &node.value { word } else { "" };
        let message = format!("{what} cannot be {}", node.value.describe());
        sink.error_with_help("S003", &node.place, message, help(word));
        return None;
    };
    let [entry] = entries.as_slice() else {
        let message = format!("{what} names its kind by its one key; found {}", entries.len());
        sink.error_with_help("S008", &node.place, message, help(""));
        return None;
    };
    let shape = kinds.iter().find(|(name, _)| *name == entry.key).map(|(_, shape)| *shape);
    if shape.is_none() {
        let message = format!("{what} cannot be `{}`", entry.key);
        sink.error_with_help("S007", &entry.key_place, message, help(&entry.key));
    }
    shape.map(|shape| (entry, shape))
}
