//! Stale fills: a reader sets an old row after the writer's invalidation has gone by, and the
//! entry stays stale until its TTL ends or another write comes.
//!
//! Two ways to the old row: a fill slower than the invalidation (the stale-set race), or a
//! replica that lags behind it. Derived for this crate, and confirmed by simulation.

use super::quadrature::integrate;
use super::{Result, non_negative, positive};

/// The stale-set race of one fill: get misses, the database is read, *a write commits and its
/// delete arrives*, the old row is set.
///
/// X is the reader's time from the snapshot to the set, Y the writer's time from the commit to the
/// delete; both independent of each other and of the Poisson writes. Given X, the writes that
/// spoil a fill are Poisson, so its probability is
/// 1 - E_X exp(-μ ∫_0^X P(Y <= u) du), about μ E\[(X - Y)⁺\] where that is small.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StaleSetRace {
    writes_per_s: f64,
    fill_s: f64,
    delete_s: f64,
}

impl StaleSetRace {
    /// The race on a key written at this rate, with these means of X (`fill_s`) and Y
    /// (`delete_s`) in seconds.
    ///
    /// # Errors
    /// If the write rate or a time is negative, or not finite.
    pub fn new(writes_per_s: f64, fill_s: f64, delete_s: f64) -> Result<Self> {
        Ok(StaleSetRace {
            writes_per_s: non_negative("write rate", writes_per_s)?,
            fill_s: non_negative("time from snapshot to set", fill_s)?,
            delete_s: non_negative("time from commit to delete", delete_s)?,
        })
    }

    /// With constant times: 1 - e^(-μ(x - y)⁺). Zero when x <= y: constant latencies hide the race.
    pub fn constant(&self) -> f64 {
        -libm::expm1(-self.writes_per_s * (self.fill_s - self.delete_s).max(0.0))
    }

    /// With exponential times, exactly:
    /// 1 - ∫ (1/x) e^(-X/x) exp(-μ(X - y(1 - e^(-X/y)))) dX.
    pub fn exponential(&self) -> f64 {
        let (x, y) = (self.fill_s, self.delete_s);
        if x == 0.0 {
            return 0.0;
        }
        // In units of x, and as the integral of 1 - exp(…), which keeps the digits of a small one.
        let spoiled = |t: f64| {
            let fill = t * x;
            let window = if y > 0.0 { fill + y * libm::expm1(-fill / y) } else { fill };
            -libm::expm1(-self.writes_per_s * window) * libm::exp(-t)
        };
        let tolerance = 1e-11 * self.first_order().min(1.0);
        // What matters happens within some x, or within some y; past 50 x nothing is left.
        let cut = (y / x).clamp(1e-3, 4.0);
        integrate(spoiled, 0.0, cut, tolerance) + integrate(spoiled, cut, 50.0, tolerance)
    }

    /// With exponential times, to the first order in μ: μx² / (x + y). An upper bound, off by
    /// about μx/2 of itself.
    pub fn first_order(&self) -> f64 {
        let (x, y) = (self.fill_s, self.delete_s);
        if x == 0.0 { 0.0 } else { self.writes_per_s * x * x / (x + y) }
    }

    /// What a second delete, this many seconds after the first, leaves of a probability with
    /// exponential times: the factor e^(-τ/x). It is never zero: only a bounded X can be outwaited.
    ///
    /// # Errors
    /// If the time is negative or not finite.
    pub fn left_by_second_delete(&self, after_s: f64) -> Result<f64> {
        let after = non_negative("time to the second delete", after_s)?;
        Ok(if after == 0.0 { 1.0 } else { libm::exp(-after / self.fill_s) })
    }

    /// Long-run share of reads that are stale under delete-on-write, with exponential times and
    /// one fill at a time per key (coalesced): h μy + f P λ E, where P is
    /// [`exponential`](Self::exponential), E = (1 - e^(-μT)) / μ is how long a spoiled entry
    /// lasts, h the share of reads that hit and f that fill.
    ///
    /// An approximation for λ ≫ μ and short windows (μx and μy below some 0.05), good to some 4 %;
    /// without coalescing the truth is up to a tenth lower when λx is not small.
    ///
    /// # Errors
    /// If the read rate is not more than zero and finite, the write rate is zero, or the TTL is
    /// given and not more than zero.
    pub fn stale_share_of_reads(&self, reads_per_s: f64, ttl_s: Option<f64>) -> Result<f64> {
        let reads = positive("read rate", reads_per_s)?;
        let writes = positive("write rate", self.writes_per_s)?;
        let ttl = ttl_s.map_or(Ok(f64::INFINITY), |ttl_s| positive("TTL", ttl_s))?;
        let life_s = -libm::expm1(-writes * ttl) / writes;
        let fills = 1.0 / (1.0 + reads * life_s);
        let waiting = (1.0 - fills) * writes * self.delete_s;
        Ok(waiting + fills * self.exponential() * reads * life_s)
    }
}

/// Probability per write that a miss fills the cache from a replica that has not applied it yet.
///
/// The delete lands `delete_s` after the commit, a second one (if any) `second_delete_s` after
/// that; the next read misses and asks a replica. Reads are Poisson.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaggingReplica {
    reads_per_s: f64,
    lag_s: f64,
}

impl LaggingReplica {
    /// A key read at this rate, filled from a replica with this (mean) lag in seconds.
    ///
    /// # Errors
    /// If the read rate or the lag is not more than zero and finite.
    pub fn new(reads_per_s: f64, lag_s: f64) -> Result<Self> {
        let reads_per_s = positive("read rate", reads_per_s)?;
        Ok(LaggingReplica { reads_per_s, lag_s: positive("replica lag", lag_s)? })
    }

