//! TTL-only caching with fetches that take a little time.

use super::Load;
use super::judge::{ACTS_OFF, Place};
use super::load::Class;
use super::sheet::{About, Sheet};
use super::without_cache::{Offered, latency, utilization, wait};
use super::{cache_aside, sheet};
use crate::observation::Cause;
use crate::theory::TheoryError;
use crate::theory::delayed_hits::uncoalesced_miss_ratio;
use crate::theory::ttl::TtlOnly;

const FORM: &str = "ttl::TtlOnly";
const MISSES: &str = "delayed_hits::uncoalesced_miss_ratio";

/// More reads of the hottest key than this during a fetch are too many to take one as nearly
/// instant.
const READS_PER_FETCH_MAX: f64 = 1.0;

/// More of a cycle than this, in step, is no small matter.
const IN_STEP_MAX: f64 = 0.5;

/// What a variant's times are, in seconds.
#[derive(Clone, Copy)]
pub(super) struct Times {
    ttl_s: f64,
    fetch_s: f64,
    warmup_s: f64,
    window_s: f64,
}

pub(super) fn fill_in(place: &Place<'_>, sheet: &mut Sheet) {
    let Some(ttl_s) = place.span_s("ttl") else {
        return;
    };
    let times = Times::new(place, ttl_s);
    sheet.regime = Load::of(place, |class| class.reads_per_s / (1.0 + class.reads_per_s * ttl_s));
    nothing_else(sheet);
    let busy = place.rates.hottest() * times.fetch_s;
    let result = if busy > READS_PER_FETCH_MAX {
        Err(format!("{busy:.1} reads of a key come while it is fetched"))
    } else {
        values(place, times, sheet)
    };
    if let Err(why) = result {
        let rest = ["hit_ratio", "db_reads_per_s", "stale_read_ratio", "stale_cause.ttl-window"];
        rest.into_iter().for_each(|metric| sheet.nothing(metric, why.clone()));
    }
}

/// What cannot be the cause, since nothing invalidates.
fn nothing_else(sheet: &mut Sheet) {
    let others = Cause::ALL
        .into_iter()
        .filter(|cause| !matches!(cause, Cause::TtlWindow | Cause::ReplicaLag));
    let others: Vec<String> = others.map(|cause| format!("stale_cause.{cause}")).collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    sheet.never(&others, "nothing invalidates or updates an entry");
    sheet.never(&["permanently_stale_keys"], "every entry expires");
}

impl Times {
    /// The share of a key's reads that miss: of a cycle, the first and those during its fetch, all
    /// of which set.
    fn misses(&self, class: &Class) -> Result<f64, TheoryError> {
        uncoalesced_miss_ratio(class.reads_per_s, self.ttl_s, self.fetch_s)
    }

    /// The times of a variant whose entries live no longer than this.
    pub(super) fn new(place: &Place<'_>, ttl_s: f64) -> Times {
        let fetch_s = place.miss_to_snapshot_s() + place.snapshot_to_set().mean_s();
        Times { ttl_s, fetch_s, warmup_s: place.warmup_s, window_s: place.window_s }
    }

    /// How far a share of reads may be off because a key's cycles began at the start of the run,
    /// all at once: a cycle more or less may fall into the window. They drift apart by the
    /// standard deviation of the idle time in each cycle; the first harmonic of what is left of
    /// their step is e^(-2π²s²) after a drift of s cycles.
    pub(super) fn in_step(&self, class: &Class) -> f64 {
        let idle_s = 1.0 / class.reads_per_s;
        let cycle_s = self.ttl_s + idle_s;
        let drift = (self.warmup_s / cycle_s).max(1.0).sqrt() * idle_s / cycle_s;
        let left = libm::exp(-2.0 * core::f64::consts::PI * core::f64::consts::PI * drift * drift);
        left * (cycle_s / self.window_s).min(1.0)
    }
}

fn values(place: &Place<'_>, times: Times, sheet: &mut Sheet) -> Result<(), String> {
    let rates = &place.rates;
    let busy = rates.hottest() * times.fetch_s;
    let told = |error: TheoryError| error.to_string();
    let miss_ratio = rates.over_reads(|class| times.misses(class)).map_err(told)?;
    let in_step = rates.over_reads(|class| Ok(times.in_step(class))).map_err(told)?;
    assume(times, busy, in_step, sheet);
    // The order that is left out.
    let second = rates.over_reads(|class| {
        let during = class.reads_per_s * times.fetch_s;
        Ok::<f64, TheoryError>(during * during)
    });
    let second = second.map_err(told)?;
    // An entry that lives as long as the run ends once or not at all: no cycle is a mean one.
    if in_step > IN_STEP_MAX {
        return Err("entries live about as long as the run".to_owned());
    }
    let off = second + in_step + cache_aside::unfilled(place, 1.0 - miss_ratio, sheet)?;
    let hit_ratio = 1.0 - miss_ratio;
    sheet.value("hit_ratio", MISSES, About(hit_ratio, off * miss_ratio / hit_ratio));
    let fills = rates.reads_per_s * miss_ratio;
    sheet.value("db_reads_per_s", MISSES, About(fills, off));
    staleness(place, times, off, sheet).map_err(told)?;
    if let Some(acts) = rates.acts {
        let off = off + ACTS_OFF;
        sheet.value("failed_act_ratio", FORM, About(acts.failed, off));
        sheet.value("conflicting_act_ratio", "load", About(acts.conflicting, off));
    }
    let offered = Offered { reads_per_s: fills, writes_per_s: rates.asked_writes_per_s() };
    utilization(place, offered, off, sheet);
    let operations = rates.reads_per_s + fills;
    sheet.value("cache_ops_per_s", MISSES, About(operations, off * fills / operations));
    let wait = wait(place, offered).map(cache_aside::guide);
    let read = cache_aside::read_without_wait_s(place, miss_ratio);
    latency(sheet, "read_latency_mean_ms", (read, miss_ratio), off, &wait);
    let write = place.database_trip_s(&place.world.database.write);
    latency(sheet, "write_latency_mean_ms", (write, 1.0), 0.0, &wait);
    Ok(())
}

