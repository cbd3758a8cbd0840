//! The page that every chart is on: title, subtitle, the room for the chart, footer. It knows the
//! box of every text on it.

use super::run::Run;
use super::{parameters, words};
use crate::picture::texts::{fit, fitted, shrunk, text_area};
use crate::picture::{
    Anchor, Area, Color, Drawing, Look, Marker, Size, Style, Svg, Text, Theme, Weight, text_width,
};

/// Font sizes, in units of the canvas.
const TITLE: [(f64, usize); 8] =
    [(50.0, 1), (47.0, 1), (44.0, 1), (41.0, 1), (38.0, 1), (38.0, 2), (33.0, 2), (30.0, 3)];
const SUBTITLE: [(f64, usize); 4] = [(29.0, 2), (27.0, 3), (24.0, 4), (22.0, 5)];
pub(super) const LABEL: f64 = 27.0;
pub(super) const LABEL_LEAST: f64 = 22.0;
pub(super) const TICK: f64 = 25.0;
const FOOTER: f64 = 22.0;
/// The command that replays a run must be whole: it is smaller before it is cut.
const REPLAY: [(f64, usize); 4] = [(FOOTER, 3), (18.0, 5), (15.0, 8), (12.0, 14)];
/// A variant's name is not smaller than this.
pub(super) const NAME_LEAST: f64 = 16.0;

/// How long the sample of a line is.
pub(super) const SAMPLE: f64 = 52.0;

/// What stands around a chart.
#[derive(Clone, Debug, Default)]
pub(super) struct Heading {
    /// What was found.
    pub(super) title: String,
    /// What is measured, its unit, how often, and what the whiskers are.
    pub(super) subtitle: String,
}

/// A chart in the making.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) svg: Svg,
    pub(super) theme: Theme,
    /// Where the chart goes.
    pub(super) body: Area,
    heading: Heading,
    texts: Vec<(String, Area)>,
}

impl Page {
    pub(super) fn new(run: &Run, style: Style, heading: Heading) -> Page {
        let (width, height) = style.size.canvas();
        let margin = if style.size == Size::Slide { 90.0 } else { 64.0 };
        let theme = style.theme;
        let mut page = Page {
            svg: Svg::new(style.size, theme),
            theme,
            body: Area { left: margin, top: 0.0, right: width - margin, bottom: 0.0 },
            heading,
            texts: Vec::new(),
        };
        page.head(margin * 0.72);
        page.foot(run, height - margin * 0.55);
        page
    }

    fn head(&mut self, top: f64) {
        let width = self.body.width();
        let mut y = top;
        let heading = self.heading.clone();
        let (size, lines) = fitted(&heading.title, width, Weight::SemiBold, &TITLE);
        for line in lines {
            y += size;
            self.say((self.body.left, y), &line, self.bold(size));
            y += size * 0.2;
        }
        y += 6.0;
        let (size, lines) = fitted(&heading.subtitle, width, Weight::Regular, &SUBTITLE);
        for line in lines {
            y += size;
            self.say((self.body.left, y), &line, self.muted(size));
            y += size * 0.28;
        }
        self.body.top = y + 26.0;
    }

    /// From the bottom up: the command, where the figures come from, and what shapes them.
    fn foot(&mut self, run: &Run, bottom: f64) {
        let width = self.body.width();
        let measured = words::time_tick(run.duration_s * 1e3);
        let repeated = words::many(run.replications as usize, "replication");
        let source = format!(
            "{} · seed {} · {repeated} of {measured} · stalelab {}",
            run.name, run.seed, run.version
        );
        let replay = format!("replay: {}", run.replay);
        let plain = |text: &str| text_width(text, FOOTER, Weight::Regular);
        let mut y = bottom;
        if plain(&source) + 60.0 + plain(&replay) < width {
            let style = Text { anchor: Anchor::End, ..self.muted(FOOTER) };
            self.say((self.body.right, y), &replay, style);
        } else {
            y = self.lines_above(y, &replay, &REPLAY);
        }
        y = self.lines_above(y, &source, &REPLAY);
        y = self.lines_above(y, &parameters::of(run), &[(FOOTER, 3), (19.0, 4), (17.0, 5)]);
        self.body.bottom = y - 14.0;
    }

    /// Writes a text whose last line is at `y`, and says where the next one would be above it.
    fn lines_above(&mut self, mut y: f64, text: &str, sizes: &[(f64, usize)]) -> f64 {
        let (size, lines) = fitted(text, self.body.width(), Weight::Regular, sizes);
        for line in lines.into_iter().rev() {
            self.say((self.body.left, y), &line, self.muted(size));
            y -= size * 1.35;
        }
        y
    }

    /// Writes a text, and remembers where it is.
    pub(super) fn say(&mut self, at: (f64, f64), text: &str, style: Text) {
        if text.is_empty() {
            return;
        }
        self.texts.push((text.to_owned(), text_area(at, text, style)));
        self.svg.text(at, text, style);
    }

