//! The verdicts on a scenario's expectations, one line each.

use anstyle::Style;

use super::csv::bounds;
use super::number::{significant, upper_bound};
use super::prose::WIDTH;
use super::table::{BAD, DIM, GOOD, styled};
use crate::metrics::{Comparison, Estimate, Verdict, VerdictOutcome};

/// A verdict's parts as text.
struct Parts {
    glyph: String,
    name: String,
    metric: &'static str,
    measured: String,
    bound: String,
}

/// The lines: glyph, variant, metric, what was measured, what was claimed.
pub(super) fn verdicts(comparison: &Comparison) -> String {
    let parts: Vec<Parts> =
        comparison.verdicts.iter().map(|verdict| parts(comparison, verdict)).collect();
    let widest = |length: fn(&Parts) -> usize| parts.iter().map(length).max().unwrap_or(0);
    let name = widest(|part| part.name.chars().count());
    let metric = widest(|part| part.metric.len());
    let measured = widest(|part| part.measured.chars().count());
    let bound = widest(|part| part.bound.chars().count());
    let one_line = 2 + name + 2 + metric + 2 + measured + 2 + bound <= WIDTH;
    let mut out = String::new();
    for part in &parts {
        let Parts { glyph, name: who, metric: what, measured: value, bound: claim } = part;
        let (first, second) =
            (format!("{glyph} {who:name$}  {what:metric$}"), format!("{value:measured$}  {claim}"));
        let gap = if one_line { "  " } else { "\n      " };
        out.push_str(&format!(
            "{}{gap}{second}\n",
            first.trim_end_matches(|c| !one_line && c == ' ')
        ));
    }
    out
}

fn parts(comparison: &Comparison, verdict: &Verdict) -> Parts {
    let (glyph, style, remark) = match (verdict.outcome, &verdict.estimate) {
        (VerdictOutcome::Held, _) => ("✓", GOOD, ""),
        (VerdictOutcome::Failed, _) => ("✗", BAD, ""),
        (VerdictOutcome::Inconclusive, None) => ("?", DIM, ""),
        (VerdictOutcome::Inconclusive, Some(_)) => ("?", Style::new(), "  (too close to tell)"),
    };
    let claims = [("≥", verdict.min), ("≤", verdict.max)].into_iter();
    let claims = claims.filter_map(|(sign, bound)| Some(format!("{sign} {}", bound?)));
    let variant = comparison.variants.get(verdict.variant);
    let missing = match variant.and_then(|variant| variant.unstable) {
        Some(_) => "unstable: no steady state",
        None => "nothing to measure",
    };
    Parts {
        glyph: styled(style, glyph),
        name: variant.map_or("", |variant| &variant.name).to_owned(),
        metric: verdict.metric,
        measured: verdict.estimate.as_ref().map_or(missing.to_owned(), measured),
        bound: format!("{}{remark}", claims.collect::<Vec<_>>().join(", ")),
    }
}

/// The mean with its interval, in the metric's own unit: what the bound is compared with.
pub fn measured(estimate: &Estimate) -> String {
    if let Some(bound) = estimate.zero_bound {
        return format!("< {}", upper_bound(bound));
    }
    let mean = significant(estimate.mean, 4);
    match bounds(estimate) {
        (Some(low), Some(high)) => {
            format!("{mean} [{}, {}]", significant(low, 4), significant(high, 4))
        }
        // Of replications that agree, nothing says how far off they are together.
        _ if estimate.replications > 1 => format!("{mean} [no spread]"),
        _ => mean,
    }
}

/// How many held, failed and were inconclusive, in words.
pub(super) fn tally(comparison: &Comparison) -> String {
    let number = |outcome| comparison.verdicts.iter().filter(|v| v.outcome == outcome).count();
    let words = [
        (number(VerdictOutcome::Held), "held"),
        (number(VerdictOutcome::Failed), "failed"),
        (number(VerdictOutcome::Inconclusive), "inconclusive"),
    ];
    let words = words.iter().filter(|(number, _)| *number > 0);
    words.map(|(number, word)| format!("{number} {word}")).collect::<Vec<_>>().join(", ")
}
