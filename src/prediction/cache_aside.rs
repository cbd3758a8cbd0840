//! Cache-aside whose writes invalidate: delete-on-write, and what guards its fills.

use super::Load;
use super::judge::Place;
use super::limits::is_patient;
use super::load::Class;
use super::sheet::{About, Sheet};
use super::ttl::{Times, assume_in_step};
use super::without_cache::{Offered, Wait, latency, utilization, wait};
use crate::theory::TheoryError;
use crate::theory::fills::{Fills, Shares};
use crate::theory::invalidation::DeleteOnWrite;
use crate::theory::latency::Latency;

const CHAIN: &str = "fills::Fills";
const CLOSED: &str = "invalidation::DeleteOnWrite";
const WINDOW: &str = "invalidation::DeleteOnWrite, while deletes are on their way";

/// How far the chain is off at least, where fills are sums of times and entries may expire.
const CHAIN_OFF: f64 = 0.04;

/// So many keys, from the hottest to the coldest, stand for all where each takes long to compute.
const SAMPLED: usize = 12;

/// How far it is off for fills of this distribution, over all reads that can miss.
fn off_for(place: &Place<'_>, fill: &Latency) -> Result<f64, TheoryError> {
    let misses = |class: &Class| {
        let (reads, writes) = (class.reads_per_s, class.writes_per_s);
        class.keys * reads * writes / (reads + writes)
    };
    let classes = place.rates.classes.iter().filter(|it| it.reads_per_s * it.writes_per_s > 0.0);
    let classes: Vec<&Class> = classes.collect();
    let (mut off, mut all) = (0.0, 0.0);
    for alike in classes.chunks(classes.len().div_ceil(SAMPLED).max(1)) {
        let weight: f64 = alike.iter().map(|class| misses(class)).sum();
        let class = alike[alike.len() / 2];
        let fills = Fills::new(class.reads_per_s, class.writes_per_s, fill.mean_s())?;
        off += weight * fills.off_for(fill)?;
        all += weight;
    }
    Ok(if all > 0.0 { off / all } else { 0.0 })
}

/// How far it is off for guarded fills of a constant time x: a key is held if it was read more than
/// x ago, since its last write, with the probability e^(-μx) λ/(λ + μ). By as much less for fills
/// that are between constant and exponential.
fn off_for_guarded(place: &Place<'_>, hit_ratio: f64) -> f64 {
    let fill = place.fetch();
    let (mean_s, variance) = (fill.mean_s(), fill.variance());
    let held = place.rates.over_reads(|class| {
        let Class { reads_per_s, writes_per_s, .. } = *class;
        let unwritten = libm::exp(-writes_per_s * mean_s);
        Ok::<f64, TheoryError>(unwritten * reads_per_s / (reads_per_s + writes_per_s))
    });
    let regular = (1.0 - variance / (mean_s * mean_s)).max(0.0);
    held.map_or(0.0, |held| (hit_ratio - held).abs() / (1.0 - hit_ratio) * regular)
}

/// The mean latency of a read without waiting for connections, if this share of them misses.
pub(super) fn read_without_wait_s(place: &Place<'_>, miss_ratio: f64) -> f64 {
    let set = if place.flag("reply_before_fill") { 0.0 } else { place.cache_trip_s() };
    let miss = place.database_trip_s(&place.world.database.read) + set;
    place.cache_trip_s() + miss_ratio * miss
}

/// What a cache lets through is no Poisson stream: the wait of one is a guide only. Misses of a key
/// come together, as many as come during its fetch; if they and all others that are served are, up
/// to two deviations more than on average, more than the connections, half of what is over waits.
pub(super) fn guide(place: &Place<'_>, wait: Wait, offered: Offered) -> Wait {
    let database = &place.world.database;
    let connections = f64::from(database.connections);
    let busy =
        offered.reads_per_s * database.read.mean() + offered.writes_per_s * database.write.mean();
    let together = busy + place.rates.hottest() * (place.fetch().mean_s() + wait.mean_s);
    let over = (together + 2.0 * together.sqrt() - connections).max(0.0);
    let behind_s = 0.5 * over * database.read.mean() / connections;
    Wait { off_s: wait.mean_s + behind_s, ..wait }
}

