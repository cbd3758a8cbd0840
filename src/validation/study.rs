//! What is measured again and again, and what theory says of it.

use std::sync::atomic::AtomicBool;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::shapes::Shape;
use super::worlds::span;
use super::{Depth, LONGER, Look, Row};
use crate::metrics::{Measurement, Recorder, Window, mean_and_standard_error};
use crate::observation::Observer;
use crate::random::Streams;
use crate::simulation::{RunError, Setup, run};
use crate::strategy::Strategy;
use crate::time::{Span, Time};

type Quantity<T> = Box<dyn Fn(&T) -> f64 + Send + Sync>;
type Runner<T> = Box<dyn Fn(u64, Window, &AtomicBool) -> Result<T, RunError> + Send + Sync>;

/// What theory says of a quantity.
struct Check<T> {
    quantity: &'static str,
    form: &'static str,
    formula: f64,
    tolerance: f64,
    measure: Quantity<T>,
}

/// Something to run several times, and what to compare: of a run of the load driver its
/// measurement, of a rule that is played out what its play tells.
pub(super) struct Study<T = Measurement> {
    shape: &'static str,
    parameters: String,
    played: bool,
    warmup: Span,
    /// How much is measured, all replications together.
    measured: Span,
    runner: Runner<T>,
    checks: Vec<Check<T>>,
}

impl Study {
    /// A strategy under a setup, whose length is replaced by a warm-up and a measured time.
    pub(super) fn new<S: Strategy + Send + Sync + 'static>(
        strategy: S,
        setup: Setup,
        parameters: String,
    ) -> Study {
        let connections = setup.world.database.connections;
        Study::of(parameters, false, move |seed, window, cancel| {
            let mut recorder = Recorder::new(window);
            let setup = Setup { stop: window.end, ..setup.clone() };
            let aftermath = run(&strategy, &setup, seed, &mut recorder, cancel)?;
            Ok(Measurement::new(recorder, aftermath, connections))
        })
    }
}

impl<T: 'static> Study<T> {
    /// The same, watched by an observer of its own.
    pub(super) fn watched<S: Strategy + Send + Sync + 'static>(
        strategy: S,
        setup: Setup,
        parameters: String,
        observer: impl Fn(Window) -> T + Send + Sync + 'static,
    ) -> Study<T>
    where
        T: Observer,
    {
        Study::of(parameters, false, move |seed, window, cancel| {
            let mut observer = observer(window);
            let setup = Setup { stop: window.end, ..setup.clone() };
            run(&strategy, &setup, seed, &mut observer, cancel)?;
            Ok(observer)
        })
    }

    /// A rule that no strategy can follow here: played out by itself, for a time in seconds, with
    /// nothing of the load driver.
    pub(super) fn played(
        parameters: String,
        play: impl Fn(&mut ChaCha8Rng, f64) -> T + Send + Sync + 'static,
    ) -> Study<T> {
        Study::of(parameters, true, move |seed, window, _| {
            let mut draws = Streams::new(seed).stream("play");
            Ok(play(&mut draws, window.length().as_secs_f64()))
        })
    }

    fn of(
        parameters: String,
        played: bool,
        runner: impl Fn(u64, Window, &AtomicBool) -> Result<T, RunError> + Send + Sync + 'static,
    ) -> Study<T> {
        Study {
            shape: "-",
            parameters,
            played,
            warmup: Span::ZERO,
            measured: Span::from_secs(1),
            runner: Box::new(runner),
            checks: Vec::new(),
        }
    }

    /// In seconds of virtual time: what every replication skips, and what all of them together
    /// measure at full depth.
    pub(super) fn lasting(self, warmup_s: f64, measured_s: f64) -> Study<T> {
        Study { warmup: span(warmup_s), measured: span(measured_s), ..self }
    }

    /// The shape of the latency that matters.
    pub(super) fn shaped(self, shape: Shape) -> Study<T> {
        Study { shape: shape.name(), ..self }
    }

    /// A quantity with an exact form.
    pub(super) fn exact(
        self,
        quantity: &'static str,
        form: &'static str,
        formula: f64,
        measure: impl Fn(&T) -> f64 + Send + Sync + 'static,
    ) -> Study<T> {
        self.within(0.0, quantity, form, formula, measure)
    }

    /// A quantity whose form may be off by a share of itself.
    pub(super) fn within(
        mut self,
        tolerance: f64,
        quantity: &'static str,
        form: &'static str,
        formula: f64,
        measure: impl Fn(&T) -> f64 + Send + Sync + 'static,
    ) -> Study<T> {
        let measure = Box::new(measure);
        self.checks.push(Check { quantity, form, formula, tolerance, measure });
        self
    }
}

