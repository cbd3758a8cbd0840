//! Light and dark: which colour plays which part.
//!
//! The palette is that of M. Okabe and K. Ito ("Color Universal Design", 2008), with twins that
//! are lighter for dark backgrounds. Vermillion is stale and nothing else, blue is the database's
//! truth, grey is context; colour is never the only code.

/// A colour, as red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// As SVG and CSS write it: `#D55E00`.
    pub fn hex(self) -> String {
        format!("#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

/// `percent` of the one colour, the rest of the other.
pub fn mix(one: Color, other: Color, percent: u32) -> Color {
    let percent = percent.min(100);
    let part = |one: u8, other: u8| {
        // The mean of two bytes is a byte.
        ((u32::from(one) * percent + u32::from(other) * (100 - percent) + 50) / 100) as u8
    };
    Color(part(one.0, other.0), part(one.1, other.1), part(one.2, other.2))
}

/// Dark on light, or light on dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white: print, documents, most slides.
    #[default]
    Light,
    /// Light on near black.
    Dark,
}

const fn pair(theme: Theme, light: u32, dark: u32) -> Color {
    let rgb = match theme {
        Theme::Light => light,
        Theme::Dark => dark,
    };
    Color((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

impl Theme {
    /// Both.
    pub const ALL: [Theme; 2] = [Theme::Light, Theme::Dark];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme of this name.
    pub fn find(name: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// What everything is drawn on.
    pub const fn background(self) -> Color {
        pair(self, 0xFFFFFF, 0x12161C)
    }

    /// Boxes that stand out a little from the background.
    pub const fn panel(self) -> Color {
        pair(self, 0xF3F5F8, 0x1B212A)
    }

    /// Titles, labels, what is to be read.
    pub const fn ink(self) -> Color {
        pair(self, 0x1A1F26, 0xEEF1F5)
    }

    /// Subtitles, axis labels, footers.
    pub const fn muted(self) -> Color {
        pair(self, 0x59636F, 0x9EA9B6)
    }

    /// Grid lines and borders.
    pub const fn grid(self) -> Color {
        pair(self, 0xE2E6EA, 0x2E353E)
    }

    /// Data that is only context.
    pub const fn context(self) -> Color {
        pair(self, 0x9AA3AE, 0x6B7683)
    }

    /// Stale data and violations. Vermillion.
    pub const fn stale(self) -> Color {
        pair(self, 0xD55E00, 0xFF8C3C)
    }

    /// Fresh data, and the database's truth. Blue.
    pub const fn truth(self) -> Color {
        pair(self, 0x0072B2, 0x56B4E9)
    }

    /// The colour of a strategy by its name, the same in every picture. Any other strategy has
    /// the ink's.
    pub fn strategy(self, name: &str) -> Color {
        let (light, dark) = match name {
            "no-cache" => (0x6A7480, 0xAEB8C4),
            "ttl-only" => (0xC98A00, 0xF0B429),
            "delete-on-write" => (0x009E73, 0x00BE8C),
            "delete-before-write" => (0x882255, 0xD65C8F),
            "double-delete" => (0x12A3B4, 0x7FE3E6),
            "update-on-write" => (0x7D7A00, 0xCBC64A),
            "write-through" => (0x332288, 0x8288F0),
            "write-behind" => (0x7A4A2B, 0xB98250),
            "versioned" => (0xB85C95, 0xF0A8CE),
            "lease" => (0x7A45D6, 0xC58BFF),
            _ => return self.ink(),
        };
        pair(self, light, dark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_begins_and_ends_with_its_parts() {
        let (one, other) = (Color(0, 10, 255), Color(100, 20, 0));
        assert_eq!((mix(one, other, 100), mix(one, other, 0)), (one, other));
        assert_eq!(mix(one, other, 50), Color(50, 15, 128));
        assert_eq!(Color(213, 94, 0).hex(), "#D55E00");
    }

    /// Relative luminance and contrast as WCAG 2 defines them.
    fn contrast(a: Color, b: Color) -> f64 {
        let channel = |byte: u8| {
            let c = f64::from(byte) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        };
        let light =
            |c: Color| 0.2126 * channel(c.0) + 0.7152 * channel(c.1) + 0.0722 * channel(c.2);
        let (a, b) = (light(a), light(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_and_marks_can_be_seen_on_their_background() {
        for theme in Theme::ALL {
            let background = theme.background();
            assert!(contrast(theme.ink(), background) > 12.0);
            assert!(contrast(theme.muted(), background) > 4.5);
            for color in [theme.stale(), theme.truth()] {
                assert!(contrast(color, background) > 3.5, "{color:?} {theme:?}");
            }
            for info in crate::strategies::ALL {
                let color = theme.strategy(info.name);
                assert_ne!(color, theme.ink(), "{} has a colour of its own", info.name);
                assert!(contrast(color, background) > 2.7, "{} {theme:?}", info.name);
            }
        }
    }

    /// CIE L*a*b* of a colour, from sRGB under D65 (IEC 61966-2-1, CIE 15).
    fn lab(c: Color) -> [f64; 3] {
        let linear = [c.0, c.1, c.2].map(|byte| {
            let c = f64::from(byte) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        });
        let [r, g, b] = linear;
        let f = |t: f64| if t > 0.008_856 { libm::cbrt(t) } else { 7.787 * t + 16.0 / 116.0 };
        let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.950_47);
        let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.088_83);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn no_two_strategies_have_nearly_the_same_colour() {
        for theme in Theme::ALL {
            let mut colors: Vec<(&str, Color)> = crate::strategies::ALL
                .iter()
                .map(|info| (info.name, theme.strategy(info.name)))
                .collect();
            colors.extend([("truth", theme.truth()), ("stale", theme.stale())]);
            for (index, (name, color)) in colors.iter().enumerate() {
                for (other, like) in &colors[..index] {
                    let apart: f64 =
                        lab(*color).iter().zip(lab(*like)).map(|(a, b)| (a - b) * (a - b)).sum();
                    assert!(apart.sqrt() > 20.0, "{name} and {other}, {theme:?}");
                }
            }
        }
    }
}
