//! The report a run prints: table, sentences, warnings, differences, verdicts, replay command.
//!
//! Styles are ANSI sequences; the writer strips them where they do not belong. Nothing is told by
//! colour alone.

use super::columns::columns;
use super::differences::{differences, unclear};
use super::prose::hanging;
use super::sentence::sentence;
use super::table::{DIM, HEADING, Mark, Row, layout, styled};
use super::verdict::{measured, tally, verdicts};
use super::{Header, number};
use crate::metrics::{
    Comparison, METRICS, Precision, Queue, Source, Unstable, VariantSummary, Window,
};
use crate::time::Span;

/// What to put into the text besides the results.
#[derive(Clone, Copy, Debug)]
pub struct TextOptions<'a> {
    /// The command that repeats this run from where it was started.
    pub replay: &'a str,
    /// The command that shows the smallest race behind a stale read of this run, if there is one.
    pub why: &'a str,
    /// Whether to list every metric of every variant.
    pub verbose: bool,
}

/// Widest label beside a paragraph; longer names stand on a line of their own.
const LABEL_WIDTH_MAX: usize = 32;

/// The report of a run. Lines of at most [`super::WIDTH`] columns, the commands at its end aside.
pub fn text(header: &Header, comparison: &Comparison, options: TextOptions<'_>) -> String {
    let mut out = String::new();
    for line in super::wrap(&header.title, super::WIDTH) {
        out.push_str(&format!("{}\n", styled(HEADING, &line)));
    }
    out.push_str(&hanging("", 0, &header.summary));
    out.push_str(&hanging("", 0, &setting(header, comparison)));
    out.push('\n');
    push_table(&mut out, comparison);
    let notices = comparison.variants.iter().map(|v| (v.name.as_str(), sentence(v)));
    push_section(&mut out, "What a user would notice", notices);
    let notes = notes(comparison);
    push_section(
        &mut out,
        "Notes",
        notes.iter().map(|(who, note)| (who.as_str(), note.to_string())),
    );
    if let Some(first) = comparison.variants.first() {
        let title = format!("Against {} (paired differences that are clear at 95 %)", first.name);
        push_section(&mut out, &title, differences(comparison).into_iter());
        let title = format!(
            "Not told apart from {} (at least so many more replications would, 4 times in 5)",
            first.name
        );
        push_section(&mut out, &title, unclear(comparison).into_iter());
    }
    if options.verbose {
        comparison.variants.iter().for_each(|variant| push_metrics(&mut out, variant));
    }
    if !comparison.verdicts.is_empty() {
        let title = format!("Expectations: {}", tally(comparison));
        out.push_str(&format!("\n{}\n{}", styled(HEADING, &title), verdicts(comparison)));
    }
    out.push_str(&format!("\nreplay: {}\n", options.replay));
    let stale = |variant: &VariantSummary| {
        variant.estimate("stale_read_ratio").is_some_and(|estimate| estimate.mean > 0.0)
    };
    if comparison.variants.iter().any(stale) {
        out.push_str(&format!("why:    {}\n", options.why));
    }
    out
}

/// How much time these windows measure: `2m`, or `1s to 5s` if they differ.
pub fn measured_time(windows: impl IntoIterator<Item = Window>) -> String {
    let mut lengths: Vec<Span> =
        windows.into_iter().map(|window| window.length().rounded()).collect();
    lengths.sort();
    match lengths[..] {
        [shortest, .., longest] if shortest < longest => format!("{shortest} to {longest}"),
        [length, ..] => length.to_string(),
        [] => Span::ZERO.to_string(),
    }
}

fn setting(header: &Header, comparison: &Comparison) -> String {
    let warmup = match header.warmup.0 {
        0 => String::new(),
        _ => format!(" after {} of warm-up", header.warmup),
    };
    let mut runs = match header.replications {
        1 => "1 replication".to_owned(),
        many => format!("{many} replications"),
    };
    if let Some(Precision { metric, relative_error, max }) = comparison.until {
        let percent = relative_error * 100.0;
        runs.push_str(&format!(" (until {metric} is known to ±{percent} %; at most {max})"));
    }
    let length = measured_time(comparison.variants.iter().map(|variant| variant.window));
    format!("{length} measured{warmup}, {runs}, seed {}.", header.seed)
}