/// Says that keys are in step, if that shows.
pub(super) fn assume_in_step(in_step: f64, sheet: &mut Sheet) {
    if in_step > sheet::ROUNDING {
        sheet.assume(format!(
            "Keys are first read at the start of the run and expire in step ever after: up to \
             {:.2} % more or fewer cycles than the mean fall into the window.",
            in_step * 100.0
        ));
    }
}

fn assume(times: Times, busy: f64, in_step: f64, sheet: &mut Sheet) {
    if times.fetch_s > 0.0 {
        sheet.assume(format!(
            "A fetch takes {:.2} ms on average, in which at most {busy:.3} more reads of a key \
             miss, too: to the first order.",
            times.fetch_s * 1e3
        ));
    }
    assume_in_step(in_step, sheet);
}

/// What is stale, and how stale. A row is as old at its set as its snapshot is, and a read is
/// judged before it gets to the cache.
fn staleness(
    place: &Place<'_>,
    times: Times,
    off: f64,
    sheet: &mut Sheet,
) -> Result<(), TheoryError> {
    let rates = &place.rates;
    let older_s = place.snapshot_to_set().mean_s() - place.to_cache().mean_s();
    // A write is acknowledged when the database's answer is back.
    let provably_older_s = older_s - place.world.database.link.mean();
    let mut keys: Vec<(f64, TtlOnly)> = Vec::new();
    let (mut stale, mut provable, mut age, mut lag) = (0.0, 0.0, 0.0, 0.0);
    for class in rates.classes.iter().filter(|class| class.reads_per_s > 0.0) {
        let key = TtlOnly::new(class.reads_per_s, class.writes_per_s, times.ttl_s)?;
        let hits = class.keys * class.reads_per_s * (1.0 - times.misses(class)?);
        let share = key.stale_share_of_hits();
        let after = |seconds: f64| 1.0 - (1.0 - share) * libm::exp(-class.writes_per_s * seconds);
        stale += hits * after(older_s);
        provable += hits * after(provably_older_s).max(0.0);
        // Of rows that are so much older at their set, by the whole of what happened since their
        // snapshot: its length is S to S + T, and the time before the first write is no age.
        let since_s = older_s + 0.5 * times.ttl_s;
        if class.writes_per_s > 0.0 {
            age += hits * (since_s - after(older_s) / class.writes_per_s);
        }
        lag += hits * class.writes_per_s * since_s;
        keys.push((hits, key));
    }
    let off = off + 2.0 * older_s.abs() / times.ttl_s;
    let share = About(stale / rates.reads_per_s, off);
    sheet.value("stale_read_ratio", FORM, share);
    sheet.value("stale_cause.ttl-window", FORM, share);
    sheet.value("ack_stale_read_ratio", FORM, About(provable / rates.reads_per_s, off));
    if stale > 0.0 {
        sheet.value("stale_age_mean_ms", FORM, About(age / stale * 1e3, off));
        sheet.value("version_lag_mean", FORM, About(lag / stale, off));
        // Histograms of ages are exact to a few thousandths.
        for (metric, beyond) in [("stale_age_p50_ms", 0.5), ("stale_age_p99_ms", 0.01)] {
            let age_s = age_quantile(&keys, times.ttl_s, beyond);
            sheet.value(metric, FORM, About(age_s * 1e3, off + 0.005));
        }
    }
    Ok(())
}

/// The age that this share of the stale reads exceeds, in seconds.
fn age_quantile(keys: &[(f64, TtlOnly)], ttl_s: f64, beyond: f64) -> f64 {
    let older = |age_s: f64| -> f64 {
        keys.iter().map(|(hits, key)| hits * key.age_tail_of_hits(age_s)).sum()
    };
    let wanted = beyond * older(0.0);
    let (mut low, mut high) = (0.0, ttl_s);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if older(middle) > wanted { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_of_rare_writes_have_a_triangular_tail() {
        // P(age > Δ) = (1 - Δ/T)² for one key whose writes are rare.
        let key = TtlOnly::new(1.0, 1e-9, 8.0).expect("in range");
        let median = age_quantile(&[(1.0, key)], 8.0, 0.5);
        assert!((median - 8.0 * (1.0 - 0.5_f64.sqrt())).abs() < 1e-6, "{median}");
        let p99 = age_quantile(&[(3.0, key)], 8.0, 0.01);
        assert!((p99 - 7.2).abs() < 1e-6, "{p99}");
    }

    #[test]
    fn keys_that_drift_apart_are_not_in_step() {
        let times = |ttl_s| Times { ttl_s, fetch_s: 0.0, warmup_s: 1_200.0, window_s: 3_600.0 };
        let class = Class { keys: 20.0, reads_per_s: 2.4, writes_per_s: 0.1 };
        assert!(times(1.0).in_step(&class) < 1e-12);
        let minute = times(60.0).in_step(&class);
        assert!((0.014..0.017).contains(&minute), "{minute}");
        assert_eq!(times(1e6).in_step(&class).round(), 1.0);
    }
}
