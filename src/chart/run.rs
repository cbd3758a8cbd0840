//! What a run left in its files, as charts need it: read back, never computed again.

use std::fmt;

use serde_json::Value;

use super::explored::Explored;
use super::rows::{Row, rows};
use crate::picture::{Look, Theme, looks};

/// Why a run's files cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRun {
    /// Which file.
    pub file: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for UnreadableRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.reason)
    }
}

impl std::error::Error for UnreadableRun {}

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
    metrics: Value,
    /// Per metric, a value per replication.
    replications: Vec<(String, Vec<Option<f64>>)>,
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
    pub(super) hit_ratio: f64,
    pub(super) stale_read_ratio: f64,
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
    pub(super) age_max_ms: f64,
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
    explored: Option<Explored>,
}

impl Run {
    /// Reads a run back from its files, by name.
    ///
    /// # Errors
    /// If one is missing, or is not what this version writes.
    pub fn read(file: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Run, UnreadableRun> {
        let text = |name: &'static str| {
            let error = |reason: &str| UnreadableRun { file: name, reason: reason.to_owned() };
            let bytes = file(name).ok_or_else(|| error("is missing: is this a run's folder?"))?;
            String::from_utf8(bytes).map_err(|_| error("is not text"))
        };
        let json = |name: &'static str| {
            serde_json::from_str::<Value>(&text(name)?)
                .map_err(|error| UnreadableRun { file: name, reason: error.to_string() })
        };
        let (summary, manifest) = (json("summary.json")?, json("manifest.json")?);
        let resolved = manifest["resolved"].clone();
        let mut run = Run {
            name: word(&summary["scenario"]["name"]),
            seed: summary["scenario"]["seed"].as_u64().unwrap_or_default(),
            replications: summary["scenario"]["replications"].as_u64().unwrap_or_default(),
            version: word(&summary["stalelab"]),
            replay: word(&summary["replay"]),
            warmup_s: summary["scenario"]["warmup_s"].as_f64().unwrap_or_default(),
            duration_s: summary["scenario"]["duration_s"].as_f64().unwrap_or_default(),
            variants: members(&summary["variants"]).map(variant).collect(),
            faults: members(&resolved["faults"]).filter_map(fault).collect(),
            resolved,
            explored: None,
        };
        if run.variants.is_empty() {
            let reason = "has no variants".to_owned();
            return Err(UnreadableRun { file: "summary.json", reason });
        }
        run.replications(&rows("replications.csv", &text("replications.csv")?)?);
        run.latency(&rows("latency.csv", &text("latency.csv")?)?);
        run.ages(&rows("staleness.csv", &text("staleness.csv")?)?);
        run.timeline(&rows("timeline.csv", &text("timeline.csv")?)?);
        run.freshness(&rows("freshness.csv", &text("freshness.csv")?)?);
        run.stale_keys(&rows("stale_keys.csv", &text("stale_keys.csv")?)?);
        Ok(run)
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

    fn of(&mut self, name: &str) -> Option<&mut Variant> {
        self.variants.iter_mut().find(|variant| variant.name == name)
    }

    fn replications(&mut self, rows: &[Row]) {
        for row in rows {
            let Some(variant) = self.of(row.word("variant")) else { continue };
            if variant.replications.is_empty() {
                let names = row.0.iter().map(|(name, _)| (name.clone(), Vec::new()));
                variant.replications = names.collect();
            }
            for (name, values) in &mut variant.replications {
                values.push(row.number(name));
            }
        }
    }

    fn latency(&mut self, rows: &[Row]) {
        for row in rows.iter().filter(|row| row.word("op") == "read") {
            let point = row.number("percentile").zip(row.number("latency_us"));
            if let (Some(variant), Some((percentile, us))) = (self.of(row.word("variant")), point) {
                variant.latency.push((percentile, us / 1e3));
            }
        }
    }

