//! Sums of independent latencies, as far as the forms ask: means, and how long one is beyond
//! another.
//!
//! A sum is kept as probabilities on a grid, by numeric convolution.

use super::latency::latency_of;
use crate::random::Distribution;
use crate::theory::{self, latency::Latency};

/// So many steps a grid has.
const STEPS: usize = 2_048;
/// So many means of a sum fit on its grid.
const MEANS_LONG: f64 = 16.0;
/// So many of them are as long as the longer mean, at most.
const STEPS_PER_MEAN: f64 = 1_024.0;

/// The sum of some latencies.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum<'a>(pub(super) Vec<&'a Distribution>);

impl Sum<'_> {
    /// The mean, in seconds.
    pub(super) fn mean_s(&self) -> f64 {
        self.0.iter().map(|part| part.mean()).sum()
    }

    /// The variance, in seconds squared. It may be infinite.
    pub(super) fn variance(&self) -> f64 {
        self.0.iter().map(|part| part.variance()).sum()
    }

    /// The sum as theory knows a latency, nearly: the part that varies most, and the means of all
    /// others.
    ///
    /// # Errors
    /// If the part that varies is out of theory's range.
    pub(super) fn known(&self) -> theory::Result<Latency> {
        let varies = self.0.iter().max_by(|a, b| a.variance().total_cmp(&b.variance()));
        match varies.filter(|part| part.variance() > 0.0) {
            Some(part) => latency_of(part)?.later_by((self.mean_s() - part.mean()).max(0.0)),
            None => Latency::constant(self.mean_s()),
        }
    }

    /// So many values in seconds, each as likely as the others, that stand for this sum: the means
    /// of its shares. Their mean is that of the sum.
    pub(super) fn equally_likely(&self, values: usize) -> Vec<f64> {
        let mean = self.mean_s();
        if self.variance() == 0.0 || values < 2 || !mean.is_finite() {
            return vec![mean; values.max(1)];
        }
        let step = mean * MEANS_LONG / STEPS as f64;
        let share = 1.0 / values as f64;
        let mut means = vec![0.0; values];
        let (mut filled, mut room) = (0, share);
        for (place, mass) in self.masses(step).into_iter().enumerate() {
            let mut left = mass;
            while left > 0.0 {
                let part = if filled + 1 < values { left.min(room) } else { left };
                means[filled] += part / share * (place as f64 + 0.5) * step;
                (left, room) = (left - part, room - part);
                if room <= 0.0 && filled + 1 < values {
                    (filled, room) = (filled + 1, share);
                }
            }
        }
        // What is beyond the grid, and its rounding.
        let beyond = (mean - means.iter().sum::<f64>() * share) / share;
        means[values - 1] += beyond.max(0.0);
        means
    }

    /// The probability of more than this many seconds.
    pub(super) fn tail(&self, seconds: f64) -> f64 {
        let step = seconds.max(f64::MIN_POSITIVE) / STEPS as f64;
        (1.0 - self.masses(step).iter().sum::<f64>()).max(0.0)
    }

    /// E\[(this - other)⁺\] in seconds, for independent ones: E\[this\] - E\[min(this, other)\],
    /// the latter of which is the integral of the product of their tails. Good to some 0.5 % of
    /// the longer mean.
    pub(super) fn beyond_s(&self, other: &Sum<'_>) -> f64 {
        let (mean, other_mean) = (self.mean_s(), other.mean_s());
        if mean == 0.0 || other_mean == 0.0 {
            return mean;
        }
        // The shorter one decides where the product is over.
        let step = mean.min(other_mean) * 24.0 / STEPS as f64;
        let step = step.max(mean.max(other_mean) / STEPS_PER_MEAN);
        let (mut tail, mut other_tail, mut both) = (1.0, 1.0, 0.0);
        for (mass, other_mass) in self.masses(step).iter().zip(other.masses(step)) {
            let (before, other_before) = (tail, other_tail);
            tail -= mass;
            other_tail -= other_mass;
            both += 0.25 * (before + tail) * (other_before + other_tail) * step;
        }
        (mean - both).max(0.0)
    }

    /// The probability of each step of the grid.
    fn masses(&self, step: f64) -> Vec<f64> {
        let mut sum = vec![0.0; STEPS];
        sum[0] = 1.0;
        // Each part is rounded down to its step; half a step for each makes up for it.
        let mut rounded = 0;
        for part in &self.0 {
            if let Distribution::Constant(span) = part {
                sum = shifted(&sum, (span.as_secs_f64() / step).round() as usize);
            } else {
                sum = convolved(&sum, &grid(part, step));
                rounded += 1;
            }
        }
        shifted(&sum, usize::div_ceil(rounded, 2).saturating_sub(1))
    }
}

