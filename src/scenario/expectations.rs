//! The `[[expect]]` tables.

use super::diagnostics::{Sink, suggest};
use super::fields::EXPECT;
use super::model::{Expectation, Variant};
use super::reader::Section;
use super::tree::Node;
use crate::metrics;

/// Reads all expectations.
pub(super) fn read(tables: &[Node], variants: &[Variant], sink: &mut Sink) -> Vec<Expectation> {
    tables.iter().filter_map(|node| expectation(node, variants, sink)).collect()
}

fn expectation(node: &Node, variants: &[Variant], sink: &mut Sink) -> Option<Expectation> {
    let section = Section::open("[[expect]]", node, EXPECT, sink);
    let (name, metric_name) = (section.text("variant", sink), section.text("metric", sink));
    let variant = variants.iter().position(|variant| variant.name == name);
    if let (None, Some(given)) = (variant, section.given("variant")) {
        let message = format!("there is no variant named {name:?}");
        let names: Vec<&str> = variants.iter().map(|variant| variant.name.as_str()).collect();
        sink.error_with_help("S011", &given.node.place, message, suggest(&name, names));
    }
    let metric = metrics::find(&metric_name);
    if let (None, Some(given)) = (metric, section.given("metric")) {
        let message = format!("there is no metric named {metric_name:?}");
        let names: Vec<&str> = metrics::METRICS.iter().map(|metric| metric.name).collect();
        sink.error_with_help("S011", &given.node.place, message, suggest(&metric_name, names));
    }
    let (min, max) = (section.optional_number("min", sink), section.optional_number("max", sink));
    match (min, max) {
        (None, None) if section.given("min").is_none() && section.given("max").is_none() => {
            let message = "an expectation has a `min`, a `max` or both".to_owned();
            sink.error("S011", section.place, message);
        }
        (Some(min), Some(max)) if min > max => {
            let message = format!("`min` ({min}) is above `max` ({max})");
            sink.error("S011", section.place, message);
        }
        _ => {}
    }
    Some(Expectation { variant: variant?, metric: metric?.name, min, max })
}
