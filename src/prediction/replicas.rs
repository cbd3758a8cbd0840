//! Reads and fills that come from replicas which lag.

use super::cache_aside;
use super::judge::Place;
use super::latency::latency_of;
use super::load::Class;
use super::sheet::{About, Sheet};
use super::without_cache::Wait;
use crate::theory::TheoryError;
use crate::theory::replica::{FilledFromReplica, InOrderLag};
use crate::world::Snapshot;

const FORM: &str = "replica::FilledFromReplica";
const LAG: &str = "stale_cause.replica-lag";

/// The lag with which commits of all keys are applied, in order.
fn lag(place: &Place<'_>) -> Result<InOrderLag, TheoryError> {
    let time = &place.world.database.replica_lag;
    InOrderLag::new(place.rates.writes_per_s, latency_of(time)?)
}

/// Every read is answered by a replica.
pub(super) fn without_cache(place: &Place<'_>, wait: &Result<Wait, String>, sheet: &mut Sheet) {
    let share = lag(place).and_then(|lag| {
        place.rates.over_reads(|class: &Class| {
            let key = FilledFromReplica::new(class.reads_per_s, class.writes_per_s)?;
            Ok(key.stale_share_without_cache(&lag))
        })
    });
    match share {
        // A read is judged when it begins, and sees what the replica has a little later.
        Ok(share) => {
            let database = &place.world.database;
            let served = database.snapshot == Snapshot::End;
            let service_s = if served { database.read.mean() } else { 0.0 };
            // Where there is no steady state, this is for ever.
            let wait_s = wait.as_ref().map_or(f64::INFINITY, |wait| wait.mean_s + wait.off_s);
            let late_s = database.link.mean() + wait_s + service_s;
            let late = late_s / database.replica_lag.mean();
            for metric in ["stale_read_ratio", LAG] {
                sheet.value(metric, FORM, About(share, late));
            }
        }
        Err(error) => sheet.nothing("stale_read_ratio", error.to_string()),
    }
}

/// Misses are filled from a replica, and writes delete, once or twice.
pub(super) fn fill_in(place: &Place<'_>, sheet: &mut Sheet) {
    if let Some(ttl_s) = place.span_s("ttl") {
        let why = format!("entries expire after {ttl_s} s, and old ones with them");
        sheet.nothing("stale_read_ratio", why);
        return;
    }
    let found = lag(place).and_then(|lag| Ok((lag.mean_s(), share(place, &lag)?)));
    let (lag_s, share) = match found {
        Ok(found) => found,
        Err(error) => {
            sheet.nothing("stale_read_ratio", error.to_string());
            return;
        }
    };
    if lag_s <= 0.0 {
        sheet.nothing("stale_read_ratio", "replicas do not lag: only what is instant is left");
        return;
    }
    sheet.assume(format!(
        "Commits are applied in order, so that the lag is {:.0} ms on average; fills and deletes \
         are taken as instant beside that.",
        lag_s * 1e3
    ));
    let instant_s = place.commit_to_delete().mean_s() + place.fetch().mean_s();
    let mut off = 2.0 * instant_s / lag_s + cache_aside::unwritten(place);
    if let ("double-delete", Some(delay_s)) = (place.strategy.name, place.span_s("delay")) {
        let rates = &place.rates;
        let writes_per_key = rates.writes_per_s * rates.hottest() / rates.reads_per_s;
        off += 0.5 * writes_per_key * delay_s;
        sheet.assume(format!(
            "Second deletes of earlier writes are left out; {:.2} of them are to come when a key \
             is written.",
            writes_per_key * delay_s
        ));
    }
    for metric in ["stale_read_ratio", LAG] {
        sheet.value(metric, FORM, About(share, off));
    }
}

fn share(place: &Place<'_>, lag: &InOrderLag) -> Result<f64, TheoryError> {
    let second = match place.strategy.name {
        "double-delete" => place.span_s("delay"),
        _ => None,
    };
    place.rates.over_reads(|class| {
        let key = FilledFromReplica::new(class.reads_per_s, class.writes_per_s)?;
        match second {
            None => Ok(key.stale_share(lag)),
            Some(delay_s) => {
                let after = delay_s + place.commit_to_delete().mean_s();
                key.stale_share_with_second_delete(lag, after)
            }
        }
    })
}
