//! TTL-only with fetches that take time: delayed hits, and stampedes.

use super::probes::{ADD_KEYS, AddProbe, Joiner, SingleFlight};
use super::shapes::{Shape, known};
use super::study::Study;
use super::ttl::{hit_ratio, stale_hits, stale_reads};
use super::watch::Joiners;
use super::worlds::{per_key, seconds, setup};
use crate::metrics::Measurement;
use crate::op::Key;
use crate::strategies::TtlOnly;
use crate::theory::delayed_hits::{Coalesced, uncoalesced_add_miss_ratio, uncoalesced_miss_ratio};
use crate::theory::stampede::misses_per_expiry;
use crate::time::Span;
use crate::world::WorldConfig;

/// So many looks in the mean time of a fetch.
const LOOKS: u64 = 20;

pub(super) fn studies() -> Vec<Study> {
    let mut studies = Vec::new();
    for shape in Shape::ALL {
        // Reads and writes per second, the TTL and the fetch in milliseconds.
        let coalesced = [(10.0, 1.0, 1_000, 100), (10.0, 2.0, 500, 50), (20.0, 0.5, 500, 100)];
        studies.extend(coalesced.map(|point| one_fetch(point, shape)));
        let waiting = [(1.0, 1.0, 1_000, 100), (2.0, 1.0, 500, 50), (1.0, 2.0, 500, 200)];
        studies.extend(waiting.map(|point| waits(point, shape)));
        // Reads per second at a fetch of 100 ms.
        studies.extend([10.0, 40.0, 160.0].map(|reads| stampede(reads, shape)));
    }
    let sets = [
        (100.0, 200, 50),
        (10.0, 500, 200),
        (20.0, 100, 100),
        (2.0, 1_000, 100),
        (300.0, 300, 100),
        (5.0, 2_000, 1_000),
    ];
    studies.extend(sets.map(each_sets));
    studies
}

/// Reads that wait, looked at by themselves.
pub(super) fn joiners() -> Vec<Study<Joiners>> {
    // Reads and writes per second, the TTL and the fetch in milliseconds.
    let points = [(10.0, 2.0, 500, 100), (10.0, 5.0, 250, 100), (5.0, 1.0, 500, 200)];
    let shapes = |point| Shape::ALL.map(|shape| joined(point, shape));
    points.into_iter().flat_map(shapes).collect()
}

fn joined((reads, writes, ttl_ms, fetch_ms): (f64, f64, u64, u64), shape: Shape) -> Study<Joiners> {
    let world = world(shape, fetch_ms);
    let fetch = known(&world.database.read);
    let theory = Coalesced::new(reads, seconds(ttl_ms), fetch.clone()).expect("in range");
    let stale = theory.stale_share_of_delayed(writes, &fetch).expect("in range");
    let look = Span::from_micros(fetch_ms * 1_000 / LOOKS);
    let joiner = Joiner::LooksAgain(look);
    let strategy = SingleFlight { ttl: Span::from_millis(ttl_ms), joiner, deletes: false };
    let parameters =
        format!("λ {reads}/s, μ {writes}/s, T {ttl_ms} ms, fetch {fetch_ms} ms, those that wait");
    let setup = setup(world, &per_key(5, reads, writes));
    // Who waits is stale with all others that do, so that it takes many fetches.
    let fetches = if shape == Shape::Lognormal { 1_700_000.0 } else { 850_000.0 };
    Study::watched(strategy, setup, parameters, Joiners::new)
        .shaped(shape)
        .lasting(20.0, fetches * seconds(ttl_ms + fetch_ms))
        .exact(
            "stale share of those that wait",
            "delayed_hits::Coalesced::stale_share_of_delayed",
            stale,
            Joiners::stale_share,
        )
}

fn world(shape: Shape, fetch_ms: u64) -> WorldConfig {
    let mut world = WorldConfig::instant();
    world.database.read = shape.of(fetch_ms * 1_000);
    world
}

/// One fetch at a time, and reads that come during it counted apart.
fn one_fetch((reads, writes, ttl_ms, fetch_ms): (f64, f64, u64, u64), shape: Shape) -> Study {
    let world = world(shape, fetch_ms);
    let fetch = known(&world.database.read);
    let theory = Coalesced::new(reads, seconds(ttl_ms), fetch.clone()).expect("in range");
    let stale = theory.stale_share_of_hits(writes, &fetch).expect("in range");
    let strategy =
        SingleFlight { ttl: Span::from_millis(ttl_ms), joiner: Joiner::Fails, deletes: false };
    let parameters =
        format!("λ {reads}/s, μ {writes}/s, T {ttl_ms} ms, fetch {fetch_ms} ms, one at a time");
    let all = |run: &Measurement| (run.counts.reads + run.counts.failed) as f64;
    let hits = move |run: &Measurement| run.counts.hits as f64 / all(run);
    let misses = move |run: &Measurement| (run.counts.reads - run.counts.hits) as f64 / all(run);
    let delayed = move |run: &Measurement| run.counts.failed as f64 / all(run);
    Study::new(strategy, setup(world, &per_key(5, reads, writes)), parameters)
        .shaped(shape)
        .lasting(20.0, 200_000.0 * seconds(ttl_ms + fetch_ms))
        .exact(
            "share that misses",
            "delayed_hits::Coalesced::miss_share",
            theory.miss_share(),
            misses,
        )
        .exact(
            "share that waits",
            "delayed_hits::Coalesced::delayed_share",
            theory.delayed_share(),
            delayed,
        )
        .exact("share that hits", "delayed_hits::Coalesced::hit_share", theory.hit_share(), hits)
        .exact(
            "stale share of hits",
            "delayed_hits::Coalesced::stale_share_of_hits",
            stale,
            stale_hits,
        )
}

