//! TTL-only caching: nothing invalidates, an entry lives a fixed time from its fill.
//!
//! Assumptions throughout: reads of a key are Poisson, its writes are Poisson and independent of
//! them, a fetch takes no time, the TTL runs from the fill and is not renewed by hits. A key's life
//! is then a renewal cycle: valid for the TTL, then idle until the next read. Age of a copy is the
//! time since the first write that it misses; version lag is how many writes it misses.
//!
//! Sources: J. Jung, A. W. Berger and H. Balakrishnan, "Modeling TTL-based Internet Caches",
//! INFOCOM 2003 (hit ratio); J. Cho and H. Garcia-Molina, "Synchronizing a Database to Improve
//! Freshness", SIGMOD 2000 (freshness and age between refreshes); O. Bahat and A. M. Makowski,
//! "Measuring Consistency in TTL-based Caches", Performance Evaluation 62, 2005 (fresh hits).

use super::special::{gamma_p, phi};
use super::{Result, TheoryError, non_negative, positive};

/// One key under TTL-only caching.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TtlOnly {
    reads_per_s: f64,
    writes_per_s: f64,
    ttl_s: f64,
}

impl TtlOnly {
    /// A key read and written at these rates.
    ///
    /// # Errors
    /// If a rate is negative, the TTL is not more than zero, or one of them is not finite.
    pub fn new(reads_per_s: f64, writes_per_s: f64, ttl_s: f64) -> Result<Self> {
        Ok(TtlOnly {
            reads_per_s: non_negative("read rate", reads_per_s)?,
            writes_per_s: non_negative("write rate", writes_per_s)?,
            ttl_s: positive("TTL", ttl_s)?,
        })
    }

    /// Writes of the key per second.
    pub(crate) fn writes_per_s(&self) -> f64 {
        self.writes_per_s
    }

    /// Writes expected during one TTL: r = μT, on which all shares of hits depend alone.
    fn writes_per_ttl(&self) -> f64 {
        self.writes_per_s * self.ttl_s
    }

    /// Share of reads that hit: λT / (1 + λT).
    pub fn hit_ratio(&self) -> f64 {
        let reads = self.reads_per_s * self.ttl_s;
        reads / (1.0 + reads)
    }

    /// Fills, which are the database's reads, per second: λ / (1 + λT).
    pub fn fills_per_s(&self) -> f64 {
        self.reads_per_s / (1.0 + self.reads_per_s * self.ttl_s)
    }

    /// Share of hits that are stale: 1 - (1 - e^-r) / r.
    pub fn stale_share_of_hits(&self) -> f64 {
        let r = self.writes_per_ttl();
        r * phi(2, -r)
    }

    /// Share of all reads that are stale: hit ratio times the stale share of hits.
    pub fn stale_share_of_reads(&self) -> f64 {
        self.hit_ratio() * self.stale_share_of_hits()
    }

    /// Mean age over all hits, a fresh one counting 0: T (1/2 - 1/r + (1 - e^-r) / r²).
    pub fn age_mean_of_hits_s(&self) -> f64 {
        let r = self.writes_per_ttl();
        self.ttl_s * r * phi(3, -r)
    }

    /// Mean age of the stale reads: the mean over hits, over the stale share of hits. Between T/3
    /// (rare writes, and the limit without any) and T/2.
    pub fn stale_age_mean_s(&self) -> f64 {
        let r = self.writes_per_ttl();
        self.ttl_s * phi(3, -r) / phi(2, -r)
    }

    /// Share of hits older than `age_s`: ((T - Δ) - (1 - e^(-μ(T - Δ))) / μ) / T, and 0 from T on.
    pub fn age_tail_of_hits(&self, age_s: f64) -> f64 {
        let left_s = self.ttl_s - age_s.max(0.0);
        if left_s <= 0.0 {
            return 0.0;
        }
        let r = self.writes_per_s * left_s;
        r * phi(2, -r) * left_s / self.ttl_s
    }

    /// Mean version lag over all hits, a fresh one counting 0: r / 2.
    pub fn lag_mean_of_hits(&self) -> f64 {
        0.5 * self.writes_per_ttl()
    }

    /// Mean version lag of the stale reads.
    pub fn stale_lag_mean(&self) -> f64 {
        0.5 / phi(2, -self.writes_per_ttl())
    }

