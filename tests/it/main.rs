//! The integration tests: one binary, one module per subject.

mod arbitrary;
mod brute_force;
mod elision;
mod support;
mod traces;
