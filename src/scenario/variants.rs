//! The `[[variant]]` tables: a strategy with its parameters, and overrides of the rest.

use super::diagnostics::{Place, Sink, suggest};
use super::fields::{OVERRIDABLE, SCENARIO, Shape, VARIANT};
use super::merge::{Step, put};
use super::model::Variant;
use super::reader::Section;
use super::tree::{Entry, Node, Value};
use super::{Input, values, workload, world};
use crate::strategies::{self, Choice, Info, Param, ParamKind, ParamValue, ParamValues};
use crate::workload::WorkloadConfig;
use crate::world::WorldConfig;

/// A variant as far as it could be read, so that one mistake does not hide the next.
#[derive(Debug)]
pub(super) struct Draft {
    /// Its name: its own, or its strategy's.
    pub(super) name: Option<String>,
    pub(super) strategy: Option<Choice>,
    pub(super) workload: WorkloadConfig,
    pub(super) world: WorldConfig,
    /// The scenario with this variant's overrides.
    root: Node,
}

impl Draft {
    /// The variant, if nothing is wrong with it.
    pub(super) fn finish(self) -> Option<Variant> {
        let Draft { name, strategy, workload, world, root: _ } = self;
        Some(Variant { name: name?, strategy: strategy?, workload, world })
    }

    /// Where the value under this path is written; `None` if it is not.
    pub(super) fn place(&self, path: &[&str]) -> Option<&Place> {
        let mut node = &self.root;
        for key in path {
            node = &node.entry(key)?.node;
        }
        Some(&node.place)
    }

    /// Whether nothing is wrong with the value under this path.
    pub(super) fn sound(&self, path: &[&str], sink: &Sink) -> bool {
        !self.place(path).is_some_and(|place| sink.failed_in(place))
    }
}

/// The name a variant's table has or gets: its own, or its strategy's.
pub(super) fn name_of(variant: &Node) -> Option<&str> {
    match variant.entry("name").map(|entry| &entry.node.value) {
        Some(Value::Text(name)) => Some(name),
        Some(_) => None,
        None => match variant.entry("strategy")?.node.entries() {
            [strategy] => Some(&strategy.key),
            _ => None,
        },
    }
}

/// Reads all variants. If there is none, the rest is read all the same.
pub(super) fn read(
    root_node: &Node,
    root: &Section<'_>,
    input: &Input,
    sink: &mut Sink,
) -> Vec<Draft> {
    let tables = root.tables("variant", sink);
    if tables.is_empty() {
        if root.sound("variant", sink).is_some() || root.given("variant").is_none() {
            let names: Vec<String> =
                strategies::ALL.iter().map(|info| format!("`{}`", info.name)).collect();
            sink.error_with_help(
                "S006",
                root.place,
                "a scenario compares at least one [[variant]], and has none".to_owned(),
                format!("write [[variant]] with a name and a strategy: {}", names.join(", ")),
            );
        }
        return vec![draft(root_node.clone(), None, None, input, sink)];
    }
    let mut drafts: Vec<Draft> = Vec::new();
    for node in tables {
        let section = Section::open("[[variant]]", node, VARIANT, sink);
        let draft = variant(root_node, node, &section, input, sink);
        let taken = drafts.iter().any(|other| other.name == draft.name);
        if let (Some(name), true) = (&draft.name, taken) {
            let message = format!("there is a variant named {name:?} already");
            let help = "give each variant a name of its own";
            sink.error_with_help("S010", section.value_place("name"), message, help);
        }
        drafts.push(draft);
    }
    drafts
}

fn variant(
    root_node: &Node,
    node: &Node,
    section: &Section<'_>,
    input: &Input,
    sink: &mut Sink,
) -> Draft {
    let named = section.optional_title("name", sink).is_some() || section.given("name").is_none();
    let name = name_of(node).filter(|_| named).map(str::to_owned);
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
    draft(patched, name, strategy, input, sink)
}

fn draft(
    root_node: Node,
    name: Option<String>,
    strategy: Option<Choice>,
    input: &Input,
    sink: &mut Sink,
) -> Draft {
    // What is wrong with the root itself has been said.
    let root = Section::open("the scenario", &root_node, SCENARIO, &mut Sink::default());
    let workload = workload::read(&root.node("workload"), input, sink);
    let world = world::read(&root, sink);
    Draft { name, strategy, workload, world, root: root_node }
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
        if !OVERRIDABLE.contains(&path[0].key) {
            let message = format!("a variant cannot override `{}`", entry.key);
            let help = "it may override values of workload, cache, database and servers, \
                        as \"database.read\"";
            sink.error_with_help("S016", &entry.key_place, message, help);
        } else {
            put(root, Shape::Table(SCENARIO), &path, entry.node.clone());
        }
    }
}

pub(super) fn strategy(node: &Node, sink: &mut Sink) -> Option<Choice> {
    let names = || strategies::ALL.iter().map(|info| info.name);
    let entries = match &node.value {
        Value::Table(entries) => entries.as_slice(),
        Value::Text(name) => {
            let message = format!("a strategy is a table with its name as key; found {name:?}");
            let help = match strategies::find(name) {
                Some(info) => format!("write {{ {} = {{ … }} }}", info.name),
                None => suggest(name, names()),
            };
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
            sink.error_with_help("S002", &entry.key_place, message, suggest(&entry.key, names));
        }
    }
    let read = |param: &Param| {
        let node = given.iter().find(|entry| entry.key == param.name).map(|entry| &entry.node);
        let what = format!("`{}`", param.name);
        match (param.kind, node) {
            (ParamKind::RequiredSpan, None) => {
                let message = format!("`{}` needs `{}`", info.name, param.name);
                let help = format!("{}: {} = \"10s\"", param.doc, param.name);
                sink.error_with_help("S006", &entry.key_place, message, help);
                None
            }
            (ParamKind::OptionalSpan(default), None) => Some(ParamValue::Span(default)),
            (ParamKind::Flag(default), None) => Some(ParamValue::Flag(default)),
            (ParamKind::RequiredSpan | ParamKind::OptionalSpan(_), Some(node)) => {
                values::span(node, &what, false, sink).map(ParamValue::Span)
            }
            (ParamKind::Flag(_), Some(node)) => {
                values::flag(node, &what, sink).map(ParamValue::Flag)
            }
        }
    };
    // All are read before the first that fails decides.
    let values: Vec<Option<ParamValue>> = info.params.iter().map(read).collect();
    values.into_iter().collect::<Option<_>>().map(ParamValues)
}
