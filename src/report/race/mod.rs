//! Schedules that were played, in the forms people and programs read.
//!
//! Nothing here plays anything: what happened comes in, text goes out.

mod causes;
mod cells;
mod code;
mod diagram;
mod ladder;
pub mod picture;
mod states;
mod story;
mod terms;

use crate::incident::Moment;
use crate::schedule::{Property, Scene, Step, answers_stale};

pub use causes::{Wrong, wrongs};
pub use code::{json, rust_test, schedule};
pub use diagram::{mermaid, plantuml};
pub use ladder::{Colour, ladder};
pub use states::{State, holders, states};
pub use story::{moment, not_seen, origin, stale_read, story};

/// A schedule that was played.
#[derive(Clone, Copy, Debug)]
pub struct Race<'a> {
    /// The strategy, as a schedule names it.
    pub strategy: &'a str,
    /// Who took part.
    pub scene: &'a Scene,
    /// What happened.
    pub steps: &'a [Step],
    /// What it violates.
    pub violates: &'a [Property],
    /// Why, in a sentence without a full stop; may be empty.
    pub cause: &'a str,
    /// The index of the step that made the violation unavoidable, if it is known:
    /// [`crate::schedule::unavoidable()`].
    pub unavoidable: Option<usize>,
    /// When each step was made, if the race is one of a run; nothing, if it is a schedule without
    /// times.
    pub moments: &'a [Moment],
    /// How to see it again.
    pub replay: &'a str,
}

impl Race<'_> {
    /// Whether a step answers a read with a row that had been replaced before the read began.
    pub(crate) fn is_stale(&self, at: usize) -> bool {
        answers_stale(self.steps, at)
    }

    /// The index of the first step that violates a property.
    pub(super) fn violating(&self, property: Property) -> Option<usize> {
        self.steps.iter().position(|step| step.violated.has(property))
    }
}
