//! Schedules that earlier failures have left behind, to be played first.

use std::fs;
use std::path::PathBuf;

use super::try_play;
use crate::schedule::{Property, Scene, Script, Step};
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

    /// Plays what was saved. A schedule that no longer fits, or no longer violates what it did, is
    /// history.
    #[track_caller]
    pub(super) fn play<S: Strategy>(&self, strategy: &S, kind: &str) {
        let Some(path) = self.path(kind) else {
            return;
        };
        let Ok(text) = fs::read_to_string(&path) else {
            return;
        };
        let path = path.display();
        let script = Script::parse(&text).unwrap_or_else(|errors| {
            let lines: Vec<String> = errors.iter().map(|it| format!("{path}:{it}")).collect();
            panic!("the saved schedule cannot be understood:\n{}", lines.join("\n"))
        });
        if try_play(strategy, &script).is_ok() {
            panic!("{kind} is still violated by the saved schedule {path}:\n\n{text}");
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
