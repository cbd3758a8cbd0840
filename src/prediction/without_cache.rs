//! A database without a cache: a queue.

use super::judge::Place;
use super::replicas;
use super::sheet::{About, Sheet};
use crate::observation::Cause;
use crate::random::Distribution;
use crate::theory::queueing::{Queue, single_server_wait_mean_s};

/// What is asked of one station: reads and writes per second.
#[derive(Clone, Copy)]
pub(super) struct Offered {
    pub(super) reads_per_s: f64,
    pub(super) writes_per_s: f64,
}

/// The mean wait at a station, and how far that may be off, both in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wait {
    pub(super) mean_s: f64,
    pub(super) off_s: f64,
    /// The share that waits at all.
    pub(super) share: f64,
    pub(super) form: &'static str,
}

impl Wait {
    const NONE: Wait = Wait { mean_s: 0.0, off_s: 0.0, share: 0.0, form: "queueing::Queue" };

    /// The mean wait of those who have to.
    pub(super) fn of_those_who_wait_s(&self) -> f64 {
        if self.share > 0.0 { self.mean_s / self.share } else { 0.0 }
    }
}

/// Waits for one of a station's connections, if they have a steady state.
pub(super) fn wait(place: &Place<'_>, offered: Offered) -> Result<Wait, String> {
    let database = &place.world.database;
    let Offered { reads_per_s, writes_per_s } = offered;
    let arrivals = reads_per_s + writes_per_s;
    if arrivals == 0.0 {
        return Ok(Wait::NONE);
    }
    let (read, write) = (&database.read, &database.write);
    let share = reads_per_s / arrivals;
    let mix = |reads: f64, writes: f64| share * reads + (1.0 - share) * writes;
    let mean = mix(read.mean(), write.mean());
    if mean == 0.0 {
        return Ok(Wait::NONE);
    }
    let busy = arrivals * mean / f64::from(database.connections);
    // With so few clients, fewer ask while some of them wait: by what a closed loop of machines
    // and a repairman has less of a queue, to first order in one over their number.
    let closed = place.clients.map_or(0.0, |many| 1.0 / (many * (1.0 - busy) * (1.0 - busy)));
    let second = |it: &Distribution| it.variance() + it.mean() * it.mean();
    let variance = mix(second(read), second(write)) - mean * mean;
    if database.connections == 1 {
        let wait = single_server_wait_mean_s(arrivals, mean, variance);
        let mean_s = wait.map_err(|error| error.to_string())?;
        let form = "queueing::single_server_wait_mean_s";
        return Ok(Wait { mean_s, off_s: mean_s * closed, share: busy, form });
    }
    let queue = Queue::new(arrivals, mean, database.connections);
    let queue = queue.map_err(|error| error.to_string())?;
    let (wait, waits) = (queue.wait_mean_s(), queue.wait_probability());
    let exponential = |it: &Distribution| matches!(it, Distribution::Exponential(_));
    let asked: Vec<&Distribution> = [(share, read), (1.0 - share, write)]
        .into_iter()
        .filter_map(|(share, it)| (share > 0.0).then_some(it))
        .collect();
    let form = "queueing::Queue";
    if asked.iter().all(|it| exponential(it) && it.mean() == asked[0].mean()) {
        return Ok(Wait { mean_s: wait, off_s: wait * closed, share: waits, form });
    }
    // As Lee and Longton scale it: a guide, not a form. (Operational Research Quarterly 10, 1959.)
    let scaled = wait * 0.5 * (1.0 + variance / (mean * mean));
    Ok(Wait { mean_s: scaled, off_s: scaled * (1.0 + closed), share: waits, form })
}

/// Rows about the database's connections.
pub(super) fn utilization(place: &Place<'_>, primary: Offered, off: f64, sheet: &mut Sheet) {
    let database = &place.world.database;
    let busy =
        primary.reads_per_s * database.read.mean() + primary.writes_per_s * database.write.mean();
    let value = About(busy / f64::from(database.connections), off);
    sheet.value("db_utilization", "queueing::Queue", value);
}

