//! Delayed hits: a TTL-only cache whose fetches take time, and what becomes of the reads that come
//! meanwhile.
//!
//! Assumptions: reads of a key are Poisson, its writes Poisson and independent of them; the cache
//! itself is instant; the TTL runs from the set and is not renewed by hits. Either one fetch of a
//! key is in flight at a time and others wait for it (coalesced), or each read that misses fetches
//! for itself.
//!
//! Sources: N. Atre, J. Sherry, W. Wang and D. S. Berger, "Caching with Delayed Hits", SIGCOMM 2020
//! (the notion); the forms are renewal cycles, derived for this crate and confirmed by simulation.

use super::latency::Latency;
use super::special::phi;
use super::stampede::misses_per_expiry;
use super::{Result, TheoryError, non_negative, positive};

/// One key under a TTL, one fetch at a time: reads that come during it wait for its row.
#[derive(Clone, Debug)]
pub struct Coalesced {
    reads_per_s: f64,
    ttl_s: f64,
    fetch: Latency,
}

impl Coalesced {
    /// A key read at this rate; a fetch is the time from the miss to the set.
    ///
    /// # Errors
    /// If the read rate is negative, the TTL not more than zero, or one of them not finite.
    pub fn new(reads_per_s: f64, ttl_s: f64, fetch: Latency) -> Result<Self> {
        let reads_per_s = non_negative("read rate", reads_per_s)?;
        Ok(Coalesced { reads_per_s, ttl_s: positive("TTL", ttl_s)?, fetch })
    }

    /// Reads per cycle: 1 + λ(E\[D\] + T).
    fn reads_per_cycle(&self) -> f64 {
        1.0 + self.reads_per_s * (self.fetch.mean_s() + self.ttl_s)
    }

    /// Share of reads that miss, and fetch: 1 / (1 + λ(E\[D\] + T)).
    pub fn miss_share(&self) -> f64 {
        1.0 / self.reads_per_cycle()
    }

    /// Share of reads that wait for another's fetch: λE\[D\] / (1 + λ(E\[D\] + T)).
    pub fn delayed_share(&self) -> f64 {
        self.reads_per_s * self.fetch.mean_s() / self.reads_per_cycle()
    }

    /// Share of reads that the cache answers at once: λT / (1 + λ(E\[D\] + T)).
    pub fn hit_share(&self) -> f64 {
        self.reads_per_s * self.ttl_s / self.reads_per_cycle()
    }

    /// Mean wait over all reads, in seconds, a hit waiting 0:
    /// (E\[D\] + λE\[D²\]/2) / (1 + λ(E\[D\] + T)).
    pub fn wait_mean_s(&self) -> f64 {
        let waits = 0.5 * self.reads_per_s * self.fetch.square_mean_s2();
        (self.fetch.mean_s() + waits) / self.reads_per_cycle()
    }

    /// Share of hits that are stale, when a snapshot is taken a time S before its set:
    /// 1 - E\[e^(-μS)\] (1 - e^(-μT)) / (μT). Their age is uniform from S to S + T.
    ///
    /// # Errors
    /// If the write rate is negative or not finite.
    pub fn stale_share_of_hits(&self, writes_per_s: f64, since_snapshot: &Latency) -> Result<f64> {
        let before_set = since_snapshot.overtaken_by(writes_per_s)?;
        let r = writes_per_s * self.ttl_s;
        Ok(r * phi(2, -r) + before_set * phi(1, -r))
    }