fn grid(part: &Distribution, step: f64) -> Vec<f64> {
    let mut before = 0.0;
    let mass = |index: usize| {
        let now = part.cdf((index + 1) as f64 * step);
        let mass = now - before;
        before = now;
        mass
    };
    (0..STEPS).map(mass).collect()
}

fn shifted(masses: &[f64], by: usize) -> Vec<f64> {
    let zeros = std::iter::repeat_n(0.0, by.min(STEPS));
    zeros.chain(masses.iter().copied()).take(STEPS).collect()
}

fn convolved(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; STEPS];
    for (place, mass) in a.iter().enumerate().filter(|(_, mass)| **mass > 1e-15) {
        for (to, other) in sum[place..].iter_mut().zip(b) {
            *to += mass * other;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn exponential(us: u64) -> Distribution {
        Distribution::Exponential(Span(us * 1_000))
    }

    #[test]
    fn what_is_beyond_has_closed_forms_to_compare_with() {
        let (x, y) = (exponential(20_000), exponential(5_000));
        let near = |value: f64, expected: f64, of: f64| {
            assert!((value - expected).abs() < 0.005 * of, "{value} for {expected}");
        };
        // x² / (x + y), whichever is the longer.
        near(Sum(vec![&x]).beyond_s(&Sum(vec![&y])), 0.016, 0.02);
        near(Sum(vec![&y]).beyond_s(&Sum(vec![&x])), 0.001, 0.02);
        // The sum of two alike beyond a third: 5/4 of the mean.
        let z = exponential(250);
        near(Sum(vec![&z, &z]).beyond_s(&Sum(vec![&z])), 1.25 * 250e-6, 250e-6);
        // Beyond a constant: x e^(-c/x).
        let c = Distribution::Constant(Span::from_millis(10));
        near(Sum(vec![&x]).beyond_s(&Sum(vec![&c])), 0.02 * libm::exp(-0.5), 0.02);
        assert_eq!(Sum(vec![&x]).beyond_s(&Sum(vec![])), 0.02);
    }

    #[test]
    fn theory_knows_a_sum_by_the_part_that_varies() {
        let (x, y) = (exponential(20_000), Distribution::Constant(Span(5_000_000)));
        let known = Sum(vec![&y, &x]).known().expect("it has a mean");
        assert!((known.mean_s() - 0.025).abs() < 1e-9);
        // E e^(-μX) of both: e^(-5 ms μ) / (1 + 20 ms μ).
        let overtaken = known.overtaken_by(10.0).expect("in range");
        assert!((overtaken - (1.0 - libm::exp(-0.05) / 1.2)).abs() < 1e-6, "{overtaken}");
        assert_eq!(Sum(vec![&y]).known().expect("constant").mean_s(), 0.005);
    }

    #[test]
    fn equally_likely_values_are_as_spread_as_the_sum() {
        let (x, y) = (exponential(20_000), Distribution::Constant(Span(5_000_000)));
        let values = Sum(vec![&x, &y]).equally_likely(64);
        let mean = values.iter().sum::<f64>() / 64.0;
        assert!((mean - 0.025).abs() < 1e-4, "{mean}");
        // The median of an exponential is its mean times ln 2.
        let middle = 0.5 * (values[31] + values[32]);
        assert!((middle - 0.005 - 0.02 * core::f64::consts::LN_2).abs() < 2e-4, "{middle}");
        let variance = values.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / 64.0;
        assert!((0.9..1.0).contains(&(variance / 0.0004)), "{variance}");
        assert_eq!(Sum(vec![&y]).equally_likely(3), [0.005; 3]);
        assert_eq!(Sum(Vec::new()).equally_likely(1), [0.0]);
    }

    #[test]
    fn tails_are_those_of_the_sum() {
        let (x, c) = (exponential(1_000), Distribution::Constant(Span::from_millis(2)));
        let near = |value: f64, expected: f64| assert!((value - expected).abs() < 0.002, "{value}");
        near(Sum(vec![&x]).tail(0.003), libm::exp(-3.0));
        near(Sum(vec![&x, &c]).tail(0.003), libm::exp(-1.0));
        near(Sum(vec![&x, &x]).tail(0.002), 3.0 * libm::exp(-2.0));
        near(Sum(vec![&x, &x, &x]).tail(0.002), 5.0 * libm::exp(-2.0));
    }
}
