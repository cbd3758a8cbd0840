//! A scenario's text as a tree in which every key and value knows its place.
//!
//! Overrides are put into the tree before anything is read from it, so that they meet the same
//! checks; their places point into the override's own text.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostics::{Place, Sink, SourceText};

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    /// A whole number beyond 64 bits, as it is written.
    Huge(String),
    Float(f64),
    Flag(bool),
    Date,
    Array(Vec<Node>),
    Table(Vec<Entry>),
}

/// An entry of a table.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) node: Node,
}

impl Value {
    /// What the value is, in a message.
    pub(super) fn describe(&self) -> String {
        match self {
            Value::Text(text) => format!("the string {text:?}"),
            Value::Integer(number) => format!("the number {number}"),
            Value::Huge(digits) => format!("the number {digits}"),
            Value::Float(number) => format!("the number {number}"),
            Value::Flag(flag) => format!("{flag}"),
            Value::Date => "a date".to_owned(),
            Value::Array(_) => "an array".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }
}

/// Reads a text, reporting every syntax error; what can be read is returned all the same.
pub(super) fn read(text: &str, source: usize, sink: &mut Sink) -> Node {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let place = Place { source, span: error.span().unwrap_or(0..0) };
        let message = error.message().trim().replace('\n', ", ");
        sink.error("S001", &place, format!("this is not TOML: {message}"));
    }
    let place = Place { source, span: table.span() };
    Node { value: Value::Table(entries(table.into_inner(), source)), place }
}

fn entries(table: DeTable<'_>, source: usize) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| {
            let key_place = Place { source, span: key.span() };
            let key = key.into_inner().into_owned();
            Entry { key, key_place, node: node(value, source) }
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_place.span.start);
    entries
}

fn node(value: Spanned<DeValue<'_>>, source: usize) -> Node {
    let place = Place { source, span: value.span() };
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::Huge(number.to_string()), Value::Integer),
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(items) => {
            Value::Array(items.into_iter().map(|item| node(item, source)).collect())
        }
        DeValue::Table(table) => Value::Table(entries(table, source)),
    };
    Node { value, place }
}

/// A value given on the command line: `key.path=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    text: String,
    path: Vec<String>,
    value: String,
}

impl Override {
    /// Reads `key.path=value`. The value is TOML; a bare word that is not is taken as a string,
    /// so that `cache.link=5ms` works.
    ///
    /// # Errors
    /// A sentence, if there is no key or no `=`.
    pub fn parse(text: &str) -> Result<Override, String> {
        let wrong =
            || format!("expected KEY=VALUE, for example workload.read_share=0.5; found `{text}`");
        let (key, value) = text.split_once('=').ok_or_else(wrong)?;
        let path: Vec<String> = key.trim().split('.').map(|part| part.trim().to_owned()).collect();
        if path.iter().any(String::is_empty) || value.trim().is_empty() {
            return Err(wrong());
        }
        Ok(Override { text: text.to_owned(), path, value: value.trim().to_owned() })
    }

    /// The override's text, to show in messages: TOML of the form `value = …`.
    pub(super) fn source(&self) -> SourceText {
        let mut quiet = Sink::default();
        let mut text = format!("{} = {}", self.path.join("."), self.value);
        read(&text, 0, &mut quiet);
        if !quiet.list.is_empty() {
            text = format!("{} = {:?}", self.path.join("."), self.value);
        }
        SourceText { origin: format!("--set {}", self.text), text }
    }

    /// Puts the value into the tree.
    pub(super) fn apply(&self, root: &mut Node, source: usize, text: &str, sink: &mut Sink) {
        let read = read(text, source, sink);
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let mut node = &read;
        for part in &path {
            let entry = match &node.value {
                Value::Table(entries) => entries.iter().find(|entry| entry.key == *part),
                _ => None,
            };
            let Some(entry) = entry else {
                let message = format!("`{}` does not name a value of the scenario", path.join("."));
                let help = "write it as workload.read_share=0.5, without quotes in the key";
                sink.error_with_help("S016", &read.place, message, help);
                return;
            };
            node = &entry.node;
        }
        put(root, &path, node.clone(), &read.place);
    }
}

/// Puts a node under a path, making tables on the way. Arrays on the way are replaced.
pub(super) fn put(root: &mut Node, path: &[&str], node: Node, place: &Place) {
    let Some((first, rest)) = path.split_first() else {
        *root = node;
        return;
    };
    if !matches!(root.value, Value::Table(_)) {
        root.value = Value::Table(Vec::new());
        root.place = place.clone();
    }
    let Value::Table(entries) = &mut root.value else { return };
    let index = entries.iter().position(|entry| entry.key == *first).unwrap_or_else(|| {
        let empty = Node { value: Value::Table(Vec::new()), place: place.clone() };
        let key_place = place.clone();
        entries.push(Entry { key: (*first).to_owned(), key_place, node: empty });
        entries.len() - 1
    });
    let entry = &mut entries[index];
    if rest.is_empty() {
        entry.key_place = place.clone();
    }
    put(&mut entry.node, rest, node, place);
}
