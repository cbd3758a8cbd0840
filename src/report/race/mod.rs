//! Schedules that were played, as pictures made of text.

use crate::schedule::{Property, Scene, Step, words};

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
    /// How to see it again.
    pub replay: &'a str,
}

/// One row a step, with what it did.
pub fn ladder(race: &Race<'_>) -> String {
    let mut text = String::new();
    for property in race.violates {
        text.push_str(&format!("{property}: {}\n", property.promise()));
    }
    for (index, step) in race.steps.iter().enumerate() {
        let words = words::step(race.scene, step.made, step.happening.operation);
        text.push_str(&format!("{:>3}  {words}\n", index + 1));
    }
    if !race.cause.is_empty() {
        text.push_str(&format!("{}.\n", race.cause));
    }
    text + &format!("replay: {}\n", race.replay)
}
