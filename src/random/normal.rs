//! The normal distribution with mean 0 and variance 1, by a ziggurat; its distribution function.

use rand::Rng;

use super::exponential::unit_exponential;
use super::tables::NORMAL as EDGES;
use super::uniform::unit;
use super::ziggurat::{Layer, layers, place, under_curve};

static LAYERS: [Layer; 256] = layers(&EDGES);

/// The 0.99 quantile of the standard normal distribution, rounded once.
pub const Z_99: f64 = 2.326_347_874_040_841;

/// A draw from the normal distribution with mean 0 and variance 1.
#[inline]
pub fn standard_normal<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    let bits = rng.next_u64();
    let at = place(&LAYERS, bits);
    if at.inside { signed(at.x, bits) } else { outside_the_core(rng, bits) }
}

/// The value with the sign that bit 8 gives it.
#[inline]
fn signed(x: f64, bits: u64) -> f64 {
    f64::from_bits(x.to_bits() ^ ((bits & 0x100) << 55))
}

/// The rest of a draw that fell beside the core of its layer.
#[cold]
#[inline(never)]
fn outside_the_core<R: Rng + ?Sized>(rng: &mut R, mut bits: u64) -> f64 {
    loop {
        let at = place(&LAYERS, bits);
        if at.inside {
            return signed(at.x, bits);
        }
        if at.layer == 0 {
            return signed(tail(rng), bits);
        }
        if under_curve(&EDGES, |x| libm::exp(-0.5 * x * x), at, unit(rng)) {
            return signed(at.x, bits);
        }
        bits = rng.next_u64();
    }
}

/// A draw beyond the last edge: G. Marsaglia, "Generating a variable from the tail of the normal
/// distribution", Technometrics 6(1), 1964.
fn tail<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    loop {
        let x = unit_exponential(rng) / EDGES[1];
        let y = unit_exponential(rng);
        if y + y > x * x {
            return EDGES[1] + x;
        }
    }
}

/// The probability that a standard normal variable is at most `x`.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * core::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::super::goodness::{Scripted, assert_ks, rng};
    use super::*;

    #[test]
    fn golden_draws() {
        let mut rng = rng(1);
        let draws = [(); 4].map(|()| standard_normal(&mut rng));
        assert_eq!(
            draws,
            [-1.694830913328329, -1.9844570581623835, 0.23587259818495965, -0.2787768956577449]
        );
    }

    #[test]
    fn the_quantile_and_the_distribution_function_agree() {
        assert!((normal_cdf(Z_99) - 0.99).abs() < 1e-15);
        assert!((normal_cdf(-Z_99) - 0.01).abs() < 1e-15);
        assert_eq!(normal_cdf(0.0), 0.5);
    }

    #[test]
    fn it_is_normal() {
        let mut rng = rng(2);
        let mut draws: Vec<f64> = (0..300_000).map(|_| standard_normal(&mut rng)).collect();
        assert_ks(&mut draws, normal_cdf);
    }

    #[test]
    fn its_moments_and_tails_are_normal() {
        let mut rng = rng(3);
        let n = 1_000_000;
        let (mut sums, mut below, mut above) = ([0.0; 4], 0.0, 0.0);
        for _ in 0..n {
            let x = standard_normal(&mut rng);
            let mut power = 1.0;
            for sum in &mut sums {
                power *= x;
                *sum += power;
            }
            below += f64::from(u8::from(x < -EDGES[1]));
            above += f64::from(u8::from(x > EDGES[1]));
        }
        let n = f64::from(n);
        let moments = [(0.0, 1.0), (1.0, 2.0), (0.0, 15.0), (3.0, 96.0)];
        for (sum, (mean, variance)) in sums.iter().zip(moments) {
            let error: f64 = variance / n;
            assert!((sum / n - mean).abs() < 3.5 * error.sqrt(), "{} for {mean}", sum / n);
        }
        let expected = n * normal_cdf(-EDGES[1]);
        for count in [below, above] {
            assert!((count - expected).abs() < 3.5 * expected.sqrt(), "{count} for {expected}");
        }
    }

    #[test]
    fn one_bit_is_the_sign() {
        let draw = |bits| standard_normal(&mut Scripted::new(&[bits]));
        let bits = (1 << 60) | 7;
        assert!(draw(bits) > 0.0);
        assert_eq!(draw(bits | 0x100), -draw(bits));
    }
}
