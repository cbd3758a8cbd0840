//! The simulation against closed forms it shares no code with.
//!
//! A study is a strategy in a small world under a load, run several times, and what [`theory`]
//! says of it. Its rows compare: the mean over independent replications must lie within 3.5
//! standard errors of the formula, plus a stated tolerance if the formula is an approximation;
//! and 3.5 standard errors must be small, since a comparison too coarse to fail shows nothing.
//! What a row could have noticed is its [resolution](Row::resolution).
//!
//! What metrics only sum, observers of a study's own count. A rule that no strategy can follow is
//! played out by itself, and its rows say so.
//!
//! Where a latency matters to a form, the study is made with a constant, an exponential and a
//! log-normal one of the same mean: constants hide races, and exponentials shrink stampedes.
//!
//! Not here: what theory says of somebody's scenario, where no formula's assumptions hold
//! exactly.
//!
//! [`theory`]: crate::theory

mod coverage;
mod delayed_hits;
mod delete_first;
mod eviction;
mod fills;
mod invalidation;
mod probes;
mod queues;
mod races;
mod replicas;
mod rules;
mod shapes;
mod study;
mod ttl;
mod watch;
mod worlds;

use std::sync::atomic::AtomicBool;

pub use self::coverage::{NOT_COMPARED, NotCompared, is_not_compared};
use self::study::{Compared, compared};
use crate::experiment::{ExperimentError, Options, Progress, in_parallel};

/// So many standard errors a row may be off: with some 30 replications one row in a thousand is,
/// by chance. What is farther off is looked at again.
pub const DEVIATIONS: f64 = 3.5;

/// The second look is so much longer, and has seeds of its own.
const LONGER: u64 = 4;

/// How long to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Some seconds: an error of a few percent is caught.
    Quick,
    /// Minutes: exact forms are told from an error of 1 %.
    Full,
}

impl Depth {
    /// Seeded runs per study.
    pub const fn replications(self) -> u32 {
        match self {
            Depth::Quick => 32,
            Depth::Full => 32,
        }
    }

    /// The resolution a row must have, relative to its formula.
    pub const fn resolution_max(self) -> f64 {
        match self {
            Depth::Quick => 0.12,
            Depth::Full => 0.01,
        }
    }

    /// The share of a study's length that is run.
    const fn share(self) -> f64 {
        match self {
            Depth::Quick => 0.03,
            Depth::Full => 1.0,
        }
    }
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What is compared: `stale share of hits`.
    pub quantity: &'static str,
    /// Where its formula is, in [`crate::theory`]: `ttl::TtlOnly::hit_ratio`.
    pub form: &'static str,
    /// The shape of the latency that matters; `-` if none does.
    pub shape: &'static str,
    /// The parameters, in words.
    pub parameters: String,
    /// Whether the rule itself was played out, and not run by the load driver.
    pub played: bool,
    /// Whether this is a second look, because the first differed.
    pub again: bool,
    /// What theory says.
    pub formula: f64,
    /// How far the formula may be from the truth, relative to itself; 0 if it is exact.
    pub tolerance: f64,
    /// What the simulation gave: the mean over the replications.
    pub simulated: f64,
    /// The standard error of that mean.
    pub standard_error: f64,
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Theory and simulation agree, and the row would have told if they did not.
    Agrees,
    /// They differ by more than chance and the tolerance explain.
    Differs,
    /// They may agree, but the row could not tell.
    TooCoarse,
}

impl Outcome {
    /// Its name, as tables show it.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Agrees => "agrees",
            Outcome::Differs => "differs",
            Outcome::TooCoarse => "too coarse",
        }
    }
}

impl Row {
    /// How far the simulation is from the formula beyond its tolerance, in standard errors.
    pub fn deviation(&self) -> f64 {
        let difference = self.simulated - self.formula;
        let beyond = (difference.abs() - self.tolerance * self.formula.abs()).max(0.0);
        if beyond == 0.0 { 0.0 } else { beyond.copysign(difference) / self.standard_error }
    }

