//! How far apart steps are: to the scale of time where that can be read.
//!
//! Times in a race span many orders of magnitude: a round trip takes less than a millisecond, and
//! an old row is read a minute later. One scale shows some of them. It is the one by which most
//! distances between steps are true; a longer one is broken, and what is left out is named; a
//! shorter one is as wide as its texts need. Without times, steps are evenly spaced.

use super::ROW_LEAST;
use super::lanes::{ROW_MOST, TAIL};
use crate::incident::Moment;
use crate::time::Span;

/// The height of a row before anything is to scale: the rest of the room is for distances.
const ROW_TIMED: f64 = 84.0;
/// The share of the room that rows may take, unless they need more.
const ROWS: f64 = 0.62;
/// What a break adds to a row.
const BREAK: f64 = 40.0;
/// A distance to scale is no more than so many rows.
const LONGEST: f64 = 6.0;

/// What the distance of a step from the one before it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing: there are no times, or nothing comes before.
    None,
    /// It is to scale.
    Scaled,
    /// More time passed than is drawn: this much.
    Broken(Span),
    /// Less time passed than is drawn.
    Widened,
}

/// Rows, and what is between them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spacing {
    /// The height of each row.
    pub(super) row: f64,
    /// What is left free before each row.
    pub(super) before: Vec<f64>,
    /// What each distance says.
    pub(super) gaps: Vec<Gap>,
}

/// Spaces as many steps, made at these times if there are any, over a height.
pub(super) fn spacing(steps: usize, moments: &[Moment], height: f64) -> Spacing {
    let even = (height / (steps.max(1) as f64 + TAIL)).min(ROW_MOST);
    if moments.len() != steps || steps < 2 {
        return Spacing { row: even, before: vec![0.0; steps], gaps: vec![Gap::None; steps] };
    }
    let most = ROW_TIMED.min(height * ROWS / (steps as f64 + TAIL));
    let row = most.max(ROW_LEAST).min(even);
    let spare = height - row * (steps as f64 + TAIL);
    let spans: Vec<Span> = moments.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    // The shortest distance that is true has the height of a row.
    let scales = spans.iter().filter(|span| **span > Span::ZERO).map(|span| row / span.0 as f64);
    let mut scales: Vec<f64> = scales.collect();
    scales.sort_by(|a, b| b.total_cmp(a));
    let tried = scales.into_iter().map(|scale| at_scale(&spans, scale, row, spare));
    let is_true = |it: &Spacing| it.gaps.iter().filter(|gap| **gap == Gap::Scaled).count();
    let mut best = at_scale(&spans, f64::INFINITY, row, spare);
    for it in tried {
        if is_true(&it) > is_true(&best) {
            best = it;
        }
    }
    grown(best, height)
}

/// The distances at a scale, in units of the canvas per nanosecond: the longest are broken until
/// all have room.
fn at_scale(spans: &[Span], scale: f64, row: f64, spare: f64) -> Spacing {
    let wanted = |span: &Span| span.0 as f64 * scale;
    let mut gaps: Vec<Gap> = spans
        .iter()
        .map(|span| match wanted(span) {
            _ if *span == Span::ZERO => Gap::Widened,
            it if it < row * 0.999 => Gap::Widened,
            it if it <= row * LONGEST => Gap::Scaled,
            _ => Gap::Broken(*span),
        })
        .collect();
    let free = |gaps: &[Gap]| -> Vec<f64> {
        let broken = gaps.iter().filter(|gap| matches!(gap, Gap::Broken(_))).count();
        let each = BREAK.min(spare / broken.max(1) as f64);
        let of = |(gap, span): (&Gap, &Span)| match gap {
            Gap::Scaled => wanted(span) - row,
            Gap::Broken(_) => each,
            Gap::None | Gap::Widened => 0.0,
        };
        gaps.iter().zip(spans).map(of).collect()
    };
    loop {
        let before = free(&gaps);
        let scaled = (0..gaps.len()).filter(|at| gaps[*at] == Gap::Scaled);
        let longest = scaled.max_by_key(|at| spans[*at]);
        match longest.filter(|_| before.iter().sum::<f64>() > spare + 1e-6) {
            Some(at) => gaps[at] = Gap::Broken(spans[at]),
            None => {
                let before = std::iter::once(0.0).chain(before).collect();
                let gaps = std::iter::once(Gap::None).chain(gaps).collect();
                return Spacing { row, before, gaps };
            }
        }
    }
}

/// The same, as large as there is room for.
fn grown(spacing: Spacing, height: f64) -> Spacing {
    let Spacing { row, before, gaps } = spacing;
    let all = row * (gaps.len() as f64 + TAIL) + before.iter().sum::<f64>();
    let factor = (height / all).min(ROW_MOST / row).max(1.0);
    let before = before.into_iter().map(|it| it * factor).collect();
    Spacing { row: row * factor, before, gaps }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;

    fn moments(millis: &[u64]) -> Vec<Moment> {
        let at = |ms: &u64| Moment { at: Time::ZERO + Span::from_millis(*ms), is_latest: false };
        millis.iter().map(at).collect()
    }

    /// The distances between the steps, from one effect to the next.
    fn distances(spacing: &Spacing) -> Vec<f64> {
        spacing.before.iter().skip(1).map(|before| before + spacing.row).collect()
    }

    #[test]
    fn without_times_steps_are_evenly_spaced() {
        let even = spacing(4, &[], 430.0);
        assert_eq!((even.row, even.before), (100.0, vec![0.0; 4]));
        assert_eq!(even.gaps, [Gap::None; 4]);
    }

    #[test]
    fn distances_are_to_scale_and_a_long_one_is_broken() {
        let times = [1_000, 1_002, 1_003, 1_006, 60_006];
        let spaced = spacing(5, &moments(&times), 800.0);
        let broken = Gap::Broken(Span::from_secs(59));
        assert_eq!(spaced.gaps, [Gap::None, Gap::Scaled, Gap::Scaled, Gap::Scaled, broken]);
        let drawn = distances(&spaced);
        let per_ms = drawn[1];
        assert!((drawn[0] - 2.0 * per_ms).abs() < 1e-9 && (drawn[2] - 3.0 * per_ms).abs() < 1e-9);
        assert!(drawn[3] < 59_000.0 * per_ms);
    }

    #[test]
    fn rows_stay_high_enough_and_all_have_room() {
        for times in
            [vec![0, 0, 0], vec![0, 1, 90_000, 90_001], (0..12).map(|it| it * it).collect()]
        {
            for height in [720.0, 900.0] {
                let spaced = spacing(times.len(), &moments(&times), height);
                let all = spaced.row * (times.len() as f64 + TAIL);
                let all = all + spaced.before.iter().sum::<f64>();
                assert!(spaced.row >= ROW_LEAST && all <= height + 1e-6, "{times:?}: {spaced:?}");
                assert!(spaced.before.iter().all(|it| *it >= 0.0));
            }
        }
    }
}
