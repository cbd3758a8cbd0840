//! What several replications together say: means, intervals, paired differences, verdicts.
//!
//! Replications are independent runs, so their spread measures the uncertainty, whatever the
//! correlation within a run. Sums are taken in the order of the replications: the same runs give
//! the same last bit, however many threads computed them.

use super::interval::Values;
use super::student::student_t_quantile;
use super::summary::{Estimate, Source, VerdictOutcome};

/// The probability below the upper end of a two-sided 95 % interval.
pub(super) const UPPER: f64 = 0.975;

/// The mean over the replications that have a value, with Student's 95 % interval if there are at
/// least two of them: see [`Values::interval`]. None if none has a value.
///
/// If all values are the least or the most that is possible, there is no spread to measure, and no
/// interval: that something was not seen is no certainty.
pub fn estimate(values: &[Option<f64>], possible: Values) -> Option<Estimate> {
    let values: Vec<f64> = values.iter().copied().flatten().collect();
    if values.is_empty() {
        return None;
    }
    let (mean, error) = mean_and_standard_error(&values);
    let freedom = u32::try_from(values.len() - 1).unwrap_or(u32::MAX);
    let error = error.filter(|_| !possible.ends_at(mean));
    let ci95 = error.map(|it| possible.interval(mean, student_t_quantile(UPPER, freedom) * it));
    let replications = freedom.saturating_add(1);
    Some(Estimate { mean, ci95, replications, source: Source::Replications, zero_bound: None })
}

/// The mean of independent values, and its standard error if there are at least two of them.
pub(crate) fn mean_and_standard_error(values: &[f64]) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, (values.len() > 1).then(|| (squares / (n - 1.0) / n).sqrt()))
}

/// [`estimate`] for a ratio of events to trials. If no replication saw an event, there is no spread
/// to measure, and the estimate has the bound 3/n instead of an interval, n being the trials of
/// all replications together. If every trial was an event, the interval begins at 1 - 3/n.
///
/// 3/n bounds a probability at 95 % when trials are independent (the "rule of three": J. A. Hanley
/// and A. Lippman-Hand, JAMA 249(13), 1983). Events that come in bursts need more trials.
pub fn estimate_ratio(values: &[Option<f64>], trials: u64) -> Option<Estimate> {
    let found = estimate(values, Values::Share)?;
    Some(found.bounded_if_certain(trials))
}

/// [`estimate`] for a count of events among trials. If no replication saw one, the estimate has
/// the bound of [`estimate_ratio`], times the trials of a replication.
pub fn estimate_count(values: &[Option<f64>], trials: u64) -> Option<Estimate> {
    let found = estimate(values, Values::Positive)?;
    let bound = unseen_at_most(trials) / f64::from(found.replications);
    Some(found.bounded_if_unseen(trials > 0, bound))
}

/// [`estimate`] for events per second. If none was seen in all these seconds, the estimate has the
/// bound 3 per so many seconds: the rule of three for a Poisson process.
pub fn estimate_rate(values: &[Option<f64>], seconds: f64) -> Option<Estimate> {
    let found = estimate(values, Values::Positive)?;
    Some(found.bounded_if_unseen(seconds > 0.0, 3.0 / seconds))
}

/// Of so many trials without an event, how many may have been expected to be one.
fn unseen_at_most(trials: u64) -> f64 {
    (trials as f64).min(3.0)
}

/// The estimate of `values - baseline`, over the replications in which both have a value.
///
/// Replications are paired by their index: with common random numbers they met the same load, and
/// the interval of the difference is narrower than those of its two sides.
pub fn difference(values: &[Option<f64>], baseline: &[Option<f64>]) -> Option<Estimate> {
    let pairs = values.iter().zip(baseline);
    let differences: Vec<Option<f64>> =
        pairs.map(|(value, base)| Some((*value)? - (*base)?)).collect();
    estimate(&differences, Values::Any)
}

