//! Where everything is: lanes from left to right, steps from top to bottom.

use std::ops::Range;

use super::frame::{Frame, LABEL};
use super::spacing::{Spacing, spacing};
use crate::op::{Component, Key, Op};
use crate::picture::texts::all_shrunk;
use crate::picture::{Anchor, Area, Weight};
use crate::report::race::Race;
use crate::report::race::cells::{heads, is_old};
use crate::schedule::{Act, Move, Scene, Stage, Step};

/// The height of the names above the lanes, and of what the stores hold at first.
pub(super) const HEAD: f64 = 84.0;
/// The room for the numbers of the steps.
const NUMBERS: f64 = 68.0;
/// The same, with the instants.
const TIMES: f64 = 196.0;
/// The share of the width that notes at the side have.
const NOTES: f64 = 0.2;
/// A row is no higher.
pub(super) const ROW_MOST: f64 = 140.0;
/// So much of a row is left below the last one, to show where it led.
pub(super) const TAIL: f64 = 0.3;

/// The width of a strip, for one key and for several, if there is room for it.
const WIDE: f64 = 80.0;
const NARROW: f64 = 64.0;
/// Strips of one store are so far from each other.
pub(super) const APART: f64 = 6.0;
/// What is on one lane is so far from what is on the next.
const GAP: f64 = 12.0;
/// Names of lanes are no smaller, but in two lines.
const NAME_LEAST: f64 = 0.8 * LABEL;

/// The lanes of a picture, and its rows.
#[derive(Debug)]
pub(super) struct Lanes {
    /// Per column of a ladder, the middle of its lane; none for those who ask for nothing.
    places: Vec<Option<f64>>,
    /// From one lane to the next.
    gap: f64,
    /// The width of a strip.
    pub(super) strip: f64,
    keys: u32,
    sessions: usize,
    caches: usize,
    /// Where the first row begins.
    pub(super) top: f64,
    /// The rows, and what is between them.
    pub(super) spacing: Spacing,
    /// The upper edge of each row.
    tops: Vec<f64>,
    left: f64,
    /// The steps in this picture.
    pub(super) steps: Range<usize>,
    /// The whole room, numbers and notes included.
    pub(super) room: Area,
    /// Where notes begin.
    pub(super) notes: f64,
}

impl Lanes {
    pub(super) fn new(race: &Race<'_>, room: Area, steps: Range<usize>) -> Lanes {
        let scene = race.scene;
        let columns = heads(scene).len();
        let shown = |column: &usize| scene.sessions.get(*column).is_none_or(|it| !it.is_empty());
        let lanes = (0..columns).filter(shown).count().max(1) as f64;
        let notes = room.right - room.width() * NOTES;
        let is_timed = !race.moments.is_empty();
        let left = room.left + if is_timed { TIMES } else { NUMBERS };
        let gap = (notes - left) / lanes;
        let mut next = left + gap / 2.0;
        let places = (0..columns).map(|column| {
            let place = shown(&column).then_some(next);
            next += if place.is_some() { gap } else { 0.0 };
            place
        });
        let keys = scene.keys.max(1);
        let room_for = (gap - GAP + APART) / f64::from(keys) - APART;
        let strip = room_for.min(if keys > 1 { NARROW } else { WIDE }).max(APART);
        let moments = race.moments.get(steps.clone()).unwrap_or_default();
        let spacing = spacing(steps.len(), moments, room.height() - HEAD);
        let mut y = room.top + HEAD;
        let tops = spacing.before.iter().map(|before| {
            let top = y + before;
            y = top + spacing.row;
            top
        });
        let tops = tops.collect();
        Lanes {
            places: places.collect(),
            gap,
            strip,
            keys,
            sessions: scene.sessions.len(),
            caches: scene.cache_nodes.max(1) as usize,
            top: room.top + HEAD,
            spacing,
            tops,
            left,
            steps,
            room,
            notes,
        }
    }

