//! A cache of limited capacity under the independent reference model: every request is for a key
//! drawn anew with fixed probabilities ("shares"), and entries do not expire.
//!
//! All results count entries, not bytes, and hold in the steady state.

use super::{Result, TheoryError};

/// The shares of a Zipf popularity: key of rank i (from 1) proportional to i^-exponent.
///
/// # Errors
/// If there is no key, or the exponent is negative or not finite.
pub fn zipf_shares(keys: u32, exponent: f64) -> Result<Vec<f64>> {
    let exponent = super::non_negative("exponent", exponent)?;
    if keys == 0 {
        return Err(TheoryError::OutOfRange { parameter: "number of keys", must_be: "at least 1" });
    }
    let weight = |rank: u32| libm::pow(f64::from(rank), -exponent);
    let total: f64 = (1..=keys).rev().map(weight).sum();
    Ok((1..=keys).map(|rank| weight(rank) / total).collect())
}

/// An approximation that gives every key the same characteristic time in the cache.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CharacteristicTime {
    /// The time, counted in requests of all keys together.
    pub requests: f64,
    /// Share of requests that hit.
    pub hit_ratio: f64,
}

/// LRU: with t such that Σ (1 - e^(-p_i t)) = C, key i hits with probability 1 - e^(-p_i t).
///
/// An approximation, good to some 5·10⁻⁴ of the hit ratio for hundreds of keys and more.
/// Sources: H. Che, Y. Tung and Z. Wang, "Hierarchical Web Caching Systems", IEEE JSAC 20(7), 2002;
/// C. Fricker, P. Robert and J. Roberts, arXiv 1202.3974 (why it is so good).
///
/// # Errors
/// If the shares do not sum to 1, or the capacity is not from 1 to below the number of keys that
/// are ever requested.
pub fn lru(shares: &[f64], capacity: u32) -> Result<CharacteristicTime> {
    characteristic_time(shares, capacity, |x| {
        let miss = libm::exp(-x);
        (-libm::expm1(-x), miss)
    })
}

/// FIFO and RANDOM, which are alike: with t such that Σ p_i t / (1 + p_i t) = C, key i hits with
/// probability p_i t / (1 + p_i t), as under a TTL of t.
///
/// An approximation, good to some 10⁻³ of the hit ratio for hundreds of keys and more.
/// Source: V. Martina, M. Garetto and E. Leonardi, "A unified approach to the performance analysis
/// of caching systems", arXiv 1307.6702.
///
/// # Errors
/// As [`lru`].
pub fn fifo_or_random(shares: &[f64], capacity: u32) -> Result<CharacteristicTime> {
    characteristic_time(shares, capacity, |x| {
        let miss = 1.0 / (1.0 + x);
        (x * miss, miss * miss)
    })
}

/// Solves Σ h(p_i t) = C for t, where `h` gives a concave hit probability and its slope.
fn characteristic_time(
    shares: &[f64],
    capacity: u32,
    h: impl Fn(f64) -> (f64, f64),
) -> Result<CharacteristicTime> {
    check(shares, capacity)?;
    let capacity = f64::from(capacity);
    // Σ h is concave and at most t: from t = C, Newton's steps only rise and never pass the root.
    let mut time = capacity;
    for _ in 0..1_000 {
        let (mut held, mut slope) = (0.0, 0.0);
        for share in shares {
            let (hit, hit_slope) = h(share * time);
            held += hit;
            slope += share * hit_slope;
        }
        let step = (capacity - held) / slope;
        // Also stops on a step that rounding turned back, or on a slope that underflowed.
        if step.is_nan() || step <= 4.0 * f64::EPSILON * time || !(time + step).is_finite() {
            break;
        }
        time += step;
    }
    let hit_ratio = shares.iter().map(|share| share * h(share * time).0).sum();
    Ok(CharacteristicTime { requests: time, hit_ratio })
}

/// The largest catalogue that [`lru_exact`] takes: it looks at every subset.
pub const EXACT_KEYS_MAX: usize = 20;

/// LRU, exactly: the cache holds the C keys requested last, and a request sequence brings
/// s_1, s_2, … to its top with probability Π p_(s_j) / (1 - p_(s_1) - … - p_(s_(j-1))).
///
/// Source: W. F. King, "Analysis of Demand Paging Algorithms", IFIP Congress 1971.
///
/// # Errors
/// As [`lru`]; or if there are more than [`EXACT_KEYS_MAX`] keys.
pub fn lru_exact(shares: &[f64], capacity: u32) -> Result<f64> {
    check(shares, capacity)?;
    check_exact(shares)?;
    // Over subsets in the order of their bits, so that a set comes after all sets within it.
    let sets = 1_usize << shares.len();
    let (mut reached, mut share_of) = (vec![0.0; sets], vec![0.0; sets]);
    reached[0] = 1.0;
    let mut hit_ratio = 0.0;
    for set in 0..sets {
        let members = set.count_ones();
        if members == capacity {
            hit_ratio += reached[set] * share_of[set];
        }
        for (key, share) in shares.iter().enumerate() {
            let with = set | 1 << key;
            if with != set {
                share_of[with] = share_of[set] + share;
                if members < capacity {
                    reached[with] += reached[set] * share / (1.0 - share_of[set]);
                }
            }
        }
    }
    Ok(hit_ratio)
}