    fn ages(&mut self, rows: &[Row]) {
        for row in rows {
            let point = row.number("age_ms").zip(row.number("share_of_stale_reads_older"));
            if let (Some(variant), Some(point)) = (self.of(row.word("variant")), point) {
                variant.ages.push(point);
            }
        }
    }

    fn timeline(&mut self, rows: &[Row]) {
        for row in rows {
            let number = |name| row.number(name).unwrap_or_default();
            let bucket = Bucket {
                start_s: number("start_s"),
                reads_per_s: number("reads_per_s"),
                hit_ratio: number("hit_ratio"),
                stale_read_ratio: number("stale_read_ratio"),
                p99_ms: row.number("read_latency_p99_ms"),
                db_per_s: number("db_reads_per_s") + number("db_writes_per_s"),
                db_queue: number("db_queue"),
                hit_interval: row.interval("hit_ratio"),
                stale_interval: row.interval("stale_read_ratio"),
                db_interval: row.interval("db_operations_per_s"),
            };
            if let Some(variant) = self.of(row.word("variant")) {
                variant.timeline.push(bucket);
            }
        }
    }

    fn freshness(&mut self, rows: &[Row]) {
        for row in rows {
            let Some(fresh) = row.number("fresh_read_ratio") else { continue };
            let bucket = Freshness {
                from_ms: row.number("since_commit_from_ms").unwrap_or_default(),
                to_ms: row.number("since_commit_to_ms").unwrap_or_default(),
                fresh,
                interval: row.number("ci95_low").zip(row.number("ci95_high")),
            };
            if let Some(variant) = self.of(row.word("variant")) {
                variant.freshness.push(bucket);
            }
        }
    }

    fn stale_keys(&mut self, rows: &[Row]) {
        for row in rows {
            let number = |name| row.number(name).unwrap_or_default();
            let cell = StaleKey {
                key: row.word("key").parse().unwrap_or_default(),
                start_s: number("start_s"),
                commits: number("commits"),
                reads: number("reads"),
                stale_reads: number("stale_reads"),
                age_max_ms: number("stale_age_max_ms"),
            };
            if let Some(variant) = self.of(row.word("variant")) {
                variant.stale_keys.push(cell);
            }
        }
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn members(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(&[][..], Vec::as_slice).iter()
}

fn variant(value: &Value) -> Variant {
    Variant {
        name: word(&value["name"]),
        strategy: word(&value["strategy"]),
        unstable: value["unstable"]["queue"].as_str().map(str::to_owned),
        metrics: value["metrics"].clone(),
        replications: Vec::new(),
        latency: Vec::new(),
        ages: Vec::new(),
        timeline: Vec::new(),
        freshness: Vec::new(),
        stale_keys: Vec::new(),
    }
}

fn fault(value: &Value) -> Option<Fault> {
    let (kind, parameters) = value["kind"].as_object()?.iter().next()?;
    let mut what = match parameters["operation"].as_str() {
        Some(operation) => format!("{kind} {operation}"),
        None => kind.replace('-', " "),
    };
    if let Some(probability) = parameters["probability"].as_f64().filter(|it| *it < 1.0) {
        what.push_str(&format!(" ({}\u{202f}%)", super::words::tick(probability * 100.0)));
    }
    let at_s = seconds(&value["at"])?;
    Some(Fault { what, at_s, until_s: seconds(&value["until"]).unwrap_or(f64::INFINITY) })
}

/// A length of time as the manifest writes it; none if it is for ever.
pub(super) fn seconds(value: &Value) -> Option<f64> {
    humantime::parse_duration(value.as_str()?).ok().map(|length| length.as_secs_f64())
}

#[cfg(test)]
impl Variant {
    /// A variant with these metrics and a column of one.
    pub(super) fn made_up(metrics: &Value, column: (&str, Vec<Option<f64>>)) -> Variant {
        let named = serde_json::json!({ "name": "made up", "metrics": metrics });
        Variant { replications: vec![(column.0.to_owned(), column.1)], ..variant(&named) }
    }
}
