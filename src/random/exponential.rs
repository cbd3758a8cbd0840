//! The exponential distribution with mean 1, by a ziggurat.
//!
//! Fast enough to draw several times per request (a logarithm costs three times as much), and
//! portable: outside the tables only `libm` is used, and only about once in a hundred draws.

use rand::Rng;

use super::tables::EXPONENTIAL as EDGES;
use super::uniform::unit;
use super::ziggurat::{Layer, layers, place, under_curve};

static LAYERS: [Layer; 256] = layers(&EDGES);

/// A draw from the exponential distribution with mean 1. Zero is possible, infinity is not.
#[inline]
pub fn unit_exponential<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    let bits = rng.next_u64();
    let at = place(&LAYERS, bits);
    if at.inside { at.x } else { outside_the_core(rng, bits) }
}

/// The rest of a draw that fell beside the core of its layer.
#[cold]
#[inline(never)]
fn outside_the_core<R: Rng + ?Sized>(rng: &mut R, mut bits: u64) -> f64 {
    // The distribution has no memory: beyond the last edge it begins anew.
    let mut start = 0.0;
    loop {
        let at = place(&LAYERS, bits);
        if at.inside {
            return start + at.x;
        }
        if at.layer == 0 {
            start += EDGES[1];
        } else if under_curve(&EDGES, |x| libm::exp(-x), at, unit(rng)) {
            return start + at.x;
        }
        bits = rng.next_u64();
    }
}

#[cfg(test)]
mod tests {
    use super::super::goodness::{Scripted, assert_ks, rng};
    use super::*;

    #[test]
    fn golden_draws() {
        let mut rng = rng(1);
        let draws = [(); 4].map(|()| unit_exponential(&mut rng));
        assert_eq!(
            draws,
            [2.392825755192261, 3.2160216993664776, 0.1702973752919495, 0.3905539162948142]
        );
    }

    #[test]
    fn it_is_exponential() {
        let mut rng = rng(2);
        let mut draws: Vec<f64> = (0..300_000).map(|_| unit_exponential(&mut rng)).collect();
        assert_ks(&mut draws, |x| -libm::expm1(-x));
    }

    #[test]
    fn its_moments_and_tail_are_exponential() {
        let mut rng = rng(3);
        let n = 1_000_000;
        let (mut sums, mut beyond) = ([0.0; 3], [0_u32; 3]);
        for _ in 0..n {
            let x = unit_exponential(&mut rng);
            let mut power = 1.0;
            for sum in &mut sums {
                power *= x;
                *sum += power;
            }
            // Within the last layers, just beyond the last edge, and well beyond it.
            for (count, bound) in beyond.iter_mut().zip([5.0, 8.0, 10.0]) {
                *count += u32::from(x > bound);
            }
        }
        let n = f64::from(n);
        // E[x^k] = k!, with the variance (2k)! - (k!)².
        for (sum, (mean, variance)) in sums.iter().zip([(1.0, 1.0), (2.0, 20.0), (6.0, 684.0)]) {
            let error: f64 = variance / n;
            assert!((sum / n - mean).abs() < 3.5 * error.sqrt(), "{} for {mean}", sum / n);
        }
        for (count, bound) in beyond.iter().zip([5.0, 8.0, 10.0]) {
            let expected = n * libm::exp(-bound);
            let off = f64::from(*count) - expected;
            assert!(off.abs() < 3.5 * expected.sqrt(), "{count} beyond {bound}, not {expected}");
        }
    }

    #[test]
    fn draws_from_the_tail_begin_at_its_edge() {
        // All across the base layer is the tail; 0 across layer 5 is 0 beyond its edge.
        let mut rng = Scripted::new(&[u64::MAX << 11, 5]);
        assert_eq!(unit_exponential(&mut rng), EDGES[1]);
        let mut rng = Scripted::new(&[u64::MAX << 11, u64::MAX << 11, 5]);
        assert_eq!(unit_exponential(&mut rng), 2.0 * EDGES[1]);
    }
}
