//! From an SVG with text to one without, and to pixels; with the embedded fonts and no other.

use std::fmt;
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{self, Options, Tree, WriteOptions};

use super::font::{FAMILY, Weight};
use super::svg::unescape;

/// Why an SVG could not be rendered: it is not one of ours.
#[derive(Debug)]
pub struct RenderError(String);

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot render the picture: {}", self.0)
    }
}

impl std::error::Error for RenderError {}

impl From<usvg::Error> for RenderError {
    fn from(error: usvg::Error) -> RenderError {
        RenderError(error.to_string())
    }
}

fn parse(svg: &str) -> Result<Tree, RenderError> {
    static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
        let mut fonts = Database::new();
        for weight in Weight::ALL {
            fonts.load_font_data(weight.bytes().to_vec());
        }
        fonts.set_sans_serif_family(FAMILY);
        Arc::new(fonts)
    });
    let options = Options {
        fontdb: Arc::clone(&FONTS),
        font_family: FAMILY.to_owned(),
        ..Options::default()
    };
    Ok(Tree::from_str(svg, &options)?)
}

/// The same picture with every text as outlines, so that it looks the same where the font is not
/// at hand. Its alternative text stays.
///
/// # Errors
/// If it is no SVG.
pub fn outline(svg: &str) -> Result<String, RenderError> {
    let tree = parse(svg)?;
    let options = WriteOptions {
        use_single_quote: false,
        indent: usvg::Indent::None,
        coordinates_precision: 3,
        transforms_precision: 5,
        ..WriteOptions::default()
    };
    let outlined = tree.to_string(&options);
    let words = alternative_text(svg);
    match (outlined.find("<svg"), words) {
        (Some(svg_at), Some(words)) => {
            let end = svg_at + outlined[svg_at..].find('>').unwrap_or_default();
            let (head, rest) = outlined.split_at(end);
            Ok(format!("{head} role=\"img\">\n{words}{}\n", rest[1..].trim_end()))
        }
        _ => Ok(outlined),
    }
}

/// Title and description of an SVG, as they stand in it.
fn alternative_text(svg: &str) -> Option<&str> {
    let start = svg.find("<title>")?;
    let end = svg.find("</desc>")? + "</desc>".len();
    svg.get(start..end)
}

/// The picture as PNG, in the pixels that the SVG asks for, with its alternative text.
///
/// # Errors
/// If it is no SVG, or larger than memory.
pub fn png(svg: &str) -> Result<Vec<u8>, RenderError> {
    let tree = parse(svg)?;
    let size = tree.size().to_int_size();
    let mut pixels = Pixmap::new(size.width(), size.height())
        .ok_or_else(|| RenderError("it has no size".to_owned()))?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    let png = pixels.encode_png().map_err(|error| RenderError(error.to_string()))?;
    let (title, description) = (content(svg, "title"), content(svg, "desc"));
    Ok(super::png::described(png, &title, &description))
}

/// What stands in the first element of this name.
fn content(svg: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let rest = svg.split_once(&open).map_or("", |(_, rest)| rest);
    unescape(rest.split_once(&close).map_or("", |(content, _)| content))
}

#[cfg(test)]
mod tests {
    use super::super::{Anchor, Size, Svg, Text, Theme};
    use super::*;

    fn drawing(words: &str) -> String {
        let mut svg = Svg::new(Size::Card, Theme::Light);
        let style = Text {
            size: 40.0,
            weight: Weight::SemiBold,
            color: Theme::Light.ink(),
            anchor: Anchor::Start,
        };
        svg.text((100.0, 100.0), words, style);
        svg.finish("A <title>", "What it shows")
    }

    #[test]
    fn outlines_need_no_font_and_keep_the_words() {
        let outlined = outline(&drawing("stale → ✗ ①")).expect("ours");
        assert!(!outlined.contains("<text") && outlined.contains("<path"), "{outlined}");
        assert!(outlined.contains("<title>A &lt;title&gt;</title>"), "{outlined}");
        assert!(outlined.contains("<desc>What it shows</desc>"), "{outlined}");
        assert_eq!(outlined, outline(&drawing("stale → ✗ ①")).expect("ours"));
        let again = outline(&outlined).expect("still an SVG");
        assert!(again.contains("<path"));
    }

    #[test]
    fn pixels_are_as_many_as_asked_for_and_text_leaves_some() {
        let empty = png(&drawing("")).expect("ours");
        let written = png(&drawing("stale")).expect("ours");
        let pixels = Pixmap::decode_png(&written).expect("a PNG");
        assert_eq!((pixels.width(), pixels.height()), (1200, 630));
        let text = |words: &str| written.windows(words.len()).any(|it| it == words.as_bytes());
        assert!(text("iTXtTitle\0\0\0en\0\0A <title>"));
        assert!(text("iTXtDescription\0\0\0en\0\0What it shows"));
        let ink = Theme::Light.ink();
        let dark = |pixel: &&resvg::tiny_skia::PremultipliedColorU8| {
            (pixel.red(), pixel.green(), pixel.blue()) == (ink.0, ink.1, ink.2)
        };
        assert!(pixels.pixels().iter().filter(dark).count() > 200);
        assert_ne!(empty, written);
    }

    #[test]
    fn the_heavier_weight_is_found() {
        let width = |svg: &str| {
            let tree = parse(svg).expect("ours");
            tree.root().abs_bounding_box().width()
        };
        let text = |weight: u16| {
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"90\"><text \
                 x=\"9\" y=\"60\" font-family=\"Inter\" font-size=\"40\" font-weight=\"{weight}\">\
                 no-cache, stale reads</text></svg>"
            )
        };
        assert!(width(&text(600)) > width(&text(400)) * 1.02);
    }

    #[test]
    fn what_is_no_picture_is_an_error() {
        assert!(outline("<html>").is_err());
        assert!(png("").is_err());
    }
}
