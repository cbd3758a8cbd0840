//! When each step was made, at the left: instants, a line along what is to scale, and marks where
//! time is left out.

use super::frame::{FOOTER, Frame};
use super::lanes::{EFFECT, Lanes};
use super::spacing::Gap;
use crate::incident::Moment;
use crate::picture::{Anchor, Weight};
use crate::report::number::{duration, significant};
use crate::report::race::Race;
use crate::time::{Span, Time};

/// How far the line is from the lanes, and the instants are from it.
const LINE: f64 = 10.0;
const INSTANTS: f64 = 64.0;

/// What a picture says of its scale.
pub(super) fn scale(race: &Race<'_>) -> &'static str {
    match race.moments.is_empty() {
        true => "not to scale: this schedule has no times",
        false => {
            "to scale along the solid line; ≈ is time left out, and other requests are left out"
        }
    }
}

/// Tears the lanes where time is left out.
pub(super) fn tear(frame: &mut Frame, lanes: &Lanes) {
    let (left, right) = (lanes.left(), lanes.notes - 12.0);
    for (index, gap) in lanes.spacing.gaps.iter().enumerate() {
        let before = lanes.spacing.before[index];
        if !matches!(gap, Gap::Broken(_)) || before < 22.0 {
            continue;
        }
        let y = lanes.y(lanes.steps.start + index, 0.0) - before * 0.45;
        let (ground, muted) = (frame.theme.background(), frame.theme.muted());
        frame.svg.rectangle((left, y - 5.0), (right - left, 10.0), 0.0, ground, 1.0);
        for edge in [y - 5.0, y + 5.0] {
            frame.svg.line(&[(left, edge), (right, edge)], 2.0, muted, &[6.0, 4.0]);
        }
    }
}

/// Draws instants, line and marks.
pub(super) fn draw(frame: &mut Frame, lanes: &Lanes, race: &Race<'_>) {
    let Some(moments) = race.moments.get(lanes.steps.clone()).filter(|it| !it.is_empty()) else {
        return;
    };
    let muted = frame.theme.muted();
    let (x, instants) = (lanes.left() - LINE, lanes.left() - INSTANTS);
    for (index, words) in instants_of(race.moments, lanes.steps.start, moments).iter().enumerate() {
        let step = lanes.steps.start + index;
        let at = (instants, lanes.y(step, 0.5) + FOOTER * 0.38);
        frame.text(at, words, FOOTER, Weight::Regular, muted, Anchor::End);
        let effect = lanes.y(step, EFFECT);
        frame.svg.line(&[(x - 6.0, effect), (x, effect)], 3.0, muted, &[]);
        let Some(before) = index.checked_sub(1).map(|_| lanes.y(step - 1, EFFECT)) else {
            continue;
        };
        let middle = (before + effect) / 2.0;
        match lanes.spacing.gaps[index] {
            Gap::None => {}
            Gap::Scaled => frame.svg.line(&[(x, before), (x, effect)], 3.0, muted, &[]),
            Gap::Widened => frame.svg.line(&[(x, before), (x, effect)], 3.0, muted, &[0.7, 2.0]),
            Gap::Broken(span) => {
                torn_line(frame, x, (before, effect));
                let words = format!("≈ {}", duration(span.as_secs_f64() * 1e3));
                let (at, ink) = ((instants, middle + FOOTER * 0.3), frame.theme.ink());
                frame.text(at, &words, FOOTER, Weight::SemiBold, ink, Anchor::End);
            }
        }
    }
}

/// A line with two slanted strokes across it.
fn torn_line(frame: &mut Frame, x: f64, (from, to): (f64, f64)) {
    let (muted, middle) = (frame.theme.muted(), (from + to) / 2.0);
    for (from, to) in [(from, middle - 5.0), (middle + 5.0, to)] {
        frame.svg.line(&[(x, from), (x, to)], 3.0, muted, &[0.7, 2.0]);
    }
    for y in [middle - 5.0, middle + 5.0] {
        frame.svg.line(&[(x - 8.0, y + 4.0), (x + 8.0, y - 4.0)], 3.0, muted, &[]);
    }
}

/// The instants of some steps: the race's first as it is, the others from there on.
fn instants_of(all: &[Moment], from: usize, moments: &[Moment]) -> Vec<String> {
    let first = all.first().map_or(Time::ZERO, |moment| moment.at);
    let place = |index: usize| from + index;
    let words = moments.iter().enumerate().map(|(index, moment)| {
        let sign = if moment.is_latest { "≤ " } else { "" };
        if place(index) == 0 {
            return format!("{sign}{} s", significant((first - Time::ZERO).as_secs_f64(), 4));
        }
        // With the digits of its neighbours, too: else it may seem to be before them.
        let near = &all[place(index).saturating_sub(2)..all.len().min(place(index) + 3)];
        let gaps = near.windows(2).map(|pair| pair[1].at - pair[0].at);
        let gap = gaps.filter(|gap| *gap > Span::ZERO).min().unwrap_or(Span::FOREVER);
        format!("{sign}+{}", apart(moment.at - first, gap))
    });
    words.collect()
}

/// A length of time, with the digits that tell it from one that differs by `gap`.
fn apart(length: Span, gap: Span) -> String {
    let plain = duration(length.as_secs_f64() * 1e3);
    if length.0 < 1_000_000 {
        return plain;
    }
    if length.0 < 1_000_000_000 {
        // Three digits tell it from what is a hundredth of it away.
        let decimals = (0..=3).find(|it| gap.0 >= 1_000_000 / 10_u64.pow(*it)).unwrap_or(3);
        let known = if length.0 < 10_000_000 { 2 } else { u32::from(length.0 < 100_000_000) };
        return match decimals > known {
            true => format!("{:.*} ms", decimals as usize, length.0 as f64 / 1e6),
            false => plain,
        };
    }
    // As many decimals of a second as the gap begins with; a microsecond is enough.
    let decimals = (1..=6).find(|it| gap.0 >= 1_000_000_000 / 10_u64.pow(*it)).unwrap_or(6);
    if decimals <= 1 {
        return plain;
    }
    format!("{:.*} s", decimals as usize, length.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_that_are_close_can_be_told_apart() {
        let at = |ns| Moment { at: Time(ns), is_latest: false };
        let all = [at(7_663_812_000), at(7_664_224_000), at(66_400_000_000), at(66_400_300_000)];
        let words = instants_of(&all, 0, &all);
        assert_eq!(words, ["7.664 s", "+412 µs", "+58.7362 s", "+58.7365 s"]);
        let all = [at(0), at(41_910_000), at(41_930_000), at(60_000_000)];
        assert_eq!(instants_of(&all, 0, &all)[1..], ["+41.91 ms", "+41.93 ms", "+60.00 ms"]);
        let all = [at(0), at(21_304_000_000), at(21_307_000_000), at(21_340_000_000)];
        assert_eq!(instants_of(&all, 0, &all)[1..], ["+21.304 s", "+21.307 s", "+21.340 s"]);
    }
}
