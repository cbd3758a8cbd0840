//! A schedule as a picture: a lane for each client and each store, time downwards, an arrow for
//! each message, and beside each store's lane what it holds.
//!
//! What is shaded is the time in which some store holds an older version than the newest one that
//! was accepted. The race behind a read of a run is to the scale of its times where that can be
//! read, and says what time is left out; a schedule has an order and no times, and its steps are
//! evenly spaced. The steps that a violation rests on are numbered, and named at the side. A race
//! with more steps than are readable is drawn in parts, each of which says so.
//!
//! Rejected: one scale for all distances. They span five orders of magnitude, so all but one would
//! be a point.

mod clock;
mod frame;
mod lanes;
mod messages;
mod notes;
mod spacing;
mod stores;

use std::ops::Range;

use self::frame::Frame;
pub use self::frame::title;
use self::lanes::Lanes;
use super::Race;
use crate::picture::{Area, Drawing, Style};

/// The least height of a row, in units of the canvas: below that its label cannot be read.
const ROW_LEAST: f64 = 58.0;

/// One of the pictures of a race: the only one, unless there are too many steps to be read.
#[derive(Clone, Debug)]
pub struct Part {
    /// The picture.
    pub drawing: Drawing,
    /// The steps on it.
    pub steps: Range<usize>,
    /// Where the row of each of them is: its room on the canvas, numbers and notes included.
    pub rows: Vec<Area>,
}

/// A race as pictures: one, unless it has more steps than can be read at that size.
pub fn pictures(race: &Race<'_>, style: Style) -> Vec<Drawing> {
    parts(race, style).into_iter().map(|part| part.drawing).collect()
}

/// The same, with the places of the steps.
pub fn parts(race: &Race<'_>, style: Style) -> Vec<Part> {
    let frame = Frame::new(race, style, (1, 1));
    let rows = (frame.room().height() - lanes::HEAD) / ROW_LEAST - lanes::TAIL;
    let fit = (rows as usize).max(1);
    let parts = race.steps.len().div_ceil(fit).max(1);
    // Parts as long as each other: a last part of one step would explain nothing.
    let per_part = race.steps.len().div_ceil(parts).max(1);
    let part = |index: usize| {
        let from = index * per_part;
        let to = (from + per_part).min(race.steps.len());
        one(race, style, (index + 1, parts), from..to)
    };
    (0..parts).map(part).collect()
}

fn one(race: &Race<'_>, style: Style, part: (usize, usize), steps: Range<usize>) -> Part {
    let mut frame = Frame::new(race, style, part);
    frame.write(race, steps.clone());
    let lanes = Lanes::new(race, frame.room(), steps.clone());
    lanes.shade(&mut frame, race);
    stores::draw(&mut frame, &lanes, race);
    lanes.draw(&mut frame, race);
    clock::tear(&mut frame, &lanes);
    clock::draw(&mut frame, &lanes, race);
    messages::draw(&mut frame, &lanes, race);
    notes::draw(&mut frame, &lanes, race);
    let rows = steps.clone().map(|step| lanes.row(step)).collect();
    Part { drawing: frame.finish(race), steps, rows }
}
