//! What was measured, expected and simulated, as tables.

use std::fmt::Write as _;

use serde_json::Value;

use crate::metrics::{Comparison, Estimate, METRICS, Metric, VerdictOutcome, find};
use crate::picture::escape;
use crate::report::number::{count, resolved, upper_bound};
use crate::report::{Header, measured};

/// The metrics that most people want; all others are in a table that is folded away.
const CHOSEN: [&str; 10] = [
    "hit_ratio",
    "stale_read_ratio",
    "ack_stale_read_ratio",
    "stale_age_p99_ms",
    "read_latency_p50_ms",
    "read_latency_p99_ms",
    "write_latency_p99_ms",
    "db_reads_per_s",
    "db_utilization",
    "failed_request_ratio",
];

/// More variants are printed across a sheet.
const UPRIGHT_MAX: usize = 6;

/// Variants against metrics, with intervals.
pub(super) fn comparison(comparison: &Comparison, replications: u32) -> String {
    let chosen: Vec<&Metric> = CHOSEN.iter().filter_map(|name| find(name)).collect();
    let all: Vec<&Metric> = METRICS.iter().collect();
    let what = match replications {
        0 | 1 => "Small print: 95&nbsp;% intervals from batches of the one replication, where it has enough.".to_owned(),
        many => format!("Small print: 95&nbsp;% intervals over {many} replications."),
    };
    let many = if comparison.variants.len() > UPRIGHT_MAX { " class=\"many\"" } else { "" };
    format!(
        "<div{many}>\n{}<p class=\"note\">{what} No event in n is an upper bound, with &lt;.</p>\n\
         <details><summary>Every metric</summary>\n{}</details>\n</div>\n",
        table(comparison, &chosen),
        table(comparison, &all),
    )
}

/// A row for each metric that any variant has, a column for each variant.
fn table(comparison: &Comparison, metrics: &[&Metric]) -> String {
    let mut rows = String::new();
    for metric in metrics {
        let of = |index: usize| comparison.variants[index].estimate(metric.name);
        let all = 0..comparison.variants.len();
        if all.clone().all(|index| of(index).is_none()) {
            continue;
        }
        let unit = if metric.unit == "ratio" { "%" } else { metric.unit };
        let cells: String = all.map(|index| cell(of(index), metric.unit == "ratio")).collect();
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\" title=\"{}\"><code>{}</code> <small>{unit}</small></th>{cells}\
             </tr>",
            escape(metric.definition),
            metric.name,
        );
    }
    let heads = comparison.variants.iter();
    let heads = heads.map(|it| format!("<th scope=\"col\">{}</th>", escape(&it.name)));
    format!(
        "<div class=\"wide figures\" tabindex=\"0\" role=\"region\" aria-label=\"Results\"><table>\n\
         <thead><tr><td></td>{}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n",
        heads.collect::<String>()
    )
}

fn cell(estimate: Option<&Estimate>, is_ratio: bool) -> String {
    let Some(estimate) = estimate else {
        return "<td>–</td>".to_owned();
    };
    let scale = if is_ratio { 100.0 } else { 1.0 };
    if let Some(bound) = estimate.zero_bound {
        return format!("<td>&lt; {}</td>", upper_bound(bound * scale));
    }
    let spread = estimate.ci95.map_or(0.0, |(low, high)| (high - low) * scale);
    let number = |value: f64| match value * scale {
        0.0 => "0".to_owned(),
        value if value.abs() >= 1_000.0 => count(value),
        value => resolved(value, spread),
    };
    let interval = estimate
        .ci95
        .filter(|(low, high)| high > low)
        .map(|(low, high)| format!("<br><small>{} to {}</small>", number(low), number(high)));
    format!("<td>{}{}</td>", number(estimate.mean), interval.unwrap_or_default())
}

/// What became of every expectation.
pub(super) fn verdicts(comparison: &Comparison) -> String {
    let rows = comparison.verdicts.iter().map(|verdict| {
        let (class, word) = match verdict.outcome {
            VerdictOutcome::Held => ("held", "✓ held"),
            VerdictOutcome::Failed => ("failed", "✗ failed"),
            VerdictOutcome::Inconclusive => ("open", "? inconclusive"),
        };
        let bounds = [("≥", verdict.min), ("≤", verdict.max)].into_iter();
        let bounds: Vec<String> =
            bounds.filter_map(|(sign, bound)| Some(format!("{sign} {}", bound?))).collect();
        let variant = comparison.variants.get(verdict.variant);
        format!(
            "<tr class=\"{class}\"><td>{word}</td><td>{}</td><td><code>{}</code> \
             <small>{}</small></td><td>{}</td><td>{}</td></tr>\n",
            escape(variant.map_or("", |it| &it.name)),
            verdict.metric,
            find(verdict.metric).map_or("", |it| it.unit),
            bounds.join(", "),
            verdict
                .estimate
                .as_ref()
                .map_or("nothing to measure".to_owned(), |it| escape(&measured(it))),
        )
    });
    format!(
        "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">verdict</th><th scope=\"col\">\
         variant</th><th scope=\"col\">metric</th><th scope=\"col\">expected</th><th scope=\"col\">\
         measured</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
        rows.collect::<String>()
    )
}

/// Every effective parameter, by its path.
pub(super) fn parameters(header: &Header) -> String {
    let mut leaves = Vec::new();
    flatten("", &header.resolved, &mut leaves);
    let rows = leaves.iter().map(|(path, value)| {
        format!(
            "<tr><th scope=\"row\"><code>{}</code></th><td><code>{}</code></td></tr>\n",
            escape(path),
            escape(value)
        )
    });
    let changed = match header.overrides.as_slice() {
        [] => String::new(),
        changed => {
            let changed: Vec<String> =
                changed.iter().map(|it| format!("<code>{}</code>", escape(it))).collect();
            format!("<p>Changed on the command line: {}</p>\n", changed.join(", "))
        }
    };
    format!(
        "{changed}<details><summary>{} effective parameters</summary>\n<div class=\"wide\">\
         <table>\n\
         <tbody>\n{}</tbody></table></div></details>\n",
        leaves.len(),
        rows.collect::<String>()
    )
}

/// The leaves of a document, each with its path. What is not there is left out.
fn flatten(path: &str, value: &Value, leaves: &mut Vec<(String, String)>) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Value::Null => {}
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, value)| flatten(&below(name), value, leaves));
        }
        Value::Array(members) if members.iter().any(Value::is_object) => {
            let numbered = members.iter().enumerate();
            numbered.for_each(|(index, it)| flatten(&format!("{path}[{index}]"), it, leaves));
        }
        Value::String(text) => leaves.push((path.to_owned(), text.clone())),
        other => leaves.push((path.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_leaf_has_its_path() {
        let mut leaves = Vec::new();
        let value = json!({ "a": { "b": 1, "none": null }, "c": [{ "d": "x" }], "e": [1, 2] });
        flatten("", &value, &mut leaves);
        let leaves: Vec<String> = leaves.iter().map(|(path, it)| format!("{path}={it}")).collect();
        assert_eq!(leaves, ["a.b=1", "c[0].d=x", "e=[1,2]"]);
    }

    #[test]
    fn nothing_seen_is_an_upper_bound() {
        let none = Estimate {
            mean: 0.0,
            ci95: None,
            replications: 8,
            source: crate::metrics::Source::Replications,
            zero_bound: Some(0.001),
        };
        assert_eq!(cell(Some(&none), true), "<td>&lt; 0.1</td>");
        assert_eq!(cell(None, true), "<td>–</td>");
    }
}
