//! Delete-on-write whose deletes come late, or never. Fetches are instant: no fill can race.

use super::probes::DeleteLater;
use super::shapes::{Shape, known};
use super::study::Study;
use super::ttl::{hit_ratio, stale_hits};
use super::worlds::{life, per_key, setup, ttl};
use crate::simulation::{Disturbance, DisturbanceKind};
use crate::strategies::DeleteOnWrite;
use crate::theory::invalidation::DeleteOnWrite as Theory;
use crate::theory::latency::Latency;
use crate::time::{Span, Time};
use crate::world::WorldConfig;

const KEYS: u32 = 5;
const HIT_RATIO: &str = "invalidation::DeleteOnWrite::hit_ratio";
const STALE_SHARE: &str = "invalidation::DeleteOnWrite::stale_share_of_hits";

pub(super) fn studies() -> Vec<Study> {
    let points =
        [(20.0, 1.0, 50_000, 144.0), (10.0, 0.5, 1_000_000, 90.0), (2.0, 2.0, 200_000, 360.0)];
    let delayed = points.into_iter().flat_map(|point| Shape::ALL.map(|shape| late(point, shape)));
    let lossy = [
        (2.0, 0.5, 0.1, Some(10.0), 750.0),
        (2.0, 1.0, 0.2, None, 720.0),
        (2.0, 1.0, 0.5, Some(3.0), 140.0),
    ];
    delayed.chain(lossy.map(lost)).collect()
}

/// Deletes that take a while: λ, μ, the mean delay in microseconds, and how many thousand writes
/// of each key it takes.
fn late((reads, writes, delay_us, thousands): (f64, f64, u64, f64), shape: Shape) -> Study {
    let theory = Theory::new(reads, writes, 0.0, None).expect("in range");
    let delay = shape.of(delay_us);
    let stale = theory.stale_share_of_hits(&known(&delay));
    let mut world = WorldConfig::instant();
    world.database.write = delay;
    let parameters = format!("λ {reads}/s, μ {writes}/s, delay {} ms", delay_us as f64 / 1e3);
    Study::new(
        DeleteLater { ttl: Span::FOREVER },
        setup(world, &per_key(KEYS, reads, writes)),
        parameters,
    )
    .shaped(shape)
    .lasting(10.0 + 10.0 / writes, thousands * 1_000.0 / writes)
    .exact("hit ratio", HIT_RATIO, theory.hit_ratio(), hit_ratio)
    .exact("stale share of hits", STALE_SHARE, stale, stale_hits)
}

/// Deletes that are instant, or lost: λ, μ, the share lost, the TTL in seconds, and how many
/// thousand writes of each key it takes.
fn lost((reads, writes, loss, ttl_s, thousands): (f64, f64, f64, Option<f64>, f64)) -> Study {
    let theory = Theory::new(reads, writes, loss, ttl_s).expect("in range");
    let mut setup = setup(WorldConfig::instant(), &per_key(KEYS, reads, writes));
    let kind = DisturbanceKind::Lose { operation: super::probes::DELETE, probability: loss };
    setup.disturbances = vec![Disturbance { at: Time::ZERO, until: Time::NEVER, kind }];
    let instant = Latency::constant(0.0).expect("in range");
    let stale = theory.stale_share_of_hits(&instant);
    let parameters = format!("λ {reads}/s, μ {writes}/s, {} % lost, {}", loss * 100.0, life(ttl_s));
    let strategy = DeleteOnWrite { ttl: ttl(ttl_s), reply_before_fill: false };
    Study::new(strategy, setup, parameters)
        .lasting(60.0, thousands * 1_000.0 / writes)
        .exact("hit ratio", HIT_RATIO, theory.hit_ratio(), hit_ratio)
        .exact("stale share of hits", STALE_SHARE, stale, stale_hits)
}
