//! A schedule as a picture: a lane for each client and each store, time downwards, an arrow for
//! each message, and beside each store's lane what it holds.
//!
//! What is shaded is the time in which some cache holds an older version than the newest one that
//! was accepted. Steps are evenly spaced: a schedule has an order and no times. The steps that a
//! violation rests on are numbered, and named at the side. A race with more steps than are readable
//! is drawn in parts, each of which says so.
//!
//! Rejected: rows as high as the time between them took. A race found under load is shrunk to the
//! steps that matter, which then stand where other steps had been; their instants would be
//! made up.

mod frame;
mod lanes;
mod messages;
mod stores;

use self::frame::Frame;
use self::lanes::Lanes;
use super::Race;
use crate::picture::{Drawing, Style};

/// The least height of a row, in units of the canvas: below that its label cannot be read.
const ROW_LEAST: f64 = 58.0;

/// A race as pictures: one, unless it has more steps than can be read at that size.
pub fn pictures(race: &Race<'_>, style: Style) -> Vec<Drawing> {
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

fn one(
    race: &Race<'_>,
    style: Style,
    part: (usize, usize),
    steps: std::ops::Range<usize>,
) -> Drawing {
    let mut frame = Frame::new(race, style, part);
    frame.write(race, steps.clone());
    let lanes = Lanes::new(race, frame.room(), steps);
    lanes.shade(&mut frame, race);
    stores::draw(&mut frame, &lanes, race);
    lanes.draw(&mut frame, race);
    messages::draw(&mut frame, &lanes, race);
    frame.finish(race)
}
