//! Delete-on-write: how stale the copies are that wait for their invalidation, or miss it.
//!
//! Assumptions: reads of a key are Poisson, its writes Poisson and independent of them, a fetch
//! takes no time (for the race of slow fills see [`super::stale_set`]). A write's invalidation
//! reaches the cache after a random delay, or is lost; the delays are independent. Delivered
//! invalidations then arrive as a Poisson process of their own, independent of the writes that
//! are committed but not delivered, and an entry's age decides how stale it is: derived for this
//! crate from the splitting of Poisson processes, and confirmed by simulation.

use super::quadrature::integrate;
use super::special::phi;
use super::{Result, TheoryError, non_negative, positive, probability};

/// How accurate an integral over a probability must be.
const TOLERANCE: f64 = 1e-13;

/// The time from a commit to the invalidation's effect at the cache.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Delay {
    /// Always this many seconds.
    Constant(f64),
    /// Exponential with this mean, in seconds.
    Exponential(f64),
}

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

    /// Share of hits that are stale:
    /// 1 - ∫ e^(-μ(1-p)a - μm(a)) da / ∫ e^(-μ(1-p)a) da over ages a from 0 to T, where
    /// m(a) = pa + (1-p) ∫_0^a P(delay > u) du.
    ///
    /// With a constant delay d, no TTL and no loss it is (1 - e^(-2μd)) / 2; with instant but
    /// lossy invalidation and no TTL it is the loss p.
    ///
    /// # Errors
    /// If the delay is negative or not finite.
    pub fn stale_share_of_hits(&self, delay: Delay) -> Result<f64> {
        let (Delay::Constant(mean) | Delay::Exponential(mean)) = delay;
        let mean = non_negative("invalidation delay", mean)?;
        if let Delay::Exponential(_) = delay
            && mean > 0.0
        {
            return Ok(self.stale_share(|age| -mean * libm::expm1(-age / mean), mean));
        }
        // For a constant the integral has a closed form: before d every write is pending, after it
        // only the lost ones and those of the last d.
        let deletes = self.deletes_per_s();
        let young = mean.min(self.ttl_s);
        let mut fresh_s = expected_decay(deletes + self.writes_per_s, young);
        if self.ttl_s > mean {
            let decay = libm::exp(-(deletes + self.writes_per_s) * mean);
            fresh_s += decay * expected_decay(self.writes_per_s, self.ttl_s - mean);
        }
        Ok(1.0 - fresh_s / self.lifetime_mean_s())
    }

    /// [`stale_share_of_hits`](Self::stale_share_of_hits) for any delay, by quadrature.
    ///
    /// `limited_mean_s(a)` is E\[min(delay, a)\] = ∫_0^a P(delay > u) du in seconds, and `mean_s`
    /// the mean delay, which need not be exact: it says at which ages to look closely.
    ///
    /// # Errors
    /// If the mean is not more than zero and finite.
    pub fn stale_share_of_hits_for(
        &self,
        limited_mean_s: impl Fn(f64) -> f64,
        mean_s: f64,
    ) -> Result<f64> {
        let mean_s = positive("mean invalidation delay", mean_s)?;
        Ok(self.stale_share(limited_mean_s, mean_s))
    }

    fn stale_share(&self, limited_mean_s: impl Fn(f64) -> f64, scale_s: f64) -> f64 {
        let deletes = self.deletes_per_s();
        let lost = self.writes_per_s * self.loss;
        // 1 - e^-x is integrated rather than e^-x, so that a small share keeps its digits.
        let stale = |age: f64| {
            let missed = lost * age + deletes * limited_mean_s(age);
            -libm::expm1(-missed) * libm::exp(-deletes * age)
        };
        let lifetime_s = self.lifetime_mean_s();
        // Past 40 lifetimes nothing is left. Cut where the delay matters most.
        let last_s = self.ttl_s.min(40.0 / deletes);
        let cut_s = (4.0 * scale_s).min(last_s);
        let part = |from, to| integrate(stale, from, to, TOLERANCE * lifetime_s);
        (part(0.0, cut_s) + part(cut_s, last_s)) / lifetime_s
    }
}