    /// How far it is, relative to the formula.
    pub fn relative(&self) -> f64 {
        (self.simulated - self.formula) / self.formula
    }

    /// The smallest relative error of the formula that would have been caught.
    pub fn resolution(&self) -> f64 {
        self.tolerance + DEVIATIONS * self.standard_error / self.formula.abs()
    }

    /// What it says at this depth.
    pub fn outcome(&self, depth: Depth) -> Outcome {
        let allowed = DEVIATIONS * self.standard_error + self.tolerance * self.formula.abs();
        if (self.simulated - self.formula).abs() > allowed {
            Outcome::Differs
        } else if self.resolution().is_nan()
            || self.resolution() > depth.resolution_max() + self.tolerance
        {
            Outcome::TooCoarse
        } else {
            Outcome::Agrees
        }
    }
}

/// Runs the studies that have `only` in a form, a quantity or the parameters, so all of them for
/// an empty one, and gives their rows in a fixed order. The numbers depend on the depth alone: a
/// study's seeds come from its name, and no two runs have the same one, so that rows err
/// independently. What differs is measured again, longer and with other seeds, and that decides: of
/// hundreds of rows one is now and then off by chance, and hardly any twice.
///
/// # Errors
/// If `progress` calls it off, or no thread can be started.
pub fn run(
    depth: Depth,
    only: &str,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<Row>, ExperimentError> {
    let studies = studies();
    let chosen: Vec<&dyn Compared> =
        studies.iter().map(AsRef::as_ref).filter(|study| study.mentions(only)).collect();
    looked_at(&chosen, depth, options, progress)
}

/// The rows of these studies; those that differ as a second look has them.
fn looked_at(
    chosen: &[&dyn Compared],
    depth: Depth,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<Row>, ExperimentError> {
    let mut first = look(chosen, depth, Look::First, options, progress)?;
    let differs = |row: &Row| row.outcome(depth) == Outcome::Differs;
    let doubtful = (0..chosen.len()).filter(|index| first[*index].iter().any(differs));
    let doubtful: Vec<usize> = doubtful.collect();
    if !doubtful.is_empty() {
        let studies: Vec<_> = doubtful.iter().map(|index| chosen[*index]).collect();
        let second = look(&studies, depth, Look::Again, options, progress)?;
        for (index, again) in doubtful.into_iter().zip(second) {
            let pairs = first[index].iter_mut().zip(again);
            pairs.filter(|(row, _)| differs(row)).for_each(|(row, again)| *row = again);
        }
    }
    Ok(first.into_iter().flatten().collect())
}

/// Which of two independent looks at a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    First,
    /// Longer.
    Again,
}

/// The rows of each study.
fn look(
    studies: &[&dyn Compared],
    depth: Depth,
    look: Look,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<Vec<Row>>, ExperimentError> {
    let replications = depth.replications() as usize;
    let total = studies.len() * replications;
    let values = in_parallel(options, progress, total, |index, cancel: &AtomicBool| {
        let replication = (index % replications) as u32;
        Ok(studies[index / replications].values(depth, look, replication, cancel)?)
    })?;
    let per_study = studies.iter().zip(values.chunks(replications));
    Ok(per_study.map(|(study, values)| study.rows(values, look)).collect())
}

/// A quantity of a form, and in how many worlds it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where its formula is, in [`crate::theory`].
    pub form: &'static str,
    /// What is compared.
    pub quantity: &'static str,
    /// In how many worlds.
    pub worlds: usize,
}

/// What [`run`] compares, in the order of its rows. Nothing is run.
pub fn forms() -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    for (form, quantity) in studies().iter().flat_map(|study| study.names()) {
        match forms.iter_mut().find(|it| (it.form, it.quantity) == (form, quantity)) {
            Some(found) => found.worlds += 1,
            None => forms.push(Form { form, quantity, worlds: 1 }),
        }
    }
    forms
}

