//! Caches filled from a replica that lags.

use super::probes::LagProbe;
use super::shapes::{Shape, known};
use super::study::Study;
use super::ttl::stale_reads;
use super::worlds::{per_key, setup};
use crate::metrics::Measurement;
use crate::random::Distribution;
use crate::simulation::Setup;
use crate::strategies::{DeleteOnWrite, DoubleDelete, NoCache};
use crate::theory::replica::{FilledFromReplica, InOrderLag};
use crate::time::Span;
use crate::workload::WorkloadConfig;
use crate::world::{ReadsFrom, WorldConfig};

const KEYS: u32 = 20;

/// What 20 looks in a mean time may leave of a lag.
const LOOKS: f64 = 0.002;

pub(super) fn studies() -> Vec<Study> {
    let points = [(4.0, 1.0, 50, 120.0), (8.0, 4.0, 20, 150.0), (2.0, 1.0, 200, 60.0)];
    let shapes = |point| Shape::ALL.map(|shape| point_and_shape(point, shape));
    let filled = points.into_iter().flat_map(shapes).flatten();
    // Commits per second of all keys, and the mean time of arrival in milliseconds.
    let lags = [(1.0, 100), (5.0, 50), (0.5, 400)];
    let shapes = |point| Shape::ALL.map(|shape| [lag_tail(point, shape), lag_mean(point, shape)]);
    filled.chain(lags.into_iter().flat_map(shapes).flatten()).collect()
}

/// One replica, and writers that look there for what they committed.
fn looking(commits: f64, arrival: Distribution, look: Span) -> Setup {
    let mut world = WorldConfig::instant();
    world.database.replicas = 1;
    world.database.replica_lag = arrival;
    world.database.reads_from = ReadsFrom::Replica;
    world.database.read = Distribution::Constant(look);
    setup(world, &WorkloadConfig::poisson(commits, 1_000, 0.0))
}

/// Commits that are not applied half as long after they were made as they take on average.
fn lag_tail((commits, arrival_ms): (f64, u64), shape: Shape) -> Study {
    let arrival = shape.of(arrival_ms * 1_000);
    let look = Span::from_micros(arrival_ms * 500);
    let lag = InOrderLag::new(commits, known(&arrival)).expect("in range");
    let formula = lag.tail(look.as_secs_f64());
    let parameters = format!("{commits} commits/s, arrive in {arrival_ms} ms, one look");
    let late = |run: &Measurement| {
        run.counts.failed as f64 / (run.counts.failed + run.counts.writes) as f64
    };
    let probe = LagProbe { until_found: false };
    Study::new(probe, looking(commits, arrival, look), parameters)
        .shaped(shape)
        .lasting(10.0, 600_000.0 / commits)
        .exact("commits not applied in time", "replica::InOrderLag::tail", formula, late)
}

/// How long it takes until a commit is found; by looks of which one ends well before a constant
/// time of arrival, and the next well after it.
fn lag_mean((commits, arrival_ms): (f64, u64), shape: Shape) -> Study {
    let arrival = shape.of(arrival_ms * 1_000);
    let look = Span::from_micros(arrival_ms * 2_000 / 41);
    let lag = InOrderLag::new(commits, known(&arrival)).expect("in range");
    let parameters = format!("{commits} commits/s, arrive in {arrival_ms} ms, looked for");
    // The last look, and half of one on average until it began.
    let spent_s = 1.5 * look.as_secs_f64();
    let lag_s = move |run: &Measurement| {
        run.writes.sum_ns as f64 / 1e9 / run.counts.writes as f64 - spent_s
    };
    // One that is late holds up all behind it.
    let looked_for = if shape == Shape::Lognormal { 1_600_000.0 } else { 600_000.0 };
    let probe = LagProbe { until_found: true };
    Study::new(probe, looking(commits, arrival, look), parameters)
        .shaped(shape)
        .lasting(10.0, looked_for / commits)
        .within(LOOKS, "mean lag, s", "replica::InOrderLag::mean_s", lag.mean_s(), lag_s)
}

/// Reads and writes of a key per second, the mean lag in milliseconds, and how many thousand writes
/// of each key it takes.
fn point_and_shape(
    (reads, writes, lag_ms, thousands): (f64, f64, u64, f64),
    shape: Shape,
) -> [Study; 3] {
    let distribution = shape.of(lag_ms * 1_000);
    let commits = writes * f64::from(KEYS);
    let lag = InOrderLag::new(commits, known(&distribution)).expect("in range");
    let theory = FilledFromReplica::new(reads, writes).expect("in range");
    let after = Span::from_millis(lag_ms);
    let twice = theory.stale_share_with_second_delete(&lag, after.as_secs_f64());
    let world = || -> WorldConfig {
        let mut world = WorldConfig::instant();
        world.database.replicas = 2;
        world.database.replica_lag = distribution.clone();
        world.database.reads_from = ReadsFrom::Replica;
        world
    };
    let setup = || setup(world(), &per_key(KEYS, reads, writes));
    let parameters = |what: &str| format!("λ {reads}/s, μ {writes}/s, lag {lag_ms} ms, {what}");
    let quantity = "stale share of reads";
    let length = thousands * 1_000.0 / writes;
    [
        Study::new(NoCache, setup(), parameters("no cache"))
            .shaped(shape)
            .lasting(10.0, length)
            .exact(
                quantity,
                "replica::FilledFromReplica::stale_share_without_cache",
                theory.stale_share_without_cache(&lag),
                stale_reads,
            ),
        Study::new(
            DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false },
            setup(),
            parameters("delete on write"),
        )
        .shaped(shape)
        .lasting(10.0, length)
        .exact(
            quantity,
            "replica::FilledFromReplica::stale_share",
            theory.stale_share(&lag),
            stale_reads,
        ),
        Study::new(
            DoubleDelete { ttl: Span::FOREVER, delay: after },
            setup(),
            parameters("second delete as late"),
        )
        .shaped(shape)
        .lasting(10.0, length)
        .exact(
            quantity,
            "replica::FilledFromReplica::stale_share_with_second_delete",
            twice.expect("in range"),
            stale_reads,
        ),
    ]
}
