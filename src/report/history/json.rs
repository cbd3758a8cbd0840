//! A report on a history for programs.

use serde_json::{Map, Value, json as value};

use super::Shown;
use super::text::PERCENTILES;
use super::words;
use crate::consistency::{Finding, Spans, UNKNOWN, Verdict, Violation, VisibilityRow};
use crate::metrics::Percentile;
use crate::time::Time;

/// The version of the document's form.
const SCHEMA_VERSION: u32 = 1;

/// Everything that was found, as one document. Times and spans are nanoseconds.
pub fn json(shown: &Shown<'_>) -> String {
    let report = shown.report;
    let findings = shown.properties.iter().map(|it| finding(shown, report.finding(*it)));
    let properties: Vec<Value> = findings.collect();
    let staleness = &report.staleness;
    let lags = staleness.commit_stale.iter().map(|it| it.version_lag);
    let document = value!({
        "schema_version": SCHEMA_VERSION,
        "history": shown.source,
        "coverage": coverage(shown),
        "properties": properties,
        "delta_ns": report.delta().map(|delta| delta.0),
        "k": report.k(),
        "k_least": report.k_bounds().map(|(least, _)| least),
        "k_most": report.k_bounds().map(|(_, most)| most),
        "late_by_ns": spans(&staleness.delta),
        "latest": report.latest().map(|it| operation(shown, it.read)),
        "operations_beyond_repair": staleness.beyond_repair,
        "commit_stale": {
            "reads": staleness.commit_stale.len(),
            "age_ns": spans(&staleness.ages),
            "version_lag_sum": lags.clone().sum::<u64>(),
            "version_lag_max": lags.max(),
        },
        "inconsistency_windows": {
            "length_ns": spans(&report.windows.lengths),
            "from_commit": report.windows.from_commit,
            "longest": report.longest_unseen().map(|it| value!({
                "length_ns": it.length.0,
                "write": operation(shown, it.write),
                "last_older_read": operation(shown, it.read),
            })),
        },
        "t_visibility": {
            "after_acknowledgement": rows(&report.after_acknowledgement),
            "after_commit": rows(&report.after_commit),
        },
    });
    format!("{document:#}\n")
}

fn coverage(shown: &Shown<'_>) -> Value {
    let it = &shown.report.coverage;
    let (failed_reads, failed_writes) = shown.failed();
    value!({
        "reads": it.reads,
        "writes": it.writes,
        "keys": shown.history.keys.len(),
        "sessions": shown.history.sessions.len(),
        "began_ns": it.began.0,
        "ended_ns": it.ended.0,
        "open_writes": it.open_writes,
        "writes_without_version": it.nameless_writes,
        "writes_with_commit": it.committed_writes,
        "reads_from_before": it.reads_from_before,
        "reads_attributed": it.reads_attributed,
        "failed_reads": failed_reads,
        "failed_writes": failed_writes,
        "other_events": shown.history.other_events,
    })
}

fn finding(shown: &Shown<'_>, finding: &Finding) -> Value {
    let verdict = match finding.verdict() {
        Verdict::Holds => "holds",
        Verdict::Violated => "violated",
        Verdict::NotExercised => "not-exercised",
    };
    let examples = finding.violations.iter().take(shown.examples);
    let examples: Vec<Value> = examples.map(|it| violation(shown, it)).collect();
    value!({
        "name": finding.property.name(),
        "verdict": verdict,
        "trials": finding.trials,
        "violations": finding.violations.len(),
        "examples": examples,
    })
}

fn violation(shown: &Shown<'_>, violation: &Violation) -> Value {
    value!({
        "rule": words::rule(violation.rule),
        "operation": operation(shown, violation.operation),
        "against": violation.against.map(|against| operation(shown, against)),
        "text": shown.sentence(violation),
    })
}

fn operation(shown: &Shown<'_>, number: u32) -> Value {
    let it = shown.history.operation(number);
    let time = |time: Time| (time < Time::NEVER).then_some(time.0);
    value!({
        "line": (it.line > 0).then_some(it.line),
        "process": shown.history.sessions.name(it.session),
        "op": words::kind(it.kind),
        "key": shown.history.keys.name(it.key),
        "version": (it.version != UNKNOWN).then_some(it.version),
        "invoked": it.invoked.0,
        "completed": time(it.completed),
        "committed": time(it.committed),
    })
}

fn spans(spans: &Spans) -> Value {
    let mut document = Map::new();
    let mut put = |name: &str, found: Value| document.insert(name.to_owned(), found);
    put("count", value!(spans.count()));
    put("above_zero", value!(spans.above_zero()));
    put("mean", value!(spans.mean().map(|mean| mean.0)));
    for (name, percentile) in PERCENTILES {
        let found = spans.percentile(Percentile(percentile));
        put(&name.replace('.', ""), value!(found.map(|found| found.0)));
    }
    put("max", value!((spans.count() > 0).then(|| spans.max().0)));
    Value::Object(document)
}

fn rows(rows: &[VisibilityRow]) -> Vec<Value> {
    let told = rows.iter().filter(|row| row.reads > 0);
    let row = |row: &VisibilityRow| {
        let to = (row.to < crate::time::Span::FOREVER).then_some(row.to.0);
        value!({ "from_ns": row.from.0, "to_ns": to, "reads": row.reads, "returned": row.returned })
    };
    told.map(row).collect()
}
