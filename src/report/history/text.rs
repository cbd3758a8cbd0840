//! A report on a history for a terminal.

use super::Shown;
use super::words::{be, many, share, span, subject};
use crate::consistency::{Finding, Property, Spans, Verdict, Violation, VisibilityRow};
use crate::metrics::Percentile;
use crate::report::number::{count, significant};
use crate::report::wrap;
use crate::report::{WIDTH, hanging};
use crate::time::Span;

/// Everything that was found.
pub fn text(shown: &Shown<'_>) -> String {
    let mut text = coverage(shown);
    text.push('\n');
    for property in shown.properties {
        text.push_str(&finding(shown.report.finding(*property)));
    }
    text.push_str(&examples(shown));
    if shown.report.coverage.reads > 0 {
        text.push_str(&staleness(shown));
        text.push_str(&visibility(shown));
    }
    text
}

fn paragraph(text: &str) -> String {
    wrap(text, WIDTH).join("\n") + "\n"
}

/// What the history consists of, and what was left out.
fn coverage(shown: &Shown<'_>) -> String {
    let it = &shown.report.coverage;
    let (keys, sessions) = (shown.history.keys.len() as u64, shown.history.sessions.len() as u64);
    let mut text = format!(
        "{}: {} and {} of {} by {} in {}.",
        shown.source,
        many(it.reads, "read"),
        many(it.writes, "write"),
        many(keys, "key"),
        many(sessions, "session"),
        span(it.ended - it.began)
    );
    let mut say = |count: u64, sentence: String| {
        if count > 0 {
            text.push_str(&format!(" {sentence}"));
        }
    };
    let open = many(it.open_writes, "write");
    let sentence = format!("{open} {} open: nobody heard of the end.", be(it.open_writes));
    say(it.open_writes, sentence);
    let nameless = many(it.nameless_writes, "write");
    say(it.nameless_writes, format!("Of {nameless} the version is not known."));
    let committed =
        format!("When it was committed is known of {}.", many(it.committed_writes, "write"));
    say(it.committed_writes, committed);
    let (reads, writes) = shown.failed();
    let failed =
        format!("Left out: {} and {} that failed.", many(reads, "read"), many(writes, "write"));
    say(reads + writes, failed);
    let other = shown.history.other_events;
    say(other, format!("Left out: {} that {} no operations.", many(other, "event"), be(other)));
    let before = many(it.reads_from_before, "read");
    say(it.reads_from_before, format!("{before} returned a version from before the recording."));
    let attributed = format!(
        "{} returned a version that a write without a known version may have made.",
        many(it.reads_attributed, "read")
    );
    say(it.reads_attributed, attributed);
    paragraph(&text)
}

fn finding(finding: &Finding) -> String {
    let property = finding.property;
    let trials = many(finding.trials, subject(property));
    let (mark, said) = match finding.verdict() {
        Verdict::Holds => ('✓', format!("holds in {trials}")),
        Verdict::Violated => {
            let violations = count(finding.violations.len() as f64);
            ('✗', format!("violated by {violations} of {trials}"))
        }
        Verdict::NotExercised => ('–', format!("not exercised: needs {}", property.needs())),
    };
    format!("  {mark} {:<19}  {said}\n", property.name())
}

/// The first violations of each property: what violates several is shown once.
fn examples(shown: &Shown<'_>) -> String {
    let mut all: Vec<(Violation, Vec<Property>)> = Vec::new();
    for property in shown.properties {
        for violation in shown.report.finding(*property).violations.iter().take(shown.examples) {
            match all.iter_mut().find(|(known, _)| known == violation) {
                Some((_, properties)) => properties.push(*property),
                None => all.push((*violation, vec![*property])),
            }
        }
    }
    let mut text = String::new();
    for (violation, properties) in &all {
        let names: Vec<&str> = properties.iter().map(|property| property.name()).collect();
        text.push_str(&format!("\n{}\n", names.join(", ")));
        let numbers = violation.against.into_iter().chain([violation.operation]);
        let lines: Vec<[String; 5]> = numbers.map(|number| shown.operation(number)).collect();
        let width = |column: usize| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)
        };
        for line in &lines {
            let cells = line
                .iter()
                .enumerate()
                .map(|(column, cell)| format!("{cell:width$}", width = width(column)));
            let cells: Vec<String> = cells.collect();
            text.push_str(&format!("  {}\n", cells.join("  ").trim_end()));
        }
        text.push_str(&format!("  {}\n", shown.sentence(violation)));
    }
    text
}

const LABEL: usize = 13;

