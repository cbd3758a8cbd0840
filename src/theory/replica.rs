//! Reads that are answered, and caches that are filled, by a replica that lags.
//!
//! Assumptions: reads and writes of a key are Poisson and independent; all operations are instant
//! but the replica's lag; a replica applies commits in the order they were made. The delete lands
//! with the commit. Derived for this crate, and confirmed by simulation.

use super::{Result, non_negative, positive};

/// Where integrals over a lag are cut: what is left is below what matters.
const TAIL: f64 = 1e-8;

/// How late a replica is when it applies commits in order.
///
/// Each commit takes a random time to arrive, but waits for those before it: a late one holds up
/// all behind it. With commits at Poisson rate γ, all keys together, and a time of arrival with
/// distribution F, commit i is applied later than t after it was made unless it has arrived, and
/// so have those made u before it within t + u: P(lag > t) = 1 - F(t) exp(-γ ∫_t^∞ (1 - F(u)) du).
#[derive(Clone, Debug, PartialEq)]
pub struct InOrderLag {
    /// Ages, ascending from 0, and P(lag > age) there.
    tail: Vec<(f64, f64)>,
}

/// How many steps a tail is tabulated in, per mean of the time of arrival.
const STEPS: f64 = 1_000.0;

impl InOrderLag {
    /// The lag of a replica that commits reach after a random time: its distribution function (of
    /// seconds), and its mean. The tail must be lighter than a Pareto's: past 400 means it must
    /// be below 1e-8.
    ///
    /// # Errors
    /// If the mean is not more than zero and finite, the rate is negative or not finite, or the
    /// tail too heavy.
    pub fn new(commits_per_s: f64, arrival_cdf: impl Fn(f64) -> f64, mean_s: f64) -> Result<Self> {
        let rate = non_negative("commit rate", commits_per_s)?;
        let mean = positive("mean lag", mean_s)?;
        let step = mean / STEPS;
        let late = |t: f64| (1.0 - arrival_cdf(t)).max(0.0);
        let mut steps = 1;
        while late(f64::from(steps) * step) > TAIL {
            steps += 1;
            if f64::from(steps) > 400.0 * STEPS {
                let must_be = "of a distribution whose tail is below 1e-8 past 400 means";
                return Err(super::TheoryError::OutOfRange { parameter: "lag", must_be });
            }
        }
        // From the far end, where nothing is outstanding, inwards.
        let mut outstanding = 0.0;
        let mut tail: Vec<(f64, f64)> = (0..=steps)
            .rev()
            .map(|index| {
                let t = f64::from(index) * step;
                if index < steps {
                    // Simpson's rule on one step.
                    let middle = late(t + 0.5 * step);
                    outstanding += step / 6.0 * (late(t) + 4.0 * middle + late(t + step));
                }
                (t, 1.0 - arrival_cdf(t) * libm::exp(-rate * outstanding))
            })
            .collect();
        tail.reverse();
        Ok(InOrderLag { tail })
    }

    /// P(lag > t), t in seconds.
    pub fn tail(&self, seconds: f64) -> f64 {
        let step = self.tail[1].0;
        let place = (seconds.max(0.0) / step).min((self.tail.len() - 1) as f64);
        let index = (place as usize).min(self.tail.len() - 2);
        let (low, high) = (self.tail[index].1, self.tail[index + 1].1);
        low + (high - low) * (place - index as f64)
    }

    /// The mean lag, in seconds.
    pub fn mean_s(&self) -> f64 {
        self.integral(0.0, self.end_s(), |_| 1.0)
    }

    /// The age past which no commit is outstanding.
    fn end_s(&self) -> f64 {
        self.tail.last().map_or(0.0, |(age, _)| *age)
    }

    /// ∫ P(lag > t) f(t) dt between two ages, by the midpoints of the table's steps.
    fn integral(&self, from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
        let to = to.min(self.end_s());
        let first = (from / self.tail[1].0) as usize;
        let steps = self.tail.windows(2).skip(first).take_while(|step| step[0].0 < to);
        let parts = steps.map(|step| {
            let (low, high) = (step[0].0.max(from), step[1].0.min(to));
            let middle = 0.5 * (low + high);
            (high - low) * self.tail(middle) * f(middle)
        });
        parts.sum()
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
    use super::*;

    fn exponential(mean: f64) -> impl Fn(f64) -> f64 {
        move |t: f64| -libm::expm1(-t / mean)
    }

    fn near(value: f64, expected: f64) {
        assert!((value / expected - 1.0).abs() < 1e-5, "{value} for {expected}");
    }

    #[test]
    fn without_others_in_the_way_the_lag_is_what_it_was() {
        let lag = InOrderLag::new(0.0, exponential(0.1), 0.1).expect("in range");
        near(lag.mean_s(), 0.1);
        near(lag.tail(0.2), libm::exp(-2.0));
        assert_eq!(lag.tail(1e9), lag.tail(lag.end_s()));
    }

    #[test]
    fn a_busy_stream_is_later_as_counted_one_by_one() {
        // A simulation of the queue by its recursion: applied(i) = max(applied(i-1), made + time).
        let (rate, mean) = (50.0, 0.05);
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut draw = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            -libm::log(((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64)
        };
        let (mut now, mut applied, mut sum, mut late) = (0.0, 0.0_f64, 0.0, 0.0);
        let n = 400_000;
        for _ in 0..n {
            now += draw() / rate;
            applied = applied.max(now + draw() * mean);
            sum += applied - now;
            late += f64::from(u8::from(applied - now > 0.1));
        }
        let lag = InOrderLag::new(rate, exponential(mean), mean).expect("in range");
        let (simulated, n) = (sum / f64::from(n), f64::from(n));
        assert!((lag.mean_s() / simulated - 1.0).abs() < 0.01, "{} {simulated}", lag.mean_s());
        assert!((lag.tail(0.1) - late / n).abs() < 0.005, "{} {}", lag.tail(0.1), late / n);
    }

    #[test]
    fn rare_writes_are_the_textbook_form() {
        // λℓ / (1 + λℓ), of which the second delete leaves e^(-τ/ℓ).
        let lag = InOrderLag::new(0.0, exponential(0.1), 0.1).expect("in range");
        let key = FilledFromReplica::new(100.0, 1e-7).expect("in range");
        near(key.stale_share(&lag), 10.0 / 11.0);
        let left = key.stale_share_with_second_delete(&lag, 0.2).expect("in range");
        near(left, libm::exp(-2.0) * 10.0 / 11.0);
        near(key.stale_share_with_second_delete(&lag, 0.0).expect("in range"), 10.0 / 11.0);
        // A constant lag: the first read is early with probability 1 - e^(-λℓ).
        let at_once = |t: f64| f64::from(u8::from(t >= 0.01));
        let lag = InOrderLag::new(0.0, at_once, 0.01).expect("in range");
        let share = key.stale_share(&lag);
        assert!((share + libm::expm1(-1.0)).abs() < 0.002, "{share}");
    }

    #[test]
    fn a_second_delete_of_a_busy_key_adds_up() {
        let lag = InOrderLag::new(5.0, exponential(0.1), 0.1).expect("in range");
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
        assert!(InOrderLag::new(-1.0, exponential(0.1), 0.1).is_err());
        assert!(InOrderLag::new(1.0, exponential(0.1), 0.0).is_err());
        let pareto = |t: f64| 1.0 - libm::pow((t / 0.05).max(1.0), -2.0);
        assert!(InOrderLag::new(1.0, pareto, 0.1).is_err());
        assert!(FilledFromReplica::new(0.0, 1.0).is_err());
    }
}
