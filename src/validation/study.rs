//! A strategy, a world and a load; and what theory says of them.

use std::sync::atomic::AtomicBool;

use super::{Depth, Row};
use crate::metrics::{Measurement, Recorder, Window};
use crate::random::Distribution;
use crate::simulation::{RunError, Setup, run};
use crate::strategy::Strategy;
use crate::theory::{self, latency::Latency};
use crate::time::{Span, Time};

type Quantity = Box<dyn Fn(&Measurement) -> f64 + Send + Sync>;
type Runner =
    Box<dyn Fn(&Setup, u64, Window, &AtomicBool) -> Result<Measurement, RunError> + Send + Sync>;

/// What theory says of a quantity.
struct Check {
    quantity: &'static str,
    form: &'static str,
    formula: f64,
    tolerance: f64,
    measure: Quantity,
}

/// Something to run several times, and what to compare.
pub(super) struct Study {
    shape: &'static str,
    parameters: String,
    setup: Setup,
    warmup: Span,
    /// How much is measured, all replications together.
    measured: Span,
    runner: Runner,
    checks: Vec<Check>,
}

impl Study {
    /// A strategy under a setup, whose length is replaced by a warm-up and a measured time.
    pub(super) fn new<S: Strategy + Send + Sync + 'static>(
        strategy: S,
        setup: Setup,
        parameters: String,
    ) -> Study {
        let connections = setup.world.database.connections;
        let runner: Runner = Box::new(move |setup, seed, window, cancel| {
            let mut recorder = Recorder::new(window);
            let aftermath = run(&strategy, setup, seed, &mut recorder, cancel)?;
            Ok(Measurement::new(recorder, aftermath, connections))
        });
        let (warmup, measured) = (Span::ZERO, Span::from_secs(1));
        Study { shape: "-", parameters, setup, warmup, measured, runner, checks: Vec::new() }
    }

    /// In seconds of virtual time: what every replication skips, and what all of them together
    /// measure at full depth.
    pub(super) fn lasting(self, warmup_s: f64, measured_s: f64) -> Study {
        let span = |seconds: f64| Span((seconds * 1e9) as u64);
        Study { warmup: span(warmup_s), measured: span(measured_s), ..self }
    }

    /// The shape of the latency that matters.
    pub(super) fn shaped(self, shape: Shape) -> Study {
        Study { shape: shape.name(), ..self }
    }

    /// A quantity with an exact form.
    pub(super) fn exact(
        self,
        quantity: &'static str,
        form: &'static str,
        formula: f64,
        measure: impl Fn(&Measurement) -> f64 + Send + Sync + 'static,
    ) -> Study {
        self.within(0.0, quantity, form, formula, measure)
    }

    /// A quantity whose form may be off by a share of itself.
    pub(super) fn within(
        mut self,
        tolerance: f64,
        quantity: &'static str,
        form: &'static str,
        formula: f64,
        measure: impl Fn(&Measurement) -> f64 + Send + Sync + 'static,
    ) -> Study {
        let measure = Box::new(measure);
        self.checks.push(Check { quantity, form, formula, tolerance, measure });
        self
    }

    /// The form and the name of each quantity.
    pub(super) fn names(&self) -> Vec<(&'static str, &'static str)> {
        self.checks.iter().map(|check| (check.form, check.quantity)).collect()
    }

    /// Whether a form, a quantity or the parameters contain this text.
    pub(super) fn mentions(&self, text: &str) -> bool {
        let named = |check: &Check| check.form.contains(text) || check.quantity.contains(text);
        self.parameters.contains(text) || self.checks.iter().any(named)
    }

    /// What one replication measures of each quantity. They start to measure one after another,
    /// the last after twice the warm-up: what recurs in step is not met at the same point by all.
    pub(super) fn values(
        &self,
        depth: Depth,
        replication: u32,
        seed: u64,
        cancel: &AtomicBool,
    ) -> Result<Vec<f64>, RunError> {
        let share = depth.share() / f64::from(depth.replications());
        let later = self.warmup.0 / u64::from(depth.replications()) * u64::from(replication);
        let start = Time::ZERO + self.warmup + Span(later);
        let end = start + Span((self.measured.0 as f64 * share) as u64);
        let setup = Setup { stop: end, ..self.setup.clone() };
        let measured = (self.runner)(&setup, seed, Window { start, end }, cancel)?;
        Ok(self.checks.iter().map(|check| (check.measure)(&measured)).collect())
    }

    /// The comparisons, from what each replication measured.
    pub(super) fn rows(&self, replications: &[Vec<f64>]) -> Vec<Row> {
        let n = replications.len() as f64;
        let rows = self.checks.iter().enumerate().map(|(index, check)| {
            let values = || replications.iter().map(|values| values[index]);
            let mean = values().sum::<f64>() / n;
            let squares: f64 = values().map(|value| (value - mean) * (value - mean)).sum();
            Row {
                quantity: check.quantity,
                form: check.form,
                shape: self.shape,
                parameters: self.parameters.clone(),
                formula: check.formula,
                tolerance: check.tolerance,
                simulated: mean,
                standard_error: (squares / (n - 1.0) / n).sqrt(),
            }
        });
        rows.collect()
    }
}

/// A shape of latencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Always the same.
    Constant,
    /// Exponential.
    Exponential,
    /// Log-normal; 1 in 100 is longer than ten medians.
    Lognormal,
}

impl Shape {
    pub(super) const ALL: [Shape; 3] = [Shape::Constant, Shape::Exponential, Shape::Lognormal];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Shape::Constant => "constant",
            Shape::Exponential => "exponential",
            Shape::Lognormal => "lognormal",
        }
    }

    /// The distribution of this shape with this mean in microseconds.
    pub(super) fn of(self, mean_us: u64) -> Distribution {
        let mean = Span::from_micros(mean_us);
        match self {
            Shape::Constant => Distribution::Constant(mean),
            Shape::Exponential => Distribution::Exponential(mean),
            Shape::Lognormal => {
                // The mean of one with this ratio of p99 to median is so many medians.
                let of_one =
                    |median: Span| Distribution::Lognormal { median, p99: Span(median.0 * 10) };
                let second = of_one(Span::from_secs(1)).mean();
                of_one(Span((mean.0 as f64 / second) as u64))
            }
        }
    }
}

/// The same latency as theory knows it, by its own formulas.
pub(super) fn known(distribution: &Distribution) -> Latency {
    latency_of(distribution).expect("in range")
}

/// The same for somebody's latency, which may be out of theory's range.
pub(crate) fn latency_of(distribution: &Distribution) -> theory::Result<Latency> {
    match distribution {
        Distribution::Constant(span) => Latency::constant(span.as_secs_f64()),
        Distribution::Uniform { min, max } => {
            Latency::uniform(min.as_secs_f64(), max.as_secs_f64())
        }
        Distribution::Exponential(mean) => Latency::exponential(mean.as_secs_f64()),
        // Without a spread it is no log-normal to theory.
        Distribution::Lognormal { median, p99 } if p99 <= median => {
            Latency::constant(median.as_secs_f64())
        }
        Distribution::Lognormal { median, p99 } => {
            Latency::lognormal(median.as_secs_f64(), p99.as_secs_f64())
        }
        Distribution::Pareto { .. } => {
            let law = distribution.clone();
            Latency::from_cdf(move |seconds| law.cdf(seconds), distribution.mean())
        }
    }
}
