//! stalelab: what does a cache in front of a database do to the truth?

pub mod experiment;
pub mod metrics;
pub mod observation;
pub mod op;
pub mod random;
pub mod report;
pub mod scenario;
pub mod simulation;
pub mod strategies;
pub mod strategy;
pub mod task;
pub mod theory;
pub mod time;
pub mod workload;
pub mod world;
