//! A prediction in the making: a line per metric, filled in one after the other.

use super::{Load, Prediction, Says};
use crate::metrics::{self, METRICS};

/// A relative difference that cannot be told from rounding.
pub(super) const ROUNDING: f64 = 1e-6;

/// A form that may be off by more says nothing.
const OFF_MAX: f64 = 1.0;

/// What is known so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    says: Vec<Option<Says>>,
    assumptions: Vec<String>,
    pub(super) regime: Option<Load>,
    pub(super) late_fills_per_s: Option<f64>,
    /// Added to the tolerance of every value from now on: what all of them rest on.
    pub(super) shared: f64,
}

/// A value, and how far it may be off relative to itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct About(pub(super) f64, pub(super) f64);

impl Sheet {
    pub(super) fn new() -> Sheet {
        Sheet { says: vec![None; METRICS.len()], ..Sheet::default() }
    }

    fn set(&mut self, metric: &str, says: Says) {
        let index = metrics::index(metric).expect("a metric's name");
        self.says[index] = Some(says);
    }

    /// A metric's value.
    pub(super) fn value(&mut self, metric: &str, form: &'static str, About(value, off): About) {
        let off = off + self.shared;
        if !value.is_finite() {
            self.nothing(metric, "a mean is infinite");
        } else if !(0.0..=OFF_MAX).contains(&off) {
            self.nothing(metric, "what the form leaves out may be more than it says here");
        } else {
            // What cannot be told from rounding is none.
            let tolerance = if off < ROUNDING { 0.0 } else { off };
            self.set(metric, Says::Value { value, tolerance, form });
        }
    }

    /// What is said of a metric, if anything is.
    pub(super) fn of(&self, metric: &str) -> Option<&Says> {
        self.says[metrics::index(metric).expect("a metric's name")].as_ref()
    }

    /// Metrics that cannot be more than 0.
    pub(super) fn never(&mut self, metrics: &[&str], why: &'static str) {
        metrics.iter().for_each(|metric| self.set(metric, Says::Never { why }));
    }

    /// A metric of which nothing is said, and why.
    pub(super) fn nothing(&mut self, metric: &str, why: impl Into<String>) {
        self.set(metric, Says::Nothing { why: why.into() });
    }

    /// Something that is kept only nearly.
    pub(super) fn assume(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if !self.assumptions.contains(&sentence) {
            self.assumptions.push(sentence);
        }
    }

    /// The prediction. Of metrics that nothing was said of, it says why: because of `why`, if that
    /// is given, else because there is no form.
    pub(super) fn finish(self, why: Option<&str>, window_s: f64) -> Prediction {
        let metrics = METRICS.iter().zip(self.says);
        let says = metrics.map(|(metric, says)| {
            let reason = || why.unwrap_or(no_form(metric.name)).to_owned();
            says.unwrap_or_else(|| Says::Nothing { why: reason() })
        });
        let says = says.collect();
        let Sheet { assumptions, regime, late_fills_per_s, .. } = self;
        Prediction { says, assumptions, regime, late_fills_per_s, window_s }
    }
}

/// Why there is no form for a metric, where nothing else stands in the way.
fn no_form(metric: &str) -> &'static str {
    let is = |part: &str| metric.contains(part);
    if is("_max") {
        "the largest of a run grows with its length"
    } else if is("_p50_") || is("_p90_") || is("_p99_") || is("_p999_") {
        "percentiles of sums of latencies have no closed form"
    } else if is("violation") || is("glitches") || is("_act_") {
        "it depends on who asks for what in which order, session by session"
    } else if is("wait") {
        "what a cache lets through does not arrive as a Poisson stream"
    } else {
        "no closed form is known for this strategy"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_line_and_every_missing_one_a_reason() {
        let mut sheet = Sheet::new();
        sheet.shared = 0.01;
        sheet.value("hit_ratio", "ttl::TtlOnly", About(0.5, 0.02));
        sheet.value("db_reads_per_s", "ttl::TtlOnly", About(f64::INFINITY, 0.0));
        sheet.value("stale_read_ratio", "ttl::TtlOnly", About(0.1, 0.995));
        sheet.value("version_lag_mean", "ttl::TtlOnly", About(0.1, f64::NEG_INFINITY));
        let prediction = sheet.finish(None, 1.0);
        assert_eq!(prediction.says.len(), METRICS.len());
        let (value, form) = (0.5, "ttl::TtlOnly");
        assert_eq!(prediction.of("hit_ratio"), &Says::Value { value, tolerance: 0.03, form });
        for metric in ["db_reads_per_s", "stale_read_ratio", "version_lag_mean", "stale_age_max_ms"]
        {
            assert!(matches!(prediction.of(metric), Says::Nothing { why } if !why.is_empty()));
        }
        let broken = Sheet::new().finish(Some("a fault"), 1.0);
        assert_eq!(broken.of("hit_ratio"), &Says::Nothing { why: "a fault".to_owned() });
    }
}