    /// Share of the reads that wait which are stale, when the snapshot is taken a time S before the
    /// set, the last part of D: E ∫_0^S (1 - e^(-μu)) du / E\[D\].
    ///
    /// Joining a fetch that has seen the database already is not linearizable: a read that comes
    /// after the snapshot may get an older row than its own query would have found.
    ///
    /// # Errors
    /// If the write rate is negative or not finite, or S is longer than D on average.
    pub fn stale_share_of_delayed(
        &self,
        writes_per_s: f64,
        since_snapshot: &Latency,
    ) -> Result<f64> {
        let writes = non_negative("write rate", writes_per_s)?;
        let fetch_s = positive("mean fetch time", self.fetch.mean_s())?;
        // Two ways to the same mean may differ by rounding.
        if since_snapshot.mean_s() > fetch_s * (1.0 + 1e-9) {
            let (parameter, must_be) = ("time since the snapshot", "a part of the fetch time");
            return Err(TheoryError::OutOfRange { parameter, must_be });
        }
        let stale_s = since_snapshot.expected_integral(|u| -libm::expm1(-writes * u), &[]);
        Ok(stale_s / fetch_s)
    }

    /// Share of all reads that are stale: of hits and of reads that wait, by their shares.
    ///
    /// # Errors
    /// As [`stale_share_of_delayed`](Self::stale_share_of_delayed).
    pub fn stale_share_of_reads(&self, writes_per_s: f64, since_snapshot: &Latency) -> Result<f64> {
        let of_hits = self.stale_share_of_hits(writes_per_s, since_snapshot)?;
        let of_delayed = self.stale_share_of_delayed(writes_per_s, since_snapshot)?;
        Ok(self.hit_share() * of_hits + self.delayed_share() * of_delayed)
    }
}

/// Share of reads that miss where each of them fetches and *sets* the row, which starts the TTL
/// anew, and a fetch always takes D: (1 + λD) / (2λD + λT + e^(-λD)).
///
/// # Errors
/// If the read rate or D is negative, the TTL not more than zero, or one of them not finite; or if
/// the TTL is shorter than D, since then it ends between one set and the next.
pub fn uncoalesced_miss_ratio(reads_per_s: f64, ttl_s: f64, fetch_s: f64) -> Result<f64> {
    let reads = non_negative("read rate", reads_per_s)?;
    let (ttl, fetch) = (positive("TTL", ttl_s)?, non_negative("fetch time", fetch_s)?);
    if ttl < fetch {
        let must_be = "at least the fetch time";
        return Err(TheoryError::OutOfRange { parameter: "TTL", must_be });
    }
    let during = reads * fetch;
    Ok((1.0 + during) / (2.0 * during + reads * ttl + libm::exp(-during)))
}

