//! Every schedule of a scene.

use std::path::PathBuf;

use super::ladder;
use super::regressions::{self, Regressions};
use crate::explorer::{Counterexample, Options, Verdict, explore};
use crate::schedule::{Property, Scene, explain};
use crate::strategy::Strategy;

/// A search through every schedule of a scene.
#[derive(Debug)]
pub struct Search<'s, S> {
    strategy: &'s S,
    scene: Scene,
    options: Options,
    regressions: Regressions,
}

/// A search through every schedule of a scene; [`Search::keeps`] runs it.
pub fn search<S: Strategy>(strategy: &S, scene: Scene) -> Search<'_, S> {
    Search { strategy, scene, options: Options::default(), regressions: Regressions::default() }
}

impl<S: Strategy> Search<'_, S> {
    /// Saves the schedule of a failure as `FOLDER/NAME.PROPERTY.txt`, and plays what was saved
    /// first. Commit the folder.
    #[must_use]
    pub fn regressions(self, folder: impl Into<PathBuf>, name: &str) -> Self {
        Search { regressions: Regressions::new(folder.into(), name), ..self }
    }

    /// Gives up beyond so many states, instead of 20 million. That fails the test, too.
    #[must_use]
    pub fn states_max(self, states_max: usize) -> Self {
        Search { options: Options { states_max, ..self.options }, ..self }
    }

    /// Searches, and asserts that no schedule violates any of these.
    ///
    /// # Panics
    /// If one does; if nothing put a property to the test; if the search was cut short; if the
    /// strategy keeps state of its own.
    #[track_caller]
    pub fn keeps(&self, properties: &[Property]) {
        for property in properties {
            self.regressions.play(self.strategy, property.name()).tell();
        }
        let found = match explore(self.strategy, &self.scene, &self.options) {
            Ok(found) => found,
            // Not in a closure, so that the place that is told is the test's.
            Err(error) => panic!("{error}"),
        };
        for &property in properties {
            match (found.verdict(property), found.counterexample(property)) {
                (_, Some(counterexample)) => self.fail(counterexample),
                (Verdict::NotExercised, _) => {
                    panic!("nothing put {property} to the test: that needs {}", property.needs())
                }
                (Verdict::CutShort, _) => panic!(
                    "the search was cut short at {} states, and says nothing about {property}",
                    found.states
                ),
                (Verdict::Proved | Verdict::Violated(_), None) => {}
            }
        }
    }

    #[track_caller]
    fn fail(&self, found: &Counterexample) -> ! {
        let Counterexample { property, scene, steps, .. } = found;
        let text = regressions::text(scene, steps, &[*property]);
        let cause = explain(scene, steps, *property).sentence;
        let again = self.regressions.save(property.name(), &text);
        let ladder = ladder(self.strategy, (scene, steps, &[]), &[*property], &cause, &again);
        panic!("{property} is violated\n\n{ladder}\n{text}")
    }
}
