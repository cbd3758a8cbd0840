//! Delete-on-write: how stale the copies are that wait for their invalidation, or miss it.
//!
//! Assumptions: reads of a key are Poisson, its writes Poisson and independent of them, a fetch
//! takes no time (for the race of slow fills see [`super::stale_set`]). A write's invalidation
//! reaches the cache after a random delay, or is lost; the delays are independent. Delivered
//! invalidations then arrive as a Poisson process of their own, independent of the writes that
//! are committed but not delivered, and an entry's age decides how stale it is: derived for this
//! crate from the splitting of Poisson processes, and confirmed by simulation.

use super::latency::{ACCURACY, Latency};
use super::quadrature::integrate_pieces;
use super::special::phi;
use super::{Result, TheoryError, positive, probability};

/// One key under delete-on-write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeleteOnWrite {
    reads_per_s: f64,
    writes_per_s: f64,
    loss: f64,
    ttl_s: f64,
}

impl DeleteOnWrite {
    /// A key read and written at these rates. An invalidation is lost with probability `loss`. An
    /// entry expires after the TTL, or never.
    ///
    /// # Errors
    /// If a rate is not more than zero, the loss is no probability, the TTL is not more than zero;
    /// or if every invalidation is lost and nothing expires.
    pub fn new(reads_per_s: f64, writes_per_s: f64, loss: f64, ttl_s: Option<f64>) -> Result<Self> {
        let key = DeleteOnWrite {
            reads_per_s: positive("read rate", reads_per_s)?,
            writes_per_s: positive("write rate", writes_per_s)?,
            loss: probability("loss", loss)?,
            ttl_s: ttl_s.map_or(Ok(f64::INFINITY), |ttl_s| positive("TTL", ttl_s))?,
        };
        if key.deletes_per_s() == 0.0 && ttl_s.is_none() {
            let must_be = "below 1 where nothing expires";
            return Err(TheoryError::OutOfRange { parameter: "loss", must_be });
        }
        Ok(key)
    }

    /// Invalidations that are delivered, per second: μ(1 - p).
    fn deletes_per_s(&self) -> f64 {
        self.writes_per_s * (1.0 - self.loss)
    }

    /// ∫ e^(-μ(1-p)a) da over an entry's possible ages: its mean lifetime E.
    fn lifetime_mean_s(&self) -> f64 {
        expected_decay(self.deletes_per_s(), self.ttl_s)
    }

    /// Share of reads that hit: λE / (1 + λE) with E = (1 - e^(-μ(1-p)T)) / (μ(1-p)), the mean
    /// lifetime of an entry. Without a TTL and loss it is λ / (λ + μ).
    pub fn hit_ratio(&self) -> f64 {
        let reads = self.reads_per_s * self.lifetime_mean_s();
        reads / (1.0 + reads)
    }

    /// Share of hits that are stale, with this time from a commit to its invalidation's effect:
    /// 1 - ∫ e^(-μ(1-p)a - μm(a)) da / ∫ e^(-μ(1-p)a) da over ages a from 0 to T, where
    /// m(a) = pa + (1-p) ∫_0^a P(delay > u) du.
    ///
    /// With a constant delay d, no TTL and no loss it is (1 - e^(-2μd)) / 2; with instant but
    /// lossy invalidation and no TTL it is the loss p.
    pub fn stale_share_of_hits(&self, delay: &Latency) -> f64 {
        let deletes = self.deletes_per_s();
        let lost = self.writes_per_s * self.loss;
        // 1 - e^-x is integrated rather than e^-x, so that a small share keeps its digits.
        let stale = |age: f64| {
            let missed = lost * age + deletes * delay.limited_mean_s(age);
            -libm::expm1(-missed) * libm::exp(-deletes * age)
        };
        let borders = ages(self.ttl_s, deletes, delay);
        integrate_pieces(stale, &borders, ACCURACY) / self.lifetime_mean_s()
    }
}

