//! The simulation against closed forms it shares no code with.
//!
//! Each comparison takes independent replications, demands that their mean lies within 3.5
//! standard errors of the formula (plus a stated model tolerance, for approximations), and
//! demands that 3.5 standard errors be small: a test that could not fail shows nothing.

use stalelab::metrics::Measurement;
use stalelab::op::{Job, Key, Outcome};
use stalelab::random::Distribution;
use stalelab::simulation::{Disturbance, DisturbanceKind, Setup};
use stalelab::strategies::{DeleteOnWrite, NoCache, TtlOnly};
use stalelab::strategy::{Io, Strategy};
use stalelab::theory::eviction;
use stalelab::theory::invalidation::{Delay, DeleteOnWrite as Invalidation};
use stalelab::theory::queueing::{Queue, closed_loop, single_server_wait_mean_s};
use stalelab::theory::stale_set::StaleSetRace;
use stalelab::theory::ttl::{TtlOnly as TtlTheory, ttl_only_keys};
use stalelab::time::{Span, Time};
use stalelab::workload::{Arrivals, Popularity, WorkloadConfig};
use stalelab::world::{Eviction, Snapshot, WorldConfig};

use crate::support::{constant_us, exponential_us, instant_world, measure, open_loop, setup};

const REPLICATIONS: u64 = 10;

fn replications<S: Strategy>(strategy: &S, setup: &Setup, warmup: Span) -> Vec<Measurement> {
    (0..REPLICATIONS).map(|seed| measure(strategy, setup, warmup, seed)).collect()
}

/// Compares the mean of a quantity over replications with its formula.
#[track_caller]
fn agrees_within(
    what: &str,
    runs: &[Measurement],
    quantity: impl Fn(&Measurement) -> f64,
    formula: f64,
    resolution: f64,
    model_tolerance: f64,
) {
    let values: Vec<f64> = runs.iter().map(quantity).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let allowed = 3.5 * (variance / n).sqrt();
    let off = (mean - formula).abs();
    assert!(
        off <= allowed + model_tolerance,
        "{what}: simulated {mean}, formula {formula}, {off} apart, {allowed} allowed"
    );
    assert!(
        allowed <= resolution * formula.abs(),
        "{what}: too coarse to tell: {allowed} of {formula}"
    );
}

#[track_caller]
fn agrees(
    what: &str,
    runs: &[Measurement],
    quantity: impl Fn(&Measurement) -> f64,
    formula: f64,
    resolution: f64,
) {
    agrees_within(what, runs, quantity, formula, resolution, 0.0);
}

fn hit_ratio(run: &Measurement) -> f64 {
    run.counts.hits as f64 / run.counts.reads as f64
}

fn stale_hits(run: &Measurement) -> f64 {
    run.counts.stale as f64 / run.counts.hits as f64
}

fn age_mean_s(run: &Measurement) -> f64 {
    run.ages.sum_ns as f64 / 1e9 / run.counts.stale as f64
}

/// `keys` keys, each read and written so often a second.
fn per_key(keys: u32, reads: f64, writes: f64) -> WorkloadConfig {
    let both = reads + writes;
    open_loop(both * f64::from(keys), keys, reads / both)
}

#[test]
fn ttl_only_hits_staleness_age_and_lag() {
    for (reads, writes, ttl_s, keys) in
        [(10.0, 0.1, 10.0, 100), (1.0, 0.05, 60.0, 200), (5.0, 1.0, 2.0, 100)]
    {
        let workload = per_key(keys, reads, writes);
        let ttl = Span((ttl_s * 1e9) as u64);
        // Keys are filled in step with the start of the run: only whole cycles count evenly.
        let cycle_ns = (ttl_s + 1.0 / reads) * 1e9;
        let length = Span((cycle_ns * 33.0) as u64);
        let setup = setup(instant_world(), &workload, length);
        let strategy = TtlOnly { ttl, reply_before_fill: false };
        let runs = replications(&strategy, &setup, Span((cycle_ns * 3.0) as u64));
        let theory = TtlTheory::new(reads, writes, ttl_s).expect("in range");
        // The edges of the window may cut off a tenth of a cycle's fill.
        let edge = 0.1 / (reads * 30.0 * cycle_ns / 1e9);
        agrees_within("hit ratio", &runs, hit_ratio, theory.hit_ratio(), 0.01, edge);
        agrees("stale share of hits", &runs, stale_hits, theory.stale_share_of_hits(), 0.03);
        agrees("age of stale reads", &runs, age_mean_s, theory.stale_age_mean_s(), 0.03);
        let tail = |run: &Measurement| {
            let older = run.ages.histogram.count_between((ttl_s * 0.5e9) as u64, u64::MAX);
            older as f64 / run.counts.hits as f64
        };
        let half = theory.age_tail_of_hits(ttl_s / 2.0);
        // The histogram's bins are a thousandth wide, which blurs the border by as much.
        agrees_within("tail of the age", &runs, tail, half, 0.08, 0.004 * half);
        let lag = |run: &Measurement| run.counts.version_lag_sum as f64 / run.counts.hits as f64;
        agrees("version lag", &runs, lag, theory.lag_mean_of_hits(), 0.05);
    }
}

