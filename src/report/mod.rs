//! Results for people and for programs: the text a run prints, and the files it leaves.
//!
//! Everything here reads a [`Comparison`] and a [`Header`] and returns text or bytes; the one
//! exception is [`OutputFolder`], which writes them. Nothing here computes a statistic, knows
//! the time of day or the machine: the same comparison gives the same bytes.

mod columns;
mod csv;
mod differences;
mod digest;
mod files;
pub mod history;
mod json;
pub(crate) mod number;
mod prose;
pub mod race;
mod sentence;
mod table;
mod text;
mod theory;
mod validation;
mod verdict;

use crate::metrics::Comparison;
use crate::scenario::Scenario;
use crate::time::Span;

pub use digest::{PROMISED, digest, promised};
pub use files::{OutputFolder, WriteError};
pub use json::{SCHEMA_VERSION, summary as json};
pub use prose::{WIDTH, hanging, wrap};
pub(crate) use sentence::sentence;
pub use text::{TextOptions, measured_time, text};
pub use theory::{Theory, theory, theory_json};
pub use validation::{validation, validation_markdown};
pub use verdict::measured;

/// What a report says about a run besides its results.
#[derive(Clone, Debug)]
pub struct Header {
    /// The scenario's name: its file's stem.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The seed.
    pub seed: u64,
    /// Seeded runs per variant.
    pub replications: u32,
    /// Virtual time before measuring started.
    pub warmup: Span,
    /// What the command line changed, as `key=value`.
    pub overrides: Vec<String>,
    /// The command that gives these files again. Names the scenario without its folder, so that
    /// the files do not depend on where they were made.
    pub replay: String,
    /// The scenario in canonical form with every effective value.
    pub resolved: serde_json::Value,
}

impl Header {
    /// What a report says about a run of a scenario as it is, repeated by this command.
    pub fn new(scenario: &Scenario, replay: String) -> Header {
        Header {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            summary: scenario.summary.clone(),
            seed: scenario.seed,
            replications: scenario.replications,
            warmup: scenario.warmup,
            overrides: Vec::new(),
            replay,
            resolved: scenario.resolved.clone(),
        }
    }
}

/// One file of a run's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its name.
    pub name: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Name of the file that describes the others.
pub const MANIFEST: &str = "manifest.json";

/// Every file of a run's output, the manifest with their digest last.
pub fn output_files(header: &Header, comparison: &Comparison) -> Vec<OutputFile> {
    let file = |name, text: String| OutputFile { name, bytes: text.into_bytes() };
    let mut files = vec![
        file("summary.csv", csv::summary(comparison)),
        file("replications.csv", csv::replications(comparison)),
        file("summary.json", json::summary(header, comparison)),
        file("latency.csv", csv::latency(comparison)),
        file("staleness.csv", csv::staleness(comparison)),
        file("freshness.csv", csv::freshness(comparison)),
        file("stale_keys.csv", csv::stale_keys(comparison)),
        file("timeline.csv", csv::timeline(comparison)),
    ];
    files.push(file(MANIFEST, json::manifest(header, &files)));
    files
}
