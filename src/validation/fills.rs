//! Fills that take time: several in flight at once, some of them old.

use super::shapes::{Shape, known};
use super::study::Study;
use super::ttl::{hit_ratio, stale_reads};
use super::worlds::{life, per_key, seconds, setup, ttl};
use crate::strategies::{DeleteOnWrite, Versioned};
use crate::theory::fills::Fills;
use crate::time::Span;
use crate::world::{Snapshot, WorldConfig};

const FORM: &str = "fills::Fills::solve";

/// How far the chain may be off for entries that expire.
const EXPIRING: f64 = 0.04;

pub(super) fn studies() -> Vec<Study> {
    // Reads and writes of a key per second, and the mean time of a fill in milliseconds.
    let points = [(25.0, 2.0, 200), (10.0, 2.0, 300), (8.0, 1.0, 400)];
    let plain = |point| Case { point, shape: Shape::Exponential, ttl_s: None, guard: Guard::None };
    let guards = [Guard::None, Guard::RefusesOld, Guard::ReadsLate];
    let exact =
        points.into_iter().flat_map(|point| guards.map(|guard| Case { guard, ..plain(point) }));
    let few = [(6.0, 2.0, 50), (3.0, 2.0, 50), (4.0, 1.0, 50)];
    let near = few.into_iter().flat_map(|point| {
        [Shape::Constant, Shape::Lognormal].map(|shape| Case { shape, ..plain(point) })
    });
    let expiring =
        [(20.0, 2.0, 50, 2.0), (10.0, 1.0, 100, 2.0)].map(|(reads, writes, fill_ms, ttl_s)| Case {
            ttl_s: Some(ttl_s),
            ..plain((reads, writes, fill_ms))
        });
    exact.chain(near).chain(expiring).map(study).collect()
}

/// Why an old fill may do no harm.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// It does.
    None,
    /// The cache refuses it.
    RefusesOld,
    /// There are none: the database is read when the fill is nearly over.
    ReadsLate,
}

#[derive(Clone, Copy)]
struct Case {
    point: (f64, f64, u64),
    shape: Shape,
    ttl_s: Option<f64>,
    guard: Guard,
}

fn theory(case: Case) -> Fills {
    let (reads, writes, fill_ms) = case.point;
    let mut fills = Fills::new(reads, writes, seconds(fill_ms)).expect("in range");
    if let Some(ttl_s) = case.ttl_s {
        fills = fills.expiring(ttl_s).expect("in range");
    }
    fills
}

fn study(case: Case) -> Study {
    let (reads, writes, fill_ms) = case.point;
    let fills = theory(case);
    let mut world = WorldConfig::instant();
    world.database.read = case.shape.of(fill_ms * 1_000);
    let fill = known(&world.database.read);
    let (guarded, guard) = match case.guard {
        Guard::None => (fills, ""),
        Guard::RefusesOld => (fills.refusing_old(), ", old fills refused"),
        Guard::ReadsLate => {
            world.database.snapshot = Snapshot::End;
            (fills.in_flight(1.0, 1.0).expect("probabilities"), ", read when it is nearly over")
        }
    };
    let theory = guarded.solve().expect("it settles");
    let setup = setup(world, &per_key(20, reads, writes));
    let ttl = ttl(case.ttl_s);
    let life = life(case.ttl_s);
    let parameters = format!("λ {reads}/s, μ {writes}/s, fill {fill_ms} ms, {life}{guard}");
    let study = if case.guard == Guard::RefusesOld {
        Study::new(Versioned { ttl, hold: Span::from_secs(60) }, setup, parameters)
    } else {
        Study::new(DeleteOnWrite { ttl, reply_before_fill: false }, setup, parameters)
    };
    let exact = case.shape == Shape::Exponential && case.ttl_s.is_none();
    let off = match case.shape {
        Shape::Exponential if exact => 0.0,
        Shape::Exponential => EXPIRING,
        _ => fills.off_for(&fill).expect("it takes time"),
    };
    // A miss is told soon; late fills come in bursts, and the fewer there are the longer it takes.
    let length = match (case.guard, exact) {
        (Guard::RefusesOld | Guard::ReadsLate, _) => 60_000.0,
        (Guard::None, true) => 80_000.0,
        (Guard::None, false) => 500_000.0,
    };
    let study = study.shaped(case.shape).lasting(30.0 + 10.0 / writes, length / writes).within(
        off,
        "share of reads that miss",
        FORM,
        1.0 - theory.hit_ratio,
        |run| 1.0 - hit_ratio(run),
    );
    if case.guard != Guard::None {
        return study;
    }
    // With instant deletes nothing else is stale.
    study.within(off, "reads of late fills", FORM, theory.late_fill_share_of_reads, stale_reads)
}
