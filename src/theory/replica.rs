//! Reads that are answered, and caches that are filled, by a replica that lags.
//!
//! Assumptions: reads and writes of a key are Poisson and independent; all operations are instant
//! but the replica's lag; a replica applies commits in the order they were made. The delete lands
//! with the commit. Derived for this crate, and confirmed by simulation.

use super::latency::{ACCURACY, Latency};
use super::quadrature::integrate_pieces;
use super::{Result, non_negative, positive};

/// How late a replica is when it applies commits in order.
///
/// Each commit takes a random time to arrive, but waits for those before it: a late one holds up
/// all behind it. With commits at Poisson rate γ, all keys together, and a time of arrival with
/// distribution F, commit i is applied later than t after it was made unless it has arrived, and
/// so have those made u before it within t + u: P(lag > t) = 1 - F(t) exp(-γ ∫_t^∞ (1 - F(u)) du).
#[derive(Clone, Debug)]
pub struct InOrderLag {
    commits_per_s: f64,
    arrival: Latency,
}

impl InOrderLag {
    /// The lag of a replica that commits reach after a random time.
    ///
    /// # Errors
    /// If the rate is negative or not finite.
    pub fn new(commits_per_s: f64, arrival: Latency) -> Result<Self> {
        Ok(InOrderLag { commits_per_s: non_negative("commit rate", commits_per_s)?, arrival })
    }

    /// P(lag > t), t in seconds.
    pub fn tail(&self, seconds: f64) -> f64 {
        let t = seconds.max(0.0);
        let held_up = -libm::expm1(-self.commits_per_s * self.arrival.late_mean_s(t));
        self.arrival.tail(t) + self.arrival.cdf(t) * held_up
    }

    /// The mean lag, in seconds.
    pub fn mean_s(&self) -> f64 {
        self.integral(0.0, f64::INFINITY, |_| 1.0)
    }

    /// ∫ P(lag > t) f(t) dt between two ages. Past the last arrival nothing is outstanding.
    fn integral(&self, from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
        let inside = self.arrival.borders().into_iter().filter(|age| *age > from && *age < to);
        let to = to.min(self.arrival.borders().last().copied().unwrap_or(0.0));
        let mut borders: Vec<f64> = core::iter::once(from).chain(inside).collect();
        borders.extend((to > from).then_some(to));
        integrate_pieces(|t| self.tail(t) * f(t), &borders, ACCURACY)
    }
}

/// A key whose misses are filled from a replica.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilledFromReplica {
    reads_per_s: f64,
    writes_per_s: f64,
}

impl FilledFromReplica {
    /// A key read and written at these rates.
    ///
    /// # Errors
    /// If a rate is not more than zero and finite.
    pub fn new(reads_per_s: f64, writes_per_s: f64) -> Result<Self> {
        let reads_per_s = positive("read rate", reads_per_s)?;
        Ok(FilledFromReplica { reads_per_s, writes_per_s: positive("write rate", writes_per_s)? })
    }

    /// Share of reads that are stale without a cache, all of them answered by replicas: the
    /// probability that the last write has not been applied,
    /// μ ∫ e^(-μt) P(lag > t) dt.
    pub fn stale_share_without_cache(&self, lag: &InOrderLag) -> f64 {
        let writes = self.writes_per_s;
        writes * lag.integral(0.0, f64::INFINITY, |t| libm::exp(-writes * t))
    }

    /// Share of reads that are stale under delete-on-write without a TTL.
    ///
    /// The first read after a write misses and fills the cache from the replica. If the replica
    /// lags then, that read and all up to the next write are stale:
    /// ∫ (λ+μ) e^(-(λ+μ)t) P(lag > t) dt.
    pub fn stale_share(&self, lag: &InOrderLag) -> f64 {
        let both = self.reads_per_s + self.writes_per_s;
        both * lag.integral(0.0, f64::INFINITY, |t| libm::exp(-both * t))
    }

