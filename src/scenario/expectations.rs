//! The `[[expect]]` tables.

use super::diagnostics::{Sink, suggest};
use super::fields::EXPECT;
use super::model::Expectation;
use super::reader::Section;
use super::tree::Node;
use super::variants::Draft;
use crate::metrics;

/// Reads all expectations.
pub(super) fn read(tables: &[Node], drafts: &[Draft], sink: &mut Sink) -> Vec<Expectation> {
    tables.iter().filter_map(|node| expectation(node, drafts, sink)).collect()
}

fn expectation(node: &Node, drafts: &[Draft], sink: &mut Sink) -> Option<Expectation> {
    let section = Section::open("[[expect]]", node, EXPECT, sink);
    let (name, metric_name) = (section.text("variant", sink), section.text("metric", sink));
    let variant = drafts.iter().position(|draft| draft.name.as_ref() == Some(&name));
    // One whose name could not be read may be the one that is meant.
    let all_named = drafts.iter().all(|draft| draft.name.is_some());
    if let (None, Some(given), true) = (variant, section.sound("variant", sink), all_named) {
        let message = format!("there is no variant named {name:?}");
        let names: Vec<&str> = drafts.iter().filter_map(|draft| draft.name.as_deref()).collect();
        sink.error_with_help("S011", &given.node.place, message, suggest(&name, names));
    }
    let metric = metrics::find(&metric_name);
    if let (None, Some(given)) = (metric, section.sound("metric", sink)) {
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
            sink.error("S011", section.value_place("min"), message);
        }
        _ => {}
    }
    Some(Expectation { variant: variant?, metric: metric?.name, min, max })
}
