//! Named random streams, and the samplers that draw from them.
//!
//! So far only what scenario files say; the samplers follow.

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
