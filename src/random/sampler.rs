//! Draws spans from a [`Distribution`].
//!
//! Integer nanoseconds: rounded to the nearest, never negative, and [`Span::FOREVER`] where the
//! distribution goes beyond what 64 bits hold.

use rand::Rng;

use super::Distribution;
use super::distribution::lognormal_sigma;
use super::exponential::unit_exponential;
use super::normal::standard_normal;
use super::uniform::up_to;
use crate::time::Span;

/// A distribution, ready to draw from.
///
/// Takes parameters as validated; from senseless ones (a negative Pareto shape, say) it still
/// draws spans, and does not panic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    form: Form,
    mean: f64,
}

/// The two forms to be fast for, and the rest. Spans in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Constant(Span),
    Exponential { mean: f64 },
    Other(OtherForm),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum OtherForm {
    Uniform { min: u64, width: u64 },
    Lognormal { median: f64, sigma: f64 },
    Pareto { min: f64, inverse_shape: f64 },
}

impl Sampler {
    /// Prepares a distribution.
    pub fn new(distribution: &Distribution) -> Self {
        let form = match *distribution {
            Distribution::Constant(span) => Form::Constant(span),
            Distribution::Uniform { min, max } if max <= min => Form::Constant(min),
            Distribution::Uniform { min, max } => {
                Form::Other(OtherForm::Uniform { min: min.0, width: max.0 - min.0 })
            }
            Distribution::Exponential(Span::ZERO)
            | Distribution::Lognormal { median: Span::ZERO, .. }
            | Distribution::Pareto { min: Span::ZERO, .. } => Form::Constant(Span::ZERO),
            Distribution::Exponential(mean) => Form::Exponential { mean: mean.0 as f64 },
            Distribution::Lognormal { median, p99 } if p99 <= median => Form::Constant(median),
            Distribution::Lognormal { median, p99 } => Form::Other(OtherForm::Lognormal {
                median: median.0 as f64,
                sigma: lognormal_sigma(median, p99),
            }),
            Distribution::Pareto { min, shape } => {
                let inverse_shape = 1.0 / shape;
                Form::Other(OtherForm::Pareto { min: min.0 as f64, inverse_shape })
            }
        };
        Sampler { form, mean: distribution.mean() }
    }

    /// A span. A constant takes no draw.
    #[inline]
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Span {
        match self.form {
            Form::Constant(span) => span,
            Form::Exponential { mean } => rounded(mean * unit_exponential(rng)),
            Form::Other(form) => form.sample(rng),
        }
    }

    /// The mean, in seconds; see [`Distribution::mean`].
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Whether every draw is zero.
    pub fn is_zero(&self) -> bool {
        self.form == Form::Constant(Span::ZERO)
    }
}

impl OtherForm {
    /// Not inlined: these are rarer, or dear enough for a call not to matter.
    #[inline(never)]
    fn sample<R: Rng + ?Sized>(self, rng: &mut R) -> Span {
        match self {
            OtherForm::Uniform { min, width } => Span(min + up_to(rng, width)),
            OtherForm::Lognormal { median, sigma } => {
                rounded(median * libm::exp(sigma * standard_normal(rng)))
            }
            // The logarithm of a Pareto variable over its minimum is exponential.
            OtherForm::Pareto { min, inverse_shape } => {
                rounded(min * libm::exp(inverse_shape * unit_exponential(rng)))
            }
        }
    }
}