#[test]
fn staleness_depends_on_which_keys_are_written() {
    let keys = 300;
    let shares = eviction::zipf_shares(keys, 1.0).expect("in range");
    let (reads, writes, ttl_s) = (900.0, 9.0, 20.0);
    let mut workload = open_loop(reads + writes, keys, reads / (reads + writes));
    workload.read_keys = Popularity::Zipf { exponent: 1.0 };
    let strategy = TtlOnly { ttl: Span::from_secs(20), reply_before_fill: false };
    let mut stale = Vec::new();
    for uniform in [false, true] {
        workload.write_keys = uniform.then_some(Popularity::Uniform);
        let rates: Vec<(f64, f64)> = shares
            .iter()
            .map(|share| {
                let written = if uniform { 1.0 / f64::from(keys) } else { *share };
                (reads * share, writes * written)
            })
            .collect();
        let theory = ttl_only_keys(rates, ttl_s).expect("in range");
        let setup = setup(instant_world(), &workload, Span::from_secs(500));
        let runs = replications(&strategy, &setup, Span::from_secs(60));
        // A window's edges cut off up to one fill of each key.
        let edge = f64::from(keys) / (reads * 440.0);
        agrees_within("hit ratio", &runs, hit_ratio, theory.hit_ratio, 0.01, edge);
        let share = |run: &Measurement| run.counts.stale as f64 / run.counts.reads as f64;
        agrees("stale share", &runs, share, theory.stale_share_of_reads, 0.12);
        stale.push(theory.stale_share_of_reads);
    }
    assert!(stale[0] > 2.0 * stale[1], "the same writes, spread otherwise: {stale:?}");
}

/// Deletes a while after the commit: the second write to the database does nothing but take the
/// time that the database's writes take.
struct DeleteLater {
    constant: Option<Span>,
}

impl Strategy for DeleteLater {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set(key, row, Span::FOREVER).await?;
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        match self.constant {
            Some(delay) => io.jobs.after(delay, key, Job::default()).await?,
            None => {
                io.db.apply(key, row).await?;
                io.cache.delete(key).await?;
            }
        }
        Ok(row)
    }

    async fn job(&self, io: &mut Io<'_>, key: Key, _: Job) -> Outcome {
        io.cache.delete(key).await?;
        io.db.read(key).await
    }
}

#[test]
fn delete_on_write_with_a_constant_and_an_exponential_delay() {
    for (reads, writes, delay_ms) in [(50.0, 1.0, 50), (20.0, 0.5, 1_000)] {
        let delay_s = f64::from(delay_ms) / 1e3;
        let theory = Invalidation::new(reads, writes, 0.0, None).expect("in range");
        let workload = per_key(20, reads, writes);
        let length = Span::from_secs(400);
        let constant =
            DeleteLater { constant: Some(Span::from_millis(u64::from(delay_ms as u32))) };
        let runs = replications(
            &constant,
            &setup(instant_world(), &workload, length),
            Span::from_secs(20),
        );
        agrees("hit ratio", &runs, hit_ratio, theory.hit_ratio(), 0.01);
        let formula = theory.stale_share_of_hits(Delay::Constant(delay_s)).expect("in range");
        agrees("constant delay", &runs, stale_hits, formula, 0.03);

        let mut world = instant_world();
        world.database.write = exponential_us(u64::from(delay_ms as u32) * 1_000);
        let exponential = DeleteLater { constant: None };
        let runs =
            replications(&exponential, &setup(world, &workload, length), Span::from_secs(20));
        let formula = theory.stale_share_of_hits(Delay::Exponential(delay_s)).expect("in range");
        agrees("exponential delay", &runs, stale_hits, formula, 0.03);
    }
}

