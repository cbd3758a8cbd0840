//! Scales: from a value to its place on an axis, and the ticks that are worth a label.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged};

/// How much of an axis with a place for zero is that place.
const ZERO_SLOT: f64 = 0.11;

/// From values to places between 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    kind: Kind,
    low: f64,
    high: f64,
    /// The values with a tick, and what they are called.
    pub(super) ticks: Vec<(f64, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Linear,
    Log,
    /// Logarithmic, with a place for zero before the rest.
    LogAndZero,
    /// Percentiles, by how many nines they have.
    Nines,
    /// The same for shares, with a place for all after the rest.
    NinesAndAll,
}

impl Scale {
    /// From 0 or `low` to at least `high`, with ticks at 1, 2 or 5 times a power of ten.
    pub(super) fn linear(low: f64, high: f64, name: impl Fn(f64) -> String) -> Scale {
        let span = (high - low).max(f64::MIN_POSITIVE);
        let step = nice(span / 5.0);
        let (first, last) = ((low / step).floor(), (high / step - 1e-9).ceil().max(1.0));
        let steps = (last - first) as u32;
        let ticks = (0..=steps).map(|index| (first + f64::from(index)) * step);
        let ticks = ticks.map(|tick| (tick, name(tick))).collect();
        Scale { kind: Kind::Linear, low: first * step, high: last * step, ticks }
    }

    /// Over times or counts exactly as given, without room at the ends.
    pub(super) fn exact(low: f64, high: f64, name: impl Fn(f64) -> String) -> Scale {
        let wide = Scale::linear(low, high, name);
        let ticks = wide.ticks.into_iter().filter(|(tick, _)| (low..=high).contains(tick));
        Scale { kind: Kind::Linear, low, high, ticks: ticks.collect() }
    }

    /// Logarithmic, from the tick at or below `low` to the one at or above `high`.
    pub(super) fn log(low: f64, high: f64, name: impl Fn(f64) -> String) -> Scale {
        let (low, high) = (below(low), above(high).max(below(low) * 2.0));
        let ticks = log_ticks(low, high);
        let ticks = ticks.into_iter().map(|tick| (tick, name(tick))).collect();
        Scale { kind: Kind::Log, low, high, ticks }
    }

    /// As [`Scale::log`], with a place for zero before it.
    pub(super) fn log_and_zero(low: f64, high: f64, name: impl Fn(f64) -> String) -> Scale {
        let log = Scale::log(low, high, &name);
        let ticks = std::iter::once((0.0, name(0.0))).chain(log.ticks).collect();
        Scale { kind: Kind::LogAndZero, ticks, ..log }
    }

