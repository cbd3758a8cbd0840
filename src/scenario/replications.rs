//! `replications`: a number of them, or how well a metric shall be known.

use super::diagnostics::{Sink, suggest};
use super::fields::{REPLICATIONS, REPLICATIONS_LIMITS, Shape};
use super::reader::{Section, kind};
use super::tree::{Node, Value};
use super::values;
use crate::metrics::{METRICS, Precision, find};

/// What is said of a metric in place of one that is not known: nothing, since it is a mistake.
const HARMLESS: &str = "reads";

/// The number of replications, or the most there may be and when there may be fewer.
pub(super) fn read(
    root: &Section<'_>,
    all_traces: bool,
    sink: &mut Sink,
) -> (u32, Option<Precision>) {
    if all_traces && root.given("replications").is_none() {
        return (1, None);
    }
    let node = root.node("replications");
    match &node.value {
        Value::Table(_) => {
            let until = until(&node, sink);
            (until.max, Some(until))
        }
        Value::Integer(_) | Value::Huge(_) => {
            let limits = REPLICATIONS_LIMITS;
            let found = values::count(&node, "`replications`", limits, sink);
            (found.unwrap_or(limits.least) as u32, None)
        }
        other => {
            let found = other.describe();
            let message = format!("`replications` is a whole number or a table; found {found}");
            let help = format!("write 8, or {}", values::example(Shape::Replications));
            sink.error_with_help("S003", &node.place, message, help);
            (1, None)
        }
    }
}

fn until(node: &Node, sink: &mut Sink) -> Precision {
    let harmless = Precision { metric: HARMLESS, relative_error: 1.0, max: 1 };
    let Some((entry, Shape::Table(fields))) = kind(node, "`replications`", REPLICATIONS, &[], sink)
    else {
        return harmless;
    };
    let section = Section::open("until", &entry.node, fields, sink);
    let name = section.text("metric", sink);
    let metric = find(&name);
    if let (None, Some(given)) = (metric, section.sound("metric", sink)) {
        let message = format!("there is no metric named {name:?}");
        let names: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
        sink.error_with_help("S007", &given.node.place, message, suggest(&name, names));
    }
    let relative_error = section.part("relative_error", sink);
    let max = section.count("max", sink);
    Precision { metric: metric.map_or(HARMLESS, |metric| metric.name), relative_error, max }
}
