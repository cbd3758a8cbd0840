//! The page that every chart is on: title, subtitle, the room for the chart, footer. It knows the
//! box of every text on it.

use super::run::Run;
use super::words;
use crate::picture::{
    Anchor, Area, Color, Dash, Drawing, Look, Marker, Size, Style, Svg, Text, Theme, Weight,
    text_width,
};

/// Font sizes, in units of the canvas.
pub(super) const TITLE: f64 = 50.0;
const TITLE_LEAST: f64 = 38.0;
const SUBTITLE: f64 = 29.0;
pub(super) const LABEL: f64 = 27.0;
pub(super) const LABEL_LEAST: f64 = 22.0;
pub(super) const TICK: f64 = 25.0;
const FOOTER: f64 = 22.0;

/// What stands around a chart.
#[derive(Clone, Debug, Default)]
pub(super) struct Heading {
    /// What was found.
    pub(super) title: String,
    /// What is measured, its unit, how often, and what the whiskers are.
    pub(super) subtitle: String,
    /// The parameters that shape the figure.
    pub(super) parameters: String,
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
        let (size, lines) = title(&self.heading.title, width);
        let mut y = top;
        for line in lines {
            y += size;
            self.say((self.body.left, y), &line, self.bold(size));
            y += size * 0.2;
        }
        y += 6.0;
        let subtitle = wrap(&self.heading.subtitle, width, SUBTITLE, 3);
        for line in subtitle {
            y += SUBTITLE;
            self.say((self.body.left, y), &line, self.muted(SUBTITLE));
            y += SUBTITLE * 0.28;
        }
        self.body.top = y + 26.0;
    }

    fn foot(&mut self, run: &Run, bottom: f64) {
        let width = self.body.width();
        let measured = words::digits(run.duration_s, 3);
        let repeated = words::many(run.replications as usize, "replication");
        let source = format!(
            "{} · seed {} · {repeated} of {measured} s · stalelab {}",
            run.name, run.seed, run.version
        );
        let mut lines = wrap(&format!("replay: {}", run.replay), width, FOOTER, 2);
        let together = text_width(&source, FOOTER, Weight::Regular) + 60.0;
        let beside =
            lines.len() == 1 && together + text_width(&lines[0], FOOTER, Weight::Regular) < width;
        let mut y = bottom;
        if beside {
            let style = Text { anchor: Anchor::End, ..self.muted(FOOTER) };
            self.say((self.body.right, y), &lines.remove(0), style);
        }
        for line in lines.into_iter().rev() {
            self.say((self.body.left, y), &line, self.muted(FOOTER));
            y -= FOOTER * 1.35;
        }
        let source = wrap(&source, width, FOOTER, 1).remove(0);
        self.say((self.body.left, y), &source, self.muted(FOOTER));
        y -= FOOTER * 1.35;
        for line in wrap(&self.heading.parameters, width, FOOTER, 2).into_iter().rev() {
            self.say((self.body.left, y), &line, self.muted(FOOTER));
            y -= FOOTER * 1.35;
        }
        self.body.bottom = y - 14.0;
    }

    /// Writes a text, and remembers where it is.
    pub(super) fn say(&mut self, at: (f64, f64), text: &str, style: Text) {
        if text.is_empty() {
            return;
        }
        self.texts.push((text.to_owned(), text_area(at, text, style)));
        self.svg.text(at, text, style);
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
        let corners: &[(f64, f64)] = match look.marker {
            Marker::Circle => {
                self.svg.circle(at, radius, fill, (radius * 0.34, look.color));
                return;
            }
            Marker::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            Marker::Triangle => &[(0.0, -1.1), (1.1, 0.85), (-1.1, 0.85)],
            Marker::Diamond => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
        };
        let corners: Vec<(f64, f64)> =
            corners.iter().map(|(dx, dy)| (x + dx * radius, y + dy * radius)).collect();
        self.svg.polygon(&corners, fill, 1.0);
        let closed: Vec<(f64, f64)> =
            corners.iter().chain(corners.first()).chain(corners.get(1)).copied().collect();
        self.svg.line(&closed, radius * 0.34, look.color, &[]);
    }

    /// A short piece of a variant's line, ending at its label.
    pub(super) fn sample(&mut self, (x, y): (f64, f64), look: Look) {
        self.svg.line(&[(x, y), (x + 44.0, y)], 6.0, look.color, look.dash.pattern());
        if look.dash != Dash::Solid || look.marker != Marker::Circle {
            self.point((x + 22.0, y), 8.0, look, false);
        }
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
            description,
            texts: self.texts,
            canvas: Area { left: 0.0, top: 0.0, right: width, bottom: height },
        }
    }
}

/// The room a text takes.
pub(super) fn text_area((x, y): (f64, f64), text: &str, style: Text) -> Area {
    let width = text_width(text, style.size, style.weight);
    let left = match style.anchor {
        Anchor::Start => x,
        Anchor::Middle => x - width / 2.0,
        Anchor::End => x - width,
    };
    let (top, bottom) = (y - style.size * 0.76, y + style.size * 0.24);
    Area { left, top, right: left + width, bottom }
}

/// The size at which a title fits on a line, or the lines it takes at the least size.
fn title(text: &str, width: f64) -> (f64, Vec<String>) {
    let mut size = TITLE;
    while size > TITLE_LEAST {
        if text_width(text, size, Weight::SemiBold) <= width {
            return (size, vec![text.to_owned()]);
        }
        size -= 2.0;
    }
    (TITLE_LEAST, wrap_weighted(text, width, TITLE_LEAST, 2, Weight::SemiBold))
}

/// A text in lines of this width, at most so many; what does not fit ends in an ellipsis.
pub(super) fn wrap(text: &str, width: f64, size: f64, most: usize) -> Vec<String> {
    wrap_weighted(text, width, size, most, Weight::Regular)
}

fn wrap_weighted(text: &str, width: f64, size: f64, most: usize, weight: Weight) -> Vec<String> {
    let fits = |line: &str| text_width(line, size, weight) <= width;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if fits(&format!("{line} {word}")) => *line = format!("{line} {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    let cut = lines.len() > most;
    lines.truncate(most);
    let last = lines.len();
    for (index, line) in lines.iter_mut().enumerate() {
        let ellipsis = cut && index + 1 == last;
        if !fits(line) || ellipsis {
            *line = cut_to(line, |text| fits(&format!("{text}…"))) + "…";
        }
    }
    lines
}

/// The longest beginning of a text that fits.
fn cut_to(text: &str, fits: impl Fn(&str) -> bool) -> String {
    let mut text = text.to_owned();
    while !text.is_empty() && !fits(&text) {
        text.pop();
    }
    text.trim_end_matches([' ', '·']).to_owned()
}

/// A text cut to a width.
pub(super) fn fit(text: &str, width: f64, size: f64, weight: Weight) -> String {
    if text_width(text, size, weight) <= width {
        return text.to_owned();
    }
    cut_to(text, |text| text_width(&format!("{text}…"), size, weight) <= width) + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_wider_than_they_may_be() {
        let text = "A title that is long enough to take two lines at any size that is allowed";
        for width in [300.0, 700.0, 1_400.0] {
            let (size, lines) = title(text, width);
            assert!(lines.len() <= 2);
            assert!(lines.iter().all(|line| text_width(line, size, Weight::SemiBold) <= width));
        }
        assert_eq!(wrap("one two", 1e9, 20.0, 3), ["one two"]);
        let word = "x".repeat(500);
        let lines = wrap(&word, 200.0, 20.0, 2);
        assert!(lines.len() == 1 && lines[0].ends_with('…'));
    }
}
