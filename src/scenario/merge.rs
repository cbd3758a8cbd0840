//! Putting values over others in a scenario's tree, for overrides from wherever.
//!
//! Tables are merged: what an override does not name stays. A value that names its kind by its
//! one key (`{ exponential = "5ms" }`) is replaced, and so is one that is reached into as another
//! kind: a `lognormal.p99` put over an exponential is the start of a lognormal.

use super::diagnostics::Place;
use super::fields::Shape;
use super::reader::default_node;
use super::tree::{Entry, Node, Value};

/// A part of a path, and where it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    pub(super) key: &'a str,
    pub(super) place: &'a Place,
}

impl<'a> Step<'a> {
    pub(super) fn of(entry: &'a Entry) -> Step<'a> {
        Step { key: &entry.key, place: &entry.key_place }
    }
}

/// Puts a value under a path of a table of this shape.
pub(super) fn put(root: &mut Node, shape: Shape, path: &[Step<'_>], node: Node) {
    let Some((step, rest)) = path.split_first() else {
        match (shape, &root.value, &node.value) {
            (Shape::Table(_), Value::Table(_), Value::Table(entries)) => {
                for entry in entries {
                    put(root, shape, &[Step::of(entry)], entry.node.clone());
                }
            }
            _ => *root = node,
        }
        return;
    };
    let other = match shape {
        // Of a file's own mistake the reader tells.
        Shape::Table(_) => false,
        _ if shape.kinds().is_some() => !matches!(root.entries(), [entry] if entry.key == step.key),
        _ => !matches!(root.value, Value::Table(_)),
    };
    if other {
        *root = Node { value: Value::Table(Vec::new()), place: step.place.clone() };
    }
    let (shape, default) = shape.inside(step.key).unwrap_or((Shape::Nothing, ""));
    let Some(entry) = entry_or_default(root, step, default) else { return };
    if rest.is_empty() {
        entry.key_place = step.place.clone();
    }
    put(&mut entry.node, shape, rest, node);
}

/// The entry of a table; made with this default, or an empty table, if it is absent. `None` if
/// `table` is none.
pub(super) fn entry_or_default<'a>(
    table: &'a mut Node,
    step: &Step<'_>,
    default: &str,
) -> Option<&'a mut Entry> {
    let Value::Table(entries) = &mut table.value else { return None };
    let index = entries.iter().position(|entry| entry.key == step.key).unwrap_or_else(|| {
        let default = if default.is_empty() { "{}" } else { default };
        let (key, key_place) = (step.key.to_owned(), step.place.clone());
        entries.push(Entry { key, key_place, node: default_node(default, step.place) });
        entries.len() - 1
    });
    Some(&mut entries[index])
}
