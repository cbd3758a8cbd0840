//! Notes at the side: the steps that violations rest on, numbered; what is violated; and the step
//! from which there was no way back.

use super::frame::{Frame, LABEL, lines};
use super::lanes::{Lanes, SEND};
use crate::picture::{Anchor, Color, Weight};
use crate::report::race::Race;
use crate::report::race::causes::{broken, links};

/// What is numbered further has its number in brackets.
const NUMBERS: [&str; 9] = ["①", "②", "③", "④", "⑤", "⑥", "⑦", "⑧", "⑨"];

/// The room between two notes.
const BETWEEN: f64 = 6.0;

/// How many lines a text may have at most, and how large it is: the first that fits.
const FITS: [(usize, f64); 5] = [(3, 0.92), (2, 0.92), (2, 0.8), (1, 0.8), (1, 0.6)];

/// What is said of a step.
struct Note {
    /// Where it would begin, if it had all the room.
    wanted: f64,
    lines: Vec<(String, Color)>,
}

/// Draws the notes of every step, beside their rows as far as there is room.
pub(super) fn draw(frame: &mut Frame, lanes: &Lanes, race: &Race<'_>) {
    let (width, bottom) = (lanes.room.right - lanes.notes, lanes.room.bottom);
    let mut fitting = (Vec::new(), LABEL);
    for (most, share) in FITS {
        let size = LABEL * share;
        fitting = (all(frame, lanes, race, (width, size, most)), size);
        let height: f64 = fitting.0.iter().map(|note| height(note, size) + BETWEEN).sum();
        if height <= bottom - lanes.top {
            break;
        }
    }
    let (notes, size) = fitting;
    for (note, top) in notes.iter().zip(tops(&notes, size, (lanes.top, bottom))) {
        let mut y = top + size * 0.78;
        for (text, color) in &note.lines {
            let at = (lanes.notes, y);
            frame.text(at, text, size, Weight::Regular, *color, Anchor::Start);
            y += size * LEADING;
        }
    }
    mark(frame, lanes, race);
}

/// The distance of lines, in sizes of their text.
const LEADING: f64 = 1.22;

fn height(note: &Note, size: f64) -> f64 {
    note.lines.len() as f64 * size * LEADING
}

/// Where each note begins: as near to its row as the others let it.
fn tops(notes: &[Note], size: f64, (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut free = top;
    let mut tops: Vec<f64> = Vec::new();
    for note in notes {
        let at = note.wanted.max(free);
        free = at + height(note, size) + BETWEEN;
        tops.push(at);
    }
    let mut limit = bottom;
    for (at, note) in tops.iter_mut().zip(notes).rev() {
        *at = at.min(limit - height(note, size));
        limit = *at - BETWEEN;
    }
    tops
}

/// Every note, in lines of a width.
fn all(
    frame: &Frame,
    lanes: &Lanes,
    race: &Race<'_>,
    (width, size, most): (f64, f64, usize),
) -> Vec<Note> {
    let links = links(race);
    let (ink, stale) = (frame.theme.ink(), frame.theme.stale());
    let notes = lanes.steps.clone().filter_map(|index| {
        let mut words: Vec<(String, Color)> = Vec::new();
        if let Some(number) = links.iter().position(|link| link.at == index) {
            let mark = match NUMBERS.get(number) {
                Some(mark) => (*mark).to_owned(),
                None => format!("({})", number + 1),
            };
            words.push((format!("{mark} {}", links[number].what), ink));
        }
        words.extend(broken(race, index).map(|property| (format!("✗ {property}"), stale)));
        if race.unavoidable == Some(index) {
            let is_last = index + 1 == race.steps.len();
            let told = if is_last { "avoidable until here" } else { "no way back from here" };
            words.push((told.to_owned(), stale));
        }
        let broken_up = words.iter().flat_map(|(text, color)| {
            let parts = lines(text, size, Weight::Regular, width, most);
            parts.into_iter().map(|line| (line, *color))
        });
        let wanted = lanes.y(index, SEND) - 6.0 - size * 0.78;
        let note = Note { wanted, lines: broken_up.collect() };
        (!note.lines.is_empty()).then_some(note)
    });
    notes.collect()
}

/// Marks the step from which there was no way back.
fn mark(frame: &mut Frame, lanes: &Lanes, race: &Race<'_>) {
    if let Some(index) = race.unavoidable.filter(|index| lanes.steps.contains(index)) {
        let (left, y) = (lanes.room.left, lanes.y(index, 0.5));
        let mark = [(left, y - 11.0), (left + 16.0, y), (left, y + 11.0)];
        frame.svg.polygon(&mark, frame.theme.stale(), 1.0);
    }
}
