//! How the variants of a comparison are told apart: a colour, a dash and a marker each.
//!
//! A strategy has one colour, dash and marker in every picture. Further variants of a strategy have
//! its colour in shades, and a dash and marker that no strategy has.

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
    /// Long dashes.
    Long,
    /// A dash, two dots.
    DashDotDot,
}

impl Dash {
    const ALL: [Dash; 6] =
        [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDot, Dash::Long, Dash::DashDotDot];

    /// Dashes and gaps, in widths of the line; empty if it is solid.
    pub const fn pattern(self) -> &'static [f64] {
        match self {
            Dash::Solid => &[],
            Dash::Dashed => &[3.0, 1.6],
            Dash::Dotted => &[1.0, 1.4],
            Dash::DashDot => &[3.4, 1.3, 1.0, 1.3],
            Dash::Long => &[6.0, 1.6],
            Dash::DashDotDot => &[4.0, 1.2, 1.0, 1.2, 1.0, 1.2],
        }
    }

    /// How much of the line is drawn, from 0 to 1.
    pub fn share_drawn(self) -> f64 {
        let pattern = self.pattern();
        let drawn: f64 = pattern.iter().step_by(2).sum();
        if pattern.is_empty() { 1.0 } else { drawn / pattern.iter().sum::<f64>() }
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
    /// ▼
    Down,
    /// A thick plus.
    Plus,
    /// A thick cross.
    Cross,
    /// A star of five.
    Star,
    /// A hexagon, on a corner.
    Hexagon,
    /// ▶
    Right,
}

impl Marker {
    const ALL: [Marker; 10] = [
        Marker::Circle,
        Marker::Square,
        Marker::Triangle,
        Marker::Diamond,
        Marker::Down,
        Marker::Plus,
        Marker::Cross,
        Marker::Star,
        Marker::Hexagon,
        Marker::Right,
    ];
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

/// The dash and marker of a built-in strategy, of which it has both to itself.
const STRATEGIES: [(&str, Dash, Marker); 10] = [
    ("no-cache", Dash::Dotted, Marker::Circle),
    ("ttl-only", Dash::Solid, Marker::Square),
    ("delete-on-write", Dash::Solid, Marker::Circle),
    ("delete-before-write", Dash::DashDot, Marker::Down),
    ("double-delete", Dash::DashDotDot, Marker::Hexagon),
    ("update-on-write", Dash::Dashed, Marker::Plus),
    ("write-through", Dash::Long, Marker::Cross),
    ("write-behind", Dash::DashDot, Marker::Right),
    ("versioned", Dash::Dashed, Marker::Diamond),
    ("lease", Dash::Long, Marker::Triangle),
];

/// A look for each variant, given their strategies in the order of the comparison.
pub fn looks<'a>(theme: Theme, strategies: impl IntoIterator<Item = &'a str>) -> Vec<Look> {
    let mut seen: Vec<&str> = Vec::new();
    let mut free = (0..Marker::ALL.len()).flat_map(|turn| {
        // The dash changes first, and the marker with it.
        Dash::ALL.map(|dash| (dash, Marker::ALL[(dash as usize * 3 + turn) % Marker::ALL.len()]))
    });
    let mut other = || {
        let is_taken = |it: &(Dash, Marker)| STRATEGIES.iter().any(|own| (own.1, own.2) == *it);
        free.find(|it| !is_taken(it)).unwrap_or((Dash::Dotted, Marker::Star))
    };
    let look = |strategy: &'a str| {
        let twins = seen.iter().filter(|other| **other == strategy).count();
        seen.push(strategy);
        let color = theme.strategy(strategy);
        let color = match twins % 3 {
            0 => color,
            1 => mix(color, theme.ink(), 55),
            _ => mix(color, theme.background(), 68),
        };
        let own = STRATEGIES.iter().find(|(name, _, _)| *name == strategy && twins == 0);
        let (dash, marker) = own.map_or_else(&mut other, |(_, dash, marker)| (*dash, *marker));
        Look { color, dash, marker }
    };
    strategies.into_iter().map(look).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No two have the same dash and marker: colour is not the only code.
    fn assert_apart(looks: &[Look]) {
        for (index, look) in looks.iter().enumerate() {
            let same = |other: &&Look| (other.dash, other.marker) == (look.dash, look.marker);
            assert_eq!(looks[..index].iter().find(same), None, "{index}: {look:?}");
        }
    }

    #[test]
    fn twelve_variants_of_one_strategy_all_look_different_without_colour_too() {
        for theme in Theme::ALL {
            let looks = looks(theme, ["ttl-only"; 12]);
            assert_eq!(looks[0].color, theme.strategy("ttl-only"));
            assert_apart(&looks);
        }
    }

    #[test]
    fn all_strategies_look_different_without_colour_too() {
        let names = crate::strategies::ALL.iter().map(|info| info.name);
        let all = looks(Theme::Light, names.chain(["of one's own", "ttl-only", "lease", "mine"]));
        assert_apart(&all);
        for info in crate::strategies::ALL {
            assert!(STRATEGIES.iter().any(|(name, _, _)| *name == info.name), "{}", info.name);
        }
    }

    #[test]
    fn a_strategy_keeps_its_look_whatever_stands_beside_it() {
        let alone = looks(Theme::Dark, ["lease"]);
        let among = looks(Theme::Dark, ["no-cache", "ttl-only", "ttl-only", "lease"]);
        assert_eq!(alone[0], among[3]);
    }
}
