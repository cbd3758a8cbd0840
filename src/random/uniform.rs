//! Uniform numbers and yes-or-no draws.

use rand::Rng;

/// A uniform number in [0, 1): a multiple of 2⁻⁵³.
#[inline]
pub fn unit<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    (rng.next_u64() >> 11) as i64 as f64 * STEP
}

/// A uniform integer below `bound`, without bias; 0 for a bound of 0.
///
/// The high half of a product; one draw in 2⁶⁴ / `bound` or fewer is repeated. D. Lemire, "Fast
/// Random Integer Generation in an Interval", ACM TOMACS 29(1), 2019.
#[inline]
pub fn below<R: Rng + ?Sized>(rng: &mut R, bound: u64) -> u64 {
    let mut product = u128::from(rng.next_u64()) * u128::from(bound);
    if (product as u64) < bound {
        let least = bound.wrapping_neg() % bound;
        while (product as u64) < least {
            product = u128::from(rng.next_u64()) * u128::from(bound);
        }
    }
    (product >> 64) as u64
}

/// A uniform integer from 0 to `last`, both included, without bias.
#[inline]
pub fn up_to<R: Rng + ?Sized>(rng: &mut R, last: u64) -> u64 {
    match last.checked_add(1) {
        Some(bound) => below(rng, bound),
        None => rng.next_u64(),
    }
}

/// A yes-or-no draw with a fixed probability, held as an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bernoulli {
    threshold: u64,
}

impl Bernoulli {
    const ALWAYS: u64 = 1 << 63;

    /// Yes with this probability; below 0 and for a NaN never, above 1 always.
    pub fn new(probability: f64) -> Self {
        let threshold = (probability * Self::ALWAYS as f64) as u64;
        Bernoulli { threshold: threshold.min(Self::ALWAYS) }
    }

    /// Yes or no. Takes one draw whatever the probability.
    #[inline]
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> bool {
        rng.next_u64() >> 1 < self.threshold
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::goodness::{Scripted, assert_chi_square, rng};
    use super::*;

    #[test]
    fn golden_draws() {
        let mut rng = rng(1);
        let dice: Vec<u64> = (0..12).map(|_| below(&mut rng, 6)).collect();
        assert_eq!(dice, [4, 4, 1, 0, 4, 5, 1, 5, 2, 3, 5, 0]);
        assert_eq!(unit(&mut rng), 0.021058383848472695);
    }

    #[test]
    fn a_unit_draw_begins_at_zero_and_ends_just_below_one() {
        assert_eq!(unit(&mut Scripted::new(&[0])), 0.0);
        assert_eq!(unit(&mut Scripted::new(&[u64::MAX])), 1.0 - f64::EPSILON / 2.0);
    }

    #[test]
    fn what_would_bias_an_integer_is_drawn_again() {
        // 2⁶⁴ = 3 k + 1: of three equal parts one has a number too many, and it is the first.
        let mut rng = Scripted::new(&[0, u64::MAX]);
        assert_eq!(below(&mut rng, 3), 2);
        assert_eq!(below(&mut Scripted::new(&[1]), 3), 0);
        assert_eq!(below(&mut Scripted::new(&[9]), 0), 0);
        assert_eq!(up_to(&mut Scripted::new(&[9]), u64::MAX), 9);
    }

    #[test]
    fn integers_are_uniform() {
        let mut rng = rng(2);
        for bound in [2, 3, 10, 100, 1_000] {
            let mut counts = vec![0_u64; bound];
            for _ in 0..100_000 {
                counts[below(&mut rng, bound as u64) as usize] += 1;
            }
            assert_chi_square(&counts, |_| 1.0 / bound as f64);
        }
    }

    #[test]
    fn a_share_of_the_draws_is_yes() {
        let mut rng = rng(3);
        for probability in [0.001, 0.25, 0.95] {
            let draw = Bernoulli::new(probability);
            let n = 200_000.0;
            let yes = (0..200_000).filter(|_| draw.sample(&mut rng)).count() as f64;
            let error = (n * probability * (1.0 - probability)).sqrt();
            assert!((yes - n * probability).abs() < 3.5 * error, "{yes} at {probability}");
        }
    }

    #[test]
    fn certain_and_impossible_are_exact() {
        for draw in [0, u64::MAX] {
            let says =
                |probability| Bernoulli::new(probability).sample(&mut Scripted::new(&[draw]));
            assert!(says(1.0) && says(2.0));
            assert!(!says(0.0) && !says(-1.0) && !says(f64::NAN));
        }
    }

    proptest! {
        #[test]
        fn integers_stay_in_bounds(draw: u64, bound in 1_u64.., last: u64) {
            // A second draw of all ones is never repeated.
            prop_assert!(below(&mut Scripted::new(&[draw, u64::MAX]), bound) < bound);
            prop_assert!(up_to(&mut Scripted::new(&[draw, u64::MAX]), last) <= last);
        }

        #[test]
        fn a_larger_draw_gives_no_smaller_number(low: u64, high: u64) {
            let (low, high) = (low.min(high), low.max(high));
            let with = |draw| unit(&mut Scripted::new(&[draw]));
            prop_assert!(with(low) <= with(high));
        }
    }
}
