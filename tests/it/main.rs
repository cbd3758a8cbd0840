//! The integration tests: one binary, one module per subject.

mod arbitrary;
mod bad_schedules;
mod brute_force;
mod builtins;
mod cli;
mod determinism;
mod elision;
mod fixture;
mod golden;
mod losses;
mod own_strategy;
mod protocols;
mod readme;
mod report;
mod scenarios;
mod sequential;
mod support;
mod theory_vs_simulation;
mod tidy;
mod traces;