#[test]
fn delete_on_write_that_loses_a_share_of_its_deletes() {
    let mut setup = setup(instant_world(), &per_key(20, 20.0, 2.0), Span::from_secs(400));
    let delete = Disturbance {
        at: Time::ZERO,
        until: Time::NEVER,
        kind: DisturbanceKind::Lose { operation: 3, probability: 0.1 },
    };
    setup.disturbances = vec![delete];
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    let runs = replications(&strategy, &setup, Span::from_secs(20));
    agrees("lost deletes", &runs, stale_hits, 0.1, 0.08);
    assert!(runs.iter().all(|run| run.counts.stale_by_cause[3] == run.counts.stale));
}

/// A reader that fails if, when it would fill, the invalidation of a newer version has landed.
struct RaceProbe;

impl Strategy for RaceProbe {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.read(key).await?;
        let landed = io.cache.get(key).await?;
        match landed {
            Some(newest) if newest.version > row.version => Err(stalelab::op::Fault::Unavailable),
            _ => Ok(row),
        }
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.db.apply(key, row).await?;
        io.cache.set_if_newer(key, row, Span::FOREVER).await?;
        Ok(row)
    }
}

#[test]
fn the_stale_set_race_per_fill() {
    for (writes, fill_ms, delete_ms) in [(1.0, 10, 10), (5.0, 20, 5)] {
        let race = StaleSetRace::new(writes, fill_ms as f64 / 1e3, delete_ms as f64 / 1e3);
        let race = race.expect("in range");
        let workload = per_key(50, 60.0, writes);
        let lost = |run: &Measurement| {
            run.counts.failed as f64 / (run.counts.failed + run.counts.reads) as f64
        };
        let mut world = instant_world();
        world.database.read = exponential_us(fill_ms * 1_000);
        world.database.write = exponential_us(delete_ms * 1_000);
        let runs = replications(
            &RaceProbe,
            &setup(world, &workload, Span::from_secs(60)),
            Span::from_secs(1),
        );
        agrees("exponential", &runs, lost, race.exponential(), 0.06);

        let mut world = instant_world();
        world.database.read = constant_us(fill_ms * 1_000);
        world.database.write = constant_us(delete_ms * 1_000);
        let runs = replications(
            &RaceProbe,
            &setup(world, &workload, Span::from_secs(60)),
            Span::from_secs(1),
        );
        if fill_ms > delete_ms {
            agrees("constant", &runs, lost, race.constant(), 0.03);
        } else {
            assert!(runs.iter().all(|run| run.counts.failed == 0), "constant times hide the race");
        }
    }
}

fn database(rate: f64, connections: u32, service: Distribution) -> (WorldConfig, WorkloadConfig) {
    let mut world = instant_world();
    world.database.connections = connections;
    world.database.snapshot = Snapshot::End;
    world.database.read = service;
    (world, open_loop(rate, 10, 1.0))
}

fn wait_mean_s(run: &Measurement) -> f64 {
    run.counts.db_wait_ns as f64 / 1e9 / run.counts.db_arrivals as f64
}

fn utilization(run: &Measurement) -> f64 {
    let capacity = run.window.length().0 as f64 * f64::from(run.connections);
    run.counts.db_busy_ns as f64 / capacity
}

