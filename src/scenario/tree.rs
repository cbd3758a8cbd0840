//! A scenario's text as a tree in which every key and value knows its place.
//!
//! It knows TOML and nothing of what a scenario holds.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostics::{Place, Sink};

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

impl Node {
    /// The entries of a table; none if it is something else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The entry of this name, if this is a table that has it.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
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
