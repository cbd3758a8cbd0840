//! An interval from a single run: means of batches of its time.
//!
//! A run that cannot be repeated, as a recorded trace, still has parts. Its window is cut into
//! buckets of time, and those into 20 batches, or fewer if neighbouring batches still resemble
//! each other; their spread is the uncertainty. B. Schmeiser, "Batch size effects in the analysis
//! of simulation output", Operations Research 30(3), 1982: more than 30 batches gain nothing, and
//! fewer than 10 lose much. What resemblance is left is allowed for as in A. Tafazzoli et al.,
//! "Skart: a skewness- and autoregression-adjusted batch-means procedure for simulation analysis",
//! IIE Transactions 43(2), 2011.
//!
//! Not told: resemblance over more than a tenth of the window. In series whose correlations fall
//! off geometrically the intervals cover 92 % and more while the window is at least 13 times as
//! long as the time they sum up to, and 87 % at 6 times (simulated for this crate).

use super::correlation::{inflation, lag_one};
use super::estimate::UPPER;
use super::interval::Values;
use super::student::student_t_quantile;
use super::summary::{Estimate, Source};

/// So many batches are tried, one after the other.
const BATCHES: [usize; 4] = [20, 16, 13, 10];

/// Neighbouring batches may be correlated up to this.
const CORRELATION_MOST: f64 = 0.5;

/// How far a mean may be off, and of how many batches that was told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FromBatches {
    pub(super) half: f64,
    pub(super) batches: u32,
}

/// What each bucket adds to the error of a ratio of two sums, of which it has these parts. None if
/// the ratio is of nothing.
///
/// To first order, the ratio of sums is off by the mean of (y - r x) / mean x: W. G. Cochran,
/// "Sampling Techniques", 3rd ed., Wiley 1977, section 6.
pub(super) fn residuals(parts: &[(f64, f64)]) -> Option<Vec<f64>> {
    let sum = |of: fn(&(f64, f64)) -> f64| parts.iter().map(of).sum::<f64>();
    let (amount, of) = (sum(|part| part.0), sum(|part| part.1));
    let (ratio, mean_of) = (amount / of, of / parts.len() as f64);
    (of > 0.0).then(|| parts.iter().map(|part| (part.0 - ratio * part.1) / mean_of).collect())
}

impl Estimate {
    /// With an interval from batches, if it has neither one nor a bound, and there are any.
    pub(super) fn or_batches(
        self,
        possible: Values,
        found: impl FnOnce() -> Option<FromBatches>,
    ) -> Estimate {
        if self.ci95.is_some() || self.zero_bound.is_some() || possible.ends_at(self.mean) {
            return self;
        }
        found().map_or(self, |FromBatches { half, batches }| {
            let ci95 = Some(possible.interval(self.mean, half));
            Estimate { ci95, source: Source::Batches(batches), ..self }
        })
    }
}

/// The spread of a mean with these residuals, whose own mean is zero. None if there are too few of
/// them, or they resemble each other for too long.
pub(super) fn spread(residuals: &[f64]) -> Option<FromBatches> {
    let fitting = BATCHES.into_iter().filter(|batches| residuals.len() >= 2 * batches);
    fitting.map(|batches| grouped(residuals, batches)).find_map(|batches| of_batches(&batches))
}

/// Sums of as many successive residuals as are in a batch.
fn grouped(residuals: &[f64], batches: usize) -> Vec<f64> {
    let boundary = |batch: usize| batch * residuals.len() / batches;
    let sum = |batch| residuals[boundary(batch)..boundary(batch + 1)].iter().sum();
    // A batch has its share of the mean.
    let share = batches as f64 / residuals.len() as f64;
    (0..batches).map(sum).map(|sum: f64| sum * share).collect()
}

fn of_batches(means: &[f64]) -> Option<FromBatches> {
    let correlation = lag_one(means);
    let (n, freedom) = (means.len() as f64, means.len() as u32 - 1);
    let squares: f64 = means.iter().map(|mean| mean * mean).sum();
    let variance = squares / f64::from(freedom) / n * inflation(correlation);
    let half = student_t_quantile(UPPER, freedom) * variance.sqrt();
    (correlation <= CORRELATION_MOST).then_some(FromBatches { half, batches: freedom + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Streams, standard_normal};

    #[test]
    fn residuals_add_up_to_nothing_and_weigh_by_size() {
        let parts = [(1.0, 10.0), (3.0, 10.0), (5.0, 20.0), (0.0, 0.0)];
        let found = residuals(&parts).expect("something was tried");
        assert!(found.iter().sum::<f64>().abs() < 1e-12);
        // 9 of 40; ten each on average.
        assert!((found[0] - (1.0 - 2.25) / 10.0).abs() < 1e-12, "{found:?}");
        assert_eq!(residuals(&[(0.0, 0.0); 40]), None);
    }

    #[test]
    fn twenty_batches_are_the_textbook_ones() {
        // Alternating batches of three: mean 0, variance 1 · 20 / 19, and t is 2.093.
        let series: Vec<f64> =
            (0..60).map(|number| if number / 3 % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let found = spread(&series).expect("long enough");
        assert_eq!(found.batches, 20);
        assert!((found.half - 2.093_024_054 / 19.0_f64.sqrt()).abs() < 1e-8, "{found:?}");
    }

    #[test]
    fn few_buckets_are_too_few_and_a_trend_is_none_of_chance() {
        assert_eq!(spread(&[1.0, -1.0].repeat(9)), None);
        assert_eq!(spread(&[1.0, -1.0].repeat(10)).map(|found| found.batches), Some(10));
        let trend: Vec<f64> = (0..120).map(|number| f64::from(number) - 59.5).collect();
        assert_eq!(spread(&trend), None);
        assert_eq!(spread(&[0.0; 120]).map(|found| found.half), Some(0.0));
    }

    /// Of so many series of 120 buckets around 1, the share that has an interval, and the share of
    /// those that covers 1.
    fn coverage(correlation: f64, many: u32) -> (f64, f64) {
        let mut rng = Streams::new(7).stream("test");
        let (mut given, mut covered) = (0.0, 0.0);
        for _ in 0..many {
            let mut level = standard_normal(&mut rng);
            let mut part = || {
                let fresh = (1.0 - correlation * correlation).sqrt() * standard_normal(&mut rng);
                level = correlation * level + fresh;
                (10.0 + level, 10.0)
            };
            let parts: Vec<(f64, f64)> = (0..120).map(|_| part()).collect();
            let mean = parts.iter().map(|part| part.0).sum::<f64>() / 1_200.0;
            let found = residuals(&parts).and_then(|residuals| spread(&residuals));
            if let Some(found) = found {
                let (low, high) = Values::Positive.interval(mean, found.half);
                given += 1.0;
                covered += f64::from(u32::from(low <= 1.0 && 1.0 <= high));
            }
        }
        (given / f64::from(many), covered / given)
    }

    #[test]
    fn batches_cover_the_mean_of_a_correlated_series() {
        for (correlation, least_given) in [(0.0, 0.99), (0.5, 0.98), (0.8, 0.85)] {
            let (given, covered) = coverage(correlation, 4_000);
            assert!(given > least_given, "{given} at {correlation}");
            assert!((0.92..0.97).contains(&covered), "{covered} at {correlation}");
        }
    }
}
