//! Distributions of lengths of time, latencies and ages alike, and their percentiles.

use hdrhistogram::Histogram;

use crate::time::Span;

/// Latencies of one kind of request, in nanoseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Latencies {
    /// The distribution, to three significant digits.
    pub histogram: Histogram<u64>,
    /// The exact sum.
    pub sum_ns: u128,
    /// The exact largest.
    pub max_ns: u64,
}

/// Histograms count up to this, 292 years: more than a warm-up and a duration together, each of
/// which a scenario accepts up to a hundred years.
const HISTOGRAM_MAX_NS: u64 = (1 << 63) - 1;

impl Latencies {
    /// No latencies.
    pub fn new() -> Latencies {
        let histogram = Histogram::new_with_bounds(1, HISTOGRAM_MAX_NS, 3);
        let histogram = histogram.expect("three digits are within bounds");
        Latencies { histogram, sum_ns: 0, max_ns: 0 }
    }

    /// Adds one.
    #[inline]
    pub fn record(&mut self, length: Span) {
        self.histogram.saturating_record(length.0);
        self.sum_ns += u128::from(length.0);
        self.max_ns = self.max_ns.max(length.0);
    }

    /// Adds all of another's.
    pub fn add(&mut self, other: &Latencies) {
        self.histogram.add(&other.histogram).expect("of the same bounds");
        self.sum_ns += other.sum_ns;
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    /// A percentile in nanoseconds, or none if too few samples lie beyond it.
    pub fn percentile_ns(&self, percentile: Percentile) -> Option<u64> {
        percentile.is_sound(self.histogram.len()).then(|| {
            let quantile = f64::from(percentile.0) / f64::from(Percentile::WHOLE);
            // The histogram answers with the upper end of a bucket.
            self.histogram.value_at_quantile(quantile).min(self.max_ns)
        })
    }
}

/// A percentile, in thousandths of a percent: integers, since 100 · (1 - 0.9) is not 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentile(pub u32);

impl Percentile {
    /// A hundred percent.
    pub const WHOLE: u32 = 100_000;
    /// A percentile needs this many samples beyond it to be more than an anecdote.
    const SAMPLES_BEYOND: u64 = 10;

    /// Whether this many samples are enough to tell it.
    pub fn is_sound(self, samples: u64) -> bool {
        let beyond = u128::from(samples) * u128::from(Percentile::WHOLE - self.0);
        beyond >= u128::from(Percentile::SAMPLES_BEYOND) * u128::from(Percentile::WHOLE)
    }

    /// As a number from 0 to 100.
    pub fn as_percent(self) -> f64 {
        f64::from(self.0) / 1e3
    }
}

impl Default for Latencies {
    fn default() -> Latencies {
        Latencies::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_scenario_fits_into_a_histogram() {
        const YEAR_S: u64 = 365 * 86_400;
        let mut ages = Latencies::new();
        for years in [1, 100, 200] {
            ages.record(Span::from_secs(years * YEAR_S));
        }
        let largest = ages.histogram.max() as f64 / 1e9 / YEAR_S as f64;
        assert!((199.8..200.2).contains(&largest), "{largest} years");
    }

    #[test]
    fn a_percentile_needs_ten_samples_beyond_it() {
        let cases = [(50_000, 20), (90_000, 100), (99_000, 1_000), (99_999, 1_000_000)];
        for (percentile, least) in cases {
            assert!(Percentile(percentile).is_sound(least), "{percentile}");
            assert!(!Percentile(percentile).is_sound(least - 1), "{percentile}");
        }
        assert!(!Percentile(100_000).is_sound(u64::MAX));
    }

    #[test]
    fn no_percentile_is_above_the_largest() {
        let mut latencies = Latencies::new();
        (0..100).for_each(|_| latencies.record(Span(8_391_000)));
        for percentile in [50_000, 90_000] {
            assert_eq!(latencies.percentile_ns(Percentile(percentile)), Some(8_391_000));
        }
        assert_eq!(latencies.percentile_ns(Percentile(99_000)), None);
    }
}
