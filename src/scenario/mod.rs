//! The scenario file: text in, a checked [`Scenario`] out, or every mistake at once.

pub mod builtin;
mod model;
mod stand_in;

pub use model::{Expectation, FAULTS, Fault, FaultKind, Scenario, Variant};
pub use stand_in::{CODES, Checked, Diagnostics, Input, Override, parse, schema};
