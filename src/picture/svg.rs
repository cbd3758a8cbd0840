//! An SVG in the making: a background, shapes and texts in units of the canvas.
//!
//! Texts stay texts here; see [`outline`](super::outline).

use std::fmt::Write as _;

use super::font::{FAMILY, Weight, drawable};
use super::size::Size;
use super::theme::{Color, Theme};

/// A coordinate as SVG reads it, to a hundredth of a unit: `12.5`, `-3`, `0.07`. What is not a
/// number is zero.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text as the content or the attribute of an XML element. Characters that XML cannot hold are
/// replaced.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The text that [`escape`] was given, but for what it replaced.
pub(super) fn unescape(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    #[default]
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Text {
    /// Font size, in units.
    pub size: f64,
    /// How heavy.
    pub weight: Weight,
    /// In which colour.
    pub color: Color,
    /// Which part of it stands at its place.
    pub anchor: Anchor,
}

/// An SVG in the making.
#[derive(Clone, Debug)]
pub struct Svg {
    body: String,
    size: Size,
    theme: Theme,
}

impl Svg {
    /// An empty canvas with its background.
    pub fn new(size: Size, theme: Theme) -> Svg {
        let mut svg = Svg { body: String::new(), size, theme };
        let (width, height) = size.canvas();
        svg.rectangle((0.0, 0.0), (width, height), 0.0, theme.background(), 1.0);
        svg
    }

    /// Adds an element as it is.
    pub fn raw(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    /// A filled rectangle from its upper left corner, with rounded corners.
    pub fn rectangle(
        &mut self,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        radius: f64,
        fill: Color,
        opacity: f64,
    ) {
        let mut element = format!(
            r#"<rect x="{}" y="{}" width="{}" height="{}""#,
            number(x),
            number(y),
            number(width.max(0.0)),
            number(height.max(0.0)),
        );
        if radius > 0.0 {
            let _ = write!(element, r#" rx="{}""#, number(radius));
        }
        let _ = write!(element, r#" fill="{}"{}/>"#, fill.hex(), opacity_of("fill", opacity));
        self.raw(&element);
    }

    /// A line through points.
    pub fn line(&mut self, points: &[(f64, f64)], width: f64, color: Color, dash: &[f64]) {
        let mut element = format!(
            r#"<polyline points="{}" fill="none" stroke="{}" stroke-width="{}""#,
            coordinates(points),
            color.hex(),
            number(width),
        );
        if dash.is_empty() {
            element.push_str(r#" stroke-linejoin="round" stroke-linecap="round""#);
        } else {
            let lengths: Vec<String> = dash.iter().map(|part| number(part * width)).collect();
            let _ = write!(element, r#" stroke-dasharray="{}""#, lengths.join(" "));
        }
        element.push_str("/>");
        self.raw(&element);
    }

    /// A filled polygon.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: Color, opacity: f64) {
        let (points, fill) = (coordinates(points), fill.hex());
        let opacity = opacity_of("fill", opacity);
        self.raw(&format!(r#"<polygon points="{points}" fill="{fill}"{opacity}/>"#));
    }

    /// A filled circle, with an outline if its width is more than nothing.
    pub fn circle(&mut self, at: (f64, f64), radius: f64, fill: Color, outline: (f64, Color)) {
        let mut element = format!(
            r#"<circle cx="{}" cy="{}" r="{}" fill="{}""#,
            number(at.0),
            number(at.1),
            number(radius),
            fill.hex(),
        );
        if outline.0 > 0.0 {
            let (width, color) = (number(outline.0), outline.1.hex());
            let _ = write!(element, r#" stroke="{color}" stroke-width="{width}""#);
        }
        element.push_str("/>");
        self.raw(&element);
    }

    /// A text whose baseline is at a place. What the font lacks is drawn as boxes.
    pub fn text(&mut self, (x, y): (f64, f64), text: &str, style: Text) {
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let weight = match style.weight {
            Weight::Regular => String::new(),
            weight => format!(r#" font-weight="{}""#, weight.number()),
        };
        self.raw(&format!(
            r#"<text x="{}" y="{}" font-size="{}" fill="{}"{weight}{anchor}>{}</text>"#,
            number(x),
            number(y),
            number(style.size),
            style.color.hex(),
            escape(&drawable(text)),
        ));
    }

    /// The whole document, with what it shows in words for those who cannot see it.
    pub fn finish(self, title: &str, description: &str) -> String {
        let ((width, height), canvas) = (self.size.pixels(), self.size.canvas());
        let head = opening(&number(canvas.0), &number(canvas.1), width, height);
        let words = words(title, description);
        let body = self.body;
        format!("{head}\n{words}\n<g font-family=\"{FAMILY}, sans-serif\">\n{body}</g>\n</svg>\n")
    }

    /// Its size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Its theme.
    pub fn theme(&self) -> Theme {
        self.theme
    }
}

fn opening(canvas_width: &str, canvas_height: &str, width: u32, height: u32) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {canvas_width} {canvas_height}" role="img">"#
    )
}

/// The alternative text of a picture.
pub(super) fn words(title: &str, description: &str) -> String {
    format!("<title>{}</title>\n<desc>{}</desc>", escape(title), escape(description))
}

fn opacity_of(what: &str, opacity: f64) -> String {
    if opacity >= 1.0 {
        return String::new();
    }
    format!(r#" {what}-opacity="{}""#, number(opacity))
}

fn coordinates(points: &[(f64, f64)]) -> String {
    let points: Vec<String> =
        points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
    points.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_always_numbers() {
        let cases = [(12.5, "12.5"), (-3.0, "-3"), (0.067, "0.07"), (-0.001, "0"), (f64::NAN, "0")];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn any_text_is_sound_xml() {
        assert_eq!(escape("a < b & \"c\"\u{0}\n"), "a &lt; b &amp; &quot;c&quot;\u{fffd} ");
        let text = "&lt; <b> 'q' \"p\" && &amp;";
        assert_eq!(unescape(&escape(text)), text);
    }
}