/// The nearest span (the even one of two), saturating; a NaN gives zero.
#[inline]
fn rounded(nanoseconds: f64) -> Span {
    // From 2^52 on a float has no bits for fractions, so this addition rounds, and the integer is
    // in the mantissa: a third of the cost of a conversion that saturates.
    const NO_FRACTION: f64 = (1_u64 << 52) as f64;
    if nanoseconds < NO_FRACTION {
        Span((nanoseconds + NO_FRACTION).to_bits() - NO_FRACTION.to_bits())
    } else {
        Span(nanoseconds as u64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::goodness::{assert_ks, rng};
    use super::*;

    const MS: Span = Span::from_millis(1);

    fn forms() -> [Distribution; 5] {
        [
            Distribution::Constant(MS),
            Distribution::Uniform { min: MS, max: Span::from_millis(9) },
            Distribution::Exponential(MS),
            Distribution::Lognormal { median: MS, p99: Span::from_millis(6) },
            Distribution::Pareto { min: MS, shape: 4.5 },
        ]
    }

    fn draws(distribution: &Distribution, seed: u64, count: usize) -> Vec<Span> {
        let (sampler, mut rng) = (Sampler::new(distribution), rng(seed));
        (0..count).map(|_| sampler.sample(&mut rng)).collect()
    }

    #[test]
    fn golden_spans() {
        let golden: [[u64; 4]; 5] = [
            [1_000_000; 4],
            [7_162_334, 7_029_227, 3_288_602, 2_024_105],
            [2_392_826, 3_216_022, 170_297, 390_554],
            [271_074, 216_875, 1_199_218, 806_772],
            [1_701_889, 2_043_515, 1_038_569, 1_090_667],
        ];
        for (form, golden) in forms().iter().zip(golden) {
            assert_eq!(draws(form, 1, 4), golden.map(Span), "{form:?}");
        }
    }

    #[test]
    fn spans_follow_their_distribution_function() {
        for (seed, form) in (10..).zip(&forms()[1..]) {
            let mut seconds: Vec<f64> =
                draws(form, seed, 50_000).into_iter().map(Span::as_secs_f64).collect();
            assert_ks(&mut seconds, |x| form.cdf(x));
        }
    }

    #[test]
    fn means_and_variances_are_those_of_the_distribution() {
        for (seed, form) in (20..).zip(&forms()[1..]) {
            let seconds: Vec<f64> =
                draws(form, seed, 200_000).into_iter().map(Span::as_secs_f64).collect();
            let n = seconds.len() as f64;
            let mean = seconds.iter().sum::<f64>() / n;
            let variance = seconds.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            let error = (form.variance() / n).sqrt();
            assert!((mean - Sampler::new(form).mean()).abs() <= 3.5 * error, "{form:?}: {mean}");
            // The fourth moments of the heavy tails are large: 6 % is some three errors.
            assert!((variance - form.variance()).abs() <= 0.06 * form.variance(), "{form:?}");
        }
    }

    #[test]
    fn rand_distr_agrees() {
        use rand_distr::Distribution as _;
        let lognormal = Sampler::new(&forms()[3]);
        let reference =
            rand_distr::LogNormal::new(libm::log(1e6), lognormal_sigma(MS, Span::from_millis(6)))
                .expect("a positive sigma");
        let mut rng = rng(30);
        let mut ours: Vec<f64> = (0..20_000).map(|_| lognormal.sample(&mut rng).0 as f64).collect();
        let mut theirs: Vec<f64> = (0..200_000).map(|_| reference.sample(&mut rng)).collect();
        theirs.sort_by(f64::total_cmp);
        let share = |x: f64| theirs.partition_point(|y| *y <= x) as f64 / theirs.len() as f64;
        assert_ks(&mut ours, share);
    }

    #[test]
    fn zero_is_known_as_zero() {
        assert!(Sampler::new(&Distribution::Exponential(Span::ZERO)).is_zero());
        assert!(Sampler::new(&Distribution::Pareto { min: Span::ZERO, shape: 0.0 }).is_zero());
        assert!(!Sampler::new(&Distribution::Exponential(Span(1))).is_zero());
    }

    proptest! {
        #[test]
        fn any_parameters_give_spans_within_their_bounds(
            a: u64, b: u64, shape in 0.1_f64..100.0, seed: u64,
        ) {
            let (min, max) = (Span(a.min(b)), Span(a.max(b)));
            let sample = |distribution| draws(&distribution, seed, 8);
            for span in sample(Distribution::Uniform { min, max }) {
                prop_assert!(min <= span && span <= max);
            }
            prop_assert_eq!(sample(Distribution::Constant(max)), [max; 8]);
            // Rounding of the minimum to a float may lose up to 2^10 ns.
            for span in sample(Distribution::Pareto { min, shape }) {
                prop_assert!(span.0 >= min.0.saturating_sub(1 << 10));
            }
            sample(Distribution::Exponential(max));
            sample(Distribution::Lognormal { median: min, p99: max });
            sample(Distribution::Pareto { min, shape: f64::NAN });
        }
    }
}