fn push_table(out: &mut String, comparison: &Comparison) {
    let rows: Vec<Row<'_>> = comparison
        .variants
        .iter()
        .map(|variant| Row { name: &variant.name, instead: variant.unstable.map(unstable) })
        .collect();
    let (table, narrowed) = layout(&rows, columns(comparison));
    out.push_str(&table);
    let mut legend = match intervals(comparison) {
        Intervals::None => "One replication: no intervals".to_owned(),
        Intervals::Replications => "± is half a 95 % interval".to_owned(),
        Intervals::Batches => {
            "± is half a 95 % interval, from batches of the one replication".to_owned()
        }
    };
    if table.contains('×') {
        legend.push_str(", ×÷ the factor to either end of a wide one");
    }
    if table.contains(Mark::Best.glyph().0) {
        legend.push_str("; ▲ best, ▼ worst, where their intervals do not overlap");
    }
    legend.push('.');
    let narrowed = if narrowed { " More columns are in summary.csv." } else { "" };
    let legend = hanging("", 0, &format!("{legend}{narrowed}"));
    out.push_str(&format!("{}\n", styled(DIM, legend.trim_end())));
}

/// What the intervals of a comparison are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intervals {
    None,
    Replications,
    Batches,
}

fn intervals(comparison: &Comparison) -> Intervals {
    let estimates = || comparison.variants.iter().flat_map(|it| &it.estimates).flatten();
    if estimates().any(|it| matches!(it.source, Source::Batches(_))) {
        Intervals::Batches
    } else if estimates().any(|it| it.replications > 1) {
        Intervals::Replications
    } else {
        Intervals::None
    }
}

/// The notes, each once, with whom it is about.
fn notes(comparison: &Comparison) -> Vec<(String, &str)> {
    let variants = &comparison.variants;
    let mut notes: Vec<(String, &str)> = Vec::new();
    for note in variants.iter().flat_map(|variant| &variant.notes) {
        if notes.iter().any(|(_, known)| known == note) {
            continue;
        }
        let about: Vec<&str> = variants
            .iter()
            .filter(|variant| variant.notes.contains(note))
            .map(|variant| variant.name.as_str())
            .collect();
        let who = match about[..] {
            [name] => name.to_owned(),
            _ if about.len() == variants.len() => "all variants".to_owned(),
            _ => format!("{} variants", about.len()),
        };
        notes.push((who, note));
    }
    notes
}

fn unstable(unstable: Unstable) -> String {
    let queue = match unstable.queue {
        Queue::Database => "the database's queue",
        Queue::Requests => "the number of requests in flight",
    };
    format!(
        "unstable: {queue} grew by {}/s to {}; steady-state figures would mislead",
        number::significant(unstable.growth_per_s, 3),
        number::count(unstable.queue_at_end),
    )
}

/// A heading and a paragraph per entry, beside its name; nothing if there is no entry.
fn push_section<'a>(
    out: &mut String,
    title: &str,
    entries: impl Iterator<Item = (&'a str, String)>,
) {
    let entries: Vec<_> = entries.collect();
    if entries.is_empty() {
        return;
    }
    out.push('\n');
    for line in super::wrap(title, super::WIDTH) {
        out.push_str(&format!("{}\n", styled(HEADING, &line)));
    }
    let longest = entries.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let width = (longest + 4).min(LABEL_WIDTH_MAX + 2);
    for (name, text) in entries {
        let label = format!("  {name}");
        if label.chars().count() + 2 > width {
            out.push_str(&hanging("  ", 2, name));
            out.push_str(&hanging("", width, &text));
        } else {
            out.push_str(&hanging(&label, width, &text));
        }
    }
}

/// Every metric of a variant that has a value.
fn push_metrics(out: &mut String, variant: &VariantSummary) {
    out.push_str(&format!("\n{}\n", styled(HEADING, &variant.name)));
    if let Some(reason) = variant.unstable.map(unstable) {
        out.push_str(&hanging("  ", 2, &format!("{reason}, and are left out")));
    }
    let width = METRICS.iter().map(|metric| metric.name.len()).max().unwrap_or(0);
    for (metric, estimate) in METRICS.iter().zip(&variant.estimates) {
        if let Some(estimate) = estimate {
            out.push_str(&format!(
                "  {:width$}  {} {}\n",
                metric.name,
                measured(estimate),
                metric.unit
            ));
        }
    }
}
