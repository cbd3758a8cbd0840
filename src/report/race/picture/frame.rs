//! What is around the lanes: title, cause, footer; and every text of the picture with its place.

use std::ops::Range;

use super::clock::scale;
use crate::picture::texts::{fitted, text_area};
use crate::picture::{Anchor, Area, Color, Drawing, Style, Svg, Text, Theme, Weight};
use crate::report::race::Race;
use crate::report::race::causes::broken;
use crate::schedule::Property;

const MARGIN: f64 = 64.0;
const TITLE: f64 = 46.0;
const CAUSE: f64 = 26.0;
pub(super) const LABEL: f64 = 24.0;
pub(super) const FOOTER: f64 = 22.0;

/// A picture in the making.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) svg: Svg,
    pub(super) theme: Theme,
    texts: Vec<(String, Area)>,
    title: Vec<String>,
    cause: Vec<String>,
    footer: Vec<String>,
    part: (usize, usize),
    canvas: Area,
}

impl Frame {
    pub(super) fn new(race: &Race<'_>, style: Style, part: (usize, usize)) -> Frame {
        let (right, bottom) = style.size.canvas();
        let canvas = Area { left: 0.0, top: 0.0, right, bottom };
        let width = right - 2.0 * MARGIN;
        let title = title(race);
        let cause = sentence(race.cause);
        let again = format!("{} · stalelab {}", race.replay, env!("CARGO_PKG_VERSION"));
        Frame {
            svg: Svg::new(style.size, style.theme),
            theme: style.theme,
            texts: Vec::new(),
            title: lines(&title, TITLE, Weight::SemiBold, width, 2),
            cause: lines(&cause, CAUSE, Weight::Regular, width, 2),
            footer: lines(&again, FOOTER, Weight::Regular, width, 2),
            part,
            canvas,
        }
    }

    /// The room for the lanes.
    pub(super) fn room(&self) -> Area {
        let above = self.title.len() as f64 * TITLE * 1.2 + self.cause.len() as f64 * CAUSE * 1.35;
        let below = self.footer.len() as f64 * FOOTER * 1.35;
        Area {
            left: MARGIN,
            top: MARGIN * 0.75 + above + 20.0,
            right: self.canvas.right - MARGIN,
            bottom: self.canvas.bottom - MARGIN * 0.6 - below - 16.0,
        }
    }

    /// Writes title, cause and footer.
    pub(super) fn write(&mut self, race: &Race<'_>, steps: Range<usize>) {
        let mut y = MARGIN * 0.75;
        let (ink, muted) = (self.theme.ink(), self.theme.muted());
        for line in self.title.clone() {
            y += TITLE;
            self.text((MARGIN, y), &line, TITLE, Weight::SemiBold, ink, Anchor::Start);
            y += TITLE * 0.2;
        }
        for line in self.cause.clone() {
            y += CAUSE * 1.2;
            self.text((MARGIN, y), &line, CAUSE, Weight::Regular, muted, Anchor::Start);
            y += CAUSE * 0.15;
        }
        let footer = self.footer.clone();
        let mut y = self.canvas.bottom - MARGIN * 0.6 - footer.len() as f64 * FOOTER * 1.35;
        for line in footer {
            y += FOOTER * 1.35;
            self.text((MARGIN, y), &line, FOOTER, Weight::Regular, muted, Anchor::Start);
        }
        let mut note = scale(race).to_owned();
        let (part, parts) = self.part;
        if parts > 1 {
            note = format!(
                "part {part} of {parts}: steps {} to {} of {}, too many for one picture · {note}",
                steps.start + 1,
                steps.end,
                race.steps.len()
            );
        }
        let at = (self.canvas.right - MARGIN, MARGIN * 0.7);
        self.text(at, &note, FOOTER, Weight::Regular, muted, Anchor::End);
    }

