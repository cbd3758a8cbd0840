//! Observers that see of a run what metrics only sum: the length of each wait, how many versions
//! each read misses, and which reads waited.

use crate::metrics::Window;
use crate::observation::{Answer, Observer, ReadFacts, Service};
use crate::time::{Span, Time};

/// Counts the waits for a connection that are longer than some times.
pub(super) struct Waits<const N: usize> {
    window: Window,
    longer_than: [Span; N],
    arrivals: u64,
    longer: [u64; N],
}

impl<const N: usize> Waits<N> {
    pub(super) fn new(window: Window, longer_than: [Span; N]) -> Waits<N> {
        Waits { window, longer_than, arrivals: 0, longer: [0; N] }
    }

    /// The share of arrivals that waited longer than one of the times.
    pub(super) fn share(&self, index: usize) -> f64 {
        self.longer[index] as f64 / self.arrivals as f64
    }
}

impl<const N: usize> Observer for Waits<N> {
    fn measures(&self, began: Time) -> bool {
        self.window.contains(began)
    }

    fn database_served(&mut self, service: &Service) {
        if self.window.contains(service.arrived) {
            let wait = service.started - service.arrived;
            self.arrivals += 1;
            for (count, least) in self.longer.iter_mut().zip(self.longer_than) {
                *count += u64::from(wait > least);
            }
        }
    }
}

/// Counts hits by how many versions they miss.
pub(super) struct Lags {
    window: Window,
    hits: u64,
    /// One version and more, two and more, and so on.
    at_least: [u64; 4],
}

impl Lags {
    pub(super) fn new(window: Window) -> Lags {
        Lags { window, hits: 0, at_least: [0; 4] }
    }

    /// The share of hits that miss so many versions and more, up to 4.
    pub(super) fn share(&self, versions: u32) -> f64 {
        self.at_least[versions as usize - 1] as f64 / self.hits as f64
    }
}

impl Observer for Lags {
    fn measures(&self, began: Time) -> bool {
        self.window.contains(began)
    }

    fn read(&mut self, answer: &Answer, facts: &ReadFacts) {
        if self.measures(answer.began) && facts.from_cache {
            self.hits += 1;
            let lag = facts.staleness.map_or(0, |it| it.version_lag as usize);
            self.at_least.iter_mut().take(lag).for_each(|count| *count += 1);
        }
    }
}

/// Counts the reads that the cache answered after a while: those that waited for another's fill.
pub(super) struct Joiners {
    window: Window,
    joined: u64,
    stale: u64,
}

impl Joiners {
    pub(super) fn new(window: Window) -> Joiners {
        Joiners { window, joined: 0, stale: 0 }
    }

    /// The share of them that is stale.
    pub(super) fn stale_share(&self) -> f64 {
        self.stale as f64 / self.joined as f64
    }
}

impl Observer for Joiners {
    fn measures(&self, began: Time) -> bool {
        self.window.contains(began)
    }

    fn read(&mut self, answer: &Answer, facts: &ReadFacts) {
        if self.measures(answer.began) && facts.from_cache && answer.ended > answer.began {
            self.joined += 1;
            self.stale += u64::from(facts.staleness.is_some());
        }
    }
}
