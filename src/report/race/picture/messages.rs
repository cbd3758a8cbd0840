//! What happens in each step: arrows, what is said, and what is told.

use super::frame::{Frame, LABEL};
use super::lanes::{ANSWER, EFFECT, Lanes, SEND};
use crate::op::{Key, Version};
use crate::picture::{Anchor, Color, Weight, text_width};
use crate::report::race::Race;
use crate::report::race::cells::done;
use crate::schedule::{Act, Move, Step, words};

/// Draws every step's arrows and words.
pub(super) fn draw(frame: &mut Frame, lanes: &Lanes, race: &Race<'_>) {
    // What is answered lies above the arrows of its row.
    for index in lanes.steps.clone() {
        arrows(frame, lanes, race, index);
    }
    for index in lanes.steps.clone() {
        labels(frame, lanes, race, index);
    }
}

/// From where to where a step's message goes: the client's lane, and the near edge of the strip of
/// its key.
fn message(lanes: &Lanes, race: &Race<'_>, step: &Step) -> Option<(f64, f64)> {
    let Move::Session(session, _) = step.made else {
        return None;
    };
    let (op, _) = step.happening.operation?;
    let store = lanes.receiver(race.scene, session, op)?;
    let (left, _) = lanes.strip_of(store, op.key().unwrap_or_default());
    Some((lanes.session(session), left - 3.0))
}

fn arrows(frame: &mut Frame, lanes: &Lanes, race: &Race<'_>, index: usize) {
    let step = &race.steps[index];
    let (ink, muted) = (frame.theme.ink(), frame.theme.muted());
    let (send, effect, answer) =
        (lanes.y(index, SEND), lanes.y(index, EFFECT), lanes.y(index, ANSWER));
    if let Move::Apply { replica } = step.made {
        let store = lanes.moved(step.made).unwrap_or_default();
        let key = applied(race, index, replica);
        let (_, from) = lanes.strip_of(lanes.database(), key);
        let (to, _) = lanes.strip_of(store, key);
        arrow(frame, (from + 3.0, send), (to - 3.0, effect), muted, true);
    }
    let Some((client, store)) = message(lanes, race, step) else {
        return;
    };
    match step.made {
        Move::Session(_, Act::Lose(_) | Act::TimeOut(_)) => {
            let end = (client + (store - client) * 0.7, send + (effect - send) * 0.7);
            frame.svg.line(&[(client, send), end], 3.0, muted, &[3.0, 2.0]);
            cross(frame, end);
        }
        Move::Session(_, Act::TimeOutLate(_)) => {
            arrow(frame, (client, send), (store, effect), ink, false);
            let end = (store + (client - store) * 0.7, effect + (answer - effect) * 0.7);
            frame.svg.line(&[(store, effect), end], 3.0, muted, &[3.0, 2.0]);
            cross(frame, end);
        }
        // Half the way now, and the other half when it lands.
        Move::Session(_, Act::TimeOutAdrift(_)) => {
            let half = ((client + store) / 2.0, (send + effect) / 2.0);
            frame.svg.line(&[(client, send), half], 3.2, ink, &[]);
        }
        Move::Session(_, Act::Land(_)) => {
            let half = ((client + store) / 2.0, (send + effect) / 2.0);
            arrow(frame, half, (store, effect), ink, false);
        }
        _ => {
            arrow(frame, (client, send), (store, effect), ink, false);
            arrow(frame, (store, effect), (client, answer), muted, true);
        }
    }
}

/// The key of the commit that a replica applies in a step.
fn applied(race: &Race<'_>, index: usize, replica: usize) -> Key {
    let version = |step: usize, key| race.steps[step].stage.in_replica(replica, key);
    let before = |key| index.checked_sub(1).map_or(Version::default(), |step| version(step, key));
    let mut keys = (0..race.scene.keys).map(Key);
    keys.find(|key| version(index, *key) != before(*key)).unwrap_or_default()
}

