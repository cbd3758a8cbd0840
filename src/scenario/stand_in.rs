//! Stand-in for the scenario parser, replaced whole on merge: reads just enough of a file to
//! drive the command line's tests.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::{Expectation, Scenario, Variant};
use crate::metrics;
use crate::random::Distribution;
use crate::strategies::{self, Choice, ParamKind, ParamValue, ParamValues};
use crate::time::Span;
use crate::workload::{Arrivals, Journey, Popularity, WorkloadConfig};
use crate::world::{
    CacheConfig, DatabaseConfig, Eviction, ReadsFrom, ServersConfig, Snapshot, WorldConfig,
};

/// A scenario as text, and where it came from.
#[derive(Clone, Debug)]
pub struct Input {
    /// The file's stem.
    pub name: String,
    /// How messages call it.
    pub origin: String,
    /// The text.
    pub text: String,
    /// The folder relative paths start from.
    pub folder: Option<PathBuf>,
    /// Files compiled into the binary, by relative path.
    pub embedded: &'static [(&'static str, &'static str)],
}

/// A value given on the command line.
#[derive(Clone, Debug)]
pub struct Override {
    key: String,
    value: String,
}

impl Override {
    /// Reads `key=value`.
    ///
    /// # Errors
    /// A sentence, if there is no `=`.
    pub fn parse(text: &str) -> Result<Override, String> {
        let (key, value) =
            text.split_once('=').ok_or_else(|| format!("expected KEY=VALUE, found `{text}`"))?;
        Ok(Override { key: key.into(), value: value.into() })
    }
}

/// A scenario, and what to warn about.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The scenario.
    pub scenario: Scenario,
    /// Warnings.
    pub warnings: Diagnostics,
}

/// What is wrong with a scenario.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Vec<String>);

impl Diagnostics {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of it as text.
    pub fn render(&self, input: &Input, _color: bool) -> String {
        let mut text = String::new();
        for message in &self.0 {
            let _ = writeln!(text, "error: {}: {message}", input.origin);
        }
        text
    }
}

/// The diagnostic codes: code, and what it means.
pub const CODES: &[(&str, &str)] = &[("unknown-key", "the key is not part of a scenario file")];

/// The JSON schema of scenario files.
pub fn schema() -> serde_json::Value {
    serde_json::json!({ "$schema": "https://json-schema.org/draft/2020-12/schema" })
}

/// Reads a scenario.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(input: &Input, overrides: &[Override]) -> Result<Checked, Diagnostics> {
    let mut table: toml::Table =
        input.text.parse().map_err(|error| Diagnostics(vec![format!("{error}")]))?;
    let mut errors = Vec::new();
    for Override { key, value } in overrides {
        if !key.contains('.') {
            let value = value.parse::<i64>().map_or(toml::Value::Boolean(false), Into::into);
            table.insert(key.clone(), value);
        }
    }
    let known = [
        "title",
        "summary",
        "seed",
        "duration",
        "warmup",
        "replications",
        "workload",
        "cache",
        "database",
        "servers",
        "variant",
        "fault",
        "expect",
    ];
    for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
        errors.push(format!("unknown key `{key}`"));
    }
    let text = |key: &str| table.get(key).and_then(|v| v.as_str()).unwrap_or("").to_owned();
    let number =
        |key: &str, default| table.get(key).and_then(toml::Value::as_integer).unwrap_or(default);
    let replications = number("replications", 8);
    if replications < 1 {
        errors.push("replications must be at least 1".into());
    }
    let tables = |key: &str| -> Vec<toml::Table> {
        let array = table.get(key).and_then(|v| v.as_array()).cloned().unwrap_or_default();
        array.into_iter().filter_map(|v| v.as_table().cloned()).collect()
    };
    let mut variants = Vec::new();
    for variant in tables("variant") {
        let name = variant.get("name").and_then(|v| v.as_str()).unwrap_or("").to_owned();
        let strategy = variant.get("strategy").and_then(|v| v.as_table());
        let strategy = strategy.and_then(|v| v.keys().next().cloned()).unwrap_or_default();
        match strategies::find(&strategy) {
            Some(info) => variants.push(make(name, info)),
            None => errors.push(format!("unknown strategy `{strategy}`")),
        }
    }
    if variants.is_empty() {
        errors.push("a scenario needs a [[variant]]".into());
    }
    let mut expectations = Vec::new();
    for expect in tables("expect") {
        let word = |key: &str| expect.get(key).and_then(|v| v.as_str()).unwrap_or("");
        let variant = variants.iter().position(|v| v.name == word("variant"));
        match (variant, metrics::find(word("metric"))) {
            (Some(variant), Some(metric)) => expectations.push(Expectation {
                variant,
                metric: metric.name,
                min: expect.get("min").and_then(number_of),
                max: expect.get("max").and_then(number_of),
            }),
            _ => errors.push(format!("unknown metric `{}`", word("metric"))),
        }
    }
    if !errors.is_empty() {
        return Err(Diagnostics(errors));
    }
    let scenario = Scenario {
        name: input.name.clone(),
        title: text("title"),
        summary: text("summary"),
        seed: number("seed", 1).unsigned_abs(),
        duration: Span::from_secs(120),
        warmup: Span::from_secs(10),
        replications: replications as u32,
        variants,
        faults: Vec::new(),
        expectations,
        resolved: serde_json::json!({ "seed": number("seed", 1), "replications": replications }),
    };
    Ok(Checked { scenario, warnings: Diagnostics::default() })
}

fn number_of(value: &toml::Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|integer| integer as f64))
}

fn make(name: String, info: &'static strategies::Info) -> Variant {
    let values = info.params.iter().map(|param| match param.kind {
        ParamKind::RequiredSpan => ParamValue::Span(Span::from_secs(1)),
        ParamKind::OptionalSpan(span) => ParamValue::Span(span),
        ParamKind::Flag(flag) => ParamValue::Flag(flag),
    });
    let link = Distribution::Exponential(Span::from_micros(250));
    Variant {
        name,
        strategy: Choice { name: info.name, params: ParamValues(values.collect()) },
        workload: WorkloadConfig {
            clients: 500,
            arrivals: Arrivals::Poisson { rate: 2000.0 },
            read_share: 0.95,
            keys: 10_000,
            read_keys: Popularity::Uniform,
            write_keys: None,
            journey: Journey::Independent,
        },
        world: WorldConfig {
            cache: CacheConfig {
                link: link.clone(),
                service: Distribution::Constant(Span::from_micros(20)),
                capacity: None,
                eviction: Eviction::Lru,
                timeout: None,
            },
            database: DatabaseConfig {
                connections: 32,
                snapshot: Snapshot::Start,
                link: link.clone(),
                read: link.clone(),
                write: link.clone(),
                replicas: 0,
                replica_lag: link,
                reads_from: ReadsFrom::Primary,
                timeout: None,
            },
            servers: ServersConfig { count: 4 },
        },
    }
}
