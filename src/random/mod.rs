//! Named random streams, and the samplers that draw from them.
//!
//! Every sampler is the crate's own and uses nothing but integers, exactly rounded float
//! arithmetic and `libm`, so that a seed gives the same draws on every platform. What decides
//! *which* stream or operation a draw belongs to is with the callers; see [`Streams`] for draws
//! made in a fixed order and [`OperationRng`] for those that must not depend on one.

mod distribution;
mod exponential;
#[cfg(test)]
mod goodness;
mod normal;
mod operation;
mod sampler;
mod splitmix;
mod streams;
mod tables;
mod uniform;
mod ziggurat;
mod zipf;

pub use distribution::Distribution;
pub use exponential::unit_exponential;
pub use normal::{Z_99, normal_cdf, standard_normal};
pub use operation::OperationRng;
pub use sampler::Sampler;
pub use streams::Streams;
pub use uniform::{Bernoulli, below, unit, up_to};
pub use zipf::Zipf;
