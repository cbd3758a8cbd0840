//! Stampedes: how many reads of one key miss before the first of them has filled it again, when
//! every one of them asks the database.
//!
//! Assumptions: reads of the key are Poisson, each fetch takes a random time of its own, the
//! database has room for all of them, and the first that is done fills the cache.

use super::latency::Latency;
use super::{Result, non_negative};

/// Reads that miss per expiry, the one that finds it expired among them.
///
/// With a fetch time of distribution F and reads at rate λ, nobody is done by t with probability
/// (1 - F(t)) exp(-λ ∫_0^t F(u) du); the misses are 1 + λ times the integral of that. With constant
/// fetches it is 1 + λD. With exponential ones of mean z it is
/// K(ρ) = Σ_(n>=0) Π_(j=1..n) ρ / (ρ + j) with ρ = λz, about [`exponential_asymptote`]: at ρ = 1000
/// a constant time means 1001 queries, an exponential one of the same mean 40.
///
/// The constant form is that of A. Vattani, F. Chierichetti and K. Lowenstein, "Optimal
/// Probabilistic Cache Stampede Prevention", PVLDB 8(8), 2015; the others are derived for this
/// crate.
///
/// # Errors
/// If the read rate is negative or not finite.
pub fn misses_per_expiry(reads_per_s: f64, fetch: &Latency) -> Result<f64> {
    let reads = non_negative("read rate", reads_per_s)?;
    let nobody_else = |t: f64| libm::exp(-reads * fetch.early_mean_s(t));
    // Where reads are frequent, the first of many fetches is done within a small part of a mean.
    let soon = (1..16).map(|k| fetch.least_s() + libm::pow(4.0, -f64::from(k)) * fetch.mean_s());
    Ok(1.0 + reads * fetch.expected_integral(nobody_else, &soon.collect::<Vec<_>>()))
}

/// What [`misses_per_expiry`] comes to with exponential fetches when many reads come during one:
/// √(πρ/2) + 1/3, with ρ the reads per mean fetch time. Within 1 % from ρ = 9 on, and within
/// 0.1 % from ρ = 85 on.
///
/// # Errors
/// If ρ is negative or not finite.
pub fn exponential_asymptote(reads_per_fetch: f64) -> Result<f64> {
    let rho = non_negative("number of reads per fetch", reads_per_fetch)?;
    Ok((core::f64::consts::FRAC_PI_2 * rho).sqrt() + 1.0 / 3.0)
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::super::monte_carlo::{Draws, assert_close};
    use super::*;

    fn exponential_misses(rho: f64) -> f64 {
        misses_per_expiry(rho, &Latency::exponential(1.0).expect("valid")).expect("valid")
    }

    #[test]
    fn worked_values() {
        let rows = [(10.0, "4.3327"), (30.0, "7.2181"), (100.0, "12.877"), (1000.0, "39.97")];
        for (rho, printed) in rows {
            assert_printed(exponential_misses(rho), printed);
        }
        assert!((exponential_misses(1.0) - (core::f64::consts::E - 1.0)).abs() < 1e-10);
        // The paper's example: 10 reads a second, 3 s.
        let constant = Latency::constant(3.0).expect("valid");
        assert!((misses_per_expiry(10.0, &constant).expect("valid") - 31.0).abs() < 1e-10);
        assert_eq!(misses_per_expiry(0.0, &constant), Ok(1.0));
    }

    #[test]
    fn the_integral_is_the_series() {
        for rho in [0.01, 0.7, 5.0, 300.0] {
            let (mut term, mut series, mut j) = (1.0, 1.0, 0.0);
            while term > 1e-18 * series {
                j += 1.0;
                term *= rho / (rho + j);
                series += term;
            }
            let integral = exponential_misses(rho);
            assert!((integral / series - 1.0).abs() < 1e-11, "{integral} for {series}");
        }
    }

    #[test]
    fn the_asymptote_is_as_close_as_it_says() {
        for (rho, within) in [(9.0, 0.01), (85.0, 0.001), (1000.0, 1e-4)] {
            let about = exponential_asymptote(rho).expect("valid");
            assert!((about / exponential_misses(rho) - 1.0).abs() < within, "{rho}: {about}");
        }
        assert!(exponential_asymptote(-1.0).is_err());
    }

    #[test]
    fn a_lognormal_stampede_is_as_large_as_played() {
        let (median, p99, reads, n) = (0.05, 0.5, 100.0, 40_000);
        let sigma = libm::log(10.0) / 2.326_347_874_040_841;
        let mut draws = Draws::new(4);
        let mut misses = 0;
        for _ in 0..n {
            let (mut at, mut filled) = (0.0, f64::INFINITY);
            while at < filled {
                misses += 1;
                filled = filled.min(at + draws.lognormal(median, sigma));
                at += draws.exponential(1.0 / reads);
            }
        }
        let fetch = Latency::lognormal(median, p99).expect("valid");
        let theory = misses_per_expiry(reads, &fetch).expect("valid");
        assert_close(f64::from(misses) / f64::from(n), theory, 0.01);
        assert!(misses_per_expiry(f64::NAN, &fetch).is_err());
    }
}
