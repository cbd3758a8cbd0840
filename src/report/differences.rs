//! What changes against the first variant, where the paired difference is clear: its interval
//! excludes zero.

use super::number::with_half_width;
use crate::metrics::{Comparison, VariantSummary, index};

/// The metrics worth a difference: name, words, factor from the metric's unit, unit.
const HEADLINES: [(&str, &str, f64, &str); 4] = [
    ("stale_read_ratio", "stale reads", 100.0, " points"),
    ("failed_act_ratio", "failed acts", 100.0, " points"),
    ("read_latency_p99_ms", "read p99", 1.0, " ms"),
    ("db_reads_per_s", "DB reads", 1.0, "/s"),
];

/// For each variant with a clear difference: its name, and the differences in words.
pub(super) fn differences(comparison: &Comparison) -> Vec<(&str, String)> {
    let Some((first, others)) = comparison.variants.split_first() else {
        return Vec::new();
    };
    if first.unstable.is_some() {
        return Vec::new();
    }
    let steady = others.iter().filter(|variant| variant.unstable.is_none());
    steady
        .map(|variant| (variant.name.as_str(), clear(variant).join(", ")))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

fn clear(variant: &VariantSummary) -> Vec<String> {
    let texts = HEADLINES.iter().filter_map(|&(metric, words, factor, unit)| {
        let estimate = variant.differences.get(index(metric)?)?.as_ref()?;
        let (low, high) = estimate.ci95?;
        let sign = match (low > 0.0, high < 0.0) {
            (true, _) => "+",
            (_, true) => "",
            _ => return None,
        };
        let value = with_half_width(estimate.mean * factor, (high - low) / 2.0 * factor);
        Some(format!("{words} {sign}{value}{unit}"))
    });
    texts.collect()
}