    /// Share of hits that miss at least `versions` writes: P(k, r) - (k / r) P(k + 1, r) with the
    /// regularised incomplete gamma function P. The same as 1 - Σ_(j<k) P(j + 1, r) / r.
    pub fn lag_tail_of_hits(&self, versions: u32) -> f64 {
        let (r, k) = (self.writes_per_ttl(), f64::from(versions));
        match versions {
            0 => 1.0,
            _ if r == 0.0 => 0.0,
            _ => gamma_p(k, r) - k / r * gamma_p(k + 1.0, r),
        }
    }
}

/// One key under TTL-polling: refreshed every TTL, whether it is read or not, so that every read
/// hits. Of a hit, TTL-only and TTL-polling say the same: its age is uniform on the TTL.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TtlPolling {
    hit: TtlOnly,
}

impl TtlPolling {
    /// A key written at this rate and refreshed this often, instantly.
    ///
    /// # Errors
    /// If the write rate is negative, the interval not more than zero, or one of them not finite.
    pub fn new(writes_per_s: f64, every_s: f64) -> Result<Self> {
        Ok(TtlPolling { hit: TtlOnly::new(0.0, writes_per_s, every_s)? })
    }

    /// Fills, which are the database's reads, per second: 1 / T, read or not.
    pub fn fills_per_s(&self) -> f64 {
        1.0 / self.hit.ttl_s
    }

    /// Share of reads that are stale: [`TtlOnly::stale_share_of_hits`].
    pub fn stale_share_of_reads(&self) -> f64 {
        self.hit.stale_share_of_hits()
    }

    /// Mean age of the stale reads: [`TtlOnly::stale_age_mean_s`].
    pub fn stale_age_mean_s(&self) -> f64 {
        self.hit.stale_age_mean_s()
    }

    /// Mean version lag over all reads: [`TtlOnly::lag_mean_of_hits`].
    pub fn lag_mean_of_reads(&self) -> f64 {
        self.hit.lag_mean_of_hits()
    }
}

/// Many keys with one TTL: the sums over keys of [`TtlOnly`], each key by its reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TtlOnlyKeys {
    /// Share of reads that hit.
    pub hit_ratio: f64,
    /// Fills per second.
    pub fills_per_s: f64,
    /// Share of hits that are stale.
    pub stale_share_of_hits: f64,
    /// Share of all reads that are stale.
    pub stale_share_of_reads: f64,
    /// Mean age of the stale reads, in seconds; 0 if there are none.
    pub stale_age_mean_s: f64,
    /// Mean version lag over all hits.
    pub lag_mean_of_hits: f64,
}

