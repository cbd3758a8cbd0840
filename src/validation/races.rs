//! The stale-set race: how many fills lose it.

use super::probes::RaceProbe;
use super::study::{Shape, Study};
use super::worlds::{per_key, setup};
use crate::metrics::Measurement;
use crate::theory::stale_set::StaleSetRace;
use crate::world::WorldConfig;

const FORM: &str = "stale_set::StaleSetRace";

pub(super) fn studies() -> Vec<Study> {
    // Writes per second, and the means of the fill and of the delete in milliseconds.
    let points = [(1.0, 10, 10), (5.0, 20, 5), (2.0, 50, 10)];
    points
        .into_iter()
        .flat_map(|point| {
            [Shape::Constant, Shape::Exponential]
                .into_iter()
                .filter_map(move |shape| race(point, shape))
        })
        .collect()
}

fn race((writes, fill_ms, delete_ms): (f64, u64, u64), shape: Shape) -> Option<Study> {
    let seconds = |ms: u64| ms as f64 / 1e3;
    let theory = StaleSetRace::new(writes, seconds(fill_ms), seconds(delete_ms)).ok()?;
    let formula = match shape {
        Shape::Constant => theory.constant(),
        _ => theory.exponential(),
    };
    let mut world = WorldConfig::instant();
    world.database.read = shape.of(fill_ms * 1_000);
    world.database.write = shape.of(delete_ms * 1_000);
    let lost = |run: &Measurement| {
        run.counts.failed as f64 / (run.counts.failed + run.counts.reads) as f64
    };
    let parameters = format!("μ {writes}/s, fill {fill_ms} ms, delete {delete_ms} ms");
    let study = Study::new(RaceProbe, setup(world, &per_key(50, 20.0, writes)), parameters)
        .shaped(shape)
        .lasting(1.0, 300.0 / formula);
    // Constant times hide the race: there is nothing to compare with.
    (formula > 0.0).then(|| study.exact("stale sets per fill", FORM, formula, lost))
}