pub(super) fn fill_in(place: &Place<'_>, sheet: &mut Sheet) {
    let ttl_s = place.span_s("ttl");
    sheet.regime = Load::of(place, |class| {
        let closed = DeleteOnWrite::new(class.reads_per_s, class.writes_per_s, 0.0, ttl_s);
        closed.map_or(0.0, |it| class.reads_per_s * (1.0 - it.hit_ratio()))
    });
    sheet.never(&["stale_cause.reordered-update"], "a write deletes, and never sets");
    if is_patient(place.world) {
        sheet.never(&["stale_cause.lost-invalidation"], "no message is lost");
    }
    if ttl_s.is_some() {
        sheet.never(&["permanently_stale_keys"], "every entry expires");
    } else {
        sheet.never(&["stale_cause.ttl-window"], "every write invalidates");
    }
    if let Err(why) = values(place, sheet) {
        for metric in ["hit_ratio", "db_reads_per_s", "stale_read_ratio"] {
            sheet.nothing(metric, why.clone());
        }
    }
}

/// What a variant's reads get, all keys together.
#[derive(Default)]
struct Whole {
    hit_ratio: f64,
    late: f64,
    late_fills_per_s: f64,
    in_window: f64,
}

fn values(place: &Place<'_>, sheet: &mut Sheet) -> Result<(), String> {
    let rates = &place.rates;
    if rates.writes_per_s <= 0.0 || rates.reads_per_s <= 0.0 {
        return Err("nothing is written, or nothing is read".to_owned());
    }
    let coalesced = place.strategy.name == "lease";
    let guarded = coalesced || place.strategy.name == "versioned";
    let (set, delete) = (place.snapshot_to_set(), place.commit_to_delete());
    let (set_s, unread_s) = (set.mean_s(), place.miss_to_snapshot().mean_s());
    let fill_s = set_s + unread_s;
    let outlives = if set_s > 0.0 { set.beyond_s(&delete) / set_s } else { 0.0 };
    let window_s = delete.beyond_s(&place.to_cache());
    let share = |class: &Class| {
        let Class { reads_per_s, writes_per_s, .. } = *class;
        if coalesced || fill_s == 0.0 {
            // Those who wait for a fetch are answered by the cache: it is part of an entry's life.
            let life_s = place.span_s("ttl").map(|ttl_s| ttl_s + fill_s);
            let closed = DeleteOnWrite::new(reads_per_s, writes_per_s, 0.0, life_s)?;
            let fills_per_s = reads_per_s * (1.0 - closed.hit_ratio());
            let late_fill_share_of_reads = 0.0;
            let (hit_ratio, late_fills_per_s) = (closed.hit_ratio(), 0.0);
            return Ok(Shares {
                hit_ratio,
                late_fill_share_of_reads,
                fills_per_s,
                late_fills_per_s,
            });
        }
        let mut fills = Fills::new(reads_per_s, writes_per_s, fill_s)?;
        if let Some(ttl_s) = place.span_s("ttl") {
            fills = fills.expiring(ttl_s)?;
        }
        fills = fills.in_flight(unread_s / fill_s, outlives)?;
        if guarded { fills.refusing_old() } else { fills }.solve()
    };
    guards(place)?;
    // Those who wait for a lease's fill are answered with what is newer than any delete by then.
    let waited_s = if coalesced { fill_s } else { 0.0 };
    let whole = whole(place, share, (window_s, waited_s)).map_err(|error| error.to_string())?;
    assume(place, fill_s, sheet);
    let off = tolerance(place, whole.hit_ratio, (fill_s, unread_s), sheet)?;
    let form = if coalesced { CLOSED } else { CHAIN };
    shares(&whole, guarded, (off, unwritten(place)), form, sheet);
    load(place, &whole, off, form, sheet);
    Ok(())
}

/// How far misses may be off, relative to them: what the form leaves out of fills, of their waits
/// for connections, of keys in step or not read yet, and of acts.
fn tolerance(
    place: &Place<'_>,
    hit_ratio: f64,
    (fill_s, unread_s): (f64, f64),
    sheet: &mut Sheet,
) -> Result<f64, String> {
    let rates = &place.rates;
    let coalesced = place.strategy.name == "lease";
    let guarded = place.strategy.name == "versioned";
    let writes_per_fill = rates.writes_per_s / rates.reads_per_s * rates.hottest() * fill_s;
    let mut off = if coalesced { writes_per_fill } else { CHAIN_OFF };
    if !coalesced && fill_s > 0.0 {
        let fill = place.fetch().known().map_err(|error| error.to_string())?;
        off = off.max(off_for(place, &fill).map_err(|error| error.to_string())?);
        if guarded {
            off = off.max(off_for_guarded(place, hit_ratio));
        }
        // The chain takes what is unread at a write for as young as any fill.
        off += 0.5 * writes_per_fill * unread_s / fill_s;
    }
    let wait_s = fetches_wait_s(place, hit_ratio)?;
    off += match (coalesced, place.span_s("ttl")) {
        (false, _) => rates.over_reads(|it| Ok::<f64, String>(it.reads_per_s * wait_s))?,
        (true, Some(ttl_s)) => wait_s / (ttl_s + fill_s),
        (true, None) => 0.0,
    };
    if let Some(ttl_s) = place.span_s("ttl") {
        let times = Times::new(place, ttl_s);
        // The first write of a key takes it out of step.
        let unwritten = |class: &Class| libm::exp(-class.writes_per_s * place.warmup_s);
        let in_step = rates.over_reads(|class| Ok(times.in_step(class) * unwritten(class)));
        let in_step = in_step.map_err(|error: TheoryError| error.to_string())?;
        assume_in_step(in_step, sheet);
        off += in_step;
    }
    off += unfilled(place, hit_ratio, sheet)? + place.rates.acts_per_read();
    Ok(off)
}