/// One fetch at a time, and reads that come during it wait for its row.
fn waits((reads, writes, ttl_ms, fetch_ms): (f64, f64, u64, u64), shape: Shape) -> Study {
    let world = world(shape, fetch_ms);
    let fetch = known(&world.database.read);
    let theory = Coalesced::new(reads, seconds(ttl_ms), fetch.clone()).expect("in range");
    let stale = theory.stale_share_of_reads(writes, &fetch).expect("in range");
    let look = Span::from_micros(fetch_ms * 1_000 / LOOKS);
    let strategy = SingleFlight {
        ttl: Span::from_millis(ttl_ms),
        joiner: Joiner::LooksAgain(look),
        deletes: false,
    };
    // Who looks every so often finds it half of that late.
    let wait = theory.wait_mean_s() + 0.5 * look.as_secs_f64() * theory.delayed_share();
    let parameters =
        format!("λ {reads}/s, μ {writes}/s, T {ttl_ms} ms, fetch {fetch_ms} ms, joiners wait");
    let wait_mean = |run: &Measurement| run.reads.sum_ns as f64 / 1e9 / run.counts.reads as f64;
    Study::new(strategy, setup(world, &per_key(5, reads, writes)), parameters)
        .shaped(shape)
        .lasting(20.0, 550_000.0 * seconds(ttl_ms + fetch_ms))
        .exact("mean wait, s", "delayed_hits::Coalesced::wait_mean_s", wait, wait_mean)
        .exact(
            "stale share of reads",
            "delayed_hits::Coalesced::stale_share_of_reads",
            stale,
            stale_reads,
        )
}

/// A fetch for each read that misses, the first of which fills.
fn stampede(reads: f64, shape: Shape) -> Study {
    let fetch_ms = 100;
    // Longer than any fetch, so that none is left when the next stampede begins.
    let ttl_ms = fetch_ms * if shape == Shape::Constant { 2 } else { 15 };
    let world = world(shape, fetch_ms);
    let fetch = known(&world.database.read);
    let misses = misses_per_expiry(reads, &fetch).expect("in range");
    let strategy = AddProbe { ttl: Span::from_millis(ttl_ms) };
    let ratios = (0..ADD_KEYS).map(|key| {
        let ttl_s = strategy.ttl_of(Key(key)).as_secs_f64();
        uncoalesced_add_miss_ratio(reads, ttl_s, &fetch).expect("in range")
    });
    let ratio = ratios.sum::<f64>() / f64::from(ADD_KEYS);
    let parameters =
        format!("λ {reads}/s, T {ttl_ms} ms and more, fetch {fetch_ms} ms, the first adds");
    let missed =
        |run: &Measurement| (run.counts.reads - run.counts.hits + run.counts.failed) as f64;
    let per_expiry = move |run: &Measurement| missed(run) / run.counts.failed as f64;
    let of_reads =
        move |run: &Measurement| missed(run) / (run.counts.reads + run.counts.failed) as f64;
    Study::new(strategy, setup(world, &per_key(ADD_KEYS, reads, 0.0)), parameters)
        .shaped(shape)
        .lasting(8.0 * seconds(ttl_ms), 4_500.0 * seconds(ttl_ms))
        .exact("misses per expiry", "stampede::misses_per_expiry", misses, per_expiry)
        .exact("miss ratio", "delayed_hits::uncoalesced_add_miss_ratio", ratio, of_reads)
}

/// A fetch for each read that misses, and each of them sets.
fn each_sets((reads, ttl_ms, fetch_ms): (f64, u64, u64)) -> Study {
    let shape = Shape::Constant;
    let formula = uncoalesced_miss_ratio(reads, seconds(ttl_ms), seconds(fetch_ms));
    let strategy = TtlOnly { ttl: Span::from_millis(ttl_ms), reply_before_fill: false };
    let parameters = format!("λ {reads}/s, T {ttl_ms} ms, fetch {fetch_ms} ms, each sets");
    Study::new(strategy, setup(world(shape, fetch_ms), &per_key(5, reads, 0.0)), parameters)
        .shaped(shape)
        .lasting(100.0 * seconds(ttl_ms + fetch_ms), 14_000.0 * seconds(ttl_ms + fetch_ms))
        .exact(
            "miss ratio",
            "delayed_hits::uncoalesced_miss_ratio",
            formula.expect("in range"),
            |run| 1.0 - hit_ratio(run),
        )
}