    /// A text, and note of its place.
    pub(super) fn text(
        &mut self,
        at: (f64, f64),
        text: &str,
        size: f64,
        weight: Weight,
        color: Color,
        anchor: Anchor,
    ) {
        if text.is_empty() {
            return;
        }
        let style = Text { size, weight, color, anchor };
        self.texts.push((text.to_owned(), text_area(at, text, style)));
        self.svg.text(at, text, style);
    }

    /// A text on a patch of background, so that it can be read across a line.
    pub(super) fn patched(&mut self, at: (f64, f64), text: &str, size: f64, color: Color) {
        let style = Text { size, weight: Weight::Regular, color, anchor: Anchor::Start };
        let area = text_area(at, text, style);
        let corner = (area.left - 5.0, area.top);
        let size_of = (area.width() + 10.0, area.height());
        self.svg.rectangle(corner, size_of, 4.0, self.theme.background(), 0.88);
        self.text(at, text, size, Weight::Regular, color, Anchor::Start);
    }

    /// The picture.
    pub(super) fn finish(self, race: &Race<'_>) -> Drawing {
        let steps = race.steps.len();
        let description = format!("{} {} steps: {}", sentence(race.cause), steps, race.replay);
        let description = description.trim().to_owned();
        let svg = self.svg.finish(&title(race), &description);
        Drawing { svg, title: title(race), description, texts: self.texts, canvas: self.canvas }
    }
}

/// A cause as a sentence.
fn sentence(cause: &str) -> String {
    let mut letters = cause.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

/// What a race shows, in a few words.
pub fn title(race: &Race<'_>) -> String {
    // With parameters it is a table: `{ ttl-only = { ttl = "1s" } }`.
    let strategy = race.strategy.trim_start_matches(['{', ' ']);
    let strategy = strategy.split([' ', '{']).next().unwrap_or_default();
    match race.violates.first() {
        Some(property) => format!("{strategy}: {} {}", finding(*property), when(race, *property)),
        None if (0..race.steps.len()).any(|at| race.is_stale(at)) => {
            format!("{strategy}: a stale read in {}, no promise broken", steps(race))
        }
        None => format!("{strategy}: a schedule of {}", steps(race)),
    }
}

fn steps(race: &Race<'_>) -> String {
    match race.steps.len() {
        1 => "1 step".to_owned(),
        many => format!("{many} steps"),
    }
}

/// Where a race violates a property: `in 5 steps`, or `at step 6 of 13` if it goes on.
fn when(race: &Race<'_>, property: Property) -> String {
    let here = (0..race.steps.len()).filter(|at| broken(race, *at).any(|it| it == property));
    let here: Vec<String> = here.map(|at| (at + 1).to_string()).collect();
    match here.as_slice() {
        [one] if *one != race.steps.len().to_string() => {
            format!("at step {one} of {}", race.steps.len())
        }
        [] | [_] => format!("in {}", steps(race)),
        [others @ .., last] if others.len() < 4 => {
            format!("at steps {} and {last} of {}", others.join(", "), race.steps.len())
        }
        many => format!("at {} of {}", many.len(), steps(race)),
    }
}

fn finding(property: Property) -> &'static str {
    match property {
        Property::NoStaleRead => "a read is older than an acknowledged write",
        Property::NoInversion => "a later read returns an older row",
        Property::ReadYourWrites => "a client does not see its own write",
        Property::MonotonicReads => "a client goes back in time",
        Property::NoDirtyRead => "a read returns what was never accepted",
        Property::NoLostWrite => "an acknowledged write is lost",
        Property::Convergence => "the cache is wrong for good",
        Property::SingleFill => "a key is filled twice at once",
    }
}

/// A text in lines of this width, at most so many; what is left over ends in an ellipsis.
pub(super) fn lines(text: &str, size: f64, weight: Weight, width: f64, most: usize) -> Vec<String> {
    fitted(text, width, weight, &[(size, most)]).1
}
