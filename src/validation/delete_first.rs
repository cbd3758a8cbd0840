//! Delete-before-write: what is read again between the delete and the commit.

use super::probes::OldCopyProbe;
use super::shapes::{Shape, known};
use super::study::Study;
use super::ttl::stale_reads;
use super::worlds::{per_key, setup};
use crate::metrics::Measurement;
use crate::random::Distribution;
use crate::strategies::DeleteBeforeWrite;
use crate::theory::delete_before_write::DeleteBeforeWrite as Theory;
use crate::time::Span;
use crate::world::{Snapshot, WorldConfig};

/// How far the form for rare writes may be off: where one gap in fifty overlaps with another, which
/// is as far as it goes.
const RARE: f64 = 0.02;

pub(super) fn studies() -> Vec<Study> {
    // Reads and writes per second, and the mean gap in milliseconds.
    let points = [(20.0, 2.0, 20), (5.0, 1.0, 200), (10.0, 4.0, 100)];
    let shapes = |point| Shape::ALL.map(|shape| [whole(point, shape), at_commit(point, shape)]);
    // And the time from a read to its snapshot.
    let slow = [(10.0, 0.1, 200, 50), (5.0, 0.2, 100, 20), (4.0, 0.1, 150, 30)];
    let slow = slow.into_iter().flat_map(|point| Shape::ALL.map(|shape| slow_reads(point, shape)));
    points.into_iter().flat_map(shapes).flatten().chain(slow).collect()
}

fn gaps(shape: Shape, gap_ms: u64) -> WorldConfig {
    let mut world = WorldConfig::instant();
    world.database.write = shape.of(gap_ms * 1_000);
    world
}

fn theory(reads: f64, writes: f64, world: &WorldConfig) -> Theory {
    Theory::new(reads, writes, known(&world.database.write)).expect("in range")
}

/// Of all writes, those whose writer found an old row at its commit.
fn old_copies(run: &Measurement) -> f64 {
    run.counts.failed as f64 / (run.counts.failed + run.counts.writes) as f64
}

fn whole((reads, writes, gap_ms): (f64, f64, u64), shape: Shape) -> Study {
    let world = gaps(shape, gap_ms);
    let formula = theory(reads, writes, &world).stale_share_of_reads();
    let strategy = DeleteBeforeWrite { ttl: Span::FOREVER };
    let parameters = format!("λ {reads}/s, μ {writes}/s, gap {gap_ms} ms");
    Study::new(strategy, setup(world, &per_key(5, reads, writes)), parameters)
        .shaped(shape)
        .lasting(10.0, 260_000.0 / writes)
        .exact(
            "stale share of reads",
            "delete_before_write::DeleteBeforeWrite::stale_share_of_reads",
            formula,
            stale_reads,
        )
}

fn at_commit((reads, writes, gap_ms): (f64, f64, u64), shape: Shape) -> Study {
    let world = gaps(shape, gap_ms);
    let formula = theory(reads, writes, &world).old_copy_at_commit();
    let parameters = format!("λ {reads}/s, μ {writes}/s, gap {gap_ms} ms, looked at the commit");
    Study::new(OldCopyProbe, setup(world, &per_key(5, reads, writes)), parameters)
        .shaped(shape)
        .lasting(10.0, 130_000.0 / writes)
        .exact(
            "old copies per write",
            "delete_before_write::DeleteBeforeWrite::old_copy_at_commit",
            formula,
            old_copies,
        )
}

/// Reads whose snapshot comes a while after they began, and rare writes.
fn slow_reads((reads, writes, gap_ms, snapshot_ms): (f64, f64, u64, u64), shape: Shape) -> Study {
    let mut world = gaps(shape, gap_ms);
    world.database.snapshot = Snapshot::End;
    let snapshot = Span::from_millis(snapshot_ms);
    world.database.read = Distribution::Constant(snapshot);
    let theory = theory(reads, writes, &world);
    let formula = theory.stale_fill_per_write(snapshot.as_secs_f64()).expect("in range");
    let parameters = format!(
        "λ {reads}/s, μ {writes}/s, gap {gap_ms} ms, snapshot {snapshot_ms} ms after a read began"
    );
    Study::new(OldCopyProbe, setup(world, &per_key(5, reads, writes)), parameters)
        .shaped(shape)
        .lasting(6.0 / writes, 90_000.0 / writes)
        .within(
            RARE,
            "old copies per write",
            "delete_before_write::DeleteBeforeWrite::stale_fill_per_write",
            formula,
            old_copies,
        )
}