/// The ages an entry can reach, cut where deletes at this rate, or their delay, make a difference.
pub(super) fn ages(ttl_s: f64, deletes_per_s: f64, delay: &Latency) -> Vec<f64> {
    // Past 40 lifetimes nothing is left.
    let last_s = ttl_s.min(40.0 / deletes_per_s);
    let halves = (0..20).map(|k| last_s * libm::pow(2.0, -f64::from(k)));
    let mut ages: Vec<f64> = delay.borders().into_iter().chain(halves).chain([0.0]).collect();
    ages.retain(|age| *age <= last_s);
    ages.sort_by(f64::total_cmp);
    ages
}

/// ∫_0^span e^(-rate·a) da, also for an infinite span or a rate of zero, not both.
pub(super) fn expected_decay(rate: f64, span: f64) -> f64 {
    if span.is_finite() { span * phi(1, -rate * span) } else { 1.0 / rate }
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::*;

    fn constant(seconds: f64) -> Latency {
        Latency::constant(seconds).expect("valid")
    }

    fn exponential(mean_s: f64) -> Latency {
        Latency::exponential(mean_s).expect("valid")
    }

    fn near(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-12, "{value} for {expected}");
    }

    #[test]
    fn worked_values() {
        // λ, μ, delay, TTL, loss; hit ratio, stale share of hits.
        let rows = [
            ((50.0, 1.0, constant(0.05), None, 0.0), [".980392", ".047581"]),
            ((50.0, 1.0, exponential(0.05), None, 0.0), [".980392", ".046476"]),
            ((20.0, 0.5, constant(1.0), None, 0.0), [".975610", ".316060"]),
            ((20.0, 0.5, exponential(1.0), None, 0.0), [".975610", ".275222"]),
            ((20.0, 0.5, constant(0.1), Some(10.0), 0.02), [".975911", ".065045"]),
            ((20.0, 0.5, constant(0.0), None, 0.02), [".976086", ".020000"]),
        ];
        for ((reads, writes, delay, ttl, loss), [hit, stale]) in rows {
            let key = DeleteOnWrite::new(reads, writes, loss, ttl).expect("valid");
            assert_printed(key.hit_ratio(), hit);
            assert_printed(key.stale_share_of_hits(&delay), stale);
        }
    }

    #[test]
    fn the_special_cases_are_exact() {
        for delay in [0.001, 0.3, 4.0] {
            let key = DeleteOnWrite::new(20.0, 0.7, 0.0, None).expect("valid");
            let stale = key.stale_share_of_hits(&constant(delay));
            near(stale, -0.5 * libm::expm1(-2.0 * 0.7 * delay));
        }
        let lossy = DeleteOnWrite::new(20.0, 0.7, 0.3, None).expect("valid");
        near(lossy.stale_share_of_hits(&constant(0.0)), 0.3);
        // Nothing arrives: TTL-only.
        let ttl = DeleteOnWrite::new(20.0, 0.5, 1.0, Some(2.0)).expect("valid");
        for delay in [constant(0.1), exponential(0.1), constant(9.0)] {
            near(ttl.stale_share_of_hits(&delay), libm::exp(-1.0));
        }
    }

    #[test]
    fn a_constant_delay_and_a_ttl_have_a_closed_form() {
        for (loss, ttl) in [(0.1, 3.0), (0.02, 0.05), (0.0, 0.2)] {
            let key = DeleteOnWrite::new(20.0, 0.5, loss, Some(ttl)).expect("valid");
            // Before the delay every write is pending, after it only the lost and the last ones.
            let (delay, deletes) = (0.2, 0.5 * (1.0 - loss));
            let mut fresh_s = expected_decay(deletes + 0.5, ttl.min(delay));
            if ttl > delay {
                let decay = libm::exp(-(deletes + 0.5) * delay);
                fresh_s += decay * expected_decay(0.5, ttl - delay);
            }
            let stale = 1.0 - fresh_s / expected_decay(deletes, ttl);
            near(key.stale_share_of_hits(&constant(delay)), stale);
        }
    }

    #[test]
    fn what_never_ends_is_refused() {
        assert!(DeleteOnWrite::new(1.0, 1.0, 1.0, None).is_err());
        assert!(DeleteOnWrite::new(1.0, 1.0, 1.0, Some(1.0)).is_ok());
        assert!(DeleteOnWrite::new(1.0, 0.0, 0.0, None).is_err());
        assert!(DeleteOnWrite::new(1.0, 1.0, 1.1, None).is_err());
    }
}
