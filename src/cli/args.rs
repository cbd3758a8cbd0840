//! The arguments that say which scenario, shared by the commands that run one.

use clap::Args;
use stalelab::experiment::ExperimentError;
use stalelab::scenario::{Checked, Input, Override, Scenario, parse};
use stalelab::time::Span;
use stalelab::workload::trace::{TraceError, TraceFault};

use super::exit::{Exit, Failure};
use super::{output, source};

/// A scenario with what the command line changes about it.
#[derive(Args, Clone, Debug)]
pub(crate) struct ScenarioArgs {
    /// A built-in scenario's name, a file's path, or `-` for standard input
    pub(crate) scenario: String,
    /// Seed of all randomness [default: what the scenario says, or 1]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Seeded runs per variant [default: what the scenario says, or 8]
    #[arg(long, value_name = "N")]
    pub(crate) replications: Option<u32>,
    /// Change a value of the scenario, as `workload.read_share=0.5`, or of a variant, as
    /// `variant.NAME.strategy.ttl-only.ttl=5s`; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

impl ScenarioArgs {
    /// Reads the scenario's text.
    pub(crate) fn input(&self) -> Result<Input, Failure> {
        source::load(&self.scenario)
    }

    /// What the command line changes, as `key=value`, in a fixed order.
    pub(crate) fn overrides(&self) -> Vec<String> {
        let seed = self.seed.map(|seed| format!("seed={seed}"));
        let replications = self.replications.map(|many| format!("replications={many}"));
        seed.into_iter().chain(replications).chain(self.set.iter().cloned()).collect()
    }

    /// Checks the scenario, with the changes. Mistakes go to standard error.
    pub(crate) fn check(&self, input: &Input) -> Result<Checked, Failure> {
        let overrides = self.overrides();
        let overrides: Result<Vec<Override>, String> =
            overrides.iter().map(|text| Override::parse(text)).collect();
        let overrides = overrides.map_err(|message| Failure::new(Exit::Usage, message))?;
        parse(input, &overrides).map_err(|diagnostics| {
            output::chat(&diagnostics.render(input, true));
            Failure::new(Exit::Usage, "")
        })
    }

    /// The command that repeats the run, with the scenario called `scenario`. What came from
    /// standard input has to come from there again.
    pub(crate) fn replay(&self, scenario: &str, seed: u64) -> String {
        self.command("run", scenario, seed, "")
    }

    /// The command that shows the smallest race behind a stale read of the run.
    pub(crate) fn explain_race(&self, scenario: &str, seed: u64, which: &str) -> String {
        self.command("explain-race", scenario, seed, which)
    }

    /// A command about the run, with more arguments of its own.
    fn command(&self, command: &str, scenario: &str, seed: u64, more: &str) -> String {
        let mut words = vec!["stalelab".to_owned(), command.to_owned(), quoted(scenario)];
        words.push(format!("--seed {seed}"));
        words.extend(self.replications.map(|many| format!("--replications {many}")));
        words.extend(self.set.iter().map(|change| format!("--set {}", quoted(change))));
        words.extend((!more.is_empty()).then(|| more.to_owned()));
        if scenario == source::STDIN {
            words.push("< FILE  # FILE: what was on standard input".to_owned());
        }
        words.join(" ")
    }
}

/// The number of the variant of this name.
pub(crate) fn variant(scenario: &Scenario, wanted: &str) -> Result<usize, Failure> {
    let variants = &scenario.variants;
    variants.iter().position(|variant| variant.name == *wanted).ok_or_else(|| {
        let names: Vec<&str> = variants.iter().map(|it| it.name.as_str()).collect();
        let names = names.join(", ");
        let message = format!("no variant is called {wanted}; there are {names}");
        Failure::new(Exit::Usage, message)
    })
}

/// A length of time on the command line.
pub(crate) fn span(text: &str) -> Result<Span, String> {
    let length = humantime::parse_duration(text);
    let length = length.map_err(|error| format!("{error}; as 90s, 1500ms, 2m 30s"))?;
    u64::try_from(length.as_nanos()).map(Span).map_err(|_| "longer than any run".to_owned())
}

/// What to exit with and to say when a scenario that was read cannot be run after all.
pub(crate) fn failed(error: &ExperimentError, checked: &Checked, input: &Input) -> Failure {
    match error {
        ExperimentError::Cancelled => {
            Failure::new(Exit::Interrupted, "interrupted; nothing was written")
        }
        ExperimentError::TooLate(found) => {
            output::chat(&checked.point_out(found).render(input, true));
            Failure::new(Exit::Usage, "")
        }
        ExperimentError::Trace(TraceError { fault: TraceFault::Io(_), .. })
        | ExperimentError::Threads(_) => Failure::new(Exit::Io, error.to_string()),
        ExperimentError::Trace(_) => Failure::new(Exit::Usage, error.to_string()),
    }
}

/// A word as a POSIX shell takes it literally.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell_when_they_must_be() {
        assert_eq!(quoted("workload.read_share=0.5"), "workload.read_share=0.5");
        assert_eq!(
            quoted("cache.link={ exponential = \"1ms\" }"),
            "'cache.link={ exponential = \"1ms\" }'"
        );
        assert_eq!(quoted("it's.toml"), r"'it'\''s.toml'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn the_replay_has_every_change() {
        let args = ScenarioArgs {
            scenario: "in-stock".into(),
            seed: None,
            replications: Some(2),
            set: vec!["cache.capacity=5".into(), "title=a b".into()],
        };
        assert_eq!(
            args.replay("x", 7),
            "stalelab run x --seed 7 --replications 2 --set cache.capacity=5 --set 'title=a b'"
        );
        assert_eq!(
            args.replay("-", 1),
            "stalelab run - --seed 1 --replications 2 --set cache.capacity=5 --set 'title=a b' \
             < FILE  # FILE: what was on standard input"
        );
        assert_eq!(args.overrides(), ["replications=2", "cache.capacity=5", "title=a b"]);
    }
}
