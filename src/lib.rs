//! stalelab: what does a cache in front of a database do to the truth?

pub mod metrics;
pub mod op;
pub mod random;
pub mod scenario;
pub mod strategies;
pub mod strategy;
pub mod task;
pub mod theory;
pub mod time;
pub mod workload;
pub mod world;