/// A study, whatever it measures.
pub(super) trait Compared: Send + Sync {
    /// What no other study is called: its first form, the parameters and the shape.
    fn name(&self) -> String;

    /// The form and the name of each quantity.
    fn names(&self) -> Vec<(&'static str, &'static str)>;

    /// Whether a form, a quantity or the parameters contain this text.
    fn mentions(&self, text: &str) -> bool;

    /// What one replication measures of each quantity.
    ///
    /// Its seed comes from the study's name, so that a study that is added, or left out, changes
    /// the figures of no other. They start to measure one after another, the last after twice the
    /// warm-up: what recurs in step is not met at the same point by all.
    fn values(
        &self,
        depth: Depth,
        look: Look,
        replication: u32,
        cancel: &AtomicBool,
    ) -> Result<Vec<f64>, RunError>;

    /// The comparisons, from what each replication measured.
    fn rows(&self, replications: &[Vec<f64>], look: Look) -> Vec<Row>;
}

/// Studies of one kind among all others.
pub(super) fn compared<T: 'static>(
    studies: impl IntoIterator<Item = Study<T>>,
) -> Vec<Box<dyn Compared>> {
    studies.into_iter().map(|study| Box::new(study) as Box<dyn Compared>).collect()
}

impl<T> Compared for Study<T> {
    fn name(&self) -> String {
        let form = self.checks.first().map_or("", |check| check.form);
        format!("{form}, {}, {}", self.parameters, self.shape)
    }

    fn names(&self) -> Vec<(&'static str, &'static str)> {
        self.checks.iter().map(|check| (check.form, check.quantity)).collect()
    }

    fn mentions(&self, text: &str) -> bool {
        let named = |check: &Check<T>| check.form.contains(text) || check.quantity.contains(text);
        self.parameters.contains(text) || self.checks.iter().any(named)
    }

    fn values(
        &self,
        depth: Depth,
        look: Look,
        replication: u32,
        cancel: &AtomicBool,
    ) -> Result<Vec<f64>, RunError> {
        let share = depth.share() / f64::from(depth.replications());
        let later = self.warmup.0 / u64::from(depth.replications()) * u64::from(replication);
        let start = Time::ZERO + self.warmup + Span(later);
        let (name, longer) = match look {
            Look::First => (self.name(), 1),
            Look::Again => (format!("{}, again", self.name()), LONGER),
        };
        let end = start + Span((self.measured.0 as f64 * share) as u64 * longer);
        let seed = Streams::new(0).numbered(&name, u64::from(replication)).next_u64();
        let measured = (self.runner)(seed, Window { start, end }, cancel)?;
        Ok(self.checks.iter().map(|check| (check.measure)(&measured)).collect())
    }

    fn rows(&self, replications: &[Vec<f64>], look: Look) -> Vec<Row> {
        let rows = self.checks.iter().enumerate().map(|(index, check)| {
            let values: Vec<f64> = replications.iter().map(|values| values[index]).collect();
            let (simulated, error) = mean_and_standard_error(&values);
            Row {
                quantity: check.quantity,
                form: check.form,
                shape: self.shape,
                parameters: self.parameters.clone(),
                played: self.played,
                again: look == Look::Again,
                formula: check.formula,
                tolerance: check.tolerance,
                simulated,
                // Of a single one nothing is known.
                standard_error: error.unwrap_or(f64::INFINITY),
            }
        });
        rows.collect()
    }
}
