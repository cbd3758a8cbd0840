//! What a run left in its files, as charts need it.

use serde_json::Value;

use super::explored::Explored;
use crate::picture::{Look, Theme, lacking, looks};

/// A value of a metric, as `summary.json` has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) mean: f64,
    /// The 95 % interval, if there is one.
    pub(super) interval: Option<(f64, f64)>,
    pub(super) replications: f64,
}

impl Measured {
    /// Whether not one event was seen, so that the interval's end is an upper bound.
    pub(super) fn is_bound(&self) -> bool {
        self.mean == 0.0 && self.interval.is_some_and(|(_, high)| high > 0.0)
    }

    /// The interval, or the mean twice.
    pub(super) fn range(&self) -> (f64, f64) {
        self.interval.unwrap_or((self.mean, self.mean))
    }
}

/// A variant of a run.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) strategy: String,
    /// What only grew, if it had no steady state.
    pub(super) unstable: Option<String>,
    pub(super) metrics: Value,
    /// Per metric, a value per replication.
    pub(super) replications: Vec<(String, Vec<Option<f64>>)>,
    /// Percentile and latency in milliseconds, of reads.
    pub(super) latency: Vec<(f64, f64)>,
    /// Age in milliseconds, share of stale reads that are older.
    pub(super) ages: Vec<(f64, f64)>,
    /// Rows of `timeline.csv`.
    pub(super) timeline: Vec<Bucket>,
    /// Rows of `freshness.csv`.
    pub(super) freshness: Vec<Freshness>,
    /// Rows of `stale_keys.csv`.
    pub(super) stale_keys: Vec<StaleKey>,
}

/// A row of `timeline.csv`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Bucket {
    pub(super) start_s: f64,
    pub(super) reads_per_s: f64,
    /// If a read succeeded.
    pub(super) hit_ratio: Option<f64>,
    pub(super) stale_read_ratio: Option<f64>,
    pub(super) p99_ms: Option<f64>,
    pub(super) db_per_s: f64,
    /// Operations that wait at the database at its end.
    pub(super) db_queue: f64,
    /// The 95 % intervals of three of them.
    pub(super) hit_interval: Option<(f64, f64)>,
    pub(super) stale_interval: Option<(f64, f64)>,
    pub(super) db_interval: Option<(f64, f64)>,
}

/// A row of `freshness.csv`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Freshness {
    pub(super) from_ms: f64,
    pub(super) to_ms: f64,
    pub(super) fresh: f64,
    pub(super) interval: Option<(f64, f64)>,
}

/// A row of `stale_keys.csv`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct StaleKey {
    pub(super) key: u32,
    pub(super) start_s: f64,
    pub(super) commits: f64,
    pub(super) reads: f64,
    pub(super) stale_reads: f64,
}

impl Variant {
    /// A metric's value, if it has one.
    pub(super) fn metric(&self, name: &str) -> Option<Measured> {
        let value = self.metrics.get(name)?;
        let number = |key: &str| value.get(key).and_then(Value::as_f64);
        Some(Measured {
            mean: number("mean")?,
            interval: number("ci95_low").zip(number("ci95_high")),
            replications: number("replications").unwrap_or(0.0),
        })
    }

    /// Successful reads of all replications together.
    pub(super) fn reads(&self) -> f64 {
        self.metric("reads").map_or(0.0, |reads| reads.mean * reads.replications)
    }

    /// A metric's value in each replication.
    pub(super) fn column(&self, metric: &str) -> &[Option<f64>] {
        let found = self.replications.iter().find(|(name, _)| name == metric);
        found.map_or(&[], |(_, values)| values)
    }
}

/// A fault of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) at_s: f64,
    pub(super) until_s: f64,
}

impl Fault {
    /// What it was, and when.
    pub(super) fn in_words(&self) -> String {
        let at = |s: f64| super::words::time_tick(s * 1e3);
        let (what, from) = (&self.what, at(self.at_s));
        match self.until_s > self.at_s && self.until_s.is_finite() {
            true => format!("{what} from {from} to {}", at(self.until_s)),
            false => format!("{what} at {from}"),
        }
    }
}

/// What a run left.
#[derive(Clone, Debug)]
pub struct Run {
    pub(super) name: String,
    pub(super) seed: u64,
    pub(super) replications: u64,
    pub(super) version: String,
    pub(super) replay: String,
    pub(super) warmup_s: f64,
    pub(super) duration_s: f64,
    pub(super) variants: Vec<Variant>,
    pub(super) faults: Vec<Fault>,
    pub(super) resolved: Value,
    pub(super) explored: Option<Explored>,
}

impl Run {
    /// The characters of its names that charts cannot show, for which they show boxes.
    pub fn lacking(&self) -> Vec<char> {
        let names = self.variants.iter().map(|variant| variant.name.as_str());
        lacking(&names.chain([self.name.as_str()]).collect::<String>())
    }

    /// The scenario with every effective value, as `manifest.json` has it.
    pub fn resolved(&self) -> &Value {
        &self.resolved
    }

    /// The same run, and what was found by exploring its strategies.
    #[must_use]
    pub fn with_explored(self, explored: Explored) -> Run {
        Run { explored: Some(explored), ..self }
    }

    /// What was found by exploring its strategies, if they were.
    pub(super) fn explored(&self) -> Option<&Explored> {
        self.explored.as_ref()
    }

    /// Whether it was proved that a metric of a variant is zero.
    pub(super) fn is_impossible(&self, variant: usize, metric: &str) -> bool {
        let proofs = self.explored.iter().flat_map(|explored| &explored.proofs);
        proofs.into_iter().any(|it| it.variant == variant && it.metric == metric)
    }

    /// How each variant is drawn.
    pub(super) fn looks(&self, theme: Theme) -> Vec<Look> {
        looks(theme, self.variants.iter().map(|variant| variant.strategy.as_str()))
    }

    /// The TTL of a variant that relies on nothing else, in milliseconds.
    pub(super) fn ttl_ms(&self, variant: usize) -> Option<f64> {
        let strategy = &self.resolved["variants"][variant]["strategy"]["ttl-only"];
        seconds(&strategy["ttl"]).map(|ttl| ttl * 1e3)
    }
}

/// A length of time as the manifest writes it; none if it is for ever.
pub(super) fn seconds(value: &Value) -> Option<f64> {
    humantime::parse_duration(value.as_str()?).ok().map(|length| length.as_secs_f64())
}

#[cfg(test)]
impl Variant {
    /// A variant with these metrics and a column of one.
    pub(super) fn made_up(metrics: &Value, column: (&str, Vec<Option<f64>>)) -> Variant {
        Variant {
            name: "made up".to_owned(),
            strategy: String::new(),
            unstable: None,
            metrics: metrics.clone(),
            replications: vec![(column.0.to_owned(), column.1)],
            latency: Vec::new(),
            ages: Vec::new(),
            timeline: Vec::new(),
            freshness: Vec::new(),
            stale_keys: Vec::new(),
        }
    }
}