/// Everything that has a closed form.
fn studies() -> Vec<Box<dyn Compared>> {
    let runs = [
        ttl::studies(),
        delayed_hits::studies(),
        invalidation::studies(),
        races::studies(),
        fills::studies(),
        delete_first::studies(),
        replicas::studies(),
        queues::studies(),
        eviction::studies(),
    ];
    let watched =
        [compared(ttl::lags()), compared(delayed_hits::joiners()), compared(queues::waits())];
    let watched = watched.into_iter().flatten();
    runs.into_iter().flat_map(compared).chain(watched).chain(rules::studies()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(formula: f64, tolerance: f64, simulated: f64, standard_error: f64) -> Row {
        let (quantity, form, shape) = ("hit ratio", "ttl::TtlOnly::hit_ratio", "-");
        let parameters = String::new();
        Row {
            quantity,
            form,
            shape,
            parameters,
            played: false,
            again: false,
            formula,
            tolerance,
            simulated,
            standard_error,
        }
    }

    /// A study of two quantities, the first of which is off by chance, or really.
    struct Off(Look);

    impl Compared for Off {
        fn name(&self) -> String {
            "off".to_owned()
        }

        fn names(&self) -> Vec<(&'static str, &'static str)> {
            Vec::new()
        }

        fn mentions(&self, _: &str) -> bool {
            true
        }

        fn values(
            &self,
            _: Depth,
            look: Look,
            replication: u32,
            _: &AtomicBool,
        ) -> Result<Vec<f64>, crate::simulation::RunError> {
            let is_off = look == Look::First || self.0 == Look::Again;
            let noise = f64::from(replication % 2) * 0.01;
            Ok(vec![if is_off { 2.0 } else { 1.0 } + noise, 1.0 + noise])
        }

        fn rows(&self, replications: &[Vec<f64>], look: Look) -> Vec<Row> {
            let mean = |index: usize| {
                let sum: f64 = replications.iter().map(|values| values[index]).sum();
                sum / replications.len() as f64
            };
            let row =
                |index| Row { again: look == Look::Again, ..row(1.005, 0.0, mean(index), 1e-3) };
            vec![row(0), row(1)]
        }
    }

    #[test]
    fn what_differs_is_looked_at_again_and_may_differ_still() {
        let looked = |off: Look| {
            let options = Options::default();
            looked_at(&[&Off(off)], Depth::Full, &options, &()).expect("nothing stops it")
        };
        let told = |rows: &[Row]| -> Vec<(Outcome, bool)> {
            rows.iter().map(|row| (row.outcome(Depth::Full), row.again)).collect()
        };
        let agreed = (Outcome::Agrees, false);
        assert_eq!(told(&looked(Look::First)), [(Outcome::Agrees, true), agreed]);
        assert_eq!(told(&looked(Look::Again)), [(Outcome::Differs, true), agreed]);
    }

    #[test]
    fn no_two_studies_have_one_name() {
        // Nor one seed, which comes from the name.
        let mut names: Vec<String> = studies().iter().map(|study| study.name()).collect();
        names.sort();
        let pair = names.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(pair, None);
    }

    #[test]
    fn a_row_agrees_differs_or_cannot_tell() {
        assert_eq!(row(0.5, 0.0, 0.503, 0.001).outcome(Depth::Full), Outcome::Agrees);
        assert_eq!(row(0.5, 0.0, 0.504, 0.001).outcome(Depth::Full), Outcome::Differs);
        assert_eq!(row(0.5, 0.01, 0.504, 0.001).outcome(Depth::Full), Outcome::Agrees);
        assert_eq!(row(0.5, 0.0, 0.503, 0.01).outcome(Depth::Full), Outcome::TooCoarse);
        assert_eq!(row(0.5, 0.0, 0.503, 0.01).outcome(Depth::Quick), Outcome::Agrees);
        assert_eq!(row(0.5, 0.0, f64::NAN, f64::NAN).outcome(Depth::Full), Outcome::TooCoarse);
    }
}