/// Wilson's 95 % interval of a probability, from the share of `n` independent trials that were
/// events (E. B. Wilson, JASA 22(158), 1927). Never empty, not even at 0 and 1.
pub fn wilson(share: f64, n: f64) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    let z2 = Z * Z / n;
    let middle = (share + z2 / 2.0) / (1.0 + z2);
    let half = Z * (share * (1.0 - share) / n + z2 / (4.0 * n)).max(0.0).sqrt() / (1.0 + z2);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// Whether a metric is between `min` and `max`, as far as the estimate can tell. A missing bound
/// always holds.
pub fn verdict(estimate: Option<&Estimate>, min: Option<f64>, max: Option<f64>) -> VerdictOutcome {
    // One run without batches says what happened, and not how much of it was chance.
    let is_known = |it: &Estimate| it.ci95.is_some() || it.zero_bound.is_some();
    let Some(estimate) = estimate.filter(|it| is_known(it) || it.replications > 1) else {
        return VerdictOutcome::Inconclusive;
    };
    let (low, high) = estimate.interval();
    let min = min.unwrap_or(f64::NEG_INFINITY);
    let max = max.unwrap_or(f64::INFINITY);
    // Replications that agree do not say how far off they are together: no mean is a bound's own.
    if !is_known(estimate) && (low == min || high == max) {
        return VerdictOutcome::Inconclusive;
    }
    if low >= min && high <= max {
        VerdictOutcome::Held
    } else if high < min || low > max {
        VerdictOutcome::Failed
    } else {
        VerdictOutcome::Inconclusive
    }
}

impl Estimate {
    /// With an upper bound in place of the interval, if something was tried and no event seen.
    pub(super) fn bounded_if_unseen(self, tried: bool, bound: f64) -> Estimate {
        // Counts, shares and rates are never negative: their mean is zero only if all of them are.
        if self.mean != 0.0 || !tried {
            return self;
        }
        Estimate { ci95: None, zero_bound: Some(bound), source: Source::RuleOfThree, ..self }
    }

    /// A share with a bound in place of the interval, if none or all of these trials were events.
    pub(super) fn bounded_if_certain(self, trials: u64) -> Estimate {
        let bound = unseen_at_most(trials) / trials as f64;
        if self.mean == 1.0 && trials > 0 {
            let ci95 = Some((1.0 - bound, 1.0));
            return Estimate { ci95, source: Source::RuleOfThree, ..self };
        }
        self.bounded_if_unseen(trials > 0, bound)
    }

    /// A difference of which neither side has seen an event: each may be up to its bound.
    pub(super) fn between_unseen(self, value: Option<f64>, baseline: Option<f64>) -> Estimate {
        match value.zip(baseline) {
            Some((most, least)) => {
                Estimate { ci95: Some((-least, most)), source: Source::RuleOfThree, ..self }
            }
            None => self,
        }
    }