/// The figures of many keys: (reads per second, writes per second) of each.
///
/// # Errors
/// If a rate or the TTL is out of its range (see [`TtlOnly::new`]), or nothing is read.
pub fn ttl_only_keys(
    rates: impl IntoIterator<Item = (f64, f64)>,
    ttl_s: f64,
) -> Result<TtlOnlyKeys> {
    let (mut reads, mut hits, mut stale, mut fills) = (0.0, 0.0, 0.0, 0.0);
    let (mut age, mut lag) = (0.0, 0.0);
    for (reads_per_s, writes_per_s) in rates {
        let key = TtlOnly::new(reads_per_s, writes_per_s, ttl_s)?;
        let key_hits = reads_per_s * key.hit_ratio();
        reads += reads_per_s;
        fills += key.fills_per_s();
        hits += key_hits;
        stale += key_hits * key.stale_share_of_hits();
        age += key_hits * key.age_mean_of_hits_s();
        lag += key_hits * key.lag_mean_of_hits();
    }
    if reads <= 0.0 {
        let (parameter, must_be) = ("read rate of all keys", "more than 0");
        return Err(TheoryError::OutOfRange { parameter, must_be });
    }
    Ok(TtlOnlyKeys {
        hit_ratio: hits / reads,
        fills_per_s: fills,
        stale_share_of_hits: stale / hits,
        stale_share_of_reads: stale / reads,
        stale_age_mean_s: if stale > 0.0 { age / stale } else { 0.0 },
        lag_mean_of_hits: lag / hits,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{assert_printed, eviction::zipf_shares};
    use super::*;

    #[test]
    fn worked_values() {
        // h, stale of hits, of reads, mean age, mean lag, P(lag >= 3), P(age > T/2).
        let rows = [
            (
                (10.0, 0.1, 10.0),
                [".99010", ".36788", ".36424", "3.5914", ".500", ".02334", ".10653"],
            ),
            (
                (1.0, 0.05, 60.0),
                [".98361", ".68326", ".67206", "23.907", "1.500", ".22404", ".24104"],
            ),
            (
                (5.0, 1.0, 2.0),
                [".90909", ".56767", ".51606", ".76159", "1.000", ".10901", ".18394"],
            ),
        ];
        for ((reads, writes, ttl), printed) in rows {
            let key = TtlOnly::new(reads, writes, ttl).expect("valid");
            let values = [
                key.hit_ratio(),
                key.stale_share_of_hits(),
                key.stale_share_of_reads(),
                key.stale_age_mean_s(),
                key.lag_mean_of_hits(),
                key.lag_tail_of_hits(3),
                key.age_tail_of_hits(0.5 * ttl),
            ];
            for (value, printed) in values.into_iter().zip(printed) {
                assert_printed(value, printed);
            }
        }
    }

    #[test]
    fn one_write_per_ttl_makes_one_hit_in_e_stale() {
        let key = TtlOnly::new(3.0, 0.5, 2.0).expect("valid");
        assert!((key.stale_share_of_hits() - libm::exp(-1.0)).abs() < 1e-15);
    }

    #[test]
    fn the_figures_of_a_key_agree_with_each_other() {
        for writes in [1e-9, 0.01, 1.0, 30.0] {
            let key = TtlOnly::new(7.0, writes, 3.0).expect("valid");
            let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-11 * b.abs(), "{a} for {b}");
            near(key.lag_tail_of_hits(1), key.stale_share_of_hits());
            near(key.age_tail_of_hits(0.0), key.stale_share_of_hits());
            near(key.stale_age_mean_s() * key.stale_share_of_hits(), key.age_mean_of_hits_s());
            near(key.stale_lag_mean() * key.stale_share_of_hits(), key.lag_mean_of_hits());
            let tails: f64 = (1..400).map(|k| key.lag_tail_of_hits(k)).sum();
            near(tails, key.lag_mean_of_hits());
            let tail = |age| key.age_tail_of_hits(age);
            near(
                super::super::quadrature::integrate(tail, 0.0, 3.0, 1e-14),
                key.age_mean_of_hits_s(),
            );
        }
    }

    #[test]
    fn without_writes_nothing_is_stale_and_without_reads_nothing_hits() {
        let key = TtlOnly::new(1.0, 0.0, 5.0).expect("valid");
        assert_eq!((key.stale_share_of_hits(), key.lag_tail_of_hits(1)), (0.0, 0.0));
        assert_eq!(TtlOnly::new(0.0, 1.0, 5.0).expect("valid").hit_ratio(), 0.0);
        assert!(TtlOnly::new(1.0, 1.0, 0.0).is_err() && TtlOnly::new(-1.0, 1.0, 1.0).is_err());
        assert!(ttl_only_keys([(0.0, 1.0)], 1.0).is_err());
    }

    #[test]
    fn polling_is_the_limit_of_a_busy_key() {
        let polled = TtlPolling::new(0.5, 3.0).expect("valid");
        let busy = TtlOnly::new(1e9, 0.5, 3.0).expect("valid");
        let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-8, "{a} for {b}");
        near(polled.fills_per_s(), busy.fills_per_s());
        near(polled.stale_share_of_reads(), busy.stale_share_of_reads());
        near(polled.stale_age_mean_s(), busy.stale_age_mean_s());
        near(polled.lag_mean_of_reads(), busy.lag_mean_of_hits());
        assert!(TtlPolling::new(0.5, 0.0).is_err());
    }

    #[test]
    fn worked_zipf_aggregates() {
        let shares = zipf_shares(10_000, 1.0).expect("valid");
        let same = ttl_only_keys(shares.iter().map(|p| (1_000.0 * p, 10.0 * p)), 60.0);
        let same = same.expect("valid");
        assert_printed(same.hit_ratio, "0.90116");
        assert_printed(same.fills_per_s, "98.84");
        assert_printed(same.stale_share_of_reads, "0.43423");
        assert_printed(100.0 * same.stale_share_of_hits, "48.19");
        assert_printed(same.stale_age_mean_s, "26.59");
        assert_printed(same.lag_mean_of_hits, "5.71");
        let uniform = ttl_only_keys(shares.iter().map(|p| (1_000.0 * p, 0.001)), 60.0);
        let uniform = uniform.expect("valid");
        assert_printed(uniform.stale_share_of_reads, "0.02650");
        assert_printed(100.0 * uniform.stale_share_of_hits, "2.94");
        assert_printed(uniform.stale_age_mean_s, "20.10");
        assert_printed(uniform.lag_mean_of_hits, "0.030");
    }
}
