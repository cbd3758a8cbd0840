//! Who asks for what, and when.

mod config;
pub mod trace;

pub use config::{
    Arrivals, Journey, Popularity, TraceConfig, TraceFormat, TraceWrites, WorkloadConfig,
};
