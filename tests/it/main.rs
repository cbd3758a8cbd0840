//! The integration tests: one binary, one module per subject.

mod fixture;
mod golden;
mod report;
