//! Schedules that earlier failures have left behind, to be played first.

use std::fs;
use std::path::{Path, PathBuf};

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

    /// What was saved of a kind, by number, and where. Numbers may be missing: who has cured a race
    /// may have deleted it.
    fn saved(&self, kind: &str) -> Vec<(u32, PathBuf)> {
        let Some((folder, name)) = &self.0 else { return Vec::new() };
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let numbered = files.filter_map(|file| {
            let file_name = file.file_name();
            let rest = file_name.to_str()?.strip_prefix(&format!("{name}.{kind}."))?;
            let number = match rest.strip_suffix("txt")? {
                "" => 1,
                number => number.strip_suffix('.')?.parse().ok()?,
            };
            Some((number, file.path()))
        });
        let mut saved: Vec<(u32, PathBuf)> = numbered.collect();
        saved.sort_unstable();
        saved
    }

    /// The texts of what was saved of a kind, and where they are.
    fn texts(&self, kind: &str) -> impl Iterator<Item = (PathBuf, String)> + use<> {
        let read =
            |(_, path): (u32, PathBuf)| fs::read_to_string(&path).ok().map(|text| (path, text));
        self.saved(kind).into_iter().filter_map(read)
    }

    /// Where to save a text: where it is already, or after all others.
    fn place(&self, kind: &str, text: &str) -> Option<PathBuf> {
        let (folder, name) = self.0.as_ref()?;
        if let Some((path, _)) = self.texts(kind).find(|(_, known)| known == text) {
            return Some(path);
        }
        Some(folder.join(match self.saved(kind).last() {
            None => format!("{name}.{kind}.txt"),
            Some((last, _)) => format!("{name}.{kind}.{}.txt", last + 1),
        }))
    }

    /// Saves a failure's schedule beside those of earlier ones. Says how to see it again.
    pub(super) fn save(&self, kind: &str, text: &str) -> String {
        let Some(path) = self.place(kind, text) else {
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

    /// The seed and the replication of each run that was saved.
    pub(super) fn runs(&self, kind: &str) -> impl Iterator<Item = (u64, u32)> + use<> {
        self.texts(kind).filter_map(|(_, text)| {
            let numbers = text.lines().find_map(|line| line.strip_prefix(RUN))?;
            let mut numbers = numbers.split([' ', ',']).filter(|word| !word.is_empty());
            Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
        })
    }

    /// Plays what was saved.
    ///
    /// # Panics
    /// If it still violates what it did, or cannot be understood.
    #[track_caller]
    pub(super) fn play<S: Strategy>(&self, strategy: &S, kind: &str) -> Became {
        let mut unplayable = Vec::new();
        for (path, text) in self.texts(kind) {
            unplayable.extend(play_saved(strategy, kind, &path, &text));
        }
        match unplayable.is_empty() {
            true => Became::Harmless,
            false => Became::Unplayable(unplayable.join("\n")),
        }
    }
}

/// Plays one of those that were saved. Says where and why it does not fit any more, if so.
#[track_caller]
fn play_saved<S: Strategy>(strategy: &S, kind: &str, path: &Path, text: &str) -> Option<String> {
    let path = path.display();
    let script = Script::parse(text).unwrap_or_else(|errors| {
        let lines: Vec<String> = errors.iter().map(|it| format!("{path}:{it}")).collect();
        panic!("the saved schedule cannot be understood:\n{}", lines.join("\n"))
    });
    let played = match try_play(strategy, &script) {
        Ok(played) => played,
        Err(PlayError::Violates { .. }) => return None,
        Err(PlayError::Strategy(error)) => panic!("{error}"),
        Err(PlayError::DoesNotFit(misfit)) => {
            let error = PlayError::DoesNotFit(misfit);
            return Some(format!("{path}:{error}"));
        }
    };
    let race = (&played.scene, played.steps.as_slice(), &[][..]);
    let violates: Vec<Property> = played.violated.iter().collect();
    let mut causes = violates.iter().map(|it| explain(race.0, race.1, *it).sentence);
    let cause = causes.find(|it| !it.is_empty()).unwrap_or_default();
    let ladder = ladder(strategy, race, &violates, &cause, &format!("played from {path}"));
    panic!("{kind} is still violated by the saved schedule {path}\n\n{ladder}\n{text}");
}

/// What has become of a saved schedule.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Became {
    /// There is none, or it is played and violates nothing any more.
    Harmless,
    /// The strategy does something else now, so some say nothing; where and why.
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
    fn a_new_failure_is_saved_beside_the_old_ones_and_all_are_played() {
        let name = format!("stalelab-regressions-two-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let regressions = Regressions::new(folder.clone(), "mine");
        let plans = "a: read x\nb: write x\n\n";
        let cured = format!("{plans}b: db.write x\nb: cache.delete x\n\nviolates: convergence\n");
        let race = "a: cache.get x\na: db.read x\nb: db.write x\nb: cache.delete x\na: cache.set x";
        let race = format!("{plans}{race}\n\nviolates: convergence\n");
        for text in [&cured, &race, &cured, &race] {
            regressions.save("convergence", text);
        }
        let files = fs::read_dir(&folder).expect("it is there").count();
        assert_eq!(files, 2);
        let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
        let play = || regressions.play(&strategy, "convergence");
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(play));
        let panic = panic.expect_err("the second one is still violated");
        let message = panic.downcast_ref::<String>().expect("it says why");
        assert!(message.contains("mine.convergence.2.txt"), "{message}");
        // The cured one may go, and its number is not given again.
        fs::remove_file(folder.join("mine.convergence.txt")).expect("it was written");
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(play)).expect_err("still violated");
        assert!(regressions.save("convergence", &cured).contains("mine.convergence.3.txt"));
        fs::remove_dir_all(&folder).expect("it was written");
    }

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
