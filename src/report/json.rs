//! The JSON documents: `summary.json`, which is also what `--json` prints, and `manifest.json`.
//! A missing value is `null`. Both carry [`SCHEMA_VERSION`], which grows when a reader must adapt.

use serde::{Serialize, Serializer};

use super::csv::bounds;
use super::{Header, OutputFile, digest};
use crate::metrics::{
    Comparison, Estimate, METRICS, Precision, Queue, Source, VariantSummary, Verdict,
    VerdictOutcome,
};

/// Version of the shape of the JSON documents.
pub const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Summary<'a> {
    schema_version: u32,
    stalelab: &'static str,
    scenario: Scenario<'a>,
    replay: &'a str,
    variants: Vec<Variant<'a>>,
    verdicts: Vec<Claim<'a>>,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    title: &'a str,
    summary: &'a str,
    seed: u64,
    replications: u32,
    /// How well a metric was to be known, if the number followed from that.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Until>,
    warmup_s: f64,
    duration_s: f64,
}

#[derive(Serialize)]
struct Until {
    metric: &'static str,
    relative_error: f64,
    max: u32,
}

#[derive(Serialize)]
struct Variant<'a> {
    name: &'a str,
    strategy: &'a str,
    unstable: Option<Unstable>,
    notes: &'a [String],
    metrics: ByMetric<'a>,
    differences_to_first: Differences<'a>,
}

#[derive(Serialize)]
struct Unstable {
    queue: &'static str,
    queue_at_end: f64,
    growth_per_s: f64,
}

#[derive(Serialize)]
struct Measured {
    unit: &'static str,
    replications: u32,
    mean: f64,
    ci95_low: Option<f64>,
    ci95_high: Option<f64>,
    /// What the interval is from.
    interval: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batches: Option<u32>,
}

#[derive(Serialize)]
struct Difference {
    #[serde(flatten)]
    measured: Measured,
    /// None if the difference is clear, or no number of them would help.
    more_replications_to_separate: Option<u32>,
}

#[derive(Serialize)]
struct Claim<'a> {
    variant: &'a str,
    metric: &'static str,
    min: Option<f64>,
    max: Option<f64>,
    measured: Option<Measured>,
    outcome: &'static str,
}

#[derive(Serialize)]
struct Manifest<'a> {
    schema_version: u32,
    stalelab: &'static str,
    scenario: &'a str,
    seed: u64,
    replications: u32,
    overrides: &'a [String],
    replay: &'a str,
    digest: String,
    files: Vec<FileEntry<'a>>,
    resolved: &'a serde_json::Value,
}

#[derive(Serialize)]
struct FileEntry<'a> {
    name: &'a str,
    bytes: usize,
    digest: String,
}

/// An object with one member per metric, in the order of the catalogue.
struct ByMetric<'a>(&'a [Option<Estimate>]);

impl Serialize for ByMetric<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(METRICS.iter().zip(self.0).map(|(metric, estimate)| {
            (metric.name, estimate.as_ref().map(|estimate| measured(metric.unit, estimate)))
        }))
    }
}

/// The same, of differences.
struct Differences<'a>(&'a [Option<Estimate>]);

impl Serialize for Differences<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(METRICS.iter().zip(self.0).map(|(metric, estimate)| {
            let difference = |estimate: &Estimate| Difference {
                measured: measured(metric.unit, estimate),
                more_replications_to_separate: estimate.more_to_separate(),
            };
            (metric.name, estimate.as_ref().map(difference))
        }))
    }
}

/// `summary.json`: everything `summary.csv` has, the paired differences to the first variant,
/// and the verdicts.
pub fn summary(header: &Header, comparison: &Comparison) -> String {
    let longest = comparison.variants.iter().map(|variant| variant.window.length()).max();
    document(&Summary {
        schema_version: SCHEMA_VERSION,
        stalelab: env!("CARGO_PKG_VERSION"),
        scenario: Scenario {
            name: &header.name,
            title: &header.title,
            summary: &header.summary,
            seed: header.seed,
            replications: header.replications,
            until: comparison.until.map(|Precision { metric, relative_error, max }| Until {
                metric,
                relative_error,
                max,
            }),
            warmup_s: header.warmup.as_secs_f64(),
            duration_s: longest.unwrap_or_default().as_secs_f64(),
        },
        replay: &header.replay,
        variants: comparison.variants.iter().map(variant).collect(),
        verdicts: comparison.verdicts.iter().map(|verdict| claim(comparison, verdict)).collect(),
    })
}

/// `manifest.json`: what the other files are and how to get them again.
pub(super) fn manifest(header: &Header, files: &[OutputFile]) -> String {
    document(&Manifest {
        schema_version: SCHEMA_VERSION,
        stalelab: env!("CARGO_PKG_VERSION"),
        scenario: &header.name,
        seed: header.seed,
        replications: header.replications,
        overrides: &header.overrides,
        replay: &header.replay,
        digest: digest(files.iter().map(|file| (file.name, file.bytes.as_slice()))),
        files: files.iter().map(entry).collect(),
        resolved: &header.resolved,
    })
}

fn entry(file: &OutputFile) -> FileEntry<'_> {
    FileEntry {
        name: file.name,
        bytes: file.bytes.len(),
        digest: digest([(file.name, file.bytes.as_slice())]),
    }
}

fn variant(variant: &VariantSummary) -> Variant<'_> {
    Variant {
        name: &variant.name,
        strategy: variant.strategy,
        unstable: variant.unstable.map(|unstable| Unstable {
            queue: match unstable.queue {
                Queue::Database => "database",
                Queue::Requests => "requests",
            },
            queue_at_end: unstable.queue_at_end,
            growth_per_s: unstable.growth_per_s,
        }),
        notes: &variant.notes,
        metrics: ByMetric(&variant.estimates),
        differences_to_first: Differences(&variant.differences),
    }
}

fn claim<'a>(comparison: &'a Comparison, verdict: &Verdict) -> Claim<'a> {
    let unit = crate::metrics::find(verdict.metric).map_or("", |metric| metric.unit);
    Claim {
        variant: comparison.variants.get(verdict.variant).map_or("", |variant| &variant.name),
        metric: verdict.metric,
        min: verdict.min,
        max: verdict.max,
        measured: verdict.estimate.as_ref().map(|estimate| measured(unit, estimate)),
        outcome: match verdict.outcome {
            VerdictOutcome::Held => "held",
            VerdictOutcome::Failed => "failed",
            VerdictOutcome::Inconclusive => "inconclusive",
        },
    }
}

fn measured(unit: &'static str, estimate: &Estimate) -> Measured {
    let (ci95_low, ci95_high) = bounds(estimate);
    let Estimate { replications, mean, source, .. } = *estimate;
    let (interval, batches) = match source {
        _ if ci95_low.is_none() => (None, None),
        Source::Replications => (Some("replications"), None),
        Source::Batches(batches) => (Some("batches"), Some(batches)),
        Source::RuleOfThree => (Some("rule of three"), None),
    };
    Measured { unit, replications, mean, ci95_low, ci95_high, interval, batches }
}

fn document(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain data always serialises");
    text.push('\n');
    text
}