/// FIFO and RANDOM, exactly: the cache holds a set of C keys with a probability proportional to
/// the product of their shares, the same for both.
///
/// Source: E. Gelenbe, "A Unified Approach to the Evaluation of a Class of Replacement
/// Algorithms", IEEE Trans. Computers C-22(6), 1973.
///
/// # Errors
/// As [`lru_exact`].
pub fn fifo_or_random_exact(shares: &[f64], capacity: u32) -> Result<f64> {
    check(shares, capacity)?;
    check_exact(shares)?;
    let capacity = capacity as usize;
    // products[n] and requested[n]: over sets of n keys, the sum of the product of their shares,
    // and of that product times the sum of their shares.
    let mut products = vec![0.0; capacity + 1];
    let mut requested = vec![0.0; capacity + 1];
    products[0] = 1.0;
    for share in shares {
        for n in (1..=capacity).rev() {
            requested[n] += share * (requested[n - 1] + share * products[n - 1]);
            products[n] += share * products[n - 1];
        }
    }
    Ok(requested[capacity] / products[capacity])
}

/// The best any policy can do that never changes its mind: hold the C most popular keys.
///
/// # Errors
/// As [`lru`].
pub fn static_optimum(shares: &[f64], capacity: u32) -> Result<f64> {
    check(shares, capacity)?;
    let mut sorted = shares.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    Ok(sorted[..capacity as usize].iter().sum())
}

fn check(shares: &[f64], capacity: u32) -> Result<()> {
    let total: f64 = shares.iter().sum();
    let valid = shares.iter().all(|share| *share >= 0.0) && (total - 1.0).abs() < 1e-9;
    if !valid {
        let must_be = "at least 0 each and 1 together";
        return Err(TheoryError::OutOfRange { parameter: "shares of the keys", must_be });
    }
    let requested = shares.iter().filter(|share| **share > 0.0).count();
    if capacity == 0 || capacity as usize >= requested {
        let must_be = "at least 1 and below the number of keys requested";
        return Err(TheoryError::OutOfRange { parameter: "capacity", must_be });
    }
    Ok(())
}

fn check_exact(shares: &[f64]) -> Result<()> {
    if shares.len() > EXACT_KEYS_MAX {
        return Err(TheoryError::OutOfRange { parameter: "number of keys", must_be: "at most 20" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::*;

    #[test]
    fn worked_values() {
        // Capacity and exponent; LRU, FIFO or RANDOM, the static optimum; LRU's time.
        let rows = [
            ((100, 0.8), [".15662", ".13362", ".30005", "110.8"]),
            ((1_000, 0.8), [".43666", ".39418", ".57062", "1472.5"]),
            ((100, 1.0), [".39053", ".34233", ".52999", "141.2"]),
            ((1_000, 1.0), [".67560", ".63091", ".76479", "2352.2"]),
            ((1_000, 1.2), [".86143", ".83185", ".90345", "5026.9"]),
        ];
        for ((capacity, exponent), printed) in rows {
            let shares = zipf_shares(10_000, exponent).expect("valid");
            let lru = lru(&shares, capacity).expect("valid");
            let fifo = fifo_or_random(&shares, capacity).expect("valid");
            let best = static_optimum(&shares, capacity).expect("valid");
            let values = [lru.hit_ratio, fifo.hit_ratio, best, lru.requests];
            for (value, printed) in values.into_iter().zip(printed) {
                assert_printed(value, printed);
            }
        }
    }

    #[test]
    fn worked_values_of_a_tiny_catalogue() {
        let shares = zipf_shares(4, 1.0).expect("valid");
        assert_printed(lru_exact(&shares, 2).expect("valid"), ".603845");
        assert_printed(lru(&shares, 2).expect("valid").hit_ratio, ".597228");
        assert_printed(fifo_or_random_exact(&shares, 2).expect("valid"), ".588571");
        assert_printed(fifo_or_random(&shares, 2).expect("valid").hit_ratio, ".568624");
    }

    #[test]
    fn alike_keys_hit_by_the_share_that_fits() {
        let shares = vec![0.1; 10];
        for capacity in [1, 3, 9] {
            let expected = f64::from(capacity) / 10.0;
            let near = |value: Result<f64>| {
                assert!((value.expect("valid") - expected).abs() < 1e-12);
            };
            near(lru_exact(&shares, capacity));
            near(fifo_or_random_exact(&shares, capacity));
            near(lru(&shares, capacity).map(|lru| lru.hit_ratio));
            near(fifo_or_random(&shares, capacity).map(|fifo| fifo.hit_ratio));
        }
    }

    #[test]
    fn skewed_catalogues_fill_up_as_well() {
        for (keys, exponent, capacity) in [(1_000, 3.0, 999), (50, 6.0, 49), (1_000, 0.0, 999)] {
            let shares = zipf_shares(keys, exponent).expect("valid");
            for h in [lru as fn(&[f64], u32) -> _, fifo_or_random] {
                let found = h(&shares, capacity).expect("valid");
                assert!(found.hit_ratio > 0.998 && found.hit_ratio < 1.0, "{found:?}");
            }
        }
    }

    #[test]
    fn what_is_no_catalogue_or_no_cache_is_refused() {
        assert!(lru(&[0.5, 0.6], 1).is_err() && lru(&[1.5, -0.5], 1).is_err());
        assert!(lru(&[0.5, 0.5], 0).is_err() && lru(&[0.5, 0.5], 2).is_err());
        assert!(lru_exact(&[0.5, 0.5, 0.0], 2).is_err() && static_optimum(&[], 0).is_err());
        assert!(lru_exact(&[1.0 / 21.0; 21], 2).is_err());
        assert!(zipf_shares(0, 1.0).is_err() && zipf_shares(3, f64::NAN).is_err());
    }
}