/// ∫_0^span e^(-rate·a) da, also for an infinite span or a rate of zero, not both.
fn expected_decay(rate: f64, span: f64) -> f64 {
    if span.is_finite() { span * phi(1, -rate * span) } else { 1.0 / rate }
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::*;

    #[test]
    fn worked_values() {
        // λ, μ, delay, TTL, loss; hit ratio, stale share of hits.
        let rows = [
            ((50.0, 1.0, Delay::Constant(0.05), None, 0.0), [".980392", ".047581"]),
            ((50.0, 1.0, Delay::Exponential(0.05), None, 0.0), [".980392", ".046476"]),
            ((20.0, 0.5, Delay::Constant(1.0), None, 0.0), [".975610", ".316060"]),
            ((20.0, 0.5, Delay::Exponential(1.0), None, 0.0), [".975610", ".275222"]),
            ((20.0, 0.5, Delay::Constant(0.1), Some(10.0), 0.02), [".975911", ".065045"]),
            ((20.0, 0.5, Delay::Constant(0.0), None, 0.02), [".976086", ".020000"]),
        ];
        for ((reads, writes, delay, ttl, loss), [hit, stale]) in rows {
            let key = DeleteOnWrite::new(reads, writes, loss, ttl).expect("valid");
            assert_printed(key.hit_ratio(), hit);
            assert_printed(key.stale_share_of_hits(delay).expect("valid"), stale);
        }
    }

    #[test]
    fn the_special_cases_are_exact() {
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-13, "{a} for {b}");
        for delay in [0.001, 0.3, 4.0] {
            let key = DeleteOnWrite::new(20.0, 0.7, 0.0, None).expect("valid");
            let stale = key.stale_share_of_hits(Delay::Constant(delay)).expect("valid");
            near(stale, -0.5 * libm::expm1(-2.0 * 0.7 * delay));
        }
        let lossy = DeleteOnWrite::new(20.0, 0.7, 0.3, None).expect("valid");
        for instant in [Delay::Constant(0.0), Delay::Exponential(0.0)] {
            near(lossy.stale_share_of_hits(instant).expect("valid"), 0.3);
        }
        // Nothing arrives: TTL-only.
        let ttl = DeleteOnWrite::new(20.0, 0.5, 1.0, Some(2.0)).expect("valid");
        for delay in [Delay::Constant(0.1), Delay::Exponential(0.1), Delay::Constant(9.0)] {
            near(ttl.stale_share_of_hits(delay).expect("valid"), libm::exp(-1.0));
        }
    }

    #[test]
    fn the_general_integral_agrees_with_both_forms() {
        for (loss, ttl) in [(0.0, None), (0.1, Some(3.0)), (0.02, Some(0.05))] {
            let key = DeleteOnWrite::new(20.0, 0.5, loss, ttl).expect("valid");
            let constant = |age: f64| age.min(0.2);
            let exponential = |age: f64| -0.2 * libm::expm1(-age / 0.2);
            let near = |general: Result<f64>, closed: Result<f64>| {
                let (general, closed) = (general.expect("valid"), closed.expect("valid"));
                assert!((general - closed).abs() < 1e-12, "{general} for {closed}");
            };
            near(
                key.stale_share_of_hits_for(constant, 0.2),
                key.stale_share_of_hits(Delay::Constant(0.2)),
            );
            near(
                key.stale_share_of_hits_for(exponential, 0.2),
                key.stale_share_of_hits(Delay::Exponential(0.2)),
            );
        }
    }

    #[test]
    fn what_never_ends_is_refused() {
        assert!(DeleteOnWrite::new(1.0, 1.0, 1.0, None).is_err());
        assert!(DeleteOnWrite::new(1.0, 1.0, 1.0, Some(1.0)).is_ok());
        assert!(DeleteOnWrite::new(1.0, 0.0, 0.0, None).is_err());
        assert!(DeleteOnWrite::new(1.0, 1.0, 1.1, None).is_err());
        let key = DeleteOnWrite::new(1.0, 1.0, 0.0, None).expect("valid");
        assert!(key.stale_share_of_hits(Delay::Constant(-1.0)).is_err());
        assert!(key.stale_share_of_hits_for(|age| age, f64::INFINITY).is_err());
    }
}
