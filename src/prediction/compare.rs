//! A prediction beside what was simulated.

use super::{Prediction, Says};
use crate::metrics::{
    Estimate, METRICS, Metric, VariantSummary, index, mean_and_standard_error, student_t_quantile,
};

/// By chance, a figure is farther from theory than is allowed once in two thousand: as often as a
/// normal one is 3.5 standard deviations off.
const BY_CHANCE: f64 = 4.652_6e-4;

/// So many events must be expected for not seeing one to tell anything: more than the rule of three
/// asks, since stale reads come in bursts.
pub const EVENTS_MIN: f64 = 10.0;

/// How many standard errors a mean over so many replications may be off by chance: 3.5 of very
/// many, and more of few, whose standard error is itself uncertain.
pub fn deviations_allowed(replications: u32) -> f64 {
    student_t_quantile(1.0 - 0.5 * BY_CHANCE, replications.saturating_sub(1).max(1))
}

/// What comes of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// They are as close as chance and the tolerance allow.
    Agrees,
    /// They are not.
    Differs,
    /// Theory expects too few events, or too few were seen or too few replications made to know
    /// their spread.
    TooRare,
    /// Nothing to compare: no form, no value, or a single replication.
    Nothing,
}

/// A metric with what theory says and what was simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its place in [`METRICS`].
    pub metric: usize,
    /// What theory says.
    pub says: Says,
    /// What was simulated, if it could be measured.
    pub simulated: Option<Estimate>,
    /// The standard error of its mean, with two replications or more.
    pub standard_error: Option<f64>,
    /// What comes of it.
    pub compared: Compared,
    /// Of events that were not seen, or are too few: how many theory expects in all replications
    /// together.
    pub expected: Option<f64>,
}

impl Row {
    /// The metric.
    pub fn metric(&self) -> &'static Metric {
        &METRICS[self.metric]
    }

    /// How far the simulation is from theory, in standard errors, the tolerance not taken off.
    pub fn deviation(&self) -> Option<f64> {
        let (Says::Value { value, .. }, Some(simulated)) = (&self.says, self.simulated) else {
            return None;
        };
        let error = self.standard_error.filter(|error| *error > 0.0)?;
        Some((simulated.mean - value) / error)
    }
}

/// How many late fills theory expects in all replications together, if it knows and they have a
/// steady state.
pub fn late_fills(prediction: &Prediction, summary: &VariantSummary) -> Option<f64> {
    let per_s = prediction.late_fills_per_s.filter(|_| summary.unstable.is_none())?;
    Some(per_s * prediction.window_s * summary.replications.len() as f64)
}

/// Every metric's prediction beside a variant's summary.
pub fn compare(prediction: &Prediction, summary: &VariantSummary) -> Vec<Row> {
    let late_fills = late_fills(prediction, summary);
    let rows = prediction.says.iter().enumerate().map(|(metric, says)| {
        let says = in_steady_state(says, metric, summary);
        let simulated = summary.estimates[metric];
        let standard_error = standard_error(summary, metric);
        let few = late_fills.filter(|many| *many <= EVENTS_MIN && rests_on_them(metric, &says));
        let expected = few.or_else(|| expected(&says, simulated.as_ref(), summary, metric));
        let all = (standard_error, expected);
        let compared = match compared(&METRICS[metric], &says, simulated.as_ref(), all) {
            // Few races have no spread that can be told, but much more than expected is not few.
            Compared::Agrees => rare_or(few, Compared::Agrees),
            Compared::Differs if !is_more(simulated.as_ref(), &says) => {
                rare_or(few, Compared::Differs)
            }
            other => other,
        };
        Row { metric, says, simulated, standard_error, compared, expected }
    });
    rows.collect()
}

fn rare_or(few: Option<f64>, found: Compared) -> Compared {
    if few.is_some() { Compared::TooRare } else { found }
}

/// Whether more was seen than theory says.
fn is_more(simulated: Option<&Estimate>, says: &Says) -> bool {
    matches!((simulated, says), (Some(it), Says::Value { value, .. }) if it.mean > *value)
}

/// Whether a metric counts the reads of late fills: those come in bursts, one for each fill, and
/// as many fills as are expected tell how well it can be known.
fn rests_on_them(metric: usize, says: &Says) -> bool {
    let counts = ["stale_read_ratio", "ack_stale_read_ratio", "stale_cause.late-fill"];
    let by_chain = matches!(says, Says::Value { form, .. } if form.starts_with("fills::"));
    by_chain && counts.contains(&METRICS[metric].name)
}

/// What theory says if the run has settled; nothing of one that has not, but how much was asked
/// for.
fn in_steady_state(says: &Says, metric: usize, summary: &VariantSummary) -> Says {
    let asked_for = matches!(METRICS[metric].name, "reads" | "writes");
    match says {
        Says::Value { .. } if summary.unstable.is_some() && !asked_for => {
            Says::Nothing { why: "the run fell behind: it has no steady state".to_owned() }
        }
        says => says.clone(),
    }
}

