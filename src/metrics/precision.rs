//! How many replications are enough: until an interval is as narrow as was asked for.
//!
//! Y. S. Chow and H. Robbins, "On the asymptotic theory of fixed-width sequential confidence
//! intervals for the mean", Ann. Math. Statist. 36, 1965, for an error in relation to the mean: A.
//! Nádas, Ann. Math. Statist. 40, 1969. Looking at the interval and stopping when it happens to be
//! narrow makes it cover less; how much less depends on how few replications there may be and how
//! often one looks. So there are at least [`REPLICATIONS_LEAST`] (A. M. Law, "Simulation Modeling
//! and Analysis", 5th ed., section 9.4, has the same), and one looks again only after as many as
//! the last look said are needed: intervals of nominally 95 % then cover 93 to 96 % (simulated for
//! this crate: normal, exponential, and bursts, for errors of 5, 10 and 20 %).

use super::summary::Estimate;

/// The fewest replications before an interval is judged.
pub const REPLICATIONS_LEAST: u32 = 10;

/// How well a metric shall be known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// The metric, one of [`METRICS`](super::METRICS).
    pub metric: &'static str,
    /// The farther end of its interval may be off the mean by this much of the mean.
    pub relative_error: f64,
    /// At most so many replications.
    pub max: u32,
}

impl Precision {
    /// How many replications there shall be altogether, after `done` of them gave these estimates,
    /// one per variant; none if that is enough.
    ///
    /// A variant without the metric, and one in which not one event was seen, has no relative
    /// error, and nothing to wait for.
    pub fn next(&self, done: u32, estimates: &[Option<Estimate>]) -> Option<u32> {
        let errors = estimates.iter().flatten().filter_map(relative_error);
        let worst = errors.fold(0.0, f64::max);
        if done == 0 {
            return Some(REPLICATIONS_LEAST.min(self.max));
        }
        if worst <= self.relative_error || done >= self.max {
            return None;
        }
        // Four times the replications halve an interval. At most twice as many: a spread that few
        // replications tell may be far too large.
        let times = worst / self.relative_error;
        let needed = (f64::from(done) * (times * times).min(2.0)).ceil() as u32;
        Some(needed.max(done + 1).min(self.max))
    }

    /// By how much the interval is too wide, if it is: its relative error.
    pub fn missed(&self, estimate: Option<&Estimate>) -> Option<f64> {
        estimate.and_then(relative_error).filter(|error| *error > self.relative_error)
    }
}

/// How far the farther end of an interval is off the mean, in relation to it. Infinite if there is
/// no interval yet; none if there cannot be one, since nothing was ever seen.
fn relative_error(estimate: &Estimate) -> Option<f64> {
    let Estimate { mean, ci95, zero_bound, .. } = *estimate;
    if zero_bound.is_some() || mean == 0.0 {
        return None;
    }
    let error = ci95.map(|(low, high)| (high - mean).max(mean - low) / mean.abs());
    Some(error.unwrap_or(f64::INFINITY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Values, estimate, estimate_ratio};
    use crate::random::{Streams, standard_normal, unit_exponential};
    use rand::Rng;

    const UNTIL: Precision =
        Precision { metric: "stale_read_ratio", relative_error: 0.1, max: 1_000 };

    fn with(mean: f64, half: f64) -> Option<Estimate> {
        Some(Estimate { replications: 10, ..Estimate::made_up(mean, half) })
    }

    #[test]
    fn it_stops_when_every_variant_is_known_well_enough() {
        assert_eq!(UNTIL.next(0, &[]), Some(10));
        assert_eq!(UNTIL.next(10, &[with(5.0, 0.5), with(1.0, 0.05)]), None);
        // 1.2 times too wide: 1.44 times the replications.
        assert_eq!(UNTIL.next(10, &[with(5.0, 0.5), with(1.0, 0.12)]), Some(15));
        assert_eq!(UNTIL.next(10, &[with(1.0, 0.9)]), Some(20), "at most twice as many");
        assert_eq!(UNTIL.next(100, &[with(1.0, 0.100_001)]), Some(101), "at least one more");
        assert_eq!(UNTIL.next(900, &[with(1.0, 0.5)]), Some(1_000), "at most so many");
        assert_eq!(UNTIL.next(1_000, &[with(1.0, 0.5)]), None);
        assert_eq!(Precision { max: 4, ..UNTIL }.next(0, &[]), Some(4));
    }

    #[test]
    fn what_was_never_seen_is_not_waited_for() {
        let unseen = estimate_ratio(&[Some(0.0); 10], 1_000);
        assert_eq!(UNTIL.next(10, &[None, unseen]), None);
        assert_eq!(UNTIL.next(10, &[]), None);
        let zeros = estimate(&[Some(0.0); 10], Values::Positive);
        assert_eq!(UNTIL.next(10, &[zeros]), None);
        let one_has_it = estimate(&[None, Some(3.0), None], Values::Positive);
        assert_eq!(UNTIL.next(10, &[one_has_it]), Some(20), "no interval yet");
        assert_eq!(UNTIL.missed(one_has_it.as_ref()), Some(f64::INFINITY));
        assert_eq!(UNTIL.missed(unseen.as_ref()), None);
    }

    /// The share of so many sequential experiments whose last interval covers the truth.
    fn coverage(many: u32, error: f64, truth: f64, mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let until = Precision { relative_error: error, ..UNTIL };
        let (mut covered, mut taken) = (0u32, 0usize);
        for _ in 0..many {
            let mut values: Vec<Option<f64>> = Vec::new();
            let mut found = None;
            while let Some(next) = until.next(values.len() as u32, &[found]) {
                values.resize_with(next as usize, || Some(draw()));
                found = estimate(&values, Values::Positive);
            }
            let (low, high) = found.expect("values").interval();
            covered += u32::from(low <= truth && truth <= high);
            taken += values.len();
        }
        (f64::from(covered) / f64::from(many), taken as f64 / f64::from(many))
    }

    /// The size of so many bursts as come in one replication.
    fn bursts(rng: &mut impl Rng, rate: f64) -> f64 {
        let (mut at, mut sum) = (unit_exponential(rng), 0.0);
        while at < rate {
            sum += unit_exponential(rng);
            at += unit_exponential(rng);
        }
        sum
    }

    #[test]
    fn stopping_early_costs_next_to_no_coverage() {
        let mut rng = Streams::new(1).stream("test");
        let mut normal = || 1.0 + 0.2 * standard_normal(&mut rng);
        let (covered, taken) = coverage(3_000, 0.1, 1.0, &mut normal);
        assert!((0.93..0.97).contains(&covered), "{covered} with {taken} replications");
        let (covered, taken) = coverage(3_000, 0.05, 1.0, &mut normal);
        assert!((0.93..0.97).contains(&covered), "{covered} with {taken} replications");
        let mut rng = Streams::new(2).stream("test");
        let (covered, taken) = coverage(3_000, 0.3, 3.0, || bursts(&mut rng, 3.0));
        assert!((0.93..0.97).contains(&covered), "{covered} with {taken} replications");
        let (covered, taken) = coverage(3_000, 0.2, 20.0, || bursts(&mut rng, 20.0));
        assert!((0.93..0.97).contains(&covered), "{covered} with {taken} replications");
    }
}