#[test]
fn one_and_many_connections_against_erlang() {
    for (rate, connections, seconds) in [(80.0, 1, 3_000), (800.0, 10, 400), (900.0, 10, 600)] {
        let (world, workload) = database(rate, connections, exponential_us(10_000));
        let setup = setup(world, &workload, Span::from_secs(seconds));
        let runs = replications(&NoCache, &setup, Span::from_secs(10));
        let queue = Queue::new(rate, 0.01, connections).expect("stable");
        agrees("utilisation", &runs, utilization, queue.utilization(), 0.01);
        agrees("mean wait", &runs, wait_mean_s, queue.wait_mean_s(), 0.1);
        let p99 = |run: &Measurement| run.reads.histogram.value_at_quantile(0.99) as f64 / 1e9;
        let formula = queue.sojourn_quantile_s(0.99).expect("a quantile");
        // Three digits of the histogram.
        agrees_within("99th percentile", &runs, p99, formula, 0.1, 0.001 * formula);
    }
}

#[test]
fn one_connection_against_pollaczek_and_khinchine() {
    let lognormal =
        Distribution::Lognormal { median: Span::from_millis(5), p99: Span::from_millis(20) };
    for service in [constant_us(10_000), lognormal] {
        let (mean, variance) = (service.mean(), service.variance());
        let rate = 0.7 / mean;
        let (world, workload) = database(rate, 1, service);
        let setup = setup(world, &workload, Span::from_secs(1_500));
        let runs = replications(&NoCache, &setup, Span::from_secs(10));
        let formula = single_server_wait_mean_s(rate, mean, variance).expect("stable");
        agrees("mean wait", &runs, wait_mean_s, formula, 0.1);
    }
}

#[test]
fn a_closed_loop_against_the_machine_repairman() {
    for (clients, connections) in [(50, 1), (100, 1), (200, 1), (500, 4)] {
        let (world, mut workload) = database(1.0, connections, exponential_us(10_000));
        workload.clients = clients;
        workload.arrivals = Arrivals::Closed { think: exponential_us(1_000_000) };
        let setup = setup(world, &workload, Span::from_secs(620));
        let runs = replications(&NoCache, &setup, Span::from_secs(20));
        let theory = closed_loop(clients, 1.0, 0.01, connections).expect("in range");
        let throughput =
            |run: &Measurement| run.counts.reads as f64 / run.window.length().as_secs_f64();
        agrees("throughput", &runs, throughput, theory.throughput_per_s, 0.02);
        let response = |run: &Measurement| run.reads.sum_ns as f64 / 1e9 / run.counts.reads as f64;
        agrees("response", &runs, response, theory.response_mean_s, 0.08);
        // At saturation every run is busy all the time, and the formula just short of it.
        agrees_within("utilisation", &runs, utilization, theory.utilization, 0.02, 1e-6);
    }
}

#[test]
fn eviction_against_exact_values_and_che() {
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    let compare = |keys: u32, capacity: u32, exponent, eviction, formula: f64, model| {
        let mut world = instant_world();
        world.cache.capacity = Some(capacity);
        world.cache.eviction = eviction;
        let mut workload = open_loop(10_000.0, keys, 1.0);
        workload.read_keys = Popularity::Zipf { exponent };
        let setup = setup(world, &workload, Span::from_secs(12));
        let runs = replications(&strategy, &setup, Span::from_secs(3));
        let what = format!("{keys} keys, capacity {capacity}, {eviction:?}");
        agrees_within(&what, &runs, hit_ratio, formula, 0.01, model);
    };
    let four = eviction::zipf_shares(4, 1.0).expect("in range");
    let lru = eviction::lru_exact(&four, 2).expect("tiny");
    let fifo = eviction::fifo_or_random_exact(&four, 2).expect("tiny");
    assert!((lru - 0.603_845).abs() < 1e-6 && (fifo - 0.588_571).abs() < 1e-6);
    compare(4, 2, 1.0, Eviction::Lru, lru, 0.0);
    compare(4, 2, 1.0, Eviction::Fifo, fifo, 0.0);
    compare(4, 2, 1.0, Eviction::Random, fifo, 0.0);
    for exponent in [0.8, 1.0] {
        let shares = eviction::zipf_shares(10_000, exponent).expect("in range");
        let lru = eviction::lru(&shares, 1_000).expect("in range");
        let fifo = eviction::fifo_or_random(&shares, 1_000).expect("in range");
        compare(10_000, 1_000, exponent, Eviction::Lru, lru.hit_ratio, 5e-4);
        compare(10_000, 1_000, exponent, Eviction::Fifo, fifo.hit_ratio, 5e-4);
    }
}