    /// With an exponential lag ℓ, when the last delete lands y after the commit:
    /// e^(-y/ℓ) λℓ / (1 + λℓ).
    ///
    /// # Errors
    /// If the time of the delete is negative or not finite.
    pub fn exponential(&self, last_delete_s: f64) -> Result<f64> {
        let delete = non_negative("time from commit to delete", last_delete_s)?;
        let reads = self.reads_per_s * self.lag_s;
        Ok(libm::exp(-delete / self.lag_s) * reads / (1.0 + reads))
    }

    /// With a constant lag: 1 - e^(-λ(ℓ - y)⁺).
    ///
    /// # Errors
    /// As [`exponential`](Self::exponential).
    pub fn constant(&self, last_delete_s: f64) -> Result<f64> {
        let delete = non_negative("time from commit to delete", last_delete_s)?;
        Ok(-libm::expm1(-self.reads_per_s * (self.lag_s - delete).max(0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::*;

    #[test]
    fn worked_values_of_the_race() {
        let race = |writes, fill, delete| StaleSetRace::new(writes, fill, delete).expect("valid");
        let rows = [
            (race(1.0, 0.010, 0.010), [".0049587", ".0050000"]),
            (race(5.0, 0.020, 0.005), [".0728864", ".0800000"]),
            (race(0.1, 0.050, 0.005), [".0045229", ".0045455"]),
        ];
        for (race, [exact, first_order]) in rows {
            assert_printed(race.exponential(), exact);
            assert_printed(race.first_order(), first_order);
        }
        let race = race(5.0, 0.020, 0.005);
        assert_printed(race.constant(), ".0722565");
        let left = race.left_by_second_delete(0.020).expect("valid");
        assert_printed(race.first_order() * left, ".0294304");
        // The exact form with the second delete; a Monte-Carlo run gave .0268059.
        assert!((race.exponential() * left - 0.026_805_9).abs() < 5e-5);
    }

    #[test]
    fn the_whole_protocol_is_as_stale_as_simulated() {
        // An evaluation and a simulation of the whole protocol, which differ by up to 2 %.
        let rows = [
            ((20.0, 0.5, 0.020, 0.005, None), [0.010_137, 0.010_124]),
            ((50.0, 0.5, 0.010, 0.010, Some(2.0)), [0.007_481, 0.007_334]),
            ((50.0, 0.5, 0.020, 0.005, Some(1.0)), [0.009_796, 0.009_960]),
        ];
        for ((reads, writes, fill, delete, ttl), simulated) in rows {
            let race = StaleSetRace::new(writes, fill, delete).expect("valid");
            let share = race.stale_share_of_reads(reads, ttl).expect("valid");
            for simulated in simulated {
                assert!((share / simulated - 1.0).abs() < 0.04, "{share} for {simulated}");
            }
        }
    }

    #[test]
    fn constant_latencies_hide_the_race() {
        assert_eq!(StaleSetRace::new(5.0, 0.004, 0.005).expect("valid").constant(), 0.0);
        assert!(StaleSetRace::new(5.0, 0.004, 0.005).expect("valid").exponential() > 0.004);
    }

    #[test]
    fn the_limits_of_the_race_are_known() {
        // An instant delete spoils a fill with any write during it: μx / (1 + μx).
        let instant = StaleSetRace::new(3.0, 0.1, 0.0).expect("valid");
        assert!((instant.exponential() - 0.3 / 1.3).abs() < 1e-12);
        // Rare writes: the first order.
        let rare = StaleSetRace::new(1e-9, 0.02, 0.3).expect("valid");
        assert!((rare.exponential() / rare.first_order() - 1.0).abs() < 1e-8);
        let none = StaleSetRace::new(0.0, 0.02, 0.3).expect("valid");
        assert_eq!((none.exponential(), none.constant()), (0.0, 0.0));
        let at_once = StaleSetRace::new(1.0, 0.0, 0.0).expect("valid");
        assert_eq!((at_once.exponential(), at_once.first_order()), (0.0, 0.0));
    }

    #[test]
    fn worked_values_of_a_lagging_replica() {
        let hot = LaggingReplica::new(100.0, 0.1).expect("valid");
        assert_printed(hot.exponential(0.002).expect("valid"), ".89109");
        assert_printed(hot.exponential(0.502).expect("valid"), ".00600");
        assert_printed(hot.constant(0.002).expect("valid"), ".99994");
        let cold = LaggingReplica::new(1.0, 0.1).expect("valid");
        assert_printed(cold.exponential(0.002).expect("valid"), ".08911");
        assert_eq!(hot.constant(0.2), Ok(0.0));
    }

    #[test]
    fn negative_times_are_refused() {
        assert!(StaleSetRace::new(1.0, -0.1, 0.0).is_err());
        let race = StaleSetRace::new(1.0, 0.1, 0.1).expect("valid");
        assert!(race.left_by_second_delete(-1.0).is_err());
        assert!(race.stale_share_of_reads(0.0, None).is_err());
        assert!(race.stale_share_of_reads(1.0, Some(0.0)).is_err());
        assert!(LaggingReplica::new(1.0, 0.0).is_err());
        assert!(LaggingReplica::new(1.0, 0.1).expect("valid").constant(f64::NAN).is_err());
    }
}
