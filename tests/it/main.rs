//! The integration tests: one binary, one module per subject.

mod arbitrary;
mod brute_force;
mod cli;
mod elision;
mod fixture;
mod golden;
mod report;
mod support;
mod traces;