/// A fill that outlasts its guard less often than this is taken as one that does not.
const UNGUARDED_FEW: f64 = 1e-6;

/// Guards outlast every fill: a tombstone is there when it lands, and a lease is not given anew
/// while it is on its way.
fn guards(place: &Place<'_>) -> Result<(), String> {
    let (guard, fill) = match place.strategy.name {
        "versioned" => (place.span_s("hold"), place.snapshot_to_set()),
        "lease" => (place.span_s("term"), place.fetch()),
        _ => return Ok(()),
    };
    let late = guard.map_or(0.0, |guard_s| fill.tail(guard_s));
    if late > UNGUARDED_FEW {
        return Err(format!("{:.2} % of fills outlast what guards them", late * 100.0));
    }
    Ok(())
}

/// How long fetches wait for a connection. As many more reads of a key come meanwhile: they miss,
/// too, or a lease's entry is awaited for as much longer.
fn fetches_wait_s(place: &Place<'_>, hit_ratio: f64) -> Result<f64, String> {
    let rates = &place.rates;
    let reads_per_s = rates.reads_per_s * (1.0 - hit_ratio);
    let offered = Offered { reads_per_s, writes_per_s: rates.asked_writes_per_s() };
    Ok(wait(place, offered)?.mean_s)
}

/// More misses than this, relative to those of a steady state, are no small matter.
const UNFILLED_MAX: f64 = 0.1;

/// By how much there are more misses than in a steady state, relative to them, because keys are
/// still read for the first time. A key that is read and whose entry ends at rates λ and μ is in
/// the cache at time t with the probability h (1 - e^(-(λ + μ)t)), if it began without.
///
/// # Errors
/// If that is too much to be taken as nearly steady.
pub(super) fn unfilled(
    place: &Place<'_>,
    hit_ratio: f64,
    sheet: &mut Sheet,
) -> Result<f64, String> {
    let (from_s, window_s) = (place.warmup_s, place.window_s);
    let ends_per_s = place.span_s("ttl").map_or(0.0, f64::recip);
    let missing = |class: &Class| -> Result<f64, TheoryError> {
        let ends = class.writes_per_s + ends_per_s;
        let rate = class.reads_per_s + ends;
        let left = libm::exp(-rate * from_s) * -libm::expm1(-rate * window_s) / (rate * window_s);
        Ok(class.reads_per_s / rate * left)
    };
    let more = place.rates.over_reads(missing).map_err(|error| error.to_string())?;
    let relative = more / (1.0 - hit_ratio);
    if relative > UNFILLED_MAX {
        return Err(format!(
            "the cache is still filling while it is measured: {:.0} % more misses than in a \
             steady state",
            relative * 100.0
        ));
    }
    if relative > 1e-4 {
        sheet.assume(format!(
            "Some keys are read for the first time while it is measured: {:.2} % more misses.",
            relative * 100.0
        ));
    }
    Ok(relative)
}

/// The share of reads of keys that no write has come to yet when it begins to be measured: none of
/// them is stale, and in the long run as many are as of any other.
pub(super) fn unwritten(place: &Place<'_>) -> f64 {
    let ends_per_s = place.span_s("ttl").map_or(0.0, f64::recip);
    let yet = |class: &Class| {
        let ends =
            if class.writes_per_s > 0.0 { class.writes_per_s + ends_per_s } else { f64::INFINITY };
        Ok::<f64, TheoryError>(libm::exp(-ends * place.warmup_s))
    };
    place.rates.over_reads(yet).unwrap_or(1.0)
}

