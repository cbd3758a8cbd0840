//! An LRU cache whose entries also have a TTL, under the independent reference model with Poisson
//! requests.
//!
//! The TTL runs from the fill, and hits do not renew it. An expired entry keeps its place until it
//! is filled again or falls out at the end, as in memcached: so the order of the entries is that
//! of an LRU cache without a TTL, and so is Che's characteristic time (see [`super::eviction`]).

use super::eviction::lru;
use super::{Result, positive};

/// Share of requests that hit, all keys together: shares of the requests per key, how many entries
/// fit, requests per second of all keys together, and the TTL.
///
/// A key requested at rate λ stays until its first gap longer than Che's time t; let L be the time
/// from its fill to then. It hits in a share h = λE\[min(L, T)\] / (1 + λE\[min(L, T)\]), and
/// P(L > s) is 1 for s < t, falls by e^(-λt) at t, and then with slope -λe^(-λt) P(L > s - t).
/// With T <= t it is the λT / (1 + λT) of TTL-only, without a TTL the 1 - e^(-λt) of LRU.
///
/// An approximation, as [`lru`] is. Derived for this crate.
///
/// # Errors
/// As [`lru`]; or if the rate or the TTL is not more than zero and finite.
pub fn lru_with_ttl(shares: &[f64], capacity: u32, requests_per_s: f64, ttl_s: f64) -> Result<f64> {
    let rate = positive("request rate", requests_per_s)?;
    let ttl = positive("TTL", ttl_s)?;
    let time_s = lru(shares, capacity)?.requests / rate;
    let hits = shares.iter().filter(|share| **share > 0.0).map(|share| {
        let reads = share * rate;
        let valid = reads * time_s * lifetime_in_times(reads * time_s, ttl / time_s);
        share * valid / (1.0 + valid)
    });
    Ok(hits.sum())
}

/// Past so many characteristic times, P(L > s) is an exponential to the last digit.
const TIMES_MAX: u32 = 40;

/// E\[min(L, T)\], in units of the characteristic time, as T is: `a` requests are expected during
/// one.
///
/// Between two multiples of the time, P(L > s) is a polynomial: the integral of the one before.
fn lifetime_in_times(a: f64, ttl: f64) -> f64 {
    if ttl <= 1.0 {
        return ttl;
    }
    let slope = a * libm::exp(-a);
    let mut sum = 1.0;
    // P(L > 1 + u) and on, by its coefficients of u^0, u^1, …
    let mut tail = vec![-libm::expm1(-a), -slope];
    for k in 1..TIMES_MAX {
        let left = ttl - f64::from(k);
        sum += value(&integrated(&tail, 0.0, 1.0), left.min(1.0));
        if left <= 1.0 || tail[0] < 1e-300 {
            return sum;
        }
        tail = integrated(&tail, value(&tail, 1.0), -slope);
    }
    // Each further time keeps the same share of what there was.
    let decay = libm::log(tail[0] / value(&tail, 1.0));
    let left = ttl - f64::from(TIMES_MAX);
    sum - tail[0] * libm::expm1(-decay * left) / decay
}

fn value(coefficients: &[f64], u: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * u + c)
}

/// The coefficients of `start` + `factor` times the integral from 0 on.
fn integrated(coefficients: &[f64], start: f64, factor: f64) -> Vec<f64> {
    let terms = coefficients.iter().zip(1..).map(|(c, j)| factor * c / f64::from(j));
    core::iter::once(start).chain(terms).collect()
}

#[cfg(test)]
mod tests {
    use super::super::eviction::zipf_shares;
    use super::super::monte_carlo::{Draws, assert_close};
    use super::super::ttl::ttl_only_keys;
    use super::*;

    #[test]
    fn both_ends_are_the_known_forms() {
        let shares = zipf_shares(1_000, 0.9).expect("valid");
        let plain = lru(&shares, 100).expect("valid");
        let rate = 50.0;
        let endless = lru_with_ttl(&shares, 100, rate, 1e12).expect("valid");
        assert!((endless / plain.hit_ratio - 1.0).abs() < 1e-9, "{endless}");
        let short = 0.9 * plain.requests / rate;
        let keys = ttl_only_keys(shares.iter().map(|share| (rate * share, 0.0)), short);
        let found = lru_with_ttl(&shares, 100, rate, short).expect("valid");
        assert!((found - keys.expect("valid").hit_ratio).abs() < 1e-12);
    }

    #[test]
    fn the_mean_life_is_that_of_the_textbook() {
        // E[L] = (e^a - 1) / a, wherever the polynomials end and the exponential begins.
        for a in [0.01, 0.3, 1.0, 1.5, 4.0, 9.0] {
            let mean = lifetime_in_times(a, 1e7);
            let expected = libm::expm1(a) / a;
            assert!((mean / expected - 1.0).abs() < 1e-9, "{a}: {mean} for {expected}");
        }
    }

    #[test]
    fn a_key_is_valid_as_long_as_played() {
        for (a, ttl) in [(1.2, 2.5), (2.0, 6.0), (3.0, 60.0)] {
            let mut draws = Draws::new(6);
            let (mut sum, n) = (0.0, 60_000);
            for _ in 0..n {
                let mut last = 0.0;
                let mut gap = draws.exponential(1.0 / a);
                while gap < 1.0 && last < ttl {
                    last += gap;
                    gap = draws.exponential(1.0 / a);
                }
                sum += ttl.min(last + 1.0);
            }
            assert_close(sum / f64::from(n), lifetime_in_times(a, ttl), 0.015);
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let shares = [0.5, 0.3, 0.2];
        assert!(lru_with_ttl(&shares, 3, 1.0, 1.0).is_err());
        assert!(lru_with_ttl(&shares, 1, 0.0, 1.0).is_err());
        assert!(lru_with_ttl(&shares, 1, 1.0, 0.0).is_err());
    }
}
