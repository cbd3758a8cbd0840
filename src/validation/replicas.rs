//! Caches filled from a replica that lags.

use super::shapes::{Shape, known};
use super::study::Study;
use super::ttl::stale_reads;
use super::worlds::{per_key, setup};
use crate::strategies::{DeleteOnWrite, DoubleDelete, NoCache};
use crate::theory::replica::{FilledFromReplica, InOrderLag};
use crate::time::Span;
use crate::world::{ReadsFrom, WorldConfig};

const KEYS: u32 = 20;

pub(super) fn studies() -> Vec<Study> {
    let points = [(4.0, 1.0, 50, 120.0), (8.0, 4.0, 20, 150.0), (2.0, 1.0, 200, 60.0)];
    let shapes = |point| Shape::ALL.map(|shape| point_and_shape(point, shape));
    points.into_iter().flat_map(shapes).flatten().collect()
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