    /// The values that the replications leave possible, at 95 %: from 0 to the bound where not one
    /// event was seen, else the interval; with a single replication only its value.
    pub fn interval(&self) -> (f64, f64) {
        match (self.zero_bound, self.ci95) {
            (Some(bound), _) => (0.0, bound),
            (None, Some(interval)) => interval,
            (None, None) => (self.mean, self.mean),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::VerdictOutcome::{Failed, Held, Inconclusive};
    use super::*;
    use crate::random::{Streams, standard_normal};

    #[test]
    fn an_interval_is_the_textbook_one() {
        // Mean 5, standard deviation 2, n = 4: half of it is 3.182446305 · 2 / √4.
        let values =
            [Some(3.0), None, Some(5.0 - 2.0_f64.sqrt()), Some(7.0), Some(5.0 + 2.0_f64.sqrt())];
        let found = estimate(&values, Values::Any).expect("four values");
        assert_eq!((found.replications, found.zero_bound), (4, None));
        assert!((found.mean - 5.0).abs() < 1e-15);
        let (low, high) = found.ci95.expect("an interval");
        assert!((high - 5.0 - 3.182_446_305_284).abs() < 1e-11);
        assert!((low + high - 10.0).abs() < 1e-14);
    }

    #[test]
    fn wilson_is_the_textbook_one() {
        // R. G. Newcombe, Statistics in Medicine 17, 1998, table I: 81 of 263, and 0 of 20.
        let (low, high) = wilson(81.0 / 263.0, 263.0);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5, "{low} {high}");
        let (low, high) = wilson(0.0, 20.0);
        assert!(low == 0.0 && (high - 0.1611).abs() < 5e-5, "{low} {high}");
    }

    #[test]
    fn one_replication_has_no_interval_and_none_has_nothing() {
        let one = estimate(&[None, Some(2.5)], Values::Any).expect("one value");
        assert_eq!((one.mean, one.ci95, one.replications), (2.5, None, 1));
        assert_eq!(one.interval(), (2.5, 2.5));
        assert_eq!(estimate(&[None, None], Values::Any), None);
        assert_eq!(estimate(&[], Values::Any), None);
    }

    #[test]
    fn no_event_in_n_trials_is_a_bound_and_no_certainty() {
        let none_seen = estimate_ratio(&[Some(0.0), Some(0.0)], 6_000).expect("values");
        assert_eq!((none_seen.zero_bound, none_seen.ci95), (Some(0.000_5), None));
        assert_eq!(none_seen.interval(), (0.0, 0.000_5));
        let seen = estimate_ratio(&[Some(0.0), Some(0.1)], 6_000).expect("values");
        assert!(seen.zero_bound.is_none() && seen.ci95.is_some());
        let few = estimate_ratio(&[Some(0.0)], 2).expect("a value");
        assert_eq!(few.zero_bound, Some(1.0));
        assert_eq!(estimate_ratio(&[Some(0.0)], 0).expect("a value").zero_bound, None);
        assert_eq!(estimate_ratio(&[None], 10), None);
    }

    #[test]
    fn a_count_of_nothing_is_a_bound_for_each_replication() {
        let none_seen = estimate_count(&[Some(0.0); 8], 6_000).expect("values");
        assert_eq!((none_seen.zero_bound, none_seen.ci95), (Some(0.375), None));
        assert_eq!(verdict(Some(&none_seen), None, Some(0.0)), Inconclusive);
        assert_eq!(verdict(Some(&none_seen), None, Some(1.0)), Held);
        let seen = estimate_count(&[Some(0.0), Some(1.0)], 6_000).expect("values");
        assert!(seen.zero_bound.is_none() && seen.ci95.is_some());
        let two_trials = estimate_count(&[Some(0.0)], 2).expect("a value");
        assert_eq!(two_trials.zero_bound, Some(2.0));
        assert_eq!(estimate_count(&[Some(0.0)], 0).expect("a value").zero_bound, None);
    }

    #[test]
    fn all_of_n_trials_is_a_bound_and_no_certainty() {
        let all = estimate_ratio(&[Some(1.0), Some(1.0)], 6_000).expect("values");
        assert_eq!((all.zero_bound, all.ci95), (None, Some((0.999_5, 1.0))));
        assert_eq!(verdict(Some(&all), Some(1.0), None), Inconclusive);
        let few = estimate_ratio(&[Some(1.0)], 2).expect("a value");
        assert_eq!(few.ci95, Some((0.0, 1.0)));
    }

    #[test]
    fn a_rate_of_nothing_is_a_bound_for_all_the_time() {
        let none_seen = estimate_rate(&[Some(0.0); 8], 240.0).expect("values");
        assert_eq!((none_seen.zero_bound, none_seen.ci95), (Some(0.012_5), None));
        let seen = estimate_rate(&[Some(0.0), Some(0.1)], 60.0).expect("values");
        assert!(seen.zero_bound.is_none() && seen.ci95.is_some());
        assert_eq!(estimate_rate(&[Some(0.0)], 0.0).expect("a value").zero_bound, None);
    }

    #[test]
    fn zeros_without_a_bound_have_no_interval_either() {
        let waits = estimate(&[Some(0.0); 8], Values::Positive).expect("values");
        assert_eq!((waits.ci95, waits.interval()), (None, (0.0, 0.0)));
        // Not one wait in so many is no proof that there are none.
        let never = verdict(Some(&waits), None, Some(0.0));
        assert_eq!(never, VerdictOutcome::Inconclusive);
        assert_eq!(verdict(Some(&waits), None, Some(0.1)), VerdictOutcome::Held);
        assert_eq!(verdict(Some(&waits), Some(0.1), None), VerdictOutcome::Failed);
    }

    #[test]
    fn a_difference_of_two_zeros_is_as_wide_as_their_bounds() {
        let zeros = difference(&[Some(0.0); 4], &[Some(0.0); 4]).expect("pairs");
        let bounded = zeros.between_unseen(Some(0.003), Some(0.001));
        assert_eq!((bounded.mean, bounded.ci95), (0.0, Some((-0.001, 0.003))));
        assert_eq!(zeros.between_unseen(Some(0.003), None), zeros);
    }

    #[test]
    fn differences_are_paired_by_replication() {
        let values = [Some(11.0), Some(21.0), None, Some(41.0)];
        let baseline = [Some(10.0), Some(20.0), Some(30.0), Some(40.0)];
        let found = difference(&values, &baseline).expect("three pairs");
        assert_eq!((found.mean, found.ci95, found.replications), (1.0, Some((1.0, 1.0)), 3));
        assert_eq!(difference(&[Some(1.0), None], &[None, Some(1.0)]), None);
    }

    #[test]
    fn a_verdict_needs_the_whole_interval() {
        let with = |low, high| Estimate {
            mean: 0.5 * (low + high),
            ci95: Some((low, high)),
            replications: 8,
            source: Source::Replications,
            zero_bound: None,
        };
        let cases = [
            ((0.2, 0.3), Some(0.1), Some(0.4), Held),
            ((0.2, 0.3), Some(0.2), Some(0.3), Held),
            ((0.2, 0.3), Some(0.31), None, Failed),
            ((0.2, 0.3), None, Some(0.19), Failed),
            ((0.2, 0.3), Some(0.25), None, Inconclusive),
            ((0.2, 0.3), None, Some(0.25), Inconclusive),
            ((0.2, 0.3), None, None, Held),
            ((f64::NAN, f64::NAN), Some(0.0), None, Inconclusive),
        ];
        for ((low, high), min, max, expected) in cases {
            assert_eq!(
                verdict(Some(&with(low, high)), min, max),
                expected,
                "{low} {min:?} {max:?}"
            );
        }
        assert_eq!(verdict(None, None, Some(1.0)), Inconclusive);
    }

    #[test]
    fn a_verdict_on_nothing_seen_uses_the_bound() {
        let unseen = estimate_ratio(&[Some(0.0); 4], 3_000).expect("values");
        assert_eq!(verdict(Some(&unseen), None, Some(0.01)), Held);
        assert_eq!(verdict(Some(&unseen), None, Some(0.0)), Inconclusive);
        assert_eq!(verdict(Some(&unseen), Some(0.01), None), Failed);
        assert_eq!(verdict(Some(&unseen), Some(0.000_1), None), Inconclusive);
    }

    #[test]
    fn a_single_value_does_not_say_how_much_of_it_is_chance() {
        let one = estimate(&[Some(0.3)], Values::Share).expect("a value");
        assert_eq!(verdict(Some(&one), Some(0.2), Some(0.4)), Inconclusive);
        assert_eq!(verdict(Some(&one), Some(0.31), None), Inconclusive);
    }

    #[test]
    fn nineteen_intervals_in_twenty_cover_the_truth() {
        let mut rng = Streams::new(1).stream("test");
        for replications in [2, 3, 8] {
            let trials = 10_000;
            let covered = (0..trials).filter(|_| {
                let values: Vec<_> = (0..replications)
                    .map(|_| Some(7.0 + 3.0 * standard_normal(&mut rng)))
                    .collect();
                let (low, high) = estimate(&values, Values::Any).expect("values").interval();
                low <= 7.0 && 7.0 <= high
            });
            let share = covered.count() as f64 / f64::from(trials);
            assert!((share - 0.95).abs() < 0.01, "{share} with {replications} replications");
        }
    }

    proptest! {
        #[test]
        fn an_estimate_lies_within_its_interval(
            values in prop::collection::vec(prop::option::of(-1e6_f64..1e6), 0..12),
        ) {
            if let Some(found) = estimate(&values, Values::Any) {
                let (low, high) = found.interval();
                prop_assert!(low <= found.mean && found.mean <= high);
                prop_assert_eq!(found.replications as usize, values.iter().flatten().count());
            }
        }
    }
}