    /// Where lanes end: a little below the last row.
    pub(super) fn bottom(&self) -> f64 {
        let last = self.tops.last().copied().unwrap_or(self.top);
        last + self.spacing.row * (1.0 + TAIL)
    }

    /// Where lanes begin.
    pub(super) fn left(&self) -> f64 {
        self.left
    }

    /// A place in a step's row: 0 is its upper edge, 1 its lower one.
    pub(super) fn y(&self, step: usize, share: f64) -> f64 {
        self.tops[step - self.steps.start] + share * self.spacing.row
    }

    /// The room of a step's row, numbers and notes included.
    pub(super) fn row(&self, step: usize) -> Area {
        let Area { left, right, .. } = self.room;
        Area { left, top: self.y(step, 0.0), right, bottom: self.y(step, 1.0) }
    }

    /// From the middle of a store's lane to the end of its strips.
    pub(super) fn half_width(&self) -> f64 {
        (f64::from(self.keys) * (self.strip + APART) - APART) / 2.0
    }

    /// The strip of a store for a key: its left and its right edge.
    pub(super) fn strip_of(&self, store: usize, key: Key) -> (f64, f64) {
        let left = self.store(store) - self.half_width();
        let left = left + f64::from(key.0.min(self.keys - 1)) * (self.strip + APART);
        (left, left + self.strip)
    }

    /// The lane of a session.
    pub(super) fn session(&self, session: usize) -> f64 {
        self.places[session].unwrap_or(self.room.left)
    }

    /// The lane of a store: the caches, then the database, then its replicas.
    pub(super) fn store(&self, store: usize) -> f64 {
        self.places[self.sessions + store].unwrap_or(self.room.left)
    }

    /// Where what is at the right of a place begins: the strips of a store, or the notes.
    pub(super) fn left_of_next(&self, x: f64) -> f64 {
        let strips = self.places[self.sessions..].iter().flatten().map(|it| it - self.half_width());
        strips.filter(|it| *it > x).fold(self.notes, f64::min) - GAP
    }

    /// Which store an operation of a session goes to, if to any.
    pub(super) fn receiver(&self, scene: &Scene, session: usize, op: Op) -> Option<usize> {
        match op {
            Op::DbRead(_) if scene.replicas > 0 => {
                Some(self.caches + 1 + scene.replica_of(session))
            }
            op => match op.component() {
                Component::Cache => Some(scene.node_of(session)),
                Component::Database => Some(self.caches),
                Component::Local => None,
            },
        }
    }

    /// The store that a move of the world is about.
    pub(super) fn moved(&self, made: Move) -> Option<usize> {
        match made {
            Move::Session(..) => None,
            Move::Evict { node, .. } | Move::Expire { node, .. } => Some(node),
            Move::Apply { replica } => Some(self.caches + 1 + replica),
        }
    }

    /// Where the database is among the stores.
    pub(super) fn database(&self) -> usize {
        self.caches
    }

    /// Shades the time in which some store holds an old version.
    pub(super) fn shade(&self, frame: &mut Frame, race: &Race<'_>) {
        let right = self.notes - 12.0;
        let left = self.left();
        for range in runs(self.steps.clone(), |step| holds_old(race, &race.steps[step].stage)) {
            let from = match range.start {
                first if first == self.steps.start && held_old_before(race, first) => self.top,
                first => self.y(first, EFFECT),
            };
            let to =
                if range.end == self.steps.end { self.bottom() } else { self.y(range.end, EFFECT) };
            let stale = frame.theme.stale();
            frame.svg.rectangle((left, from), (right - left, to - from), 8.0, stale, 0.1);
        }
    }

