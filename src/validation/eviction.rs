//! A cache that is full.

use super::study::Study;
use super::ttl::hit_ratio;
use super::worlds::{setup, span};
use crate::strategies::{DeleteOnWrite, TtlOnly};
use crate::theory::eviction::{fifo_or_random, fifo_or_random_exact, lru, lru_exact, zipf_shares};
use crate::theory::expiring_lru::lru_with_ttl;
use crate::time::Span;
use crate::workload::{Popularity, WorkloadConfig};
use crate::world::{Eviction, WorldConfig};

/// How far a hit ratio may be off Che's approximation, as simulations of caches like these have it.
const CHE: f64 = 5e-4;

pub(super) fn studies() -> Vec<Study> {
    let mut studies = Vec::new();
    // Small enough for the exact forms.
    for scene in [(4, 2, 1.0), (5, 3, 0.8), (6, 2, 1.2)] {
        let (keys, capacity, exponent) = scene;
        let shares = zipf_shares(keys, exponent).expect("in range");
        let exact = lru_exact(&shares, capacity).expect("tiny");
        studies.push(full(scene, Eviction::Lru, "eviction::lru_exact", exact, 0.0));
        let exact = fifo_or_random_exact(&shares, capacity).expect("tiny");
        for eviction in [Eviction::Fifo, Eviction::Random] {
            studies.push(full(scene, eviction, "eviction::fifo_or_random_exact", exact, 0.0));
        }
    }
    for (keys, capacity, exponent) in
        [(10_000, 1_000, 0.8), (10_000, 1_000, 1.0), (10_000, 100, 0.8)]
    {
        let shares = zipf_shares(keys, exponent).expect("in range");
        let scene = (keys, capacity, exponent);
        let che = lru(&shares, capacity).expect("in range").hit_ratio;
        studies.push(full(scene, Eviction::Lru, "eviction::lru", che, CHE / che));
        let either = fifo_or_random(&shares, capacity).expect("in range").hit_ratio;
        for eviction in [Eviction::Fifo, Eviction::Random] {
            studies.push(full(scene, eviction, "eviction::fifo_or_random", either, CHE / either));
        }
    }
    // TTLs around the characteristic time, which is 0.28 s, and far above it.
    studies.extend([0.2, 1.0, 5.0].map(expiring));
    studies
}

/// Full, and with a TTL in seconds.
fn expiring(ttl_s: f64) -> Study {
    let (keys, capacity, exponent, rate) = (2_000, 200, 0.8, 1_000.0);
    let shares = zipf_shares(keys, exponent).expect("in range");
    let formula = lru_with_ttl(&shares, capacity, rate, ttl_s).expect("in range");
    let mut world = WorldConfig::instant();
    world.cache.capacity = Some(capacity);
    let mut workload = WorkloadConfig::poisson(rate, keys, 1.0);
    workload.read_keys = Popularity::Zipf { exponent };
    let strategy = TtlOnly { ttl: span(ttl_s), reply_before_fill: false };
    let parameters = format!(
        "{keys} keys, Zipf {exponent}, {capacity} cached, LRU, {rate} reads/s, T {ttl_s} s"
    );
    Study::new(strategy, setup(world, &workload), parameters).lasting(10.0, 1_000.0).within(
        CHE / formula,
        "hit ratio",
        "expiring_lru::lru_with_ttl",
        formula,
        hit_ratio,
    )
}

/// So many keys, so many of them cached, and the popularity's exponent.
fn full(
    (keys, capacity, exponent): (u32, u32, f64),
    eviction: Eviction,
    form: &'static str,
    formula: f64,
    tolerance: f64,
) -> Study {
    let mut world = WorldConfig::instant();
    world.cache.capacity = Some(capacity);
    world.cache.eviction = eviction;
    let mut workload = WorkloadConfig::poisson(10_000.0, keys, 1.0);
    workload.read_keys = Popularity::Zipf { exponent };
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    // The rarer hits are, the more reads it takes.
    let seconds = if capacity == 100 { 200.0 } else { 60.0 };
    let policy = match eviction {
        Eviction::Lru => "LRU",
        Eviction::Fifo => "FIFO",
        Eviction::Random => "random",
    };
    let parameters = format!("{keys} keys, Zipf {exponent}, {capacity} cached, {policy}");
    // Twice what it takes to touch the keys that matter.
    let warmup_s = if keys < 100 { 0.1 } else { 1.0 };
    Study::new(strategy, setup(world, &workload), parameters).lasting(warmup_s, seconds).within(
        tolerance,
        "hit ratio",
        form,
        formula,
        hit_ratio,
    )
}
