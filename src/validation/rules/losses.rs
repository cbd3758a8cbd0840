//! What is turned away by servers that are all busy, and what is filled from a replica that lags.

use rand_chacha::ChaCha8Rng;

use super::next;
use crate::random::Sampler;
use crate::theory::queueing::erlang_b;
use crate::theory::stale_set::LaggingReplica;
use crate::validation::shapes::{Shape, known};
use crate::validation::study::Study;
use crate::validation::worlds::seconds;

/// Of all that came, or was written, how many it befell.
#[derive(Default)]
pub(super) struct Share {
    all: f64,
    befell: f64,
}

impl Share {
    fn count(&mut self, befell: bool) {
        self.all += 1.0;
        self.befell += f64::from(u8::from(befell));
    }

    fn share(&self) -> f64 {
        self.befell / self.all
    }
}

/// Mean service time, in microseconds.
const SERVICE_US: u64 = 10_000;

pub(super) fn full_servers() -> Vec<Study<Share>> {
    let points = [(80.0, 1), (200.0, 3), (800.0, 10)];
    points.into_iter().flat_map(|point| Shape::ALL.map(|shape| turned_away(point, shape))).collect()
}

/// Arrivals per second, and how many servers there are.
fn turned_away((rate, servers): (f64, u32), shape: Shape) -> Study<Share> {
    let service = shape.of(SERVICE_US);
    let formula = erlang_b(rate * service.mean(), servers).expect("in range");
    let sampler = Sampler::new(&service);
    let play = move |draws: &mut ChaCha8Rng, for_s: f64| {
        let mut share = Share::default();
        let mut busy_until = vec![0.0; servers as usize];
        let mut now = next(draws, rate);
        while now < for_s {
            let idle = busy_until.iter_mut().find(|until| **until <= now);
            share.count(idle.is_none());
            if let Some(until) = idle {
                *until = now + sampler.sample(draws).as_secs_f64();
            }
            now += next(draws, rate);
        }
        share
    };
    let parameters = format!("{rate} queries/s of 10 ms, {servers} servers, nobody waits");
    Study::played(parameters, play).shaped(shape).lasting(0.0, 800_000.0 / formula / rate).exact(
        "share turned away",
        "queueing::erlang_b",
        formula,
        Share::share,
    )
}

pub(super) fn lagging_replicas() -> Vec<Study<Share>> {
    let points = [(100.0, 100, 2), (10.0, 50, 20), (1.0, 200, 10)];
    points.into_iter().flat_map(|point| Shape::ALL.map(|shape| old_fills(point, shape))).collect()
}

/// Reads per second, the mean lag, and the time from a commit to its delete, in milliseconds.
fn old_fills((reads, lag_ms, delete_ms): (f64, u64, u64), shape: Shape) -> Study<Share> {
    let lag = shape.of(lag_ms * 1_000);
    let theory = LaggingReplica::new(reads, known(&lag)).expect("in range");
    let formula = theory.stale_fill_per_write(seconds(delete_ms)).expect("in range");
    let sampler = Sampler::new(&lag);
    // A second for each write: that is far apart, and all it takes is the first read.
    let play = move |draws: &mut ChaCha8Rng, writes: f64| {
        let mut share = Share::default();
        while share.all < writes {
            let applied = sampler.sample(draws).as_secs_f64();
            let mut read = next(draws, reads);
            while read < seconds(delete_ms) {
                read += next(draws, reads);
            }
            share.count(read < applied);
        }
        share
    };
    let parameters =
        format!("λ {reads}/s, lag {lag_ms} ms, delete {delete_ms} ms after the commit");
    Study::played(parameters, play).shaped(shape).lasting(0.0, 250_000.0 / formula).exact(
        "old fills per write",
        "stale_set::LaggingReplica::stale_fill_per_write",
        formula,
        Share::share,
    )
}