/// A mean latency in milliseconds, which a wait is part of; nothing if the wait is too uncertain,
/// or the times have no variance: of those no run is long enough to know the mean.
pub(super) fn latency(
    place: &Place<'_>,
    sheet: &mut Sheet,
    metric: &str,
    (without_wait_s, waits): (f64, f64),
    off: f64,
    wait: &Result<Wait, String>,
) {
    let (cache, database) = (&place.world.cache, &place.world.database);
    let times = [&cache.link, &cache.service, &database.link, &database.read, &database.write];
    match wait {
        Ok(_) if times.iter().any(|it| !it.variance().is_finite()) => {
            sheet.nothing(metric, "times without a variance: no run tells their mean");
        }
        Err(why) => sheet.nothing(metric, why.clone()),
        Ok(Wait { mean_s, off_s, form, .. }) => {
            let mean = without_wait_s + waits * mean_s;
            let uncertain = waits * off_s / mean;
            if uncertain > 0.05 {
                sheet.nothing(metric, "no form for the wait: service times are not exponential");
            } else {
                sheet.value(metric, form, About(mean * 1e3, off + uncertain));
            }
        }
    }
}

pub(super) fn fill_in(place: &Place<'_>, sheet: &mut Sheet) {
    let (reads, writes) = (place.rates.reads_per_s, place.rates.asked_writes_per_s());
    sheet.never(&["hit_ratio", "cache_ops_per_s"], "nothing is cached");
    sheet.value("db_reads_per_s", "load", About(reads, 0.0));
    let replicas = f64::from(place.world.database.replicas);
    let (primary, readers) = match place.reads_replicas() {
        false => (Offered { reads_per_s: reads, writes_per_s: writes }, None),
        true => (
            Offered { reads_per_s: 0.0, writes_per_s: writes },
            Some(Offered { reads_per_s: reads / replicas, writes_per_s: 0.0 }),
        ),
    };
    utilization(place, primary, 0.0, sheet);
    let at_primary = wait(place, primary);
    let at_reader = readers.map_or(at_primary.clone(), |readers| wait(place, readers));
    let database = &place.world.database;
    let read = (place.database_trip_s(&database.read), 1.0);
    latency(place, sheet, "read_latency_mean_ms", read, 0.0, &at_reader);
    let write = (place.database_trip_s(&database.write), 1.0);
    latency(place, sheet, "write_latency_mean_ms", write, 0.0, &at_primary);
    match (readers, &at_primary) {
        (None, Ok(Wait { mean_s, off_s, form, .. })) if *off_s == 0.0 => {
            sheet.value("db_wait_mean_ms", form, About(mean_s * 1e3, 0.0));
        }
        (None, Ok(_)) if place.clients.is_some() => {
            sheet.nothing("db_wait_mean_ms", "a closed loop has shorter queues than an open one");
        }
        (None, Ok(_)) => {
            let why = "several connections, and service times that are not all exponential alike";
            sheet.nothing("db_wait_mean_ms", why);
        }
        (None, Err(why)) => sheet.nothing("db_wait_mean_ms", why.clone()),
        (Some(_), _) => sheet.nothing("db_wait_mean_ms", "primary and replicas wait apart"),
    }
    if readers.is_some() {
        replicas::without_cache(place, &at_reader, sheet);
        return;
    }
    let primary_is_fresh = "the primary answers every read";
    let causes = Cause::ALL.map(|cause| format!("stale_cause.{cause}"));
    let causes: Vec<&str> = causes.iter().map(String::as_str).collect();
    sheet.never(&causes, primary_is_fresh);
    let others = [
        "stale_read_ratio",
        "ack_stale_read_ratio",
        "stale_episodes",
        "permanently_stale_keys",
        "read_your_writes_violation_ratio",
        "monotonic_read_violation_ratio",
        "visible_glitches",
        "failed_act_ratio",
    ];
    sheet.never(&others, primary_is_fresh);
}
