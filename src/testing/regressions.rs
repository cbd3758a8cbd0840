//! Schedules that earlier failures have left behind, to be played first.

use std::fs;
use std::path::PathBuf;

use super::{ladder, try_play};
use crate::schedule::{PlayError, Property, Scene, Script, Step, explain};
use crate::strategy::Strategy;

/// Where failures are saved, if anywhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Regressions(Option<(PathBuf, String)>);

impl Regressions {
    pub(super) fn new(folder: PathBuf, name: &str) -> Regressions {
        Regressions(Some((folder, name.to_owned())))
    }

    fn path(&self, kind: &str) -> Option<PathBuf> {
        self.0.as_ref().map(|(folder, name)| folder.join(format!("{name}.{kind}.txt")))
    }

    /// Saves a failure's schedule. Says how to see it again.
    pub(super) fn save(&self, kind: &str, text: &str) -> String {
        let Some(path) = self.path(kind) else {
            return "`testing::play(&strategy, …)` with the schedule below, or save it with \
                    `.regressions(\"tests/races\", \"name\")`"
                .to_owned();
        };
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        match folder.and_then(|()| fs::write(&path, text)) {
            Ok(()) => format!("saved as {}; commit it with the test", path.display()),
            Err(error) => format!("could not be saved as {}: {error}", path.display()),
        }
    }

    /// The seed and the replication of the run that was saved.
    pub(super) fn run(&self, kind: &str) -> Option<(u64, u32)> {
        let text = fs::read_to_string(self.path(kind)?).ok()?;
        let numbers = text.lines().find_map(|line| line.strip_prefix(RUN))?;
        let mut numbers = numbers.split([' ', ',']).filter(|word| !word.is_empty());
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }

    /// Plays what was saved.
    ///
    /// # Panics
    /// If it still violates what it did, or cannot be understood.
    #[track_caller]
    pub(super) fn play<S: Strategy>(&self, strategy: &S, kind: &str) -> Became {
        let Some(path) = self.path(kind) else {
            return Became::Harmless;
        };
        let Ok(text) = fs::read_to_string(&path) else {
            return Became::Harmless;
        };
        let path = path.display();
        let script = Script::parse(&text).unwrap_or_else(|errors| {
            let lines: Vec<String> = errors.iter().map(|it| format!("{path}:{it}")).collect();
            panic!("the saved schedule cannot be understood:\n{}", lines.join("\n"))
        });
        let played = match try_play(strategy, &script) {
            Ok(played) => played,
            Err(PlayError::Violates { .. }) => return Became::Harmless,
            Err(PlayError::Strategy(error)) => panic!("{error}"),
            Err(PlayError::DoesNotFit(misfit)) => {
                let error = PlayError::DoesNotFit(misfit);
                return Became::Unplayable(format!("{path}:{error}"));
            }
        };
        let race = (&played.scene, played.steps.as_slice(), &[][..]);
        let violates: Vec<Property> = played.violated.iter().collect();
        let mut causes = violates.iter().map(|it| explain(race.0, race.1, *it).sentence);
        let cause = causes.find(|it| !it.is_empty()).unwrap_or_default();
        let ladder = ladder(strategy, race, &violates, &cause, &format!("played from {path}"));
        panic!("{kind} is still violated by the saved schedule {path}\n\n{ladder}\n{text}");
    }
}

/// What has become of a saved schedule.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Became {
    /// There is none, or it is played and violates nothing any more.
    Harmless,
    /// The strategy does something else now, so it says nothing; where and why.
    Unplayable(String),
}

impl Became {
    /// Says on standard error that a schedule says nothing any more.
    #[expect(clippy::print_stderr, reason = "where a test says what is no failure")]
    pub(super) fn tell(self) {
        if let Became::Unplayable(why) = self {
            eprintln!(
                "a saved schedule no longer fits and was not tried; make it fit, or delete it if \
                 the strategy was meant to change\n{why}"
            );
        }
    }
}

/// The comment that says which run showed a failure that no schedule shows: schedules have no
/// clock.
pub(super) fn run_comment(seed: u64, replication: u32) -> String {
    format!("{RUN} {seed} {replication}, which is run first\n")
}

const RUN: &str = "# seen in the run of seed and replication";

/// A schedule without a strategy's name: it has none.
pub(super) fn text(scene: &Scene, steps: &[Step], violates: &[Property]) -> String {
    let text = Script::of_steps("", scene, steps, violates);
    text.trim_start_matches("strategy: \n").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategies::{DeleteOnWrite, NoCache};
    use crate::time::Span;

    #[test]
    fn a_saved_schedule_that_no_longer_fits_is_not_forgotten_silently() {
        let name = format!("stalelab-regressions-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let regressions = Regressions::new(folder.clone(), "mine");
        assert_eq!(regressions.play(&NoCache, "convergence"), Became::Harmless);
        let plans = "a: read x\nb: write x\n\n";
        let race = "a: cache.get x\na: db.read x\nb: db.write x\nb: cache.delete x\na: cache.set x";
        regressions.save("convergence", &format!("{plans}{race}\n\nviolates: convergence\n"));
        let Became::Unplayable(why) = regressions.play(&NoCache, "convergence") else {
            panic!("there is no cache to ask");
        };
        assert!(why.contains("mine.convergence.txt:4:4: step 1 does not fit"), "{why}");
        // With a TTL it is played, and does no lasting harm.
        let ttl = |ttl| DeleteOnWrite { ttl, reply_before_fill: false };
        assert_eq!(regressions.play(&ttl(Span::from_secs(1)), "convergence"), Became::Harmless);
        fs::remove_dir_all(&folder).expect("it was written");
    }
}