    /// Remembers that something is drawn where no text may be.
    pub(super) fn obstacle(&mut self, what: &str, area: Area) {
        self.texts.push((format!("({what})"), area));
    }

    /// Writes a variant's name, no larger than `size`, as small as it must be to have this width.
    pub(super) fn name(&mut self, at: (f64, f64), name: &str, width: f64, size: f64) {
        let size = shrunk(name, width, size, NAME_LEAST, Weight::SemiBold);
        let name = fit(name, width, size, Weight::SemiBold);
        self.say(at, &name, self.bold(size));
    }

    pub(super) fn ink(&self, size: f64) -> Text {
        let color = self.theme.ink();
        Text { size, weight: Weight::Regular, color, anchor: Anchor::Start }
    }

    pub(super) fn bold(&self, size: f64) -> Text {
        Text { weight: Weight::SemiBold, ..self.ink(size) }
    }

    pub(super) fn muted(&self, size: f64) -> Text {
        Text { color: self.theme.muted(), ..self.ink(size) }
    }

    /// A point of this look; hollow if it is a bound and not a value.
    pub(super) fn point(&mut self, at: (f64, f64), radius: f64, look: Look, hollow: bool) {
        let fill = if hollow { self.theme.background() } else { look.color };
        let (x, y) = at;
        let Some(corners) = corners(look.marker) else {
            self.svg.circle(at, radius, fill, (radius * 0.34, look.color));
            return;
        };
        let corners: Vec<(f64, f64)> =
            corners.iter().map(|(dx, dy)| (x + dx * radius, y + dy * radius)).collect();
        self.svg.polygon(&corners, fill, 1.0);
        let closed: Vec<(f64, f64)> =
            corners.iter().chain(corners.first()).chain(corners.get(1)).copied().collect();
        self.svg.line(&closed, radius * 0.34, look.color, &[]);
    }

    /// A short piece of a variant's line with its marker, ending at its label.
    pub(super) fn sample(&mut self, (x, y): (f64, f64), look: Look) {
        self.svg.line(&[(x, y), (x + SAMPLE, y)], 6.0, look.color, look.dash.pattern());
        self.point((x + SAMPLE / 2.0, y), 8.0, look, false);
        let area = Area { left: x, top: y - 9.0, right: x + SAMPLE, bottom: y + 9.0 };
        self.obstacle("sample", area);
    }

    /// A thin straight line.
    pub(super) fn rule(&mut self, from: (f64, f64), to: (f64, f64), width: f64, color: Color) {
        self.svg.line(&[from, to], width, color, &[]);
    }

    pub(super) fn finish(self, description: &str) -> Drawing {
        let (width, height) = self.svg.size().canvas();
        let description = format!("{} {description}", self.heading.subtitle);
        Drawing {
            svg: self.svg.finish(&self.heading.title, &description),
            title: self.heading.title,
            description,
            texts: self.texts,
            canvas: Area { left: 0.0, top: 0.0, right: width, bottom: height },
        }
    }
}

/// The corners of a marker of radius 1; none if it is round.
fn corners(marker: Marker) -> Option<&'static [(f64, f64)]> {
    Some(match marker {
        Marker::Circle => return None,
        Marker::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        Marker::Triangle => &[(0.0, -1.1), (1.1, 0.85), (-1.1, 0.85)],
        Marker::Down => &[(0.0, 1.1), (1.1, -0.85), (-1.1, -0.85)],
        Marker::Right => &[(1.1, 0.0), (-0.85, 1.1), (-0.85, -1.1)],
        Marker::Diamond => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
        Marker::Hexagon => {
            &[(0.0, -1.1), (0.95, -0.55), (0.95, 0.55), (0.0, 1.1), (-0.95, 0.55), (-0.95, -0.55)]
        }
        Marker::Plus => &[
            (-0.35, -1.1),
            (0.35, -1.1),
            (0.35, -0.35),
            (1.1, -0.35),
            (1.1, 0.35),
            (0.35, 0.35),
            (0.35, 1.1),
            (-0.35, 1.1),
            (-0.35, 0.35),
            (-1.1, 0.35),
            (-1.1, -0.35),
            (-0.35, -0.35),
        ],
        Marker::Cross => &[
            (-1.05, -0.55),
            (-0.55, -1.05),
            (0.0, -0.5),
            (0.55, -1.05),
            (1.05, -0.55),
            (0.5, 0.0),
            (1.05, 0.55),
            (0.55, 1.05),
            (0.0, 0.5),
            (-0.55, 1.05),
            (-1.05, 0.55),
            (-0.5, 0.0),
        ],
        Marker::Star => &[
            (0.0, -1.25),
            (0.29, -0.4),
            (1.19, -0.39),
            (0.48, 0.15),
            (0.73, 1.01),
            (0.0, 0.5),
            (-0.73, 1.01),
            (-0.48, 0.15),
            (-1.19, -0.39),
            (-0.29, -0.4),
        ],
    })
}
