//! What each store holds, from step to step: a strip on its lane.

use super::frame::{Frame, LABEL};
use super::lanes::{APART, EFFECT, Lanes};
use crate::op::Key;
use crate::picture::texts::shrunk;
use crate::picture::{Anchor, Color, Weight, text_width};
use crate::report::race::Race;
use crate::report::race::cells::components;
use crate::report::race::cells::is_old;
use crate::schedule::{Stage, key_name, words};
use crate::time::Time;
use crate::world::Holding;

/// A strip that says that it is empty in a word has this width.
const EMPTY_LEAST: f64 = 56.0;

/// What a store holds under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    /// What is written on the strip; empty for nothing.
    text: String,
    is_old: bool,
    is_tombstone: bool,
    /// What is promised besides: a lease, a lock.
    besides: &'static str,
}

/// Draws a strip per store and key.
pub(super) fn draw(frame: &mut Frame, lanes: &Lanes, race: &Race<'_>) {
    let keys = race.scene.keys;
    let mut notes = Vec::new();
    for store in 0..components(race.scene).len() {
        for key in 0..keys {
            let width = lanes.strip;
            let left = lanes.store(store) - lanes.half_width() + f64::from(key) * (width + APART);
            if keys > 1 {
                let at = (left + width / 2.0, lanes.room.top + LABEL * 2.18);
                let (name, muted) = (key_name(Key(key)), frame.theme.muted());
                frame.text(at, &name, LABEL * 0.92, Weight::Regular, muted, Anchor::Middle);
            }
            notes.extend(strip(frame, lanes, race, (store, Key(key)), (left, width)));
        }
    }
    // Above the strips that they reach into.
    for (at, words) in notes {
        let muted = frame.theme.muted();
        frame.patched(at, &words, LABEL * 0.92, muted);
    }
}

/// Draws a strip, and gives what is to be written beside it, and where.
fn strip(
    frame: &mut Frame,
    lanes: &Lanes,
    race: &Race<'_>,
    (store, key): (usize, Key),
    (left, width): (f64, f64),
) -> Vec<((f64, f64), String)> {
    // What is held before the first step, then after each.
    let before = match lanes.steps.start {
        0 => first(store == lanes.database() || store > lanes.database()),
        step => held(&race.steps[step - 1].stage, lanes, store, key),
    };
    let mut segments = vec![(lanes.top - LABEL, before)];
    for step in lanes.steps.clone() {
        let now = held(&race.steps[step].stage, lanes, store, key);
        if segments.last().is_none_or(|(_, last)| *last != now) {
            segments.push((lanes.y(step, EFFECT), now));
        }
    }
    let ends = segments.iter().skip(1).map(|(y, _)| *y).chain([lanes.bottom()]);
    let ends: Vec<f64> = ends.collect();
    let mut besides = "";
    let mut notes = Vec::new();
    for (index, ((from, held), to)) in segments.iter().zip(&ends).enumerate() {
        segment(frame, held, (left, *from), (width, to - from));
        let note = if held.besides != besides { held.besides } else { "" };
        let tomb = if held.is_tombstone { "tombstone" } else { "" };
        let words: Vec<&str> = [tomb, note].into_iter().filter(|word| !word.is_empty()).collect();
        if index > 0 && !words.is_empty() {
            // Beside it is the strip of another key, if there are several.
            let whose =
                if race.scene.keys > 1 { format!("{} ", key_name(key)) } else { String::new() };
            let words = format!("{whose}{}", words.join(", "));
            notes.push(((left + width + 10.0, from + LABEL * 0.55), words));
        }
        besides = held.besides;
    }
    notes
}

fn segment(frame: &mut Frame, held: &Held, (x, y): (f64, f64), (width, height): (f64, f64)) {
    let theme = frame.theme;
    if held.text.is_empty() || held.is_tombstone {
        let color = if held.besides.is_empty() { theme.context() } else { theme.ink() };
        let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)];
        frame.svg.rectangle((x, y), (width, height), 0.0, theme.background(), 1.0);
        frame.svg.line(&corners, 2.0, color, &[3.0, 3.0]);
    } else {
        let fill = if held.is_old { theme.stale() } else { theme.truth() };
        frame.svg.rectangle((x, y), (width, height), 3.0, fill, 1.0);
        if held.is_old {
            hatch(frame, (x, y), (width, height));
        }
    }
    // A strip that is too narrow for the word is seen to be empty by its dashed edge.
    let word = if width < EMPTY_LEAST { "–" } else { "empty" };
    let text = if held.text.is_empty() { word } else { &held.text };
    let (size, color) = match held.text.is_empty() {
        true => (LABEL * 0.92, theme.muted()),
        false if held.is_tombstone => (LABEL, theme.muted()),
        false => (LABEL, on(frame)),
    };
    // A narrow strip says less.
    let size = shrunk(text, width - 4.0, size, LABEL * 0.5, Weight::SemiBold);
    if width >= text_width(text, size, Weight::SemiBold) || !held.text.is_empty() {
        let at = (x + width / 2.0, y + LABEL * 0.98);
        frame.text(at, text, size, Weight::SemiBold, color, Anchor::Middle);
    }
}

/// What can be read on a filled strip.
fn on(frame: &Frame) -> Color {
    frame.theme.background()
}

/// Slanted lines: what is old is told by more than its colour. Below the text, which must stay
/// readable.
fn hatch(frame: &mut Frame, (x, y): (f64, f64), (width, height): (f64, f64)) {
    let color = frame.theme.background();
    let (from, to) = (y + LABEL * 1.5, y + height - 2.0);
    let mut at = from + width * 0.5;
    while at < to {
        frame.svg.line(&[(x, at), (x + width, at - width * 0.5)], 2.5, color, &[]);
        at += 16.0;
    }
}

/// What a store holds before anything happened.
fn first(is_database: bool) -> Held {
    let text = if is_database { "v0".to_owned() } else { String::new() };
    Held { text, is_old: false, is_tombstone: false, besides: "" }
}

fn held(stage: &Stage, lanes: &Lanes, store: usize, key: Key) -> Held {
    let row = |version, is_old| Held {
        text: words::version(version),
        is_old,
        is_tombstone: false,
        besides: "",
    };
    if store == lanes.database() {
        let version = stage.in_database(key);
        return row(version, version < stage.newest(key));
    }
    if store > lanes.database() {
        let version = stage.in_replica(store - lanes.database() - 1, key);
        return row(version, version < stage.newest(key));
    }
    let cache = stage.cache(store);
    let besides = match (cache.is_leased(Time::ZERO, key), cache.is_locked(Time::ZERO, key)) {
        (true, _) => "leased",
        (false, true) => "locked",
        (false, false) => "",
    };
    let held = match cache.holding(key) {
        Holding::Nothing => first(false),
        Holding::Row(version) => row(version, is_old(stage, store, key)),
        Holding::Tombstone(version) => Held { is_tombstone: true, ..row(version, false) },
    };
    Held { besides, ..held }
}