    /// Names, lifelines, and the numbers of the steps.
    pub(super) fn draw(&self, frame: &mut Frame, race: &Race<'_>) {
        let (muted, grid) = (frame.theme.muted(), frame.theme.grid());
        self.names(frame, race);
        for session in 0..self.sessions {
            let Some(x) = self.places[session] else { continue };
            let from = self.room.top + LABEL * 1.9;
            frame.svg.line(&[(x, from), (x, self.bottom())], 3.0, grid, &[]);
            for busy in runs(self.steps.clone(), |step| is_busy(race.steps, session, step)) {
                let (from, to) = (self.y(busy.start, SEND), self.y(busy.end - 1, ANSWER));
                frame.svg.line(&[(x, from), (x, to)], 7.0, frame.theme.context(), &[]);
            }
        }
        for step in self.steps.clone() {
            let at = (self.left() - 18.0, self.y(step, 0.5) + LABEL * 0.35);
            let number = (step + 1).to_string();
            frame.text(at, &number, LABEL, Weight::Regular, muted, Anchor::End);
        }
    }
}

impl Lanes {
    /// Names above the lanes: in one line if there is room, else in two.
    fn names(&self, frame: &mut Frame, race: &Race<'_>) {
        let heads = heads(race.scene);
        let shown = || heads.iter().zip(&self.places).filter_map(|(name, x)| Some((name, (*x)?)));
        let width = self.gap - GAP;
        let size = |texts: &[&str]| {
            all_shrunk(texts.iter().copied(), width, LABEL * 1.08, 0.0, Weight::SemiBold)
        };
        let whole: Vec<&str> = shown().map(|(name, _)| name.as_str()).collect();
        let words: Vec<&str> = whole.iter().flat_map(|name| name.split(' ')).collect();
        let in_one_line = size(&whole) >= NAME_LEAST;
        let size = if in_one_line { size(&whole) } else { size(&words) };
        for (name, x) in shown() {
            let lines = match in_one_line {
                true => vec![(name.as_str(), 1.0)],
                false => name.split(' ').zip([0.45, 1.25]).collect(),
            };
            for (line, below) in lines {
                let at = (x, self.room.top + LABEL * below);
                let ink = frame.theme.ink();
                frame.text(at, line, size, Weight::SemiBold, ink, Anchor::Middle);
            }
        }
    }
}

/// When, in its row, an operation is sent, takes effect, and is answered.
pub(super) const SEND: f64 = 0.46;
pub(super) const EFFECT: f64 = 0.62;
pub(super) const ANSWER: f64 = 0.78;

/// The runs of consecutive steps of which something is true.
pub(super) fn runs(
    steps: Range<usize>,
    is_true: impl Fn(usize) -> bool,
) -> impl Iterator<Item = Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for step in steps.filter(|step| is_true(*step)) {
        match runs.last_mut() {
            Some(run) if run.end == step => run.end = step + 1,
            _ => runs.push(step..step + 1),
        }
    }
    runs.into_iter()
}

/// Whether some store holds an old version: a cache, a replica, a database behind its cache.
fn holds_old(race: &Race<'_>, stage: &Stage) -> bool {
    let keys = || (0..race.scene.keys).map(Key);
    let mut caches = 0..race.scene.cache_nodes.max(1) as usize;
    let mut replicas = 0..race.scene.replicas as usize;
    caches.any(|node| keys().any(|key| is_old(stage, node, key)))
        || keys().any(|key| stage.in_database(key) < stage.newest(key))
        || replicas.any(|it| keys().any(|key| stage.in_replica(it, key) < stage.newest(key)))
}

fn held_old_before(race: &Race<'_>, step: usize) -> bool {
    step > 0 && holds_old(race, &race.steps[step - 1].stage)
}

/// Whether a session's client waits for an answer during a step.
fn is_busy(steps: &[Step], session: usize, at: usize) -> bool {
    let of_session = |step: &&Step| matches!(step.made, Move::Session(it, _) if it == session);
    let ends = |step: &Step| {
        step.happening.answered.is_some() || matches!(step.made, Move::Session(_, Act::Crash))
    };
    let began = steps[..=at].iter().filter(of_session).filter(|it| it.happening.began.is_some());
    let ended = steps[..at].iter().filter(of_session).filter(|it| ends(it));
    began.count() > ended.count()
}
