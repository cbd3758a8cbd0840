//! TTL-only caching with fetches that take a little time.

use super::Load;
use super::aging::Aging;
use super::judge::{ACTS_OFF, Place};
use super::load::Class;
use super::sheet::{About, Sheet};
use super::without_cache::{Offered, latency, utilization, wait};
use super::{cache_aside, sheet};
use crate::observation::Cause;
use crate::theory::TheoryError;
use crate::theory::delayed_hits::uncoalesced_miss_ratio;

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
        let fetch_s = place.fetch().mean_s();
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

/// So much more misses because fetches wait for a connection are no small matter.
const WAITING_MAX: f64 = 0.1;

/// The share of reads that miss with fetches that wait for a connection as long as so many do, the
/// times with it, and how much of that share is due to it.
fn with_waits(place: &Place<'_>, times: Times) -> Result<(f64, Times, f64), String> {
    let told = |error: TheoryError| error.to_string();
    let misses = |times: Times| place.rates.over_reads(|it| times.misses(it)).map_err(told);
    let without = misses(times)?;
    let reads_per_s = place.rates.reads_per_s * without;
    let offered = Offered { reads_per_s, writes_per_s: place.rates.asked_writes_per_s() };
    let fetch_s = times.fetch_s + wait(place, offered)?.mean_s;
    let times = Times { fetch_s, ..times };
    let with = misses(times)?;
    let due = (with - without) / with;
    if due > WAITING_MAX {
        return Err(format!("waits for connections make {:.0} % of the misses", due * 100.0));
    }
    Ok((with, times, due))
}

fn values(place: &Place<'_>, times: Times, sheet: &mut Sheet) -> Result<(), String> {
    let rates = &place.rates;
    let told = |error: TheoryError| error.to_string();
    let (miss_ratio, times, waiting) = with_waits(place, times)?;
    let busy = rates.hottest() * times.fetch_s;
    let in_step = rates.over_reads(|class| Ok(times.in_step(class))).map_err(told)?;
    assume(times, busy, in_step, sheet);
    let second = 0.5 * place.fetch().variance() * rates.over_reads(squared).map_err(told)?;
    // An entry that lives as long as the run ends once or not at all: no cycle is a mean one.
    if in_step > IN_STEP_MAX {
        return Err("entries live about as long as the run".to_owned());
    }
    let off = second + waiting + in_step + cache_aside::unfilled(place, 1.0 - miss_ratio, sheet)?;
    let hit_ratio = 1.0 - miss_ratio;
    sheet.value("hit_ratio", MISSES, About(hit_ratio, off * miss_ratio / hit_ratio));
    let fills = rates.reads_per_s * miss_ratio;
    sheet.value("db_reads_per_s", MISSES, About(fills, off));
    let own = rates.acts_on_own_fills(times.ttl_s);
    staleness(place, times, off + own, sheet).map_err(told)?;
    if let Some(acts) = rates.acts {
        let off = off + own + ACTS_OFF;
        sheet.value("failed_act_ratio", FORM, About(acts.failed, off));
        sheet.value("conflicting_act_ratio", "load", About(acts.conflicting, off));
    }
    let offered = Offered { reads_per_s: fills, writes_per_s: rates.asked_writes_per_s() };
    utilization(place, offered, off, sheet);
    let operations = rates.reads_per_s + fills;
    sheet.value("cache_ops_per_s", MISSES, About(operations, off * fills / operations));
    let wait = wait(place, offered).map(|it| cache_aside::guide(place, it, offered));
    let read = cache_aside::read_without_wait_s(place, miss_ratio);
    latency(place, sheet, "read_latency_mean_ms", (read, miss_ratio), off, &wait);
    let write = place.database_trip_s(&place.world.database.write);
    latency(place, sheet, "write_latency_mean_ms", (write, 1.0), 0.0, &wait);
    Ok(())
}

/// A fetch that is overtaken by a later one sets less late than the form has it: in a cycle, λ²/2
/// times the variance of fetches is left out.
fn squared(class: &Class) -> Result<f64, TheoryError> {
    Ok(class.reads_per_s * class.reads_per_s)
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
             miss, too.",
            times.fetch_s * 1e3
        ));
    }
    assume_in_step(in_step, sheet);
}

/// What is stale, and how stale.
fn staleness(
    place: &Place<'_>,
    times: Times,
    off: f64,
    sheet: &mut Sheet,
) -> Result<(), TheoryError> {
    let rates = &place.rates;
    let aging = Aging::new(place, times.ttl_s, |class| Ok(1.0 - times.misses(class)?))?;
    // Reads during a fetch set again, what is younger.
    let again = rates.over_reads(|class| Ok(class.reads_per_s * times.fetch_s))?;
    let off = off + again * times.fetch_s / times.ttl_s;
    let stale = aging.older_than(0.0);
    let share = About(stale / rates.reads_per_s, off);
    sheet.value("stale_read_ratio", FORM, share);
    sheet.value("stale_cause.ttl-window", FORM, share);
    let provable = About(aging.provably_stale() / rates.reads_per_s, off);
    sheet.value("ack_stale_read_ratio", FORM, provable);
    if stale > 0.0 {
        let age = About(aging.age_mean_s() * 1e3, off);
        sheet.value("stale_age_mean_ms", FORM, age);
        sheet.value("version_lag_mean", FORM, About(aging.versions() / stale, off));
        // Histograms of ages are exact to a few thousandths.
        for (metric, beyond) in [("stale_age_p50_ms", 0.5), ("stale_age_p99_ms", 0.01)] {
            sheet.value(metric, FORM, About(aging.quantile_s(beyond) * 1e3, off + 0.005));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
