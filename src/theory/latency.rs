//! A random time, as far as the closed forms need to know it: how likely it is to be longer than
//! so much, and what follows from that.
//!
//! Not here: draws. A form never samples.

use core::fmt;
use std::sync::Arc;

use super::law::{Law, Table};
use super::quadrature::integrate_pieces;
use super::{Result, TheoryError, non_negative, positive};

/// How accurate an integral over a latency is, relative to itself.
pub(super) const ACCURACY: f64 = 1e-12;
/// The same of an integral over such integrals: not so fine that it would follow their rounding.
pub(super) const ACCURACY_NESTED: f64 = 1e-9;

/// The 0.99 quantile of the standard normal distribution.
const Z_99: f64 = 2.326_347_874_040_841;

/// A random time of at least 0, in seconds.
#[derive(Clone)]
pub struct Latency {
    /// What every draw takes at least.
    least_s: f64,
    law: Law,
}

impl Latency {
    /// Always this long.
    ///
    /// # Errors
    /// If it is negative or not finite.
    pub fn constant(seconds: f64) -> Result<Latency> {
        Ok(Latency { least_s: non_negative("latency", seconds)?, law: Law::Nothing })
    }

    /// Equally likely from the least to the greatest.
    ///
    /// # Errors
    /// If the least is negative, the greatest is less, or one of them is not finite.
    pub fn uniform(least_s: f64, greatest_s: f64) -> Result<Latency> {
        let least_s = non_negative("least latency", least_s)?;
        let width_s = non_negative("greatest latency less the least", greatest_s - least_s)?;
        let law = if width_s > 0.0 { Law::Uniform { width_s } } else { Law::Nothing };
        Ok(Latency { least_s, law })
    }

    /// Exponential.
    ///
    /// # Errors
    /// If the mean is negative or not finite. A mean of 0 is a constant of 0.
    pub fn exponential(mean_s: f64) -> Result<Latency> {
        let mean_s = non_negative("mean latency", mean_s)?;
        let law = if mean_s > 0.0 { Law::Exponential { mean_s } } else { Law::Nothing };
        Ok(Latency { least_s: 0.0, law })
    }

    /// Log-normal: half of the draws take less than the median, 99 in 100 less than `p99_s`.
    ///
    /// # Errors
    /// If the median is not more than zero, the 99th percentile not more than the median, or one
    /// of them not finite.
    pub fn lognormal(median_s: f64, p99_s: f64) -> Result<Latency> {
        let median_s = positive("median latency", median_s)?;
        let spread = positive("99th percentile", p99_s)? / median_s;
        if spread <= 1.0 {
            let must_be = "more than the median";
            return Err(TheoryError::OutOfRange { parameter: "99th percentile", must_be });
        }
        let sigma = libm::log(spread) / Z_99;
        Ok(Latency { least_s: 0.0, law: Law::Lognormal { median_s, sigma } })
    }

    /// Pareto: never less than `least_s`, more than t with probability (least / t)^shape.
    ///
    /// # Errors
    /// If the least is not more than zero or not finite, or the shape is less than 1.2: the mean is
    /// infinite up to 1, and made of too few draws to tell just above.
    pub fn pareto(least_s: f64, shape: f64) -> Result<Latency> {
        let least_s = positive("least latency", least_s)?;
        if positive("shape", shape)? < 1.2 {
            let must_be = "1.2 or more, for a mean that can be told";
            return Err(TheoryError::OutOfRange { parameter: "shape", must_be });
        }
        Ok(Latency { least_s, law: Law::Pareto { least_s, shape } })
    }

    /// Any latency: the probability of at most so many seconds, and the mean.
    ///
    /// # Errors
    /// If the function is no distribution function of a time from 0 on, the mean is not its own
    /// (to 1 %), or the tail is so heavy that the mean cannot be told.
    pub fn from_cdf(
        cdf: impl Fn(f64) -> f64 + Send + Sync + 'static,
        mean_s: f64,
    ) -> Result<Latency> {
        let mean_s = positive("mean latency", mean_s)?;
        let table = Table::new(Box::new(cdf), mean_s)?;
        Ok(Latency { least_s: 0.0, law: Law::Other(Arc::new(table)) })
    }

    /// The same, and always this much more.
    ///
    /// # Errors
    /// If that is negative or not finite.
    pub fn later_by(&self, seconds: f64) -> Result<Latency> {
        let least_s = self.least_s + non_negative("time to add", seconds)?;
        Ok(Latency { least_s, law: self.law.clone() })
    }

    /// A time that no draw is shorter than.
    pub fn least_s(&self) -> f64 {
        self.least_s
    }

