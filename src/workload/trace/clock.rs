//! The times of a replay, in integers: recorded times are spread and divided exactly, and
//! rounded once, to a whole nanosecond.

use crate::op::Key;
use crate::time::NANOS_PER_SECOND;

/// How much faster than recorded a trace is replayed, in billionths: at least one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Speed {
    billionths: u64,
}

impl Speed {
    const SLOWEST: f64 = 1e-9;
    const FASTEST: f64 = 1e9;

    /// The speed to nine decimals; `None` if it is not from 1e-9 to 1e9. A float's product and
    /// its rounding to a whole number are exact operations of IEEE 754: the same bits everywhere.
    pub(super) fn new(speed: f64) -> Option<Speed> {
        (Speed::SLOWEST..=Speed::FASTEST)
            .contains(&speed)
            .then(|| Speed { billionths: (speed * 1e9).round() as u64 })
    }

    /// A recorded time as replayed, rounded down, so that order is kept; `None` past 584 years.
    pub(super) fn scale_down(self, recorded_ns: u64) -> Option<u64> {
        self.scale(recorded_ns, 0)
    }

    /// The same rounded up: what ends after a recorded time still does after scaling both.
    pub(super) fn scale_up(self, recorded_ns: u64) -> Option<u64> {
        self.scale(recorded_ns, u128::from(self.billionths) - 1)
    }

    fn scale(self, recorded_ns: u64, rounding: u128) -> Option<u64> {
        let billionths = u128::from(recorded_ns) * u128::from(NANOS_PER_SECOND);
        let scaled = (billionths + rounding) / u128::from(self.billionths);
        u64::try_from(scaled).ok()
    }
}

/// Like requests that follow one another: one record, expanded only as it is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Burst {
    /// When the second, or the single request, starts: since the first record, as recorded.
    pub(super) start_ns: u64,
    /// How many requests of the same second come before this burst.
    pub(super) before: u64,
    /// How many requests this is, at least one.
    pub(super) count: u64,
    /// How many requests share the second: they are spread evenly over it.
    pub(super) of: u64,
    pub(super) client: u32,
    pub(super) key: Key,
    pub(super) write: bool,
}

impl Burst {
    /// When the request after `nth` others of this burst is asked, as recorded.
    pub(super) fn at_ns(&self, nth: u64) -> u64 {
        let place = u128::from(self.before) + u128::from(nth);
        let offset = place * u128::from(NANOS_PER_SECOND) / u128::from(self.of.max(1));
        self.start_ns.saturating_add(offset as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_speed_is_exact() {
        let cases = [
            (0.1, 1_000_000_000, Some(10_000_000_000)),
            (1.1, 11_000_000_000, Some(10_000_000_000)),
            (1.0, 123_456_789, Some(123_456_789)),
            (1000.0, 999, Some(0)),
            (3.0, 10, Some(3)),
            (1e-9, u64::MAX, None),
            (1e9, u64::MAX, Some(18_446_744_073)),
        ];
        for (speed, recorded, replayed) in cases {
            let speed = Speed::new(speed).unwrap();
            assert_eq!(speed.scale_down(recorded), replayed, "{speed:?}");
        }
        assert_eq!(Speed::new(3.0).unwrap().scale_up(10), Some(4));
    }

    #[test]
    fn a_speed_out_of_range_is_none() {
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-10, 2e9] {
            assert!(Speed::new(speed).is_none(), "{speed}");
        }
    }

    #[test]
    fn requests_of_one_second_are_spread_evenly() {
        let burst = Burst {
            start_ns: 5 * NANOS_PER_SECOND,
            before: 1,
            count: 2,
            of: 3,
            client: 0,
            key: Key(0),
            write: false,
        };
        assert_eq!(burst.at_ns(0), 5_333_333_333);
        assert_eq!(burst.at_ns(1), 5_666_666_666);
    }
}
