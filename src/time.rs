//! Virtual time: unsigned 64-bit nanoseconds since the start of a run.
//!
//! There is no wall clock here, and no arithmetic on floats: times compare and add exactly.

use std::fmt;
use std::ops::{Add, Sub};

/// Nanoseconds in one second.
pub const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant of virtual time, in nanoseconds since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

/// A length of virtual time, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

impl Time {
    /// The start of the run.
    pub const ZERO: Time = Time(0);
    /// An instant that is never reached: "does not expire".
    pub const NEVER: Time = Time(u64::MAX);

    /// The time since `earlier`, zero if `earlier` is later.
    #[inline]
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// Longer than any run: the TTL of an entry that does not expire.
    pub const FOREVER: Span = Span(u64::MAX);

    /// A span of whole seconds.
    pub const fn from_secs(seconds: u64) -> Span {
        Span(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// A span of whole milliseconds.
    pub const fn from_millis(millis: u64) -> Span {
        Span(millis.saturating_mul(1_000_000))
    }

    /// A span of whole microseconds.
    pub const fn from_micros(micros: u64) -> Span {
        Span(micros.saturating_mul(1_000))
    }

    /// From a second upwards, the nearest whole number of milliseconds: to be read, not computed
    /// with. Traces end a nanosecond after their last record.
    pub const fn rounded(self) -> Span {
        const MILLI: u64 = 1_000_000;
        if self.0 < NANOS_PER_SECOND || self.0 == u64::MAX {
            return self;
        }
        Span(self.0.saturating_add(MILLI / 2) / MILLI * MILLI)
    }

    /// This span in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }
}

impl Add<Span> for Time {
    type Output = Time;
    /// Saturates: an instant past the end of time is [`Time::NEVER`].
    #[inline]
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Add for Span {
    type Output = Span;
    /// Saturates at [`Span::FOREVER`].
    #[inline]
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub for Time {
    type Output = Span;
    /// Saturates at zero.
    #[inline]
    fn sub(self, earlier: Time) -> Span {
        self.since(earlier)
    }
}

impl fmt::Display for Span {
    /// The shortest exact form with one unit: `250us`, `1500ms`, `60s`, `forever`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 5] = [
            (3600 * NANOS_PER_SECOND, "h"),
            (60 * NANOS_PER_SECOND, "min"),
            (NANOS_PER_SECOND, "s"),
            (1_000_000, "ms"),
            (1_000, "us"),
        ];
        if *self == Span::FOREVER {
            return f.pad("forever");
        }
        for (nanos, unit) in UNITS {
            // 60 s reads better than 1 min: a unit is used from two of it upwards, or for hours.
            let least = if unit == "min" { 2 } else { 1 };
            if self.0 >= nanos * least && self.0.is_multiple_of(nanos) {
                return f.pad(&format!("{}{unit}", self.0 / nanos));
            }
        }
        f.pad(&format!("{}ns", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_print_in_their_largest_exact_unit() {
        let cases = [
            (Span::from_secs(86_400), "24h"),
            (Span::from_secs(60), "60s"),
            (Span::from_secs(120), "2min"),
            (Span::from_millis(1500), "1500ms"),
            (Span::from_micros(250), "250us"),
            (Span(7), "7ns"),
            (Span::ZERO, "0ns"),
            (Span::FOREVER, "forever"),
        ];
        for (span, text) in cases {
            assert_eq!(span.to_string(), text);
        }
    }

    #[test]
    fn long_spans_are_rounded_to_milliseconds() {
        for (span, rounded) in [
            (Span(2_000_000_001), Span::from_secs(2)),
            (Span(2_345_678_900), Span::from_millis(2_346)),
            (Span(999_999_999), Span(999_999_999)),
            (Span::FOREVER, Span::FOREVER),
        ] {
            assert_eq!(span.rounded(), rounded);
        }
    }

    #[test]
    fn adding_past_the_end_of_time_saturates() {
        assert_eq!(Time(5) + Span::FOREVER, Time::NEVER);
        assert_eq!(Time(5) - Time(9), Span::ZERO);
    }
}