    /// Percentiles from 0 to this one, spread by their nines.
    pub(super) fn nines(highest: f64) -> Scale {
        let marks = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999];
        let ticks = marks.into_iter().filter(|mark| *mark <= highest + 1e-9);
        let ticks: Vec<_> = ticks.map(|mark| (mark, format!("{mark}"))).collect();
        Scale { kind: Kind::Nines, low: 0.0, high: highest.max(50.0), ticks }
    }

    /// Shares from `low` to 1, spread by their nines as far as the nines of `high`; 1 itself is
    /// beyond a break.
    pub(super) fn nines_and_all(low: f64, high: f64, name: impl Fn(f64) -> String) -> Scale {
        let marks = [0.0, 0.5, 0.9, 0.99, 0.999, 0.999_9, 0.999_99, 0.999_999];
        let low = marks.into_iter().rev().find(|mark| *mark <= low).unwrap_or(0.0);
        let high = marks.into_iter().find(|mark| *mark >= high.max(0.9)).unwrap_or(0.999_999);
        let inside = marks.into_iter().filter(|mark| (low..=high).contains(mark)).chain([1.0]);
        let ticks = inside.map(|mark| (mark, name(mark))).collect();
        Scale { kind: Kind::NinesAndAll, low, high, ticks }
    }

    /// The place of a value, from 0 to 1; what is outside is at the end.
    pub(super) fn place(&self, value: f64) -> f64 {
        let place = match self.kind {
            Kind::Linear => (value - self.low) / (self.high - self.low),
            Kind::Log => self.log_place(value),
            Kind::LogAndZero if value <= 0.0 => ZERO_SLOT / 2.0,
            Kind::LogAndZero => ZERO_SLOT + (1.0 - ZERO_SLOT) * self.log_place(value).max(0.0),
            Kind::Nines => nines(value) / nines(self.high),
            Kind::NinesAndAll if value >= 1.0 => 1.0,
            Kind::NinesAndAll => {
                let nines = |share: f64| nines(share * 100.0);
                let span = (nines(self.high) - nines(self.low)).max(f64::MIN_POSITIVE);
                (1.0 - ZERO_SLOT) * ((nines(value) - nines(self.low)) / span).min(1.0)
            }
        };
        if place.is_nan() { 0.0 } else { place.clamp(0.0, 1.0) }
    }

    fn log_place(&self, value: f64) -> f64 {
        if value <= 0.0 {
            return 0.0;
        }
        libm::log(value / self.low) / libm::log(self.high / self.low)
    }

    /// Where something is left out, if it is: between the place for zero, or for all, and the
    /// rest.
    pub(super) fn broken_at(&self) -> Option<f64> {
        match self.kind {
            Kind::LogAndZero => Some(ZERO_SLOT * 0.8),
            Kind::NinesAndAll => Some(1.0 - ZERO_SLOT * 0.5),
            _ => None,
        }
    }

    /// The ticks that get a label, given each label's extent on the page: both ends, and between
    /// them as many as there is room for: all, or powers of ten, or each second power, and so on.
    pub(super) fn labelled(&self, extent: impl Fn(f64, &str) -> (f64, f64)) -> Vec<usize> {
        let extents: Vec<(f64, f64)> =
            self.ticks.iter().map(|(value, name)| extent(*value, name)).collect();
        let is_apart = |one: usize, other: usize| {
            let (a, b) = (extents[one], extents[other]);
            a.1 < b.0 || b.1 < a.0
        };
        let free = |kept: &[usize], it: usize| kept.iter().all(|other| is_apart(*other, it));
        let mut ends = Vec::new();
        // Where there is room for one, the last tells more than the first, which may be nothing.
        for end in [self.ticks.len().saturating_sub(1), 0] {
            if end < self.ticks.len() && !self.ticks[end].1.is_empty() && free(&ends, end) {
                ends.push(end);
            }
        }
        for step in 1..=self.ticks.len().max(1) {
            for only_powers in [false, true] {
                let mut kept = ends.clone();
                let mut all = true;
                for it in self.inner(only_powers && self.is_logarithmic(), step) {
                    // Next to an end is too near for a tick of its own, and no loss.
                    if !free(&ends, it) {
                        continue;
                    }
                    all &= free(&kept, it);
                    kept.push(it);
                }
                if all {
                    kept.sort_unstable();
                    return kept;
                }
            }
        }
        ends
    }

    fn is_logarithmic(&self) -> bool {
        matches!(self.kind, Kind::Log | Kind::LogAndZero)
    }

    /// Each so-many-th of the ticks that have a name and are not at an end.
    fn inner(&self, only_powers: bool, step: usize) -> Vec<usize> {
        let inner = 1..self.ticks.len().saturating_sub(1);
        let is_power = |value: f64| (value / power(decade(value)) - 1.0).abs() < 1e-6;
        let named = inner.filter(|index| {
            let (value, name) = &self.ticks[*index];
            !name.is_empty() && (!only_powers || is_power(*value))
        });
        named.step_by(step).collect()
    }

    /// The least value with a place of its own.
    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// The largest.
    pub(super) fn high(&self) -> f64 {
        self.high
    }
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        from + (self.place(*value) * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.iter().map(|(value, _)| *value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

/// How many nines a percentile has: 0 at 0, 1 at 90, 2 at 99.
fn nines(percentile: f64) -> f64 {
    -libm::log10((1.0 - percentile / 100.0).max(1e-9))
}

/// 10 to this power.
fn power(exponent: i32) -> f64 {
    // Reading it back gives the nearest number, on every platform.
    format!("1e{exponent}").parse().unwrap_or(f64::INFINITY)
}

/// The exponent of the power of ten at or below a value.
fn decade(value: f64) -> i32 {
    let value = if value.is_finite() { value.clamp(1e-12, 1e15) } else { 1.0 };
    let text = format!("{value:e}");
    text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

/// The least of 1, 2 and 5 times a power of ten that is at least this.
fn nice(value: f64) -> f64 {
    let unit = power(decade(value));
    let multiple = [1.0, 2.0, 5.0, 10.0].into_iter().find(|it| it * unit >= value * (1.0 - 1e-9));
    multiple.unwrap_or(10.0) * unit
}

fn above(value: f64) -> f64 {
    nice(value.max(1e-12))
}

fn below(value: f64) -> f64 {
    let unit = power(decade(value));
    let multiple = [5.0, 2.0, 1.0].into_iter().find(|it| it * unit <= value * (1.0 + 1e-9));
    multiple.unwrap_or(1.0) * unit
}

/// The ticks between two of them: each of 1, 2 and 5, or over many decades powers of ten between
/// the ends.
fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    let (first, last) = (decade(low), decade(high));
    let multiples: &[f64] = if last - first <= 4 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let powers = (first..=last).map(power);
    let ticks = powers.flat_map(|unit| multiples.iter().map(move |multiple| multiple * unit));
    let inner = ticks.filter(|tick| *tick > low * (1.0 + 1e-9) && *tick < high * (1.0 - 1e-9));
    [low].into_iter().chain(inner).chain([high]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(scale: &Scale) -> Vec<f64> {
        scale.ticks.iter().map(|(value, _)| *value).collect()
    }

    #[test]
    fn ticks_are_one_two_and_five() {
        let name = |value: f64| value.to_string();
        assert_eq!(values(&Scale::log(1.3, 37.0, name)), [1.0, 2.0, 5.0, 10.0, 20.0, 50.0]);
        let wide = values(&Scale::log(0.002, 900.0, name));
        assert_eq!(wide, [0.002, 0.01, 0.1, 1.0, 10.0, 100.0, 1_000.0]);
        assert_eq!(values(&Scale::linear(0.0, 0.9, name)).last(), Some(&1.0));
        assert_eq!(values(&Scale::exact(10.0, 43.0, name)), [10.0, 20.0, 30.0, 40.0]);
        assert_eq!(values(&Scale::log_and_zero(1.0, 10.0, name))[..2], [0.0, 1.0]);
        assert_eq!(values(&Scale::nines(99.95)), [0.0, 50.0, 90.0, 99.0, 99.9]);
    }

    #[test]
    fn every_value_has_a_place_on_every_scale() {
        let name = |value: f64| value.to_string();
        let scales = [
            Scale::linear(0.0, 0.0, name),
            Scale::log(0.0, 0.0, name),
            Scale::log(1e-300, f64::INFINITY, name),
            Scale::log_and_zero(5.0, 5.0, name),
            Scale::exact(3.0, 3.0, name),
            Scale::nines(0.0),
            Scale::nines_and_all(0.3, 0.999_5, name),
            Scale::nines_and_all(1.0, 1.0, name),
        ];
        for scale in scales {
            for value in [-1.0, 0.0, 1e-300, 3.0, 1e300, f64::NAN, f64::INFINITY] {
                let place = scale.place(value);
                assert!((0.0..=1.0).contains(&place), "{value} on {scale:?}: {place}");
            }
        }
    }

    #[test]
    fn labelled_ticks_keep_the_ends_and_are_regular_between() {
        let scale = Scale::log_and_zero(5.0, 100_000.0, |value| value.to_string());
        let named = |half: f64| -> Vec<f64> {
            let extent = |value: f64, _: &str| {
                let middle = scale.place(value) * 1_000.0;
                (middle - half, middle + half)
            };
            scale.labelled(extent).into_iter().map(|index| scale.ticks[index].0).collect()
        };
        let all = [0.0, 5.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0];
        assert_eq!(named(1.0), all);
        assert_eq!(named(50.0), [0.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0]);
        assert_eq!(named(600.0), [100_000.0]);
    }

    #[test]
    fn a_share_of_all_is_beyond_a_break() {
        let scale = Scale::nines_and_all(0.95, 0.999_5, |share| share.to_string());
        let ticks: Vec<f64> = scale.ticks.iter().map(|tick| tick.0).collect();
        assert_eq!(ticks, [0.9, 0.99, 0.999, 0.999_9, 1.0]);
        assert!(scale.place(0.999_9) < 0.9 && scale.place(1.0) == 1.0);
    }

    #[test]
    fn nines_are_evenly_spaced_and_zero_has_a_place_of_its_own() {
        let scale = Scale::nines(99.99);
        assert!((scale.place(90.0) - 0.25).abs() < 1e-9);
        assert!((scale.place(99.9) - 0.75).abs() < 1e-9);
        let scale = Scale::log_and_zero(1.0, 100.0, |value| value.to_string());
        assert!(scale.place(0.0) < scale.place(1.0) && scale.place(1.0) == ZERO_SLOT);
    }
}
