//! Who asks for what, and when: arrivals, popularity, journeys, recorded traces.
//!
//! A load knows nothing of strategies or of what becomes of its requests, except that a client
//! of a closed loop is told when it is free.

mod config;
mod load;
mod popularity;
pub mod trace;

pub use config::{
    Arrivals, Journey, Popularity, TraceConfig, TraceFormat, TraceWrites, WorkloadConfig,
};
pub use load::{Load, LoadPlan, Request};
pub use popularity::KeySampler;
pub use trace::TraceError;
