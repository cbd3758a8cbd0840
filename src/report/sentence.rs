//! One plain sentence per variant: what somebody who uses the system would notice.

use super::number::{count, duration, how_often, significant, upper_bound};
use crate::metrics::{METRICS, Queue, VariantSummary};

/// What a user would notice of this variant.
pub(crate) fn sentence(variant: &VariantSummary) -> String {
    if let Some(unstable) = variant.unstable {
        let growth = significant(unstable.growth_per_s, 3);
        let what = match unstable.queue {
            Queue::Database => {
                format!("database cannot keep up: its queue grew by {growth} operations")
            }
            Queue::Requests => {
                format!("system cannot keep up: the requests in flight grew by {growth}")
            }
        };
        return format!(
            "The {what} per second, so waiting times would grow as long as the load lasts."
        );
    }
    let mut clauses: Vec<String> = [failed_acts(variant), glitches(variant), stale_reads(variant)]
        .into_iter()
        .flatten()
        .take(2)
        .collect();
    if clauses.is_empty() {
        clauses.push(nothing_seen(variant));
    }
    clauses.extend(lasting_damage(variant));
    capitalised(&format!("{}.", clauses.join("; ")))
}

/// The mean of a metric, if it is more than nothing.
fn some(variant: &VariantSummary, metric: &str) -> Option<f64> {
    variant.estimate(metric).map(|estimate| estimate.mean).filter(|mean| *mean > 0.0)
}

/// "1 act in 14 fails": how often, with the verb in its number.
fn clause(ratio: f64, noun: &str, singular: &str, plural: &str) -> String {
    let (often, is_plural) = how_often(ratio, noun);
    format!("{often} {}", if is_plural { plural } else { singular })
}

fn failed_acts(variant: &VariantSummary) -> Option<String> {
    let ratio = some(variant, "failed_act_ratio")?;
    let fails = clause(ratio, "act", "fails", "fail");
    Some(format!("{fails} because what the page showed was already out of date"))
}

fn glitches(variant: &VariantSummary) -> Option<String> {
    if variant.clients_are_services {
        return None;
    }
    if let Some(ratio) = some(variant, "read_your_writes_violation_ratio") {
        let shows = clause(ratio, "read", "shows", "show");
        return Some(format!("{shows} a person a row older than their own last write"));
    }
    let ratio = some(variant, "monotonic_read_violation_ratio")?;
    let goes = clause(ratio, "read", "goes", "go");
    Some(format!("{goes} back in time, to an older row than the same person had already seen"))
}

fn stale_reads(variant: &VariantSummary) -> Option<String> {
    let ratio = some(variant, "stale_read_ratio")?;
    let mut text = clause(ratio, "read", "is stale", "are stale");
    if let Some(age) = some(variant, "stale_age_mean_ms") {
        text.push_str(&format!(", by {} on average", duration(age)));
    }
    if let Some(age) = some(variant, "stale_age_p99_ms") {
        text.push_str(&format!(" and by more than {} in 1 case in 100", duration(age)));
    }
    if let Some((cause, share)) = main_cause(variant, ratio) {
        let amount = match share {
            0.95.. => "nearly always",
            0.5.. => "mostly",
            _ => "most often",
        };
        text.push_str(&format!(" ({amount}: {cause})"));
    }
    Some(text)
}

/// The cause of most stale reads, and its share of them.
fn main_cause(variant: &VariantSummary, stale: f64) -> Option<(&'static str, f64)> {
    let causes = METRICS.iter().filter_map(|metric| {
        let cause = metric.name.strip_prefix("stale_cause.")?;
        Some((cause, some(variant, metric.name)? / stale))
    });
    causes.max_by(|a, b| a.1.total_cmp(&b.1))
}

fn nothing_seen(variant: &VariantSummary) -> String {
    let Some(stale) = variant.estimate("stale_read_ratio") else {
        return "no read succeeded, so there is nothing to say about them".to_owned();
    };
    let reads = some(variant, "reads").map(|mean| mean * f64::from(stale.replications));
    let reads = reads.map_or("this run".to_owned(), |reads| format!("{} reads", count(reads)));
    match stale.zero_bound {
        Some(bound) => {
            let most = upper_bound(bound * 100.0);
            let so =
                format!("at most {most} % of reads are stale (95 %, unless they come in bursts)");
            format!("nobody saw an old row in {reads}, so {so}")
        }
        None => format!("nobody saw an old row in {reads}"),
    }
}

/// What does not pass by itself, or is no matter of freshness.
fn lasting_damage(variant: &VariantSummary) -> Vec<String> {
    let amount = |metric, one: &str, many: &str| {
        let mean = some(variant, metric)?;
        let noun = if mean == 1.0 { one } else { many };
        let digits =
            if mean < 100.0 && mean.fract() > 0.0 { significant(mean, 2) } else { count(mean) };
        Some(format!("{digits} {noun}"))
    };
    let mut damage = Vec::new();
    damage.extend(amount(
        "permanently_stale_keys",
        "key stays wrong until somebody writes it again",
        "keys stay wrong until somebody writes them again",
    ));
    damage.extend(amount(
        "lost_writes",
        "acknowledged write is lost",
        "acknowledged writes are lost",
    ));
    if let Some(ratio) = some(variant, "dirty_read_ratio") {
        let shows = clause(ratio, "read", "shows", "show");
        damage.push(format!("{shows} a row that was not committed"));
    }
    if let Some(ratio) = some(variant, "failed_request_ratio") {
        damage.push(clause(ratio, "request", "fails", "fail"));
    }
    damage
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
