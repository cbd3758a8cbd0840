//! How the variants of a comparison are told apart: a colour, a dash and a marker each.
//!
//! A strategy has one colour in every picture. Variants of one strategy share it, in shades, and
//! differ in dash and marker too.

use super::theme::{Color, Theme, mix};

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// Not at all.
    Solid,
    /// Dashes.
    Dashed,
    /// Dots.
    Dotted,
    /// A dash, a dot.
    DashDot,
}

impl Dash {
    const ALL: [Dash; 4] = [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDot];

    /// Dashes and gaps, in widths of the line; empty if it is solid.
    pub const fn pattern(self) -> &'static [f64] {
        match self {
            Dash::Solid => &[],
            Dash::Dashed => &[3.0, 1.6],
            Dash::Dotted => &[1.0, 1.4],
            Dash::DashDot => &[3.4, 1.3, 1.0, 1.3],
        }
    }
}

/// The shape of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// ●
    Circle,
    /// ■
    Square,
    /// ▲
    Triangle,
    /// ◆
    Diamond,
}

impl Marker {
    const ALL: [Marker; 4] = [Marker::Circle, Marker::Square, Marker::Triangle, Marker::Diamond];
}

/// How a variant is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its colour.
    pub color: Color,
    /// Its lines.
    pub dash: Dash,
    /// Its points.
    pub marker: Marker,
}

/// A look for each variant, given their strategies in the order of the comparison.
pub fn looks<'a>(theme: Theme, strategies: impl IntoIterator<Item = &'a str>) -> Vec<Look> {
    let mut seen: Vec<&str> = Vec::new();
    let look = |strategy: &'a str| {
        let twins = seen.iter().filter(|other| **other == strategy).count();
        seen.push(strategy);
        let color = theme.strategy(strategy);
        let color = match twins % 3 {
            0 => color,
            1 => mix(color, theme.ink(), 55),
            _ => mix(color, theme.background(), 68),
        };
        let dash = Dash::ALL[twins % Dash::ALL.len()];
        Look { color, dash, marker: Marker::ALL[twins % Marker::ALL.len()] }
    };
    strategies.into_iter().map(look).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_variants_of_one_strategy_all_look_different() {
        for theme in Theme::ALL {
            let looks = looks(theme, ["ttl-only"; 12]);
            assert_eq!(looks[0].color, theme.strategy("ttl-only"));
            for (index, look) in looks.iter().enumerate() {
                assert!(!looks[..index].contains(look), "{index}");
            }
        }
    }

    #[test]
    fn a_strategy_keeps_its_look_whatever_stands_beside_it() {
        let alone = looks(Theme::Dark, ["lease"]);
        let among = looks(Theme::Dark, ["no-cache", "ttl-only", "lease"]);
        assert_eq!(alone[0], among[2]);
    }
}