    /// A time that no draw is longer than, if one is known.
    pub fn greatest_s(&self) -> Option<f64> {
        match self.law {
            Law::Nothing => Some(self.least_s),
            Law::Uniform { width_s } => Some(self.least_s + width_s),
            _ => None,
        }
    }

    /// P(at most this many seconds).
    pub fn cdf(&self, seconds: f64) -> f64 {
        let t = seconds - self.least_s;
        if t < 0.0 { 0.0 } else { self.law.cdf(t) }
    }

    /// P(more than this many seconds).
    pub fn tail(&self, seconds: f64) -> f64 {
        let t = seconds - self.least_s;
        if t < 0.0 { 1.0 } else { self.law.tail(t) }
    }

    /// The mean, in seconds.
    pub fn mean_s(&self) -> f64 {
        self.least_s + self.law.mean_s()
    }

    /// The mean of the square, in seconds squared.
    pub fn square_mean_s2(&self) -> f64 {
        let (least, mean) = (self.least_s, self.law.mean_s());
        least * least + 2.0 * least * mean + self.law.square_mean_s2()
    }

    /// E\[min(X, t)\] = ∫ P(X > u) du up to t, in seconds.
    pub fn limited_mean_s(&self, seconds: f64) -> f64 {
        if seconds == f64::INFINITY {
            return self.mean_s();
        }
        let t = seconds - self.least_s;
        if t < 0.0 { seconds } else { self.least_s + self.law.limited_mean_s(t) }
    }

    /// E\[(t - X)⁺\] = ∫ P(X <= u) du up to t, in seconds.
    pub fn early_mean_s(&self, seconds: f64) -> f64 {
        let t = seconds - self.least_s;
        if t <= 0.0 { 0.0 } else { self.law.early_mean_s(t) }
    }

    /// E\[(X - t)⁺\] = ∫ P(X > u) du from t on, in seconds.
    pub fn late_mean_s(&self, seconds: f64) -> f64 {
        let t = seconds - self.least_s;
        if t <= 0.0 { self.law.mean_s() - t } else { self.law.late_mean_s(t) }
    }

    /// 1 - E\[e^(-rate·X)\]: the probability that an event of a Poisson process happens within X.
    ///
    /// # Errors
    /// If the rate is negative or not finite.
    pub fn overtaken_by(&self, rate_per_s: f64) -> Result<f64> {
        let rate = non_negative("rate", rate_per_s)?;
        Ok(rate * self.expected_integral(|u| libm::exp(-rate * u), &[]))
    }

    /// E ∫ f(u) du up to X, which is ∫ P(X > u) f(u) du. `cuts` are times, in any order, at which
    /// f has a kink or is narrow.
    pub(super) fn expected_integral(&self, f: impl Fn(f64) -> f64, cuts: &[f64]) -> f64 {
        let mut borders = self.borders();
        let end = borders[borders.len() - 1];
        borders.extend(cuts.iter().filter(|cut| (0.0..end).contains(*cut)));
        borders.sort_by(f64::total_cmp);
        integrate_pieces(|u| self.tail(u) * f(u), &borders, ACCURACY)
    }

    /// Times from 0 to where nothing is left of the tail, between which it is smooth.
    pub(super) fn borders(&self) -> Vec<f64> {
        let law = self.law.borders().into_iter().map(|border| self.least_s + border);
        let start = (self.least_s > 0.0).then_some(0.0);
        start.into_iter().chain(law).collect()
    }
}

