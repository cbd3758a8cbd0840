//! The `[[variant]]` tables: a strategy with its parameters, and overrides of the rest.

use super::diagnostics::{Sink, suggest};
use super::fields::{OVERRIDABLE, SCENARIO, Shape, VARIANT};
use super::merge::{Step, put};
use super::model::Variant;
use super::reader::Section;
use super::tree::{Entry, Node, Value};
use super::{Input, values, workload, world};
use crate::strategies::{self, Choice, Info, ParamKind, ParamValue, ParamValues};

/// Reads all variants.
pub(super) fn read(
    root_node: &Node,
    root: &Section<'_>,
    input: &Input,
    sink: &mut Sink,
) -> Vec<Variant> {
    let tables = root.tables("variant", sink);
    if tables.is_empty() {
        let names: Vec<String> =
            strategies::ALL.iter().map(|info| format!("`{}`", info.name)).collect();
        sink.error_with_help(
            "S006",
            root.place,
            "a scenario compares at least one [[variant]], and has none".to_owned(),
            format!("write [[variant]] with a name and a strategy: {}", names.join(", ")),
        );
    }
    let mut variants: Vec<Variant> = Vec::new();
    for node in tables {
        let section = Section::open("[[variant]]", node, VARIANT, sink);
        let Some(variant) = variant(root_node, &section, input, sink) else { continue };
        if variants.iter().any(|other| other.name == variant.name) {
            let place = section.given("name").map_or(section.place, |entry| &entry.node.place);
            let message = format!("there is a variant named {:?} already", variant.name);
            sink.error_with_help("S010", place, message, "give each variant a name of its own");
        }
        variants.push(variant);
    }
    variants
}

fn variant(
    root_node: &Node,
    section: &Section<'_>,
    input: &Input,
    sink: &mut Sink,
) -> Option<Variant> {
    let name = section.optional_text("name", sink);
    let strategy = match section.given("strategy") {
        Some(entry) => strategy(&entry.node, sink),
        None => {
            section.missing("strategy", sink);
            None
        }
    };
    let mut patched = root_node.clone();
    if let Some(entry) = section.given("set") {
        patch(&mut patched, &entry.node, sink);
    }
    let root = Section::open("the scenario", &patched, SCENARIO, &mut Sink::default());
    let workload = workload::read(&root.node("workload"), input, sink);
    let world = world::read(&root, sink);
    let strategy = strategy?;
    let name = name.unwrap_or_else(|| strategy.name.to_owned());
    Some(Variant { name, strategy, workload, world })
}

/// Puts a variant's `set` into a copy of the scenario's tables.
fn patch(root: &mut Node, set: &Node, sink: &mut Sink) {
    if !matches!(set.value, Value::Table(_)) {
        let found = set.value.describe();
        sink.error("S003", &set.place, format!("`set` is a table; found {found}"));
    }
    for entry in set.entries() {
        let path: Vec<Step<'_>> =
            entry.key.split('.').map(|key| Step { key, place: &entry.key_place }).collect();
        let whole = path.len() == 1 && !matches!(entry.node.value, Value::Table(_));
        if whole || !OVERRIDABLE.contains(&path[0].key) {
            let message = format!("a variant cannot override `{}`", entry.key);
            let help = "it may override values of workload, cache, database and servers, \
                        as \"database.read\"";
            sink.error_with_help("S016", &entry.key_place, message, help);
        } else {
            put(root, Shape::Table(SCENARIO), &path, entry.node.clone());
        }
    }
}

fn strategy(node: &Node, sink: &mut Sink) -> Option<Choice> {
    let names = || strategies::ALL.iter().map(|info| info.name);
    let entries = match &node.value {
        Value::Table(entries) => entries.as_slice(),
        Value::Text(name) => {
            let message = "a strategy is a table with its name as key".to_owned();
            let help = format!("write {{ {name} = {{}} }}; {}", suggest(name, names()));
            sink.error_with_help("S003", &node.place, message, help);
            return None;
        }
        other => {
            let message = format!("a strategy is a table; found {}", other.describe());
            sink.error_with_help("S003", &node.place, message, suggest("", names()));
            return None;
        }
    };
    let [entry] = entries else {
        let message = format!("a variant has one strategy; found {}", entries.len());
        sink.error_with_help("S008", &node.place, message, suggest("", names()));
        return None;
    };
    let Some(info) = strategies::find(&entry.key) else {
        let message = format!("there is no strategy `{}`", entry.key);
        sink.error_with_help("S007", &entry.key_place, message, suggest(&entry.key, names()));
        return None;
    };
    params(info, entry, sink).map(|params| Choice { name: info.name, params })
}

fn params(info: &Info, entry: &Entry, sink: &mut Sink) -> Option<ParamValues> {
    let Value::Table(given) = &entry.node.value else {
        let found = entry.node.value.describe();
        let message = format!("the parameters of `{}` are a table; found {found}", info.name);
        sink.error("S003", &entry.node.place, message);
        return None;
    };
    for entry in given {
        if !info.params.iter().any(|param| param.name == entry.key) {
            let message = format!("`{}` has no parameter `{}`", info.name, entry.key);
            let names: Vec<&str> = info.params.iter().map(|param| param.name).collect();
            let help = if names.is_empty() {
                format!("`{}` has no parameters", info.name)
            } else {
                suggest(&entry.key, names)
            };
            sink.error_with_help("S002", &entry.key_place, message, help);
        }
    }
    let mut parameters = Vec::new();
    for param in info.params {
        let node = given.iter().find(|entry| entry.key == param.name).map(|entry| &entry.node);
        let what = format!("`{}`", param.name);
        parameters.push(match (param.kind, node) {
            (ParamKind::RequiredSpan, None) => {
                let message = format!("`{}` needs `{}`", info.name, param.name);
                let help = format!("{}: {} = \"10s\"", param.doc, param.name);
                sink.error_with_help("S006", &entry.key_place, message, help);
                return None;
            }
            (ParamKind::OptionalSpan(default), None) => ParamValue::Span(default),
            (ParamKind::Flag(default), None) => ParamValue::Flag(default),
            (ParamKind::RequiredSpan | ParamKind::OptionalSpan(_), Some(node)) => {
                ParamValue::Span(values::span(node, &what, false, sink)?)
            }
            (ParamKind::Flag(_), Some(node)) => ParamValue::Flag(values::flag(node, &what, sink)?),
        });
    }
    Some(ParamValues(parameters))
}
