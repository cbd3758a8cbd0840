//! Objects kept no older than a bound: what each policy sends and misses, interval by interval.

use rand_chacha::ChaCha8Rng;

use super::next;
use crate::theory::freshness::{Bounded, Costs, Refetch};
use crate::validation::study::Study;

const COSTS: Costs = Costs { miss: 1.0, invalidate: 0.1, update: 0.5 };

/// So many intervals until the adaptive policy knows its object.
const SETTLING: u64 = 10_000;

/// What the policies did, all of them on the same reads and writes.
#[derive(Default)]
pub(super) struct Tally {
    seconds: f64,
    expiry_misses: f64,
    updates: f64,
    invalidations: f64,
    misses: f64,
    adaptive_cost: f64,
}

/// An object whose copy is invalidated at the end of an interval with a write; or, by the adaptive
/// policy, updated.
struct Cached {
    cached: bool,
    refetch: Refetch,
}

/// What an interval brought.
#[derive(Clone, Copy)]
struct Interval {
    read: bool,
    written: bool,
}

/// What a copy needed in an interval.
#[derive(Default)]
struct Sent {
    misses: f64,
    invalidations: f64,
    updates: f64,
}

impl Cached {
    fn pass(&mut self, interval: Interval, update: bool) -> Sent {
        let fetched = interval.read && !self.cached;
        self.cached |= interval.read;
        let mut sent = Sent { misses: f64::from(u8::from(fetched)), ..Sent::default() };
        let seen = fetched && self.refetch == Refetch::SeesItsInterval;
        if interval.written && self.cached && !seen {
            if update {
                sent.updates = 1.0;
            } else {
                sent.invalidations = 1.0;
                self.cached = false;
            }
        }
        sent
    }
}

pub(super) fn studies() -> Vec<Study<Tally>> {
    // Reads and writes per second, and the bound in seconds: updates pay by far, just so, and not.
    let points = [(9.0, 1.0, 0.1), (5.0, 5.0, 0.1), (2.0, 6.0, 0.5)];
    let refetches = [Refetch::SeesItsInterval, Refetch::MayBeInvalidated];
    points.into_iter().flat_map(|point| refetches.map(|refetch| study(point, refetch))).collect()
}

fn play(
    (reads, writes, bound_s): (f64, f64, f64),
    refetch: Refetch,
    draws: &mut ChaCha8Rng,
    for_s: f64,
) -> Tally {
    let mut tally = Tally::default();
    let mut invalidated = Cached { cached: false, refetch };
    let mut adaptive = Cached { cached: false, refetch };
    let (mut read_at, mut written_at) = (next(draws, reads), next(draws, writes));
    // In how many intervals there was a read, and a write: all that the adaptive policy knows.
    let (mut with_read, mut with_write) = (0.0, 0.0);
    let intervals = SETTLING + (for_s / bound_s) as u64;
    for number in 1..=intervals {
        let end = number as f64 * bound_s;
        let interval = Interval { read: read_at < end, written: written_at < end };
        while read_at < end {
            read_at += next(draws, reads);
        }
        while written_at < end {
            written_at += next(draws, writes);
        }
        with_read += f64::from(u8::from(interval.read));
        with_write += f64::from(u8::from(interval.written));
        // An invalidation saves so many updates: those until the next fetch, and itself.
        let saved = (with_read + with_write) / with_read;
        let update = COSTS.update * saved < COSTS.invalidate + COSTS.miss;
        let sent = invalidated.pass(interval, false);
        let adapted = adaptive.pass(interval, update);
        if number <= SETTLING {
            continue;
        }
        tally.seconds += bound_s;
        tally.expiry_misses += f64::from(u8::from(interval.read));
        tally.updates += f64::from(u8::from(interval.written));
        tally.misses += sent.misses;
        tally.invalidations += sent.invalidations;
        tally.adaptive_cost += cost(&adapted);
    }
    tally
}

fn cost(sent: &Sent) -> f64 {
    sent.misses * COSTS.miss + sent.invalidations * COSTS.invalidate + sent.updates * COSTS.update
}

fn study(point: (f64, f64, f64), refetch: Refetch) -> Study<Tally> {
    let (reads, writes, bound_s) = point;
    let object = Bounded::new(reads, writes, bound_s).expect("in range");
    let sees = refetch == Refetch::SeesItsInterval;
    let when = if sees { "a fetch sees its interval" } else { "a fetch may be invalidated in it" };
    let parameters = format!("λ {reads}/s, μ {writes}/s, at most {bound_s} s old, {when}");
    let invalidate = |it: &Tally| it.invalidations * COSTS.invalidate + it.misses * COSTS.miss;
    let study = Study::played(parameters, move |draws, for_s| play(point, refetch, draws, for_s))
        .lasting(0.0, 2_500_000.0 * bound_s)
        .exact(
            "misses of invalidations, 1/s",
            "freshness::Bounded::invalidate_misses_per_s",
            object.invalidate_misses_per_s(refetch),
            |it| it.misses / it.seconds,
        )
        .exact(
            "cost of invalidations, 1/s",
            "freshness::Bounded::invalidate_cost_per_s",
            object.invalidate_cost_per_s(&COSTS, refetch),
            move |it| invalidate(it) / it.seconds,
        );
    if !sees {
        return study;
    }
    let adaptive = if object.updates(&COSTS) {
        object.update_cost_per_s(&COSTS)
    } else {
        object.invalidate_cost_per_s(&COSTS, refetch)
    };
    study
        .exact(
            "misses of TTL-expiry, 1/s",
            "freshness::Bounded::expiry_misses_per_s",
            object.expiry_misses_per_s(),
            |it| it.expiry_misses / it.seconds,
        )
        // One per interval, but for rounding.
        .exact(
            "cost of updates, 1/s",
            "freshness::Bounded::update_cost_per_s",
            object.update_cost_per_s(&COSTS),
            |it| it.updates * COSTS.update / it.seconds,
        )
        .exact(
            "cost of an update that pays",
            "freshness::Bounded::break_even_update_cost",
            object.break_even_update_cost(&COSTS),
            move |it| invalidate(it) / it.updates,
        )
        .exact("cost of the adaptive policy, 1/s", "freshness::Bounded::updates", adaptive, |it| {
            it.adaptive_cost / it.seconds
        })
}
