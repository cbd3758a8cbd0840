//! Fills that take time: several in flight at once, some of them old.

use super::shapes::Shape;
use super::study::Study;
use super::ttl::{hit_ratio, stale_reads};
use super::worlds::{life, per_key, seconds, setup, ttl};
use crate::strategies::{DeleteOnWrite, Versioned};
use crate::theory::fills::{Fills, Shares};
use crate::time::Span;
use crate::world::WorldConfig;

const FORM: &str = "fills::Fills::solve";

/// How far the chain may be off for fills that are not exponential, with a few reads in the time
/// of one; and for entries that expire.
const OTHER_SHAPES: f64 = 0.04;

pub(super) fn studies() -> Vec<Study> {
    // Reads and writes of a key per second, and the mean time of a fill in milliseconds.
    let points = [(25.0, 2.0, 200), (10.0, 2.0, 300), (8.0, 1.0, 400)];
    let exact = points.into_iter().flat_map(|point| {
        let plain = Case { point, shape: Shape::Exponential, ttl_s: None, guarded: false };
        [plain, Case { guarded: true, ..plain }]
    });
    let near = [Shape::Constant, Shape::Lognormal].into_iter().map(|shape| Case {
        point: (6.0, 2.0, 50),
        shape,
        ttl_s: None,
        guarded: false,
    });
    let expiring = [(20.0, 2.0, 50), (10.0, 1.0, 100)].into_iter().map(|point| Case {
        point,
        shape: Shape::Exponential,
        ttl_s: Some(2.0),
        guarded: false,
    });
    exact.chain(near).chain(expiring).map(study).collect()
}

#[derive(Clone, Copy)]
struct Case {
    point: (f64, f64, u64),
    shape: Shape,
    ttl_s: Option<f64>,
    guarded: bool,
}

fn theory(case: Case) -> Shares {
    let (reads, writes, fill_ms) = case.point;
    let mut fills = Fills::new(reads, writes, seconds(fill_ms)).expect("in range");
    if let Some(ttl_s) = case.ttl_s {
        fills = fills.expiring(ttl_s).expect("in range");
    }
    if case.guarded { fills.refusing_old() } else { fills }.solve().expect("it settles")
}

fn study(case: Case) -> Study {
    let (reads, writes, fill_ms) = case.point;
    let theory = theory(case);
    let mut world = WorldConfig::instant();
    world.database.read = case.shape.of(fill_ms * 1_000);
    let setup = setup(world, &per_key(20, reads, writes));
    let ttl = ttl(case.ttl_s);
    let life = life(case.ttl_s);
    let guard = if case.guarded { ", old fills refused" } else { "" };
    let parameters = format!("λ {reads}/s, μ {writes}/s, fill {fill_ms} ms, {life}{guard}");
    let study = if case.guarded {
        Study::new(Versioned { ttl, hold: Span::from_secs(60) }, setup, parameters)
    } else {
        Study::new(DeleteOnWrite { ttl, reply_before_fill: false }, setup, parameters)
    };
    let exact = case.shape == Shape::Exponential && case.ttl_s.is_none();
    let off = if exact { 0.0 } else { OTHER_SHAPES };
    // A miss is told soon; late fills come in bursts, and the fewer there are the longer it takes.
    let length = match (case.guarded, exact) {
        (true, _) => 60_000.0,
        (false, true) => 80_000.0,
        (false, false) => 300_000.0,
    };
    let study = study.shaped(case.shape).lasting(30.0 + 10.0 / writes, length / writes).within(
        off,
        "share of reads that miss",
        FORM,
        1.0 - theory.hit_ratio,
        |run| 1.0 - hit_ratio(run),
    );
    if case.guarded {
        return study;
    }
    // With instant deletes nothing else is stale.
    study.within(off, "reads of late fills", FORM, theory.late_fill_share_of_reads, stale_reads)
}
