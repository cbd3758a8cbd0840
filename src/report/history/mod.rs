//! What was found about a history: for a terminal, and for programs.

mod json;
mod text;
mod words;

pub use json::json;
pub use text::text;

use crate::consistency::{History, Property, Report};

/// What is to be shown of a report.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Where the history is from: a file's name.
    pub source: &'a str,
    /// What was checked.
    pub history: &'a History,
    /// What came of it.
    pub report: &'a Report,
    /// The properties that are asked about.
    pub properties: &'a [Property],
    /// How many violations of each to show.
    pub examples: usize,
}