/// Share of reads that miss where each of them fetches and *adds* the row, which does nothing if
/// one is there: K / (K + λT), with the misses per expiry K of [`misses_per_expiry`]; for a
/// constant D (1 + λD) / (1 + λD + λT).
///
/// Holds for any fetch time that is hardly ever longer than the TTL: what is fetched before an
/// expiry and added after it shortens the next stampede.
///
/// # Errors
/// If the read rate is negative, the TTL not more than zero, or one of them not finite; or if more
/// than one fetch in a thousand takes longer than the TTL.
pub fn uncoalesced_add_miss_ratio(reads_per_s: f64, ttl_s: f64, fetch: &Latency) -> Result<f64> {
    let misses = misses_per_expiry(reads_per_s, fetch)?;
    let ttl = positive("TTL", ttl_s)?;
    if fetch.tail(ttl) > 1e-3 {
        let must_be = "longer than nearly all fetches";
        return Err(TheoryError::OutOfRange { parameter: "TTL", must_be });
    }
    Ok(misses / (misses + reads_per_s * ttl))
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::super::monte_carlo::{Draws, assert_close};
    use super::*;

    fn constant(seconds: f64) -> Latency {
        Latency::constant(seconds).expect("valid")
    }

    #[test]
    fn worked_values_of_one_fetch_at_a_time() {
        let rows = [
            ((100.0, 1.0, 0.05), [".009434", ".047170", "1.651"]),
            ((10.0, 5.0, 0.2), [".018868", ".037736", "7.547"]),
        ];
        for ((reads, ttl, fetch), [miss, delayed, wait]) in rows {
            let key = Coalesced::new(reads, ttl, constant(fetch)).expect("valid");
            assert_printed(key.miss_share(), miss);
            assert_printed(key.delayed_share(), delayed);
            assert_printed(1e3 * key.wait_mean_s(), wait);
            let all = key.miss_share() + key.delayed_share() + key.hit_share();
            assert!((all - 1.0).abs() < 1e-15);
        }
        // Exponential: z + λz² per miss.
        let exponential = Latency::exponential(0.2).expect("valid");
        let key = Coalesced::new(10.0, 5.0, exponential).expect("valid");
        let per_miss = key.wait_mean_s() / key.miss_share();
        assert!((per_miss - (0.2 + 10.0 * 0.04)).abs() < 1e-12);
    }

    #[test]
    fn worked_values_of_a_fetch_for_each() {
        for ((reads, ttl, fetch), printed) in
            [((100.0, 1.0, 0.05), ".054542"), ((10.0, 5.0, 0.2), ".055417")]
        {
            assert_printed(uncoalesced_miss_ratio(reads, ttl, fetch).expect("valid"), printed);
            let add = uncoalesced_add_miss_ratio(reads, ttl, &constant(fetch)).expect("valid");
            let misses = 1.0 + reads * fetch;
            assert!((add - misses / (misses + reads * ttl)).abs() < 1e-12);
        }
        assert!(uncoalesced_miss_ratio(10.0, 0.1, 0.2).is_err());
        assert!(uncoalesced_add_miss_ratio(10.0, 0.1, &constant(0.2)).is_err());
    }

    #[test]
    fn worked_values_of_staleness() {
        let key = Coalesced::new(10.0, 5.0, constant(0.05)).expect("valid");
        let delayed = key.stale_share_of_delayed(1.0, &constant(0.02)).expect("valid");
        assert_printed(100.0 * delayed, "0.397");
        // Age uniform on (r, r + T).
        let hits = key.stale_share_of_hits(1.0, &constant(0.02)).expect("valid");
        let fresh = libm::exp(-0.02) * (1.0 - libm::exp(-5.0)) / 5.0;
        assert!((hits - (1.0 - fresh)).abs() < 1e-13);
        assert_eq!(key.stale_share_of_reads(0.0, &constant(0.02)), Ok(0.0));
        assert!(key.stale_share_of_delayed(1.0, &constant(0.06)).is_err());
        assert!(key.stale_share_of_hits(-1.0, &constant(0.02)).is_err());
        assert!(Coalesced::new(1.0, 0.0, constant(0.0)).is_err());
    }

    #[test]
    fn a_lognormal_fetch_is_as_stale_as_played() {
        let (reads, writes, ttl, median, p99) = (20.0, 2.0, 0.5, 0.05, 0.5);
        let sigma = libm::log(10.0) / 2.326_347_874_040_841;
        let mut draws = Draws::new(5);
        let (mut hits, mut joiners) = ([0_u32; 2], [0_u32; 2]);
        for _ in 0..60_000 {
            // The snapshot at 0, and the first write after it.
            let fetch = draws.lognormal(median, sigma);
            let written = draws.exponential(1.0 / writes);
            let mut at = draws.exponential(1.0 / reads);
            while at < fetch + ttl {
                let counts = if at < fetch { &mut joiners } else { &mut hits };
                counts[usize::from(at > written)] += 1;
                at += draws.exponential(1.0 / reads);
            }
        }
        let fetch = Latency::lognormal(median, p99).expect("valid");
        let key = Coalesced::new(reads, ttl, fetch.clone()).expect("valid");
        let share = |counts: [u32; 2]| f64::from(counts[1]) / f64::from(counts[0] + counts[1]);
        assert_close(share(hits), key.stale_share_of_hits(writes, &fetch).expect("valid"), 0.01);
        let theory = key.stale_share_of_delayed(writes, &fetch).expect("valid");
        assert_close(share(joiners), theory, 0.02);
    }
}
