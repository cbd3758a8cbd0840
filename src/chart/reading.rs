//! Reads a run back from its files. Nothing is computed again, and what is missing is an error.

use serde_json::Value;

use super::rows::{FIGURE_MOST, Result, Row, UnreadableRun, rows};
use super::run::{Bucket, Fault, Freshness, Run, StaleKey, Variant, seconds};

const SUMMARY: &str = "summary.json";
const MANIFEST: &str = "manifest.json";

impl Run {
    /// Reads a run back from its files, by name.
    ///
    /// # Errors
    /// If one is missing, or is not what this version writes.
    pub fn read(file: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Run> {
        let text = |name: &'static str| {
            let error = |reason: &str| UnreadableRun { file: name, reason: reason.to_owned() };
            let bytes = file(name).ok_or_else(|| error("is missing: is this a run's folder?"))?;
            String::from_utf8(bytes).map_err(|_| error("is not text"))
        };
        let json = |name: &'static str| {
            serde_json::from_str::<Value>(&text(name)?)
                .map_err(|error| UnreadableRun { file: name, reason: error.to_string() })
        };
        let mut run = of_json(&json(SUMMARY)?, &json(MANIFEST)?)?;
        let mut each = |name: &'static str, read: fn(&Row, &mut Variant) -> Result<()>| {
            rows(name, &text(name)?)?.iter().try_for_each(|row| {
                let of = row.word("variant")?;
                let variant = run.variants.iter_mut().find(|variant| variant.name == of);
                let unknown = || row.error(format!("{SUMMARY} has no variant `{of}`"));
                read(row, variant.ok_or_else(unknown)?)
            })
        };
        each("replications.csv", replication)?;
        each("latency.csv", latency)?;
        each("staleness.csv", age)?;
        each("timeline.csv", bucket)?;
        each("freshness.csv", freshness)?;
        each("stale_keys.csv", stale_key)?;
        Ok(run)
    }
}

/// A run without its tables.
fn of_json(summary: &Value, manifest: &Value) -> Result<Run> {
    let missing = |file, what: &str| UnreadableRun { file, reason: format!("has no {what}") };
    let (scenario, resolved) = (&summary["scenario"], &manifest["resolved"]);
    let word = |value: &Value, what: &str| {
        value.as_str().map(str::to_owned).ok_or_else(|| missing(SUMMARY, what))
    };
    let number = |name: &str| {
        let what = || missing(SUMMARY, &format!("`scenario.{name}`"));
        scenario[name].as_f64().ok_or_else(what)
    };
    let whole = |name: &str| {
        let what = || missing(SUMMARY, &format!("`scenario.{name}`"));
        scenario[name].as_u64().ok_or_else(what)
    };
    let variant = |value: &Value| {
        Ok(Variant {
            name: word(&value["name"], "name for a variant")?,
            strategy: word(&value["strategy"], "strategy for a variant")?,
            unstable: value["unstable"]["queue"].as_str().map(str::to_owned),
            metrics: figures(&value["metrics"])?.clone(),
            replications: Vec::new(),
            latency: Vec::new(),
            ages: Vec::new(),
            timeline: Vec::new(),
            freshness: Vec::new(),
            stale_keys: Vec::new(),
        })
    };
    let variants: Vec<Variant> =
        members(&summary["variants"]).map(variant).collect::<Result<_>>()?;
    if variants.is_empty() {
        return Err(missing(SUMMARY, "variants"));
    }
    if !resolved.is_object() {
        return Err(missing(MANIFEST, "`resolved` scenario"));
    }
    Ok(Run {
        name: word(&scenario["name"], "`scenario.name`")?,
        seed: whole("seed")?,
        replications: whole("replications")?,
        version: word(&summary["stalelab"], "`stalelab`, the version")?,
        replay: word(&summary["replay"], "`replay`")?,
        warmup_s: number("warmup_s")?,
        duration_s: number("duration_s")?,
        variants,
        faults: members(&resolved["faults"]).filter_map(fault).collect(),
        resolved: resolved.clone(),
        explored: None,
    })
}

