//! A scenario's load, seed after seed, and the smallest race behind what goes wrong.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::ladder;
use super::regressions::{self, Regressions};
use crate::experiment::Trial;
use crate::incident::{Found, Incident, Wanted, find};
use crate::report::race;
use crate::scenario::{Input, Scenario, builtin, parse};
use crate::schedule::Property;
use crate::strategy::Strategy;
use crate::time::Span;

/// What a failure is called whose reads are older than allowed.
const TOO_OLD: &str = "too-old-read";

/// A strategy under a scenario's load; [`Seeds::no_stale_read`] runs it.
#[derive(Debug)]
pub struct Seeds<'s, S> {
    strategy: &'s S,
    scenario: Scenario,
    regressions: Regressions,
}

/// A strategy under the load of a scenario, in the world of its first variant. `scenario`: a
/// built-in's name, or the text of a scenario file.
///
/// # Panics
/// If the scenario cannot be understood.
#[track_caller]
pub fn seeds<'s, S: Strategy>(strategy: &'s S, scenario: &str) -> Seeds<'s, S> {
    let named = builtin::input(scenario);
    let input = named.unwrap_or_else(|| Input::from_text("scenario", scenario));
    let checked = parse(&input, &[]);
    let checked = checked.unwrap_or_else(|mistakes| panic!("{}", mistakes.render(&input, false)));
    Seeds { strategy, scenario: checked.scenario, regressions: Regressions::default() }
}

impl<S: Strategy> Seeds<'_, S> {
    /// Begins with this seed, instead of the scenario's.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.scenario.seed = seed;
        self
    }

    /// Tries so many runs, each with a seed of its own, instead of as many as the scenario says.
    #[must_use]
    pub fn replications(mut self, replications: u32) -> Self {
        self.scenario.replications = replications;
        self
    }

    /// Saves the schedule of a failure as `FOLDER/NAME.KIND.txt`, and plays what was saved first.
    /// Commit the folder.
    #[must_use]
    pub fn regressions(self, folder: impl Into<PathBuf>, name: &str) -> Self {
        Seeds { regressions: Regressions::new(folder.into(), name), ..self }
    }

    /// Runs, and asserts that no read is older than a write acknowledged before it began.
    ///
    /// # Panics
    /// If one is, with the smallest race that makes it; if nothing was read; if the load cannot be
    /// run; if the strategy keeps state of its own.
    #[track_caller]
    pub fn no_stale_read(&self) {
        let wanted = Wanted { acknowledged: true, ..Wanted::default() };
        let kind = Property::NoStaleRead.name();
        self.regressions.play(self.strategy, kind).tell();
        self.none(&wanted, kind, self.scenario.seed, 0..self.scenario.replications);
    }

    /// Runs, and asserts that no read returns a version that had been old for longer than this
    /// when the read began, acknowledged or not.
    ///
    /// # Panics
    /// As [`Seeds::no_stale_read`].
    #[track_caller]
    pub fn no_read_older_than(&self, age: Span) {
        let wanted = Wanted { older_than: age, ..Wanted::default() };
        // How old a read is, no schedule says: they have no clock. So the runs are what is saved.
        for (seed, replication) in self.regressions.runs(TOO_OLD) {
            self.none(&wanted, TOO_OLD, seed, replication..replication + 1);
        }
        self.none(&wanted, TOO_OLD, self.scenario.seed, 0..self.scenario.replications);
    }

    #[track_caller]
    fn none(&self, wanted: &Wanted, kind: &str, seed: u64, replications: Range<u32>) {
        let cancel = AtomicBool::new(false);
        let scenario = Scenario { seed, ..self.scenario.clone() };
        let trial = match Trial::new(&scenario, 0, &cancel) {
            Ok(trial) => trial,
            Err(error) => panic!("{error}"),
        };
        match find(self.strategy, &trial, replications, wanted, &cancel) {
            Ok(Found::Nothing { reads: 0 }) => panic!("nothing was read"),
            Ok(Found::Nothing { .. }) => {}
            Ok(Found::Untold { read, .. }) => panic!("{}", race::stale_read(&read)),
            Ok(Found::Race(incident)) => self.fail(&incident, kind, seed),
            Err(error) => panic!("{error}"),
        }
    }

    #[track_caller]
    fn fail(&self, incident: &Incident, kind: &str, seed: u64) -> ! {
        let Incident { scene, steps, sentence, .. } = incident;
        let violates = incident.violates();
        let run = regressions::run_comment(seed, incident.replication);
        let text = run + &regressions::text(scene, steps, &violates);
        let again = self.regressions.save(kind, &text);
        let story = race::story(&self.scenario.name, incident);
        let ladder =
            ladder(self.strategy, (scene, steps, &incident.moments), &violates, sentence, &again);
        panic!("{kind}\n\n{story}\n{ladder}\n{text}")
    }
}
