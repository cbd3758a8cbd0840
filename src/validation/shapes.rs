//! Latencies of three shapes and one mean, and how theory knows them.

use crate::prediction::latency_of;
use crate::random::Distribution;
use crate::theory::latency::Latency;
use crate::time::Span;

/// A shape of latencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Always the same.
    Constant,
    /// Exponential.
    Exponential,
    /// Log-normal; 1 in 100 is longer than ten medians.
    Lognormal,
}

impl Shape {
    pub(super) const ALL: [Shape; 3] = [Shape::Constant, Shape::Exponential, Shape::Lognormal];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Shape::Constant => "constant",
            Shape::Exponential => "exponential",
            Shape::Lognormal => "lognormal",
        }
    }

    /// The distribution of this shape with this mean in microseconds.
    pub(super) fn of(self, mean_us: u64) -> Distribution {
        let mean = Span::from_micros(mean_us);
        match self {
            Shape::Constant => Distribution::Constant(mean),
            Shape::Exponential => Distribution::Exponential(mean),
            Shape::Lognormal => {
                // The mean of one with this ratio of p99 to median is so many medians.
                let of_one =
                    |median: Span| Distribution::Lognormal { median, p99: Span(median.0 * 10) };
                let second = of_one(Span::from_secs(1)).mean();
                of_one(Span((mean.0 as f64 / second) as u64))
            }
        }
    }
}

/// The same latency as theory knows it, by its own formulas.
pub(super) fn known(distribution: &Distribution) -> Latency {
    latency_of(distribution).expect("in range")
}
