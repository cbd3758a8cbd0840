//! The embedded fonts, and how wide a text is in them.
//!
//! Inter, under the SIL Open Font License; `assets/fonts/subset.sh` says which characters are in it
//! and how the files were made.

use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};

/// The family's name in an SVG.
pub const FAMILY: &str = "Inter";

/// The licence of the fonts, with their copyright.
pub const OPEN_FONT_LICENSE: &str = include_str!("../../assets/fonts/OFL.txt");

/// How heavy a text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    #[default]
    Regular,
    /// 600.
    SemiBold,
}

impl Weight {
    /// Both.
    pub const ALL: [Weight; 2] = [Weight::Regular, Weight::SemiBold];

    /// As CSS has it.
    pub const fn number(self) -> u16 {
        match self {
            Weight::Regular => 400,
            Weight::SemiBold => 600,
        }
    }

    /// The font file.
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            Weight::Regular => include_bytes!("../../assets/fonts/Inter-Regular.subset.otf"),
            Weight::SemiBold => include_bytes!("../../assets/fonts/Inter-SemiBold.subset.otf"),
        }
    }

    fn font(self) -> &'static FontRef<'static> {
        static FONTS: LazyLock<[FontRef<'static>; 2]> = LazyLock::new(|| {
            Weight::ALL.map(|weight| FontRef::new(weight.bytes()).expect("a font of ours"))
        });
        &FONTS[self as usize]
    }
}

/// What stands for a character that the font lacks.
const LACKING: char = '□';

/// A text as it can be drawn: a box for each character that the font lacks, so that none is missing
/// unnoticed; nothing for what has no width and only joins, selects or directs others.
pub fn drawable(text: &str) -> String {
    let has = has();
    text.chars().filter(|c| !is_invisible(*c)).map(|c| if has(c) { c } else { LACKING }).collect()
}

/// The characters of a text that the font lacks, each once, in their order.
pub fn lacking(text: &str) -> Vec<char> {
    let has = has();
    let mut lacking: Vec<char> = Vec::new();
    for c in text.chars().filter(|c| !is_invisible(*c) && !has(*c)) {
        if !lacking.contains(&c) {
            lacking.push(c);
        }
    }
    lacking
}

/// Whether the font has a character. Line breaks and the like are blanks in an SVG.
fn has() -> impl Fn(char) -> bool {
    let characters = Weight::Regular.font().charmap();
    move |c| c.is_control() || characters.map(c).is_some_and(|glyph| glyph.to_u32() > 0)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// How wide a text is at a font size of so many units, as [`drawable`] has it. Without kerning,
/// which hardly ever makes it wider.
pub fn text_width(text: &str, size: f64, weight: Weight) -> f64 {
    let font = weight.font();
    let (characters, unscaled) = (font.charmap(), Size::unscaled());
    let metrics = GlyphMetrics::new(font, unscaled, LocationRef::default());
    let units: f64 = drawable(text)
        .chars()
        .map(|c| characters.map(c).unwrap_or_default())
        .map(|glyph| f64::from(metrics.advance_width(glyph).unwrap_or_default()))
        .sum();
    units * size / f64::from(font.metrics(unscaled, LocationRef::default()).units_per_em)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_weights_have_every_character_that_pictures_use() {
        let used = "AZaz09äßéÿ–—‘’“”…·•±−≤≥≠≈×µμ→←↑↓✓✗①②③④⑤⑥⑦⑧⑨∅∞\u{2009}\u{202f}½⁻⁰⁹■□●○◆◇▲△▼▶";
        for weight in Weight::ALL {
            let characters = weight.font().charmap();
            for c in used.chars() {
                assert!(
                    characters.map(c).is_some_and(|glyph| glyph.to_u32() > 0),
                    "{c} {weight:?}"
                );
            }
        }
    }

    #[test]
    fn what_the_font_lacks_is_a_box_and_nothing_is_lost() {
        assert_eq!(drawable("日本 ⚡ émoji 🎉"), "□□ □ émoji □");
        assert_eq!(lacking("日本 ⚡ émoji 日🎉\u{200d}\n"), ['日', '本', '⚡', '🎉']);
        assert_eq!(drawable("a\u{200d}\u{fe0f}b\u{202e}c"), "abc");
        let width = |text| text_width(text, 10.0, Weight::Regular);
        assert_eq!(width("日"), width("□"));
        assert!(width("□") > 0.0);
    }

    #[test]
    fn widths_add_up_and_follow_the_size() {
        let width = |text| text_width(text, 10.0, Weight::Regular);
        assert_eq!(width(""), 0.0);
        assert!((width("stale") + width(" reads") - width("stale reads")).abs() < 1e-9);
        assert!((text_width("stale", 20.0, Weight::Regular) - 2.0 * width("stale")).abs() < 1e-9);
        assert!(text_width("stale", 10.0, Weight::SemiBold) > width("stale"));
        assert!(width("i") < width("w"));
    }
}