/// The metrics of a variant, none of which is beyond what a run measures.
fn figures(metrics: &Value) -> Result<&Value> {
    let error = |reason: String| UnreadableRun { file: SUMMARY, reason };
    let all = metrics.as_object().ok_or_else(|| error("has no metrics for a variant".into()))?;
    for (name, metric) in all {
        for part in ["mean", "ci95_low", "ci95_high"] {
            let value = metric[part].as_f64().unwrap_or_default();
            if value.abs() > FIGURE_MOST {
                return Err(error(format!(
                    "`{part}` of `{name}` is {value}, which no run measures"
                )));
            }
        }
    }
    Ok(metrics)
}

fn members(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(&[][..], Vec::as_slice).iter()
}

fn fault(value: &Value) -> Option<Fault> {
    let (kind, parameters) = value["kind"].as_object()?.iter().next()?;
    let mut what = match parameters["operation"].as_str() {
        Some(operation) if kind == "lose" => format!("loss of {operation}"),
        Some(operation) => format!("{kind} {operation}"),
        None => kind.replace('-', " "),
    };
    if let Some(probability) = parameters["probability"].as_f64().filter(|it| *it < 1.0) {
        what.push_str(&format!(" ({}\u{202f}%)", super::words::tick(probability * 100.0)));
    }
    let at_s = seconds(&value["at"])?;
    Some(Fault { what, at_s, until_s: seconds(&value["until"]).unwrap_or(f64::INFINITY) })
}

/// Columns of `replications.csv` that are no metrics.
const NO_METRIC: [&str; 4] = ["variant", "strategy", "replication", "digest"];

fn replication(row: &Row, variant: &mut Variant) -> Result<()> {
    let metrics: Vec<&str> = row.columns().filter(|name| !NO_METRIC.contains(name)).collect();
    if variant.replications.is_empty() {
        let columns = metrics.iter().map(|name| ((*name).to_owned(), Vec::new()));
        variant.replications = columns.collect();
    }
    for (name, values) in &mut variant.replications {
        values.push(row.maybe(name)?);
    }
    Ok(())
}

fn latency(row: &Row, variant: &mut Variant) -> Result<()> {
    if row.word("op")? == "read" {
        variant.latency.push((row.number("percentile")?, row.number("latency_us")? / 1e3));
    }
    Ok(())
}

fn age(row: &Row, variant: &mut Variant) -> Result<()> {
    variant.ages.push((row.number("age_ms")?, row.number("share_of_stale_reads_older")?));
    Ok(())
}

fn bucket(row: &Row, variant: &mut Variant) -> Result<()> {
    variant.timeline.push(Bucket {
        start_s: row.number("start_s")?,
        reads_per_s: row.number("reads_per_s")?,
        hit_ratio: row.share("hit_ratio")?,
        stale_read_ratio: row.share("stale_read_ratio")?,
        p99_ms: row.maybe("read_latency_p99_ms")?,
        db_per_s: row.number("db_reads_per_s")? + row.number("db_writes_per_s")?,
        db_queue: row.number("db_queue")?,
        hit_interval: row.interval("hit_ratio_")?,
        stale_interval: row.interval("stale_read_ratio_")?,
        db_interval: row.interval("db_operations_per_s_")?,
    });
    Ok(())
}

fn freshness(row: &Row, variant: &mut Variant) -> Result<()> {
    variant.freshness.push(Freshness {
        from_ms: row.number("since_commit_from_ms")?,
        to_ms: row.number("since_commit_to_ms")?,
        fresh: row.number("fresh_read_ratio")?,
        interval: row.interval("")?,
    });
    Ok(())
}

fn stale_key(row: &Row, variant: &mut Variant) -> Result<()> {
    let key = row.word("key")?;
    variant.stale_keys.push(StaleKey {
        key: key.parse().map_err(|_| row.error(format!("`{key}` is not the number of a key")))?,
        start_s: row.number("start_s")?,
        commits: row.number("commits")?,
        reads: row.number("reads")?,
        stale_reads: row.number("stale_reads")?,
    });
    Ok(())
}
