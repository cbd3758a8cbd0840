//! Whether a database survives the loss of its cache: three states, from the keys' rates.
//!
//! A cache in its steady state asks the database for F fills a second; an empty one lets all reads
//! through. Between the two the system has two stable states, and a restart of the cache, or a
//! peak, takes it from the good one to the bad. Fetches are instant here: while they take time,
//! reads of hot keys miss together, which only makes F larger (see [`super::stampede`]).
//!
//! Sources: N. Bronson, A. Aghayev, A. Charapko and T. Zhu, "Metastable Failures in Distributed
//! Systems", HotOS 2021 (stable, vulnerable and metastable states); F is the fill rate of
//! [`super::ttl`] and [`super::invalidation`], summed over the keys.

use super::invalidation::DeleteOnWrite;
use super::ttl::TtlOnly;
use super::{Result, non_negative, positive};

/// What a database can bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// It serves all reads even without the cache.
    Safe,
    /// It serves what the cache asks for in its steady state, and not all reads: once the cache is
    /// empty, it comes back only by queries that are answered in time. Where those that are not
    /// are repeated, it may stay down until load is shed.
    Vulnerable,
    /// It does not even serve the steady state.
    Hopeless,
}

/// Fills per second of all keys under a TTL: Σ λ / (1 + λT) over the keys' read rates.
///
/// # Errors
/// If a rate is negative, the TTL not more than zero, or one of them not finite.
pub fn ttl_fills_per_s(reads_per_s: impl IntoIterator<Item = f64>, ttl_s: f64) -> Result<f64> {
    let fills = |reads| Ok(TtlOnly::new(reads, 0.0, ttl_s)?.fills_per_s());
    reads_per_s.into_iter().map(fills).sum()
}

/// Fills per second of all keys under delete-on-write without a TTL: Σ λμ / (λ + μ) over the
/// keys' (read rate, write rate).
///
/// # Errors
/// If a rate is negative or not finite.
pub fn invalidation_fills_per_s(rates: impl IntoIterator<Item = (f64, f64)>) -> Result<f64> {
    let fills = |(reads, writes)| {
        if non_negative("read rate", reads)? == 0.0 || non_negative("write rate", writes)? == 0.0 {
            return Ok(0.0);
        }
        Ok(reads * (1.0 - DeleteOnWrite::new(reads, writes, 0.0, None)?.hit_ratio()))
    };
    rates.into_iter().map(fills).sum()
}

/// The state of a database that serves `capacity_per_s` reads at most: safe if that is at least all
/// reads, hopeless if it is at most the fills of the steady state, vulnerable in between.
///
/// # Errors
/// If a rate is negative, the capacity not more than zero, or one of them not finite.
pub fn stability(reads_per_s: f64, fills_per_s: f64, capacity_per_s: f64) -> Result<Stability> {
    let reads = non_negative("read rate", reads_per_s)?;
    let fills = non_negative("fill rate", fills_per_s)?;
    let capacity = positive("capacity", capacity_per_s)?;
    Ok(if reads <= capacity {
        Stability::Safe
    } else if fills < capacity {
        Stability::Vulnerable
    } else {
        Stability::Hopeless
    })
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::*;

    #[test]
    fn the_example_of_the_paper_is_vulnerable_in_its_range() {
        // 300 queries a second behind a cache that hits 9 reads in 10.
        let at = |reads: f64| stability(reads, 0.1 * reads, 300.0).expect("valid");
        assert_eq!((at(299.0), at(300.0)), (Stability::Safe, Stability::Safe));
        assert_eq!((at(301.0), at(2999.0)), (Stability::Vulnerable, Stability::Vulnerable));
        assert_eq!((at(3000.0), at(4000.0)), (Stability::Hopeless, Stability::Hopeless));
        assert!(stability(1.0, 1.0, 0.0).is_err() && stability(-1.0, 0.0, 1.0).is_err());
    }

    #[test]
    fn a_shorter_ttl_is_felt_as_at_github() {
        // A TTL of 12 h cut to 2 h, by how often a user is read an hour; and reads grown tenfold.
        let fills = |reads: f64, ttl: f64| ttl_fills_per_s([reads], ttl).expect("valid");
        assert_printed(fills(1.0, 2.0) / fills(1.0, 12.0), "4.33");
        assert_printed(fills(10.0, 2.0) / fills(10.0, 12.0), "5.76");
        assert_printed(fills(10.0, 2.0) / fills(1.0, 12.0), "6.19");
    }

    #[test]
    fn fills_are_summed_over_the_keys() {
        let sum = invalidation_fills_per_s([(3.0, 1.0), (1.0, 1.0), (5.0, 0.0), (0.0, 2.0)]);
        assert!((sum.expect("valid") - 1.25).abs() < 1e-14);
        let sum = ttl_fills_per_s([1.0, 0.0, 3.0], 1.0).expect("valid");
        assert!((sum - 1.25).abs() < 1e-14);
        assert!(invalidation_fills_per_s([(1.0, -1.0)]).is_err());
        assert!(ttl_fills_per_s([1.0], 0.0).is_err());
    }
}
