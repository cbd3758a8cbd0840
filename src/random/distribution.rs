//! What a scenario file says about a length of time, and its moments in closed form.

use super::normal::{Z_99, normal_cdf};
use crate::time::Span;

/// A distribution of a length of time, as scenario files write it.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always this long.
    Constant(Span),
    /// Equally likely from `min` up to `max`.
    Uniform {
        /// The shortest.
        min: Span,
        /// The longest.
        max: Span,
    },
    /// Exponential with this mean.
    Exponential(Span),
    /// Log-normal, given by two of its quantiles.
    Lognormal {
        /// Half are shorter.
        median: Span,
        /// 99 in 100 are shorter.
        p99: Span,
    },
    /// Pareto: never shorter than `min`, with tail exponent `shape`.
    Pareto {
        /// The shortest.
        min: Span,
        /// The tail exponent; the mean is finite above 1.
        shape: f64,
    },
}

impl Distribution {
    /// The mean, in seconds. Infinite for a Pareto distribution with a shape of 1 or less.
    pub fn mean(&self) -> f64 {
        match *self {
            Distribution::Constant(span) | Distribution::Exponential(span) => span.as_secs_f64(),
            Distribution::Uniform { min, max } => 0.5 * (min.as_secs_f64() + max.as_secs_f64()),
            Distribution::Lognormal { median, p99 } => {
                let sigma = lognormal_sigma(median, p99);
                median.as_secs_f64() * libm::exp(0.5 * sigma * sigma)
            }
            Distribution::Pareto { min, .. } if min == Span::ZERO => 0.0,
            Distribution::Pareto { min, shape } if shape > 1.0 => {
                min.as_secs_f64() * shape / (shape - 1.0)
            }
            Distribution::Pareto { .. } => f64::INFINITY,
        }
    }

    /// The variance, in seconds squared. Infinite for a Pareto distribution with a shape of 2 or
    /// less.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        match *self {
            Distribution::Constant(_) => 0.0,
            Distribution::Exponential(_) => mean * mean,
            Distribution::Uniform { min, max } => {
                let width = max.as_secs_f64() - min.as_secs_f64();
                width * width / 12.0
            }
            Distribution::Lognormal { median, p99 } => {
                let sigma = lognormal_sigma(median, p99);
                mean * mean * libm::expm1(sigma * sigma)
            }
            Distribution::Pareto { min, .. } if min == Span::ZERO => 0.0,
            Distribution::Pareto { shape, .. } if shape > 2.0 => {
                mean * mean / (shape * (shape - 2.0))
            }
            Distribution::Pareto { .. } => f64::INFINITY,
        }
    }

    /// The probability of at most this many seconds.
    pub fn cdf(&self, seconds: f64) -> f64 {
        let least = self.least().as_secs_f64();
        if seconds < least {
            return 0.0;
        }
        match *self {
            Distribution::Exponential(mean) if mean > Span::ZERO => {
                -libm::expm1(-seconds / mean.as_secs_f64())
            }
            Distribution::Uniform { min, max } if max > min => {
                ((seconds - least) / (max.as_secs_f64() - least)).min(1.0)
            }
            Distribution::Lognormal { median, p99 } if p99 > median && median > Span::ZERO => {
                let sigma = lognormal_sigma(median, p99);
                normal_cdf(libm::log(seconds / median.as_secs_f64()) / sigma)
            }
            Distribution::Pareto { min, shape } if min > Span::ZERO => {
                1.0 - libm::pow(least / seconds, shape)
            }
            _ => 1.0,
        }
    }

    /// The shortest possible span.
    fn least(&self) -> Span {
        match *self {
            Distribution::Constant(span) => span,
            Distribution::Uniform { min, .. } | Distribution::Pareto { min, .. } => min,
            Distribution::Lognormal { median, p99 } if p99 <= median => median,
            Distribution::Exponential(_) | Distribution::Lognormal { .. } => Span::ZERO,
        }
    }
}

/// The standard deviation of the logarithm; 0 when the 99th percentile is not above the median,
/// or the median is zero.
pub(super) fn lognormal_sigma(median: Span, p99: Span) -> f64 {
    if median == Span::ZERO || p99 <= median {
        return 0.0;
    }
    libm::log(p99.as_secs_f64() / median.as_secs_f64()) / Z_99
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(value: f64, expected: f64) {
        assert!((value - expected).abs() <= 1e-12 * expected.abs(), "{value} for {expected}");
    }

    #[test]
    fn a_lognormal_has_the_quantiles_it_was_given() {
        let distribution =
            Distribution::Lognormal { median: Span::from_millis(2), p99: Span::from_millis(12) };
        assert_near(distribution.cdf(0.002), 0.5);
        assert_near(distribution.cdf(0.012), 0.99);
        // exp(sigma²/2) with sigma = ln 6 / z.
        assert_near(distribution.mean(), 0.002_690_570_622_602_011);
    }

    #[test]
    fn moments_are_the_textbook_ones() {
        let second = Span::from_secs(1);
        let cases = [
            (Distribution::Constant(second), 1.0, 0.0),
            (Distribution::Exponential(second), 1.0, 1.0),
            (Distribution::Uniform { min: second, max: Span::from_secs(7) }, 4.0, 3.0),
            (Distribution::Pareto { min: second, shape: 3.0 }, 1.5, 0.75),
            (Distribution::Pareto { min: second, shape: 2.0 }, 2.0, f64::INFINITY),
            (Distribution::Pareto { min: second, shape: 1.0 }, f64::INFINITY, f64::INFINITY),
        ];
        for (distribution, mean, variance) in cases {
            assert_eq!(distribution.mean(), mean, "{distribution:?}");
            assert_eq!(distribution.variance(), variance, "{distribution:?}");
        }
    }

    #[test]
    fn zero_is_a_constant_in_every_form() {
        let zeros = [
            Distribution::Constant(Span::ZERO),
            Distribution::Exponential(Span::ZERO),
            Distribution::Uniform { min: Span::ZERO, max: Span::ZERO },
            Distribution::Lognormal { median: Span::ZERO, p99: Span::ZERO },
            Distribution::Pareto { min: Span::ZERO, shape: 1.0 },
        ];
        for zero in zeros {
            assert_eq!((zero.mean(), zero.variance(), zero.cdf(0.0)), (0.0, 0.0, 1.0), "{zero:?}");
        }
    }
}
