//! Who asks for what, and when.

mod config;

pub use config::{
    Arrivals, Journey, Popularity, TraceConfig, TraceFormat, TraceWrites, WorkloadConfig,
};