/// Sums over the keys. A class whose rates are within a few percent of the last one solved is
/// scaled from it: solving all of a million would take an hour.
fn whole(
    place: &Place<'_>,
    share: impl Fn(&Class) -> Result<Shares, TheoryError>,
    (window_s, waited_s): (f64, f64),
) -> Result<Whole, TheoryError> {
    let rates = &place.rates;
    let mut whole = Whole::default();
    let mut solved: Option<(Class, Shares)> = None;
    for class in rates.classes.iter().filter(|class| class.reads_per_s > 0.0) {
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 0.05;
        let known = solved.filter(|(known, _)| {
            near(known.reads_per_s, class.reads_per_s)
                && near(known.writes_per_s, class.writes_per_s)
        });
        let of_class = match known {
            Some((_, shares)) => shares,
            None => share(class)?,
        };
        if known.is_none() {
            solved = Some((*class, of_class));
        }
        let reads = class.keys * class.reads_per_s / rates.reads_per_s;
        whole.hit_ratio += reads * of_class.hit_ratio;
        whole.late += reads * of_class.late_fill_share_of_reads;
        whole.late_fills_per_s += class.keys * of_class.late_fills_per_s;
        let held = of_class.hit_ratio / (1.0 + class.writes_per_s * waited_s);
        let fresh = held - of_class.late_fill_share_of_reads;
        whole.in_window += reads * fresh * -libm::expm1(-class.writes_per_s * window_s);
    }
    Ok(whole)
}

fn assume(place: &Place<'_>, fill_s: f64, sheet: &mut Sheet) {
    if place.strategy.name == "lease" {
        sheet.assume("Whoever waits for another's fill is answered by the cache in the end.");
    } else if fill_s > 0.0 {
        sheet.assume(format!(
            "Fills take exponential times, {:.2} ms on average, in which up to {:.2} reads of a \
             key come.",
            fill_s * 1e3,
            place.rates.hottest() * fill_s
        ));
    }
    if place.span_s("ttl").is_some() && place.strategy.name != "lease" {
        sheet.assume("Entries expire at a rate that gives them the right mean life.");
    }
    if place.strategy.name == "versioned" {
        sheet.assume("Tombstones outlive every fill.");
    }
}

fn shares(
    whole: &Whole,
    guarded: bool,
    (off, unwritten): (f64, f64),
    form: &'static str,
    sheet: &mut Sheet,
) {
    let missing = 1.0 - whole.hit_ratio;
    sheet.value("hit_ratio", form, About(whole.hit_ratio, off * missing / whole.hit_ratio));
    let late = "stale_cause.late-fill";
    if guarded {
        sheet.nothing(late, "only a fill slower than its guard's term can be late");
    } else {
        let off = off + unwritten;
        sheet.value(late, form, About(whole.late, off));
        // A writer is told after its delete: what is read in the window is not provable.
        sheet.value("ack_stale_read_ratio", form, About(whole.late, off));
        sheet.late_fills_per_s = Some(whole.late_fills_per_s);
    }
    // The window is a matter of means, whatever the shapes; who reads in it is hardly left out.
    // With leases, not by who misses but by how long those who wait do.
    let of = if form == CLOSED { 1.0 } else { missing };
    let window = About(whole.in_window, 0.02 + off * of);
    sheet.value("stale_cause.in-flight-invalidation", WINDOW, window);
    let stale = whole.late + whole.in_window;
    let (form, off) = match whole.late > whole.in_window {
        true => (form, off + unwritten),
        false => (WINDOW, 0.02 + off + unwritten * whole.late / stale),
    };
    sheet.value("stale_read_ratio", form, About(stale, off));
}

fn load(place: &Place<'_>, whole: &Whole, off: f64, form: &'static str, sheet: &mut Sheet) {
    let rates = &place.rates;
    let missing = 1.0 - whole.hit_ratio;
    let fills = rates.reads_per_s * missing;
    sheet.value("db_reads_per_s", form, About(fills, off));
    let offered = Offered { reads_per_s: fills, writes_per_s: rates.asked_writes_per_s() };
    utilization(place, offered, off, sheet);
    let wait = wait(place, offered).map(|it| guide(place, it, offered));
    let write = place.database_trip_s(&place.world.database.write) + place.cache_trip_s();
    latency(place, sheet, "write_latency_mean_ms", (write, 1.0), 0.0, &wait);
    if place.strategy.name == "lease" {
        let why = "how long readers wait for another's fill has no form";
        sheet.nothing("read_latency_mean_ms", why);
        sheet.nothing("cache_ops_per_s", why);
        return;
    }
    let read = read_without_wait_s(place, missing);
    latency(place, sheet, "read_latency_mean_ms", (read, missing), off, &wait);
    let operations = rates.reads_per_s + fills + rates.writes_per_s;
    sheet.value("cache_ops_per_s", form, About(operations, off * fills / operations));
}