fn arrow(frame: &mut Frame, from: (f64, f64), to: (f64, f64), color: Color, is_answer: bool) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let neck = (to.0 - 14.0 * ux, to.1 - 14.0 * uy);
    let dash: &[f64] = if is_answer { &[2.6, 2.2] } else { &[] };
    let width = if is_answer { 2.4 } else { 3.2 };
    frame.svg.line(&[from, neck], width, color, dash);
    let (wing_x, wing_y) = (-uy * 7.0, ux * 7.0);
    let head = [to, (neck.0 + wing_x, neck.1 + wing_y), (neck.0 - wing_x, neck.1 - wing_y)];
    frame.svg.polygon(&head, color, 1.0);
}

fn cross(frame: &mut Frame, (x, y): (f64, f64)) {
    let stale = frame.theme.stale();
    for side in [-1.0, 1.0] {
        let line = [(x - 9.0, y - 9.0 * side), (x + 9.0, y + 9.0 * side)];
        frame.svg.line(&line, 4.0, stale, &[]);
    }
}

fn labels(frame: &mut Frame, lanes: &Lanes, race: &Race<'_>, index: usize) {
    let step = &race.steps[index];
    let (ink, muted) = (frame.theme.ink(), frame.theme.muted());
    let words = done(race.scene, step).replace('\u{2060}', " ");
    match step.made {
        Move::Session(session, act) => {
            let last = lanes.store(0) - lanes.half_width() - 13.0;
            let client = lanes.session(session) + 16.0;
            let (words, size) = fitting(&words, (last - client, last - lanes.left()));
            let width = text_width(&words, size, Weight::Regular);
            // Words that would reach into the first strip begin earlier.
            let x = client.min(last - width);
            frame.patched((x, lanes.y(index, SEND) - 7.0), &words, size, ink);
            if act == Act::Crash {
                cross(frame, (lanes.session(session), lanes.y(index, SEND) - 10.0));
            }
            told(frame, lanes, race, index, session);
        }
        made => {
            let store = lanes.moved(made).unwrap_or_default();
            let x = match made {
                // Above the arrow, which comes from the left.
                Move::Apply { replica } => {
                    lanes.strip_of(lanes.database(), applied(race, index, replica)).1
                }
                _ => lanes.store(store) + lanes.half_width(),
            } + 10.0;
            // To where the next store's strips begin, or the notes do.
            let end = match made {
                Move::Apply { .. } => lanes.store(store) + lanes.half_width(),
                _ => lanes.left_of_next(x),
            };
            let (words, size) = fitting(&words, (end - x, end - x));
            frame.patched((x, lanes.y(index, SEND) - 7.0), &words, size, muted);
        }
    }
}

/// Words that fit beside the client: as they are, or without the name of the store that the arrow
/// points to; else smaller ones that fit into all the room there is.
fn fitting(words: &str, (beside, room): (f64, f64)) -> (String, f64) {
    let width = |words: &str| text_width(words, LABEL, Weight::Regular);
    if width(words) <= beside {
        return (words.to_owned(), LABEL);
    }
    let short = words.replacen("cache.", "", 1).replacen("db.", "", 1);
    let (near, anywhere) = (beside / width(&short), room / width(&short));
    let scale = if near > 0.8 { near } else { anywhere };
    (short, LABEL * scale.min(1.0))
}

/// What the client was told at the end of its request.
fn told(frame: &mut Frame, lanes: &Lanes, race: &Race<'_>, index: usize, session: usize) {
    let step = &race.steps[index];
    let Some(outcome) = step.happening.answered else {
        return;
    };
    let observes = race.violates.iter().any(|it| it.is_of_reads() && step.violated.has(*it));
    let (x, y) = (lanes.session(session), lanes.y(index, ANSWER));
    let theme = frame.theme;
    let (fill, text) = match (outcome, observes || race.is_stale(index)) {
        (Ok(_), false) => (theme.truth(), theme.background()),
        (_, true) => (theme.stale(), theme.background()),
        (Err(_), false) => (theme.context(), theme.background()),
    };
    let words = match (outcome, observes) {
        (Ok(_), true) => format!("✗ {}", words::outcome(outcome)),
        _ => words::outcome(outcome),
    };
    let width = text_width(&words, LABEL * 0.92, Weight::SemiBold) + 20.0;
    frame.svg.rectangle((x - width / 2.0, y - 13.0), (width, 27.0), 13.0, fill, 1.0);
    let at = (x, y + 8.0);
    frame.text(at, &words, LABEL * 0.92, Weight::SemiBold, text, Anchor::Middle);
}
