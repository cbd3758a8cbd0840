//! The stale-set race: how many fills lose it, what a second delete leaves of it, and how stale it
//! makes a cache in the long run.

use super::probes::{DeleteLater, Joiner, RaceProbe, SingleFlight};
use super::shapes::{Shape, known};
use super::study::Study;
use super::ttl::{stale_hits, stale_reads};
use super::worlds::{failed_share, life, per_key, seconds, setup, ttl};
use crate::theory::stale_set::StaleSetRace;
use crate::time::Span;
use crate::world::WorldConfig;

/// How far the long-run form may be off where fills are not coalesced: what its documentation says
/// of up to 0.05 reads that come during one.
const UNCOALESCED: f64 = 0.04;

pub(super) fn studies() -> Vec<Study> {
    // Writes per second, and the means of the fill and of the delete in milliseconds.
    let races = [(2.0, 40, 20), (5.0, 20, 5), (1.0, 100, 20)];
    // And the time to the second delete.
    let doubled = [((5.0, 20, 5), 5), ((2.0, 50, 10), 20), ((1.0, 100, 50), 20)];
    // Reads and writes per second, both means, and the TTL in seconds.
    let long_runs =
        [(3.0, 1.0, 100, 100, None), (2.0, 1.0, 200, 50, None), (6.0, 2.0, 100, 20, Some(0.5))];
    let mut studies: Vec<Study> = Vec::new();
    for shape in Shape::ALL {
        studies.extend(races.map(|point| race(point, None, shape)).into_iter().flatten());
        studies.extend(
            doubled.map(|(point, after)| race(point, Some(after), shape)).into_iter().flatten(),
        );
        for point in long_runs {
            studies.extend(long_run(point, shape));
        }
        let each_fills =
            [(0.5, 0.5, 100, 100, None), (1.0, 1.0, 50, 20, None), (2.0, 2.0, 25, 25, Some(1.0))];
        studies.extend(each_fills.map(|point| uncoalesced(point, shape)));
    }
    studies
}

/// Reads whose database takes the fill's time, and writes whose second step the delete's.
fn world(shape: Shape, fill_ms: u64, delete_ms: u64) -> WorldConfig {
    let mut world = WorldConfig::instant();
    world.database.read = shape.of(fill_ms * 1_000);
    world.database.write = shape.of(delete_ms * 1_000);
    world
}

fn theory(writes: f64, world: &WorldConfig) -> StaleSetRace {
    let (fill, delete) = (known(&world.database.read), known(&world.database.write));
    StaleSetRace::new(writes, fill, delete).expect("in range")
}

fn race(
    (writes, fill_ms, delete_ms): (f64, u64, u64),
    second_after_ms: Option<u64>,
    shape: Shape,
) -> Option<Study> {
    let world = world(shape, fill_ms, delete_ms);
    let theory = theory(writes, &world);
    let mut parameters = format!("μ {writes}/s, fill {fill_ms} ms, delete {delete_ms} ms");
    let (form, formula) = match second_after_ms {
        None => ("stale_set::StaleSetRace::per_fill", theory.per_fill()),
        Some(after_ms) => {
            parameters += &format!(", second one {after_ms} ms later");
            let left = theory.per_fill_after_second_delete(seconds(after_ms));
            ("stale_set::StaleSetRace::per_fill_after_second_delete", left.expect("in range"))
        }
    };
    let probe = RaceProbe { second_delete: second_after_ms.map(Span::from_millis) };
    let study = Study::new(probe, setup(world, &per_key(50, 20.0, writes)), parameters)
        .shaped(shape)
        .lasting(1.0, 420.0 / formula);
    // Constant times hide the race: there is nothing to compare with.
    (formula > 0.0).then(|| study.exact("stale sets per fill", form, formula, failed_share))
}

/// The whole protocol, one fill at a time: what hits are, and what reads are that may have waited.
fn long_run(
    (reads, writes, fill_ms, delete_ms, ttl_s): (f64, f64, u64, u64, Option<f64>),
    shape: Shape,
) -> [Study; 2] {
    let world = || world(shape, fill_ms, delete_ms);
    let theory = theory(writes, &world());
    let ttl = ttl(ttl_s);
    let expiry = life(ttl_s);
    let study = |joiner, what| {
        let strategy = SingleFlight { ttl, joiner, deletes: true };
        let parameters = format!(
            "λ {reads}/s, μ {writes}/s, fill {fill_ms} ms, delete {delete_ms} ms, {expiry}, {what}"
        );
        Study::new(strategy, setup(world(), &per_key(5, reads, writes)), parameters)
            .shaped(shape)
            .lasting(30.0, 650_000.0 / writes)
    };
    let (of_hits, of_reads) =
        (theory.stale_share_of_hits(ttl_s), theory.stale_share_of_reads(reads, ttl_s));
    // Looked for so often that what comes between a set and the look hardly counts.
    let soon = Span::from_micros(fill_ms * 1_000 / 25);
    [
        study(Joiner::Fails, "joiners not counted").exact(
            "stale share of hits",
            "stale_set::StaleSetRace::stale_share_of_hits",
            of_hits.expect("in range"),
            stale_hits,
        ),
        study(Joiner::LooksAgain(soon), "joiners wait").within(
            0.003,
            "stale share of reads",
            "stale_set::StaleSetRace::stale_share_of_reads",
            of_reads.expect("in range"),
            stale_reads,
        ),
    ]
}

/// The whole protocol as most have it, each read filling for itself: reads and writes per second,
/// the means of fill and delete in milliseconds, and the TTL in seconds.
fn uncoalesced(
    (reads, writes, fill_ms, delete_ms, ttl_s): (f64, f64, u64, u64, Option<f64>),
    shape: Shape,
) -> Study {
    let world = world(shape, fill_ms, delete_ms);
    let share = theory(writes, &world).stale_share_uncoalesced(reads, ttl_s).expect("in range");
    let parameters = format!(
        "λ {reads}/s, μ {writes}/s, fill {fill_ms} ms, delete {delete_ms} ms, {}, uncoalesced",
        life(ttl_s)
    );
    Study::new(
        DeleteLater { ttl: ttl(ttl_s) },
        setup(world, &per_key(5, reads, writes)),
        parameters,
    )
    .shaped(shape)
    .lasting(30.0, 4_000_000.0 / writes)
    .within(
        UNCOALESCED,
        "stale share of reads",
        "stale_set::StaleSetRace::stale_share_uncoalesced",
        share,
        stale_reads,
    )
}
