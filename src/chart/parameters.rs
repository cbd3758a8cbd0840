//! The parameters of a scenario that shape a figure, in a few words for its footer.

use serde_json::Value;

use super::run::Run;

/// Who asks for what: load, share of reads, keys and their popularity.
pub(super) fn workload(run: &Run) -> String {
    let workload = &run.resolved["variants"][0]["workload"];
    let arrivals = match arrivals(&workload["arrivals"]) {
        Some(arrivals) => arrivals,
        None => return String::new(),
    };
    let mut parts = vec![arrivals];
    if let Some(share) = workload["read_share"].as_f64() {
        parts.push(format!("{} % reads", plain(share * 100.0)));
    }
    if let Some(keys) = workload["keys"].as_f64() {
        parts.push(format!("{} keys", super::words::grouped(keys)));
    }
    parts.extend(popularity(&workload["read_keys"]));
    let others = run.resolved["variants"].as_array().map_or(&[][..], Vec::as_slice);
    let differ = others.iter().any(|variant| variant["workload"] != *workload);
    if differ {
        parts.push("first variant's load".to_owned());
    }
    parts.join(" · ")
}

/// The load, and the latencies it meets.
pub(super) fn latencies(run: &Run) -> String {
    let world = &run.resolved["variants"][0]["world"];
    let mut parts = vec![workload(run)];
    for (component, operation) in [("cache", "link"), ("database", "read")] {
        if let Some(words) = distribution(&world[component][operation]) {
            parts.push(format!("{component} {operation} {words}"));
        }
    }
    if let Some(connections) = world["database"]["connections"].as_u64() {
        parts.push(super::words::many(connections as usize, "connection"));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

fn plain(value: f64) -> String {
    super::words::tick(value)
}

fn arrivals(value: &Value) -> Option<String> {
    let (kind, parameters) = value.as_object()?.iter().next()?;
    Some(match parameters["rate"].as_f64() {
        Some(rate) => format!("{} requests/s ({kind}, open loop)", plain(rate)),
        None if kind == "closed" => "closed loop".to_owned(),
        None => format!("{kind} of requests"),
    })
}

fn popularity(value: &Value) -> Option<String> {
    match value.as_str() {
        Some(name) => Some(name.to_owned()),
        None => Some(format!("Zipf {}", plain(value["zipf"].as_f64()?))),
    }
}

fn distribution(value: &Value) -> Option<String> {
    let (kind, parameter) = value.as_object()?.iter().next()?;
    let word = |value: &Value| value.as_str().map(|text| text.replace("us", "µs"));
    Some(match (parameter.as_str(), word(&parameter["median"]), word(&parameter["p99"])) {
        (Some(_), _, _) => {
            let mean = if kind == "exponential" { "mean " } else { "" };
            format!("{mean}{}", word(parameter)?)
        }
        (None, Some(median), Some(p99)) => format!("median {median}, p99 {p99}"),
        _ => kind.clone(),
    })
}
