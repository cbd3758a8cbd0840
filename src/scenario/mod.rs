//! The scenario file: text in, a checked [`Scenario`] out, or every mistake at once.
//!
//! The text becomes a tree that knows the place of every key and value; overrides are put into
//! the tree; then every table is read against the one list of fields in `fields.rs`, which the
//! JSON schema is made of too. Nothing here runs anything.

pub mod builtin;
mod choice;
mod codes;
mod diagnostics;
mod expectations;
mod faults;
mod fields;
mod merge;
mod model;
mod overrides;
mod reader;
mod replications;
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

pub use choice::{strategy, strategy_text};
pub use codes::CODES;
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use model::{Expectation, FAULTS, Fault, FaultKind, Scenario, Variant};
pub use overrides::Override;
pub use schema::schema;
pub use too_late::TooLate;

use self::diagnostics::{Place, Sink};
use self::reader::Section;
use self::too_late::Places;
use self::variants::Draft;
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
    let scenario = (!broken).then(|| {
        for (index, (given, source)) in overrides.iter().zip(&sources).enumerate() {
            given.apply(&mut root_node, index + 1, &source.text, &mut sink);
        }
        read(&root_node, input, &mut sink)
    });
    let failed = sink.failed();
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
    let workload_place = root.given("workload").map_or(&start, |entry| &entry.key_place);
    let drafts = variants::read(root_node, &root, input, sink);
    let is_trace = |draft: &Draft| matches!(draft.workload.arrivals, Arrivals::Trace(_));
    let all_traces = drafts.iter().all(is_trace);
    let warmup = root.span("warmup", sink);
    let duration = match root.optional_span("duration", sink) {
        Some(duration) => duration,
        None if all_traces => Span::FOREVER,
        None => {
            root.missing("duration", sink);
            Span::FOREVER
        }
    };
    let end = match root.failed("warmup", sink) || root.failed("duration", sink) {
        true => Time::NEVER,
        false => Time::ZERO + warmup + duration,
    };
    let (replications, until) = replications::read(&root, all_traces, sink);
    let (faults, fault_places) = faults::read(root.tables("fault", sink), end, &drafts, sink);
    let warmup_place = root.value_place("warmup").clone();
    let mut scenario = Scenario {
        name: input.name.clone(),
        title: root.optional_title("title", sink).unwrap_or_else(|| input.name.clone()),
        summary: root.optional_text("summary", sink).unwrap_or_default(),
        seed: root.seed("seed", sink),
        duration,
        warmup,
        replications,
        until,
        faults,
        expectations: expectations::read(root.tables("expect", sink), &drafts, sink),
        variants: Vec::new(),
        resolved: serde_json::Value::Null,
    };
    semantics::check(&scenario, &drafts, workload_place, sink);
    // Of a mistake's scenario nothing is used: its variants need not be complete.
    if !sink.failed() {
        scenario.variants = drafts.into_iter().filter_map(Draft::finish).collect();
        scenario.resolved = resolved::resolve(&scenario);
    }
    (scenario, Places { warmup: warmup_place, faults: fault_places })
}

#[cfg(test)]
mod load_tests;
#[cfg(test)]
mod tests;
