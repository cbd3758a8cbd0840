//! The scenario file: text in, a checked [`Scenario`] out, or every mistake at once.
//!
//! The text becomes a tree that knows the place of every key and value; overrides are put into
//! the tree; then every table is read against the one list of fields in `fields.rs`, which the
//! JSON schema is made of too. Nothing here runs anything.

pub mod builtin;
mod codes;
mod diagnostics;
mod expectations;
mod faults;
mod fields;
mod model;
mod reader;
mod resolved;
mod schema;
mod semantics;
mod too_late;
mod tree;
mod values;
mod variants;
mod workload;
mod world;

use std::path::PathBuf;

pub use codes::CODES;
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use model::{Expectation, FAULTS, Fault, FaultKind, Scenario, Variant};
pub use schema::schema;
pub use too_late::TooLate;
pub use tree::Override;

use self::diagnostics::{Place, Sink};
use self::reader::Section;
use self::too_late::Places;
use crate::time::{Span, Time};
use crate::workload::Arrivals;

/// A scenario as text, and where it came from.
#[derive(Clone, Debug)]
pub struct Input {
    /// The file's stem, under which results are filed.
    pub name: String,
    /// What messages call the file.
    pub origin: String,
    /// The text.
    pub text: String,
    /// The folder that paths of traces start from; `None` is the current one.
    pub folder: Option<PathBuf>,
    /// Files compiled into the binary, by the path a scenario uses.
    pub embedded: &'static [(&'static str, &'static str)],
}

impl Input {
    /// A scenario that is in no file. Paths of traces start from the current folder.
    pub fn from_text(name: &str, text: &str) -> Input {
        Input {
            name: name.to_owned(),
            origin: name.to_owned(),
            text: text.to_owned(),
            folder: None,
            embedded: &[],
        }
    }
}

/// A scenario that can be run, and what to warn about.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The scenario.
    pub scenario: Scenario,
    /// Warnings.
    pub warnings: Diagnostics,
    places: Places,
}

/// Reads and checks a scenario, with overrides as from the command line.
///
/// # Errors
/// Everything that is wrong with it, and what to warn about besides.
pub fn parse(input: &Input, overrides: &[Override]) -> Result<Checked, Diagnostics> {
    let mut sink = Sink::default();
    let mut root_node = tree::read(&input.text, 0, &mut sink);
    let sources: Vec<_> = overrides.iter().map(Override::source).collect();
    let broken = !sink.list.is_empty();
    for (index, (given, source)) in overrides.iter().zip(&sources).enumerate() {
        given.apply(&mut root_node, index + 1, &source.text, &mut sink);
    }
    let scenario = (!broken).then(|| read(&root_node, input, &mut sink));
    let failed = sink.list.iter().any(|found| found.severity == Severity::Error);
    let diagnostics = Diagnostics::new(sink.list, sources);
    match scenario {
        Some((scenario, places)) if !failed => {
            Ok(Checked { scenario, warnings: diagnostics, places })
        }
        _ => Err(diagnostics),
    }
}

fn read(root_node: &tree::Node, input: &Input, sink: &mut Sink) -> (Scenario, Places) {
    let root = Section::open("the scenario", root_node, fields::SCENARIO, sink);
    let start = Place::START;
    let root = root.at(&start);
    let workload_place = match root.given("workload") {
        Some(entry) => entry.key_place.clone(),
        None => {
            root.missing("workload", sink);
            start.clone()
        }
    };
    let variants = variants::read(root_node, &root, input, sink);
    let is_trace = |variant: &Variant| matches!(variant.workload.arrivals, Arrivals::Trace(_));
    let all_traces = !variants.is_empty() && variants.iter().all(is_trace);
    let warmup = root.span("warmup", sink);
    let duration = match root.optional_span("duration", sink) {
        Some(duration) => duration,
        None if all_traces => Span::FOREVER,
        None => {
            if !variants.is_empty() {
                root.missing("duration", sink);
            }
            Span(1)
        }
    };
    let replications = match root.given("replications") {
        None if all_traces => 1,
        _ => root.count("replications", sink),
    };
    if replications > REPLICATIONS_MAX {
        let place = root.given("replications").map_or(&start, |entry| &entry.node.place);
        let message = format!("at most {REPLICATIONS_MAX} replications; found {replications}");
        sink.error("S005", place, message);
    }
    let end = Time::ZERO + warmup + duration;
    let (faults, fault_places) = faults::read(root.tables("fault", sink), end, &variants, sink);
    let warmup_place = root.given("warmup").map_or(&start, |entry| &entry.node.place).clone();
    let mut scenario = Scenario {
        name: input.name.clone(),
        title: root.optional_text("title", sink).unwrap_or_else(|| input.name.clone()),
        summary: root.optional_text("summary", sink).unwrap_or_default(),
        seed: root.seed("seed", sink),
        duration,
        warmup,
        replications,
        faults,
        expectations: expectations::read(root.tables("expect", sink), &variants, sink),
        variants,
        resolved: serde_json::Value::Null,
    };
    semantics::check(&scenario, &workload_place, sink);
    scenario.resolved = resolved::resolve(&scenario);
    (scenario, Places { warmup: warmup_place, faults: fault_places })
}

/// The most replications of a variant.
const REPLICATIONS_MAX: u32 = 1_000_000;

#[cfg(test)]
mod tests;