fn staleness(shown: &Shown<'_>) -> String {
    let (report, staleness) = (shown.report, &shown.report.staleness);
    let mut text = String::from("\nHow stale\n");
    let mut say = |label: &str, said: &str| {
        text.push_str(&hanging(&format!("  {label}"), LABEL, said));
    };
    match (report.delta(), report.k_bounds()) {
        (Some(Span::ZERO), _) => {
            say("Δ, k", "0 and 1: no read began too late for what it returned");
        }
        (Some(delta), Some((least, k))) => {
            let delta = span(delta);
            let said = format!(
                "{delta}: with every read begun so much earlier, the history would be linearizable"
            );
            say("Δ", &said);
            let range = if least < k { format!("{least} to {k}") } else { k.to_string() };
            let mut said = format!("{range}: every read returned one of the {k} newest versions");
            if least < k {
                said.push_str("; fewer may do, as some acknowledged writes have no version");
            }
            say("k", &said);
        }
        _ => {
            let said = format!(
                "none: {} would be wrong however much earlier reads had begun",
                many(staleness.beyond_repair, "operation")
            );
            say("Δ, k", &said);
        }
    }
    let late = staleness.delta.above_zero();
    if late > 0 {
        let late = share(late, report.coverage.reads, "read");
        say("late", &format!("{late}; of all reads {}", distribution(&staleness.delta)));
    }
    let stale = staleness.commit_stale.len() as u64;
    if stale > 0 {
        let lags = staleness.commit_stale.iter().map(|it| it.version_lag);
        let most = lags.clone().max().unwrap_or(0);
        let mean = significant(lags.sum::<u64>() as f64 / stale as f64, 3);
        let stale = share(stale, report.coverage.reads, "read");
        let said = format!(
            "{stale} began after a newer commit: by {}; {mean} versions behind, at most {most}",
            distribution(&staleness.ages)
        );
        say("by commits", &said);
    }
    say("unseen", &window(shown));
    text
}

/// How lengths of time are distributed.
fn distribution(spans: &Spans) -> String {
    let mean = spans.mean().map(|mean| format!("mean {}", span(mean)));
    let percentiles = PERCENTILES.into_iter().filter_map(|(name, percentile)| {
        let found = spans.percentile(Percentile(percentile))?;
        Some(format!("{name} {}", span(found)))
    });
    let most = format!("max {}", span(spans.max()));
    mean.into_iter().chain(percentiles).chain([most]).collect::<Vec<_>>().join(", ")
}

/// The percentiles that are shown, where there are enough samples.
pub(super) const PERCENTILES: [(&str, u32); 4] =
    [("p50", 50_000), ("p90", 90_000), ("p99", 99_000), ("p99.9", 99_900)];

fn window(shown: &Shown<'_>) -> String {
    let windows = &shown.report.windows;
    let Some(longest) = shown.report.longest_unseen() else {
        return "missing in a later read: no write".to_owned();
    };
    let place = |number: u32| {
        let [line, ..] = shown.operation(number);
        line
    };
    format!(
        "missing in a later read: {}; the longest for {}, {} in the read of {}",
        share(windows.lengths.above_zero(), windows.lengths.count(), "write"),
        span(longest.length),
        place(longest.write),
        place(longest.read)
    )
}

fn visibility(shown: &Shown<'_>) -> String {
    let rows = condensed(&shown.report.after_acknowledgement);
    if rows.iter().all(|row| row.returned == row.reads) {
        return String::new();
    }
    let mut text = String::from("\n");
    text.push_str(&paragraph(
        "t-visibility: of the reads that began so long after the newest version of their key was \
         acknowledged, those that returned it or a newer one",
    ));
    for row in rows {
        let label = match row.to {
            Span::FOREVER => format!("{} and more", span(row.from)),
            to => format!("{} to {}", span(row.from), span(to)),
        };
        let returned = share(row.returned, row.reads, "read");
        text.push_str(&format!("  {label:<20}  {returned}\n"));
    }
    text
}

/// The rows with reads, as far as something was missing; what comes after them as one.
fn condensed(rows: &[VisibilityRow]) -> Vec<VisibilityRow> {
    let last = rows.iter().rposition(|row| row.returned < row.reads);
    let (told, rest) = rows.split_at(last.map_or(0, |last| last + 1));
    let mut told: Vec<VisibilityRow> = told.iter().filter(|row| row.reads > 0).copied().collect();
    let reads: u64 = rest.iter().map(|row| row.reads).sum();
    if let Some(first) = rest.first().filter(|_| reads > 0) {
        let (to, returned) = (Span::FOREVER, reads);
        told.push(VisibilityRow { to, reads, returned, ..*first });
    }
    told
}
