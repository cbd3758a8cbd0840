//! Rules that no strategy here can follow, played out by themselves, event by event: nothing of the
//! load driver runs, and what is compared is the rule and its form.
//!
//! A strategy draws nothing and does not know when an entry expires, clients keep no copies of
//! their own, nothing is sent by the interval, no query is turned away, and a replica applies
//! commits in order.

mod freshness;
mod leases;
mod losses;
mod xfetch;

use rand_chacha::ChaCha8Rng;

use super::study::{Compared, compared};
use crate::random::unit_exponential;

pub(super) fn studies() -> Vec<Box<dyn Compared>> {
    let parts = [
        compared(xfetch::studies()),
        compared(leases::studies()),
        compared(freshness::studies()),
        compared(losses::full_servers()),
        compared(losses::lagging_replicas()),
    ];
    parts.into_iter().flatten().collect()
}

/// The time to the next event of a Poisson process, in seconds.
fn next(draws: &mut ChaCha8Rng, per_s: f64) -> f64 {
    unit_exponential(draws) / per_s
}