    /// Share of reads that are stale if the key is deleted a second time, `after_s` seconds after
    /// the commit (double delete): what was filled before it is stale up to it, what is filled
    /// after it up to the next write.
    ///
    /// # Errors
    /// If the time is negative or not finite.
    pub fn stale_share_with_second_delete(&self, lag: &InOrderLag, after_s: f64) -> Result<f64> {
        let after = non_negative("time to the second delete", after_s)?;
        let (reads, writes) = (self.reads_per_s, self.writes_per_s);
        let both = reads + writes;
        // Stale reads per write: those before the second delete, and those after it.
        let before = lag.integral(0.0, after, |t| {
            let until = -libm::expm1(-writes * (after - t)) / writes;
            reads * libm::exp(-both * t) * (1.0 + reads * until)
        });
        let later = lag.integral(after, f64::INFINITY, |t| libm::exp(-both * (t - after)));
        let later = libm::exp(-writes * after) * both * later * reads / writes;
        Ok((before + later) * writes / reads)
    }
}

#[cfg(test)]
mod tests {
    use super::super::monte_carlo::{Draws, assert_close};
    use super::*;

    fn exponential(mean_s: f64) -> Latency {
        Latency::exponential(mean_s).expect("valid")
    }

    fn near(value: f64, expected: f64) {
        assert!((value / expected - 1.0).abs() < 1e-9, "{value} for {expected}");
    }

    #[test]
    fn without_others_in_the_way_the_lag_is_what_it_was() {
        let lag = InOrderLag::new(0.0, exponential(0.1)).expect("in range");
        near(lag.mean_s(), 0.1);
        near(lag.tail(0.2), libm::exp(-2.0));
        assert!(lag.tail(1e9) == 0.0 && lag.tail(-1.0) == 1.0);
    }

    #[test]
    fn a_busy_stream_is_later_as_counted_one_by_one() {
        // A simulation of the queue by its recursion: applied(i) = max(applied(i-1), made + time).
        let (rate, mean, n) = (50.0, 0.05, 400_000);
        let mut draws = Draws::new(1);
        let (mut now, mut applied, mut sum, mut late) = (0.0, 0.0_f64, 0.0, 0);
        for _ in 0..n {
            now += draws.exponential(1.0 / rate);
            applied = applied.max(now + draws.exponential(mean));
            sum += applied - now;
            late += i32::from(applied - now > 0.1);
        }
        let lag = InOrderLag::new(rate, exponential(mean)).expect("in range");
        assert_close(sum / f64::from(n), lag.mean_s(), 0.01);
        assert_close(f64::from(late) / f64::from(n), lag.tail(0.1), 0.015);
    }

    #[test]
    fn rare_writes_are_the_textbook_form() {
        // λℓ / (1 + λℓ), of which the second delete leaves e^(-τ/ℓ).
        let near = |value: f64, expected: f64| assert!((value / expected - 1.0).abs() < 1e-6);
        let lag = InOrderLag::new(0.0, exponential(0.1)).expect("in range");
        let key = FilledFromReplica::new(100.0, 1e-7).expect("in range");
        near(key.stale_share(&lag), 10.0 / 11.0);
        let left = key.stale_share_with_second_delete(&lag, 0.2).expect("in range");
        near(left, libm::exp(-2.0) * 10.0 / 11.0);
        near(key.stale_share_with_second_delete(&lag, 0.0).expect("in range"), 10.0 / 11.0);
        // A constant lag: the first read is early with probability 1 - e^(-λℓ).
        let at_once = Latency::constant(0.01).expect("valid");
        let lag = InOrderLag::new(0.0, at_once).expect("in range");
        near(key.stale_share(&lag), -libm::expm1(-1.0));
    }

    #[test]
    fn a_second_delete_of_a_busy_key_adds_up() {
        let lag = InOrderLag::new(5.0, exponential(0.1)).expect("in range");
        let key = FilledFromReplica::new(20.0, 2.0).expect("in range");
        let shares: Vec<f64> = [0.0, 0.01, 0.1, 1.0, 100.0]
            .iter()
            .map(|after| key.stale_share_with_second_delete(&lag, *after).expect("in range"))
            .collect();
        near(shares[0], key.stale_share(&lag));
        assert!(shares[1] < shares[0] && shares[2] < shares[1], "{shares:?}");
        // One that comes too late changes nothing.
        near(shares[4], shares[0]);
        assert!(key.stale_share_without_cache(&lag) < shares[0]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(InOrderLag::new(-1.0, exponential(0.1)).is_err());
        assert!(FilledFromReplica::new(0.0, 1.0).is_err());
        let lag = InOrderLag::new(1.0, exponential(0.1)).expect("in range");
        let key = FilledFromReplica::new(1.0, 1.0).expect("in range");
        assert!(key.stale_share_with_second_delete(&lag, -1.0).is_err());
    }
}
