//! The scenario file: text in, a checked [`Scenario`] out, or every mistake at once.

mod model;

pub use model::{Expectation, FAULTS, Fault, FaultKind, Scenario, Variant};