impl fmt::Debug for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let law = match &self.law {
            Law::Nothing => "constant",
            Law::Uniform { .. } => "uniform",
            Law::Exponential { .. } => "exponential",
            Law::Lognormal { .. } => "log-normal",
            Law::Pareto { .. } => "pareto",
            Law::Other(_) => "other",
        };
        let mut it = f.debug_struct("Latency");
        it.field("law", &law).field("least_s", &self.least_s).field("mean_s", &self.mean_s());
        it.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, expected: f64, relative: f64) {
        assert!((value - expected).abs() <= relative * expected.abs(), "{value} for {expected}");
    }

    /// Each closed form, and the same distribution given by its function alone.
    fn pairs() -> [(Latency, Latency); 4] {
        let uniform = Latency::uniform(0.0, 0.3).expect("valid");
        let exponential = Latency::exponential(0.02).expect("valid");
        let lognormal = Latency::lognormal(0.01, 0.1).expect("valid");
        let pareto = Latency::pareto(0.01, 3.5).expect("valid");
        [uniform, exponential, lognormal, pareto].map(|known| {
            let same = known.clone();
            let other = Latency::from_cdf(move |t| same.cdf(t), known.mean_s()).expect("valid");
            (known, other)
        })
    }

    #[test]
    fn closed_forms_are_those_of_the_distribution_function() {
        for (known, other) in pairs() {
            near(other.mean_s(), known.mean_s(), 1e-10);
            // Of a heavy tail, more is beyond where the function alone shows it to end.
            let cut = if matches!(known.law, Law::Pareto { .. }) { 1e-6 } else { 1e-9 };
            near(other.square_mean_s2(), known.square_mean_s2(), cut);
            for t in [1e-4, 0.003, 0.02, 0.5, f64::INFINITY] {
                near(other.limited_mean_s(t), known.limited_mean_s(t), 1e-10);
                assert!((known.tail(t) + known.cdf(t) - 1.0).abs() < 1e-15);
            }
            for t in [0.003, 0.02, 0.5] {
                near(other.early_mean_s(t), known.early_mean_s(t), 1e-8);
                near(known.early_mean_s(t), t - known.limited_mean_s(t), 1e-10);
                let late = known.mean_s() - known.limited_mean_s(t);
                assert!((known.late_mean_s(t) - late).abs() < 1e-15);
            }
            let all = known.expected_integral(|_| 1.0, &[0.01, -1.0, 0.001]);
            near(all, known.mean_s(), 1e-11);
        }
    }

    #[test]
    fn the_event_that_comes_first_has_its_textbook_probability() {
        let exponential = Latency::exponential(0.2).expect("valid");
        near(exponential.overtaken_by(7.0).expect("valid"), 1.4 / 2.4, 1e-11);
        let constant = Latency::constant(0.2).expect("valid");
        near(constant.overtaken_by(7.0).expect("valid"), -libm::expm1(-1.4), 1e-12);
        // Never mind how far apart the scales are.
        near(exponential.overtaken_by(1e-9).expect("valid"), 2e-10, 1e-8);
        near(exponential.overtaken_by(1e7).expect("valid"), 1.0 - 1.0 / (2e6 + 1.0), 1e-11);
        assert!(exponential.overtaken_by(-1.0).is_err());
    }

    #[test]
    fn heavy_tails_have_their_textbook_moments() {
        let pareto = Latency::pareto(0.002, 1.5).expect("valid");
        near(pareto.mean_s(), 0.006, 1e-15);
        assert_eq!(pareto.square_mean_s2(), f64::INFINITY);
        near(pareto.tail(0.2), 1e-3, 1e-12);
        near(pareto.expected_integral(|_| 1.0, &[]), 0.006, 1e-11);
        // Just beyond the least, where t - E min(X, t) would cancel: α/2 of the square, by scale.
        near(pareto.early_mean_s(0.002 + 1e-9), 0.75 * 1e-18 / 0.002, 1e-5);
        near(pareto.early_mean_s(0.002 + 1.999e-7), 0.75 * 1.999e-7 * 1.999e-7 / 0.002, 1e-4);
        // Γ(-1/2, x) by parts: E e^(-μX) at μ = 500 is 3/2 E_{5/2}(1).
        near(1.0 - pareto.overtaken_by(500.0).expect("valid"), 1.5 * 0.126_487_8, 1e-5);
        assert!(Latency::pareto(0.0, 2.0).is_err() && Latency::pareto(1.0, 1.1).is_err());
    }

    #[test]
    fn what_comes_later_is_the_same_but_later() {
        let later = Latency::exponential(0.2).expect("valid").later_by(1.0).expect("valid");
        assert_eq!((later.cdf(0.9), later.tail(0.9), later.early_mean_s(0.5)), (0.0, 1.0, 0.0));
        near(later.square_mean_s2(), 1.0 + 2.0 * 0.2 + 2.0 * 0.04, 1e-15);
        near(later.limited_mean_s(1.2), 1.0 + 0.2 * (1.0 - libm::exp(-1.0)), 1e-15);
        assert_eq!((later.least_s(), later.greatest_s()), (1.0, None));
        let bounded = Latency::uniform(1.0, 3.0).expect("valid");
        assert_eq!((bounded.least_s(), bounded.greatest_s()), (1.0, Some(3.0)));
    }

    #[test]
    fn what_is_no_latency_is_refused() {
        assert!(Latency::constant(-1.0).is_err() && Latency::exponential(f64::NAN).is_err());
        assert!(Latency::uniform(2.0, 1.0).is_err() && Latency::lognormal(0.1, 0.1).is_err());
        assert!(Latency::from_cdf(|t| 1.0 - libm::exp(-t), 1000.0).is_err(), "in milliseconds");
        assert!(Latency::from_cdf(|t| libm::exp(-t), 1.0).is_err(), "it falls");
        assert!(Latency::from_cdf(|t| 1.0 - 1.0 / (1.0 + t), 1.0).is_err(), "it has no mean");
    }
}
