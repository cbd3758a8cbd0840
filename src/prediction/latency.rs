//! Latencies of scenarios, as theory knows them.

use crate::random::Distribution;
use crate::theory::{self, latency::Latency};
use crate::time::Span;

/// The same latency by theory's own formulas. An error if it is out of their range.
pub(crate) fn latency_of(distribution: &Distribution) -> theory::Result<Latency> {
    match distribution {
        Distribution::Constant(span) => Latency::constant(span.as_secs_f64()),
        Distribution::Uniform { min, max } => {
            Latency::uniform(min.as_secs_f64(), max.as_secs_f64())
        }
        Distribution::Exponential(mean) => Latency::exponential(mean.as_secs_f64()),
        // Without a spread it is no log-normal to theory.
        Distribution::Lognormal { median, p99 } if p99 <= median => {
            Latency::constant(median.as_secs_f64())
        }
        Distribution::Lognormal { median, p99 } => {
            Latency::lognormal(median.as_secs_f64(), p99.as_secs_f64())
        }
        Distribution::Pareto { min, .. } if *min == Span::ZERO => Latency::constant(0.0),
        Distribution::Pareto { min, shape } => Latency::pareto(min.as_secs_f64(), *shape),
    }
}
