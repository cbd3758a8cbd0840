//! What changes against the first variant, where the paired difference is clear: its interval
//! excludes zero. And where it is not, what it would take.

use super::number::{count, with_half_width};
use crate::metrics::{Comparison, Estimate, SEPARATION_MOST, VariantSummary, index};

/// A metric worth a difference: name, words, factor from the metric's unit, unit.
type Headline = (&'static str, &'static str, f64, &'static str);

const HEADLINES: [Headline; 4] = [
    ("stale_read_ratio", "stale reads", 100.0, " points"),
    ("failed_act_ratio", "failed acts", 100.0, " points"),
    ("read_latency_p99_ms", "read p99", 1.0, " ms"),
    ("db_reads_per_s", "DB reads", 1.0, "/s"),
];

/// For each variant with a clear difference: its name, and the differences in words.
pub(super) fn differences(comparison: &Comparison) -> Vec<(&str, String)> {
    each(comparison, clear)
}

/// For each variant with a difference that may be chance: its name, and at least how many more
/// replications would tell, in words.
pub(super) fn unclear(comparison: &Comparison) -> Vec<(&str, String)> {
    each(comparison, may_be_chance)
}

/// The variants that can be compared with the first, with what there is to say.
fn each(
    comparison: &Comparison,
    say: fn(&Headline, &Estimate) -> Option<String>,
) -> Vec<(&str, String)> {
    let Some((first, others)) = comparison.variants.split_first() else {
        return Vec::new();
    };
    if first.unstable.is_some() {
        return Vec::new();
    }
    let text = |variant: &VariantSummary| {
        let texts = HEADLINES.iter().filter_map(|headline| {
            say(headline, variant.differences.get(index(headline.0)?)?.as_ref()?)
        });
        texts.collect::<Vec<_>>().join(", ")
    };
    let steady = others.iter().filter(|variant| variant.unstable.is_none());
    steady
        .map(|variant| (variant.name.as_str(), text(variant)))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

fn clear(&(_, words, factor, unit): &Headline, estimate: &Estimate) -> Option<String> {
    let (low, high) = estimate.ci95?;
    let sign = match (low > 0.0, high < 0.0) {
        (true, _) => "+",
        (_, true) => "",
        _ => return None,
    };
    let value = with_half_width(estimate.mean * factor, (high - low) / 2.0 * factor);
    Some(format!("{words} {sign}{value}{unit}"))
}

fn may_be_chance(&(_, words, _, _): &Headline, estimate: &Estimate) -> Option<String> {
    let more = estimate.more_to_separate()?;
    Some(match more > SEPARATION_MOST {
        true => format!("{words} more than {}", count(f64::from(SEPARATION_MOST))),
        false => format!("{words} {}", count(f64::from(more))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_clear_says_what_it_would_take() {
        let with = Estimate::made_up;
        let said = |mean, half| may_be_chance(&HEADLINES[0], &with(mean, half));
        assert_eq!(said(1.0, 0.5), None);
        // Standard deviation 2: 34 in all.
        assert_eq!(said(1.0, 1.672).as_deref(), Some("stale reads 26"));
        assert_eq!(said(1e-6, 1.0).as_deref(), Some("stale reads more than 10,000"));
        assert_eq!(
            clear(&HEADLINES[0], &with(1.0, 0.5)).as_deref(),
            Some("stale reads +100 ±50 points")
        );
    }
}
