//! The simulation against closed forms: the quick form of `stalelab validate`, and what has no row.

use stalelab::experiment::Options;
use stalelab::metrics::Measurement;
use stalelab::op::OP_KINDS;
use stalelab::simulation::{Disturbance, DisturbanceKind};
use stalelab::strategies::DeleteOnWrite;
use stalelab::time::{Span, Time};
use stalelab::validation::{Depth, Outcome, run};
use stalelab::workload::WorkloadConfig;
use stalelab::world::WorldConfig;

use crate::support::{constant_us, measure, setup};

#[test]
fn theory_and_simulation_agree() {
    let rows = run(Depth::Quick, &Options::default(), &()).expect("nothing stops it");
    let wrong: Vec<_> =
        rows.iter().filter(|row| row.outcome(Depth::Quick) == Outcome::Differs).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Some are too coarse at this depth; most must not be, or this shows nothing.
    let agree = rows.iter().filter(|row| row.outcome(Depth::Quick) == Outcome::Agrees).count();
    assert!(rows.len() > 100 && agree * 20 > rows.len() * 19, "{agree} of {}", rows.len());
}

/// Fills and deletes that each take the same time, always.
fn constant_times(fill_us: u64, delete_us: u64) -> Measurement {
    let mut world = WorldConfig::instant();
    world.database.read = constant_us(fill_us);
    world.cache.link = constant_us(delete_us);
    let workload = WorkloadConfig::poisson(2_000.0, 10, 0.5);
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    measure(&strategy, &setup(world, &workload, Span::from_secs(20)), Span::from_secs(1), 1)
}

#[test]
fn constant_latencies_hide_the_race() {
    let late_fills = |run: &Measurement| run.counts.stale_by_cause[2];
    // The delete is on its way as long as the fill's set: a query that takes no longer cannot lose.
    assert_eq!(late_fills(&constant_times(0, 2_000)), 0);
    assert!(late_fills(&constant_times(10_000, 2_000)) > 100);
}

#[test]
fn what_a_lost_delete_leaves_is_named() {
    let workload = WorkloadConfig::poisson(440.0, 20, 20.0 / 22.0);
    let mut setup = setup(WorldConfig::instant(), &workload, Span::from_secs(100));
    let operation = OP_KINDS.iter().position(|(name, _)| *name == "cache.delete");
    let kind = DisturbanceKind::Lose { operation: operation.expect("it is one"), probability: 0.1 };
    setup.disturbances = vec![Disturbance { at: Time::ZERO, until: Time::NEVER, kind }];
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    let run = measure(&strategy, &setup, Span::from_secs(20), 1);
    assert!(run.counts.stale > 100 && run.counts.stale_by_cause[3] == run.counts.stale);
}
