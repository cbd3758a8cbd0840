//! The parameters of a scenario that shape a figure, in a few words for its footer. What differs
//! between variants says of which it holds.

use serde_json::Value;

use super::run::{Fault, Run, seconds};
use super::words;

/// Load, latencies, what strategies were told, and what was broken.
pub(super) fn of(run: &Run) -> String {
    let variants = run.resolved["variants"].as_array().map_or(&[][..], Vec::as_slice);
    let mut parts = Vec::new();
    let mut add = |label: &str, value: &dyn Fn(&Value) -> Option<String>| {
        let values: Vec<Option<String>> = variants.iter().map(value).collect();
        parts.extend(joined(label, &values, run));
    };
    add("", &|it| arrivals(&it["workload"]["arrivals"]));
    add("", &|it| Some(format!("{} % reads", share(&it["workload"]["read_share"])?)));
    add("", &|it| {
        let keys = it["workload"]["keys"].as_f64()?;
        Some(format!("{} key{}", words::grouped(keys), if keys == 1.0 { "" } else { "s" }))
    });
    add("", &|it| popularity(&it["workload"]["read_keys"]));
    for (component, operation) in [("cache", "link"), ("database", "read"), ("database", "write")] {
        let label = format!("{component} {operation} ");
        add(&label, &|it| distribution(&it["world"][component][operation]));
    }
    add("", &|it| count(&it["world"]["database"]["connections"], "connection"));
    add("replica lag ", &|it| {
        let database = &it["world"]["database"];
        (database["reads_from"] == "replica").then(|| distribution(&database["replica_lag"]))?
    });
    add("cache of ", &|it| {
        Some(format!("{} entries", words::grouped(it["world"]["cache"]["capacity"].as_f64()?)))
    });
    for component in ["cache", "database"] {
        let label = format!("{component} timeout ");
        add(&label, &|it| Some(unit_apart(it["world"][component]["timeout"].as_str()?)));
    }
    for name in strategy_parameters(variants) {
        let label =
            format!("{} ", if name == "ttl" { "TTL".to_owned() } else { plain_name(&name) });
        add(&label, &|it| parameter(strategy(it)?.get(&name)?));
    }
    parts.extend(run.faults.iter().map(Fault::in_words));
    parts.join(" · ")
}

/// A parameter's value if all variants share it, or its values with whose they are.
fn joined(label: &str, values: &[Option<String>], run: &Run) -> Option<String> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        match groups.iter_mut().find(|(found, _)| found == value) {
            Some((_, members)) => members.push(index),
            None => groups.push((value, vec![index])),
        }
    }
    let of = |(value, members): &(&str, Vec<usize>)| match members[..] {
        _ if members.len() == values.len() => (*value).to_owned(),
        [only] => format!("{value} ({})", words::short(&run.variants[only].name)),
        _ => format!("{value} ({} variants)", members.len()),
    };
    let texts: Vec<String> = groups.iter().map(of).collect();
    (!texts.is_empty()).then(|| format!("{label}{}", texts.join(", ")))
}

fn strategy(variant: &Value) -> Option<&serde_json::Map<String, Value>> {
    variant["strategy"].as_object()?.values().next()?.as_object()
}

/// The parameters that any strategy has, in alphabetical order.
fn strategy_parameters(variants: &[Value]) -> Vec<String> {
    let names = variants.iter().filter_map(strategy).flat_map(|it| it.keys().cloned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    names
}

/// What is not left at "none", "off" or "for ever".
fn parameter(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some("on".to_owned()),
        Value::Number(number) => Some(words::tick(number.as_f64()?)),
        Value::String(text) if text != "forever" => Some(unit_apart(text)),
        _ => distribution(value),
    }
}

fn plain_name(name: &str) -> String {
    name.replace(['_', '-'], " ")
}

/// `250us` as `250 µs`.
fn unit_apart(text: &str) -> String {
    match seconds(&Value::from(text)) {
        Some(s) if s < 100.0 => words::time_tick(s * 1e3),
        _ => text.replace("us", "µs"),
    }
}

fn share(value: &Value) -> Option<String> {
    Some(words::tick(value.as_f64()? * 100.0))
}

fn count(value: &Value, noun: &str) -> Option<String> {
    Some(words::many(value.as_u64()? as usize, noun))
}

fn arrivals(value: &Value) -> Option<String> {
    let (kind, parameters) = value.as_object()?.iter().next()?;
    Some(match parameters["rate"].as_f64() {
        Some(rate) => format!("{} requests/s ({kind}, open loop)", words::tick(rate)),
        None if kind == "closed" => "closed loop".to_owned(),
        None => format!("{kind} of requests"),
    })
}

fn popularity(value: &Value) -> Option<String> {
    match value.as_str() {
        Some(name) => Some(name.to_owned()),
        None => Some(format!("Zipf {}", words::tick(value["zipf"].as_f64()?))),
    }
}

fn distribution(value: &Value) -> Option<String> {
    let (kind, parameter) = value.as_object()?.iter().next()?;
    let word = |value: &Value| value.as_str().map(unit_apart);
    Some(match (parameter.as_str(), word(&parameter["median"]), word(&parameter["p99"])) {
        (Some(_), _, _) => {
            let mean = if kind == "exponential" { "mean " } else { "" };
            format!("{mean}{}", word(parameter)?)
        }
        (None, Some(median), Some(p99)) => format!("median {median}, p99 {p99}"),
        _ => kind.clone(),
    })
}