fn compared(
    metric: &Metric,
    says: &Says,
    simulated: Option<&Estimate>,
    (standard_error, expected): (Option<f64>, Option<f64>),
) -> Compared {
    let is_of_stale_reads =
        ["stale_age", "version_lag"].iter().any(|part| metric.name.starts_with(part));
    match (says, simulated, standard_error) {
        (Says::Never { .. }, Some(simulated), _) if simulated.mean > 0.0 => Compared::Differs,
        (Says::Never { .. }, _, _) => Compared::Agrees,
        (Says::Value { .. }, Some(Estimate { zero_bound: Some(_), .. }), _) => match expected {
            Some(expected) if expected > EVENTS_MIN => Compared::Differs,
            _ => Compared::TooRare,
        },
        (Says::Value { value, tolerance, .. }, Some(simulated), Some(error)) => {
            let by_chance = deviations_allowed(simulated.replications) * error;
            let allowed = by_chance + tolerance * value.abs();
            let apart = (simulated.mean - value).abs();
            // So few replications that a figure twice as large would not be told from it.
            let is_coarse = by_chance > value.abs() && by_chance > 0.0;
            match apart <= allowed {
                true if is_coarse => Compared::TooRare,
                true => Compared::Agrees,
                // Of a few stale reads, all alike, nothing tells how others are.
                false if error == 0.0 && is_of_stale_reads => Compared::TooRare,
                false => Compared::Differs,
            }
        }
        _ => Compared::Nothing,
    }
}

/// Of a share of reads that was not seen: how many such reads theory expects.
fn expected(
    says: &Says,
    simulated: Option<&Estimate>,
    summary: &VariantSummary,
    metric: usize,
) -> Option<f64> {
    let Says::Value { value, .. } = says else { return None };
    simulated?.zero_bound?;
    if METRICS[metric].unit != "ratio" {
        return None;
    }
    let reads = index("reads")?;
    let reads: f64 = summary.replications.iter().filter_map(|row| row.values[reads]).sum();
    Some(value * reads)
}

fn standard_error(summary: &VariantSummary, metric: usize) -> Option<f64> {
    let values: Vec<f64> =
        summary.replications.iter().filter_map(|row| row.values[metric]).collect();
    mean_and_standard_error(&values).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_twice_as_much_within_its_spread_tells_nothing() {
        assert_eq!(judge(0.5, 0.0, 0.5, 0.5), Compared::TooRare);
    }

    fn judge(value: f64, tolerance: f64, mean: f64, error: f64) -> Compared {
        judge_of("stale_read_ratio", (value, tolerance), (mean, error))
    }

    fn judge_of(
        metric: &str,
        (value, tolerance): (f64, f64),
        (mean, error): (f64, f64),
    ) -> Compared {
        let says = Says::Value { value, tolerance, form: "ttl::TtlOnly" };
        let simulated = Estimate {
            mean,
            ci95: None,
            replications: 8,
            source: crate::metrics::Source::Replications,
            zero_bound: None,
        };
        let metric = &METRICS[index(metric).expect("there is one")];
        compared(metric, &says, Some(&simulated), (Some(error), None))
    }

    #[test]
    fn chance_and_tolerance_are_allowed_and_no_more() {
        // With 8 replications 6.15 standard errors are as rare as 3.5 of very many.
        assert_eq!(judge(0.5, 0.0, 0.506, 0.001), Compared::Agrees);
        assert_eq!(judge(0.5, 0.0, 0.507, 0.001), Compared::Differs);
        assert_eq!(judge(0.5, 0.01, 0.507, 0.001), Compared::Agrees);
        assert_eq!(judge(0.5, 0.01, 0.4951, 0.0), Compared::Agrees);
        assert_eq!(judge(0.5, 0.01, 0.494, 0.0), Compared::Differs, "no spread, and no doubt");
        let lag = ("version_lag_mean", (1.02, 0.01), (1.0, 0.0));
        assert_eq!(judge_of(lag.0, lag.1, lag.2), Compared::TooRare, "all of a few alike");
        assert_eq!(judge(0.0, 0.0, 0.001, 0.0001), Compared::Differs, "nothing is a value");
        // Eighty times as much is not rare, however uncertain it is.
        assert_eq!(judge(0.0003, 0.02, 0.023, 0.002), Compared::Differs);
    }

    #[test]
    fn few_replications_allow_for_more() {
        assert!((deviations_allowed(1_000_000) - 3.5).abs() < 1e-3);
        assert!((deviations_allowed(8) - 6.155).abs() < 0.001, "{}", deviations_allowed(8));
        assert!(deviations_allowed(2) > 1_000.0);
    }

    #[test]
    fn what_never_happens_must_not_and_what_was_not_seen_may_be_rare() {
        let estimate = |mean, zero_bound| Estimate {
            mean,
            ci95: None,
            replications: 8,
            source: crate::metrics::Source::Replications,
            zero_bound,
        };
        let never = Says::Never { why: "nothing is cached" };
        let unseen = estimate(0.0, Some(1e-6));
        let metric = &METRICS[index("stale_read_ratio").expect("there is one")];
        let compared = |says: &Says, of: Option<&Estimate>, expected| {
            compared(metric, says, of, (of.map(|_| 0.0), expected))
        };
        assert_eq!(compared(&never, Some(&unseen), None), Compared::Agrees);
        let seen = estimate(1e-6, None);
        assert_eq!(compared(&never, Some(&seen), None), Compared::Differs);
        let some = Says::Value { value: 1e-7, tolerance: 0.0, form: "fills::Fills" };
        assert_eq!(compared(&some, Some(&unseen), Some(0.3)), Compared::TooRare);
        assert_eq!(compared(&some, Some(&unseen), Some(30.0)), Compared::Differs);
        assert_eq!(compared(&some, None, None), Compared::Nothing);
    }
}
