//! The integration tests: one binary, one module per subject.

mod arbitrary;
mod bad_schedules;
mod brute_force;
mod builtins;
mod cli;
mod determinism;
mod diagnostics;
mod elision;
mod endless;
mod explorer;
mod fixture;
mod golden;
mod overload;
mod own_strategy;
mod protocols;
mod races;
mod readme;
mod report;
mod scenarios;
mod schema;
mod sequential;
mod support;
mod theory_vs_simulation;
mod tidy;
mod timeline;
mod traces;
