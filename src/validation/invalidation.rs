//! Delete-on-write whose deletes come late, or never. Fetches are instant: no fill can race.

use super::probes::DeleteLater;
use super::study::{Shape, Study};
use super::ttl::{hit_ratio, stale_hits};
use super::worlds::{per_key, setup};
use crate::random::Distribution;
use crate::simulation::{Disturbance, DisturbanceKind};
use crate::strategies::DeleteOnWrite;
use crate::theory::invalidation::{Delay, DeleteOnWrite as Theory};
use crate::theory::quadrature::integrate;
use crate::time::{Span, Time};
use crate::world::WorldConfig;

const FORM: &str = "invalidation::DeleteOnWrite";

pub(super) fn studies() -> Vec<Study> {
    let points = [(20.0, 1.0, 50_000), (10.0, 0.5, 1_000_000), (2.0, 2.0, 200_000)];
    let delayed = points.into_iter().flat_map(|point| Shape::ALL.map(|shape| late(point, shape)));
    let lossy = [(5.0, 0.5, 0.05, Some(10.0)), (5.0, 1.0, 0.1, None), (2.0, 1.0, 0.5, Some(3.0))];
    delayed.chain(lossy.map(lost)).collect()
}

/// Deletes that take a while: λ, μ, and the mean delay in microseconds.
fn late((reads, writes, delay_us): (f64, f64, u64), shape: Shape) -> Study {
    let theory = Theory::new(reads, writes, 0.0, None).expect("in range");
    let delay = shape.of(delay_us);
    let stale = theory.stale_share_of_hits_for(limited_mean(&delay), delay.mean());
    let mut world = WorldConfig::instant();
    world.database.write = delay;
    let parameters = format!("λ {reads}/s, μ {writes}/s, delay {} ms", delay_us as f64 / 1e3);
    Study::new(DeleteLater, setup(world, &per_key(20, reads, writes)), parameters)
        .shaped(shape)
        .lasting(20.0 + 10.0 / writes, 55_000.0 / writes)
        .exact("hit ratio", FORM, theory.hit_ratio(), hit_ratio)
        .exact("stale share of hits", FORM, stale.expect("in range"), stale_hits)
}

/// E\[min(delay, age)\] in seconds.
fn limited_mean(delay: &Distribution) -> impl Fn(f64) -> f64 + '_ {
    move |age| match delay {
        Distribution::Constant(span) => age.min(span.as_secs_f64()),
        Distribution::Exponential(mean) => {
            let mean = mean.as_secs_f64();
            -mean * libm::expm1(-age / mean)
        }
        other => integrate(|u| 1.0 - other.cdf(u), 0.0, age, 1e-9 * other.mean()),
    }
}

/// Deletes that are instant, or lost: λ, μ, the share lost, and the TTL in seconds.
fn lost((reads, writes, loss, ttl_s): (f64, f64, f64, Option<f64>)) -> Study {
    let theory = Theory::new(reads, writes, loss, ttl_s).expect("in range");
    let ttl = ttl_s.map_or(Span::FOREVER, |ttl_s| Span((ttl_s * 1e9) as u64));
    let mut setup = setup(WorldConfig::instant(), &per_key(20, reads, writes));
    let kind = DisturbanceKind::Lose { operation: super::probes::DELETE, probability: loss };
    setup.disturbances = vec![Disturbance { at: Time::ZERO, until: Time::NEVER, kind }];
    let stale = theory.stale_share_of_hits(Delay::Constant(0.0)).expect("in range");
    let expiry = ttl_s.map_or("no TTL".to_owned(), |ttl_s| format!("T {ttl_s} s"));
    let parameters = format!("λ {reads}/s, μ {writes}/s, {} % lost, {expiry}", loss * 100.0);
    let strategy = DeleteOnWrite { ttl, reply_before_fill: false };
    Study::new(strategy, setup, parameters)
        .lasting(60.0, 250_000.0 / writes)
        .exact("hit ratio", FORM, theory.hit_ratio(), hit_ratio)
        .exact("stale share of hits", FORM, stale, stale_hits)
}
