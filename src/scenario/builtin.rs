//! The scenarios that come with stalelab, compiled in: they run by name, without a checkout.

use super::{Input, Scenario};
use crate::time::{Span, Time};

/// A scenario of the `scenarios/` folder.
#[derive(Clone, Copy, Debug)]
pub struct BuiltinScenario {
    /// Its name: the file's stem.
    pub name: &'static str,
    /// The file, whole.
    pub text: &'static str,
}

macro_rules! scenarios {
    ($($name:literal)*) => {
        /// Every built-in scenario, in the order `stalelab list` shows them.
        pub const SCENARIOS: &[BuiltinScenario] = &[$(BuiltinScenario {
            name: $name,
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
        },)*];
    };
}

macro_rules! files {
    ($($path:literal)*) => {
        /// Files the scenarios refer to, such as traces: path relative to `scenarios/`, content.
        pub const FILES: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../scenarios/", $path))),)*];
    };
}

scenarios! {
    "in-stock"
    "avatar"
    "dashboard"
    "works-on-my-machine"
    "ttl-window"
    "delete-race"
    "cold-cache"
    "dual-write"
    "replica-lag"
    "write-behind-crash"
    "trace-replay"
    "reference"
}

files! {
    "traces/kvcache-sample.csv"
}

/// The built-in scenario of this name, ready to parse.
pub fn input(name: &str) -> Option<Input> {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name)?;
    Some(Input {
        name: scenario.name.to_owned(),
        origin: format!("scenarios/{}.toml", scenario.name),
        text: scenario.text.to_owned(),
        folder: None,
        embedded: FILES,
    })
}

/// Runs whose digests are promised are this much shorter than the scenario says, faults included.
const SHORTER: u64 = 10;
/// And have so many replications.
const REPLICATIONS: u32 = 2;

/// A built-in scenario made short, for the digests that this version promises; nothing if there is
/// none of that name, or its text is wrong, which a test rules out.
pub fn shortened(name: &str) -> Option<Scenario> {
    let mut scenario = super::parse(&input(name)?, &[]).ok()?.scenario;
    let shorter = |at: Time| if at == Time::NEVER { at } else { Time(at.0 / SHORTER) };
    if scenario.duration != Span::FOREVER {
        scenario.duration = Span(scenario.duration.0 / SHORTER);
        scenario.warmup = Span(scenario.warmup.0 / SHORTER);
    }
    for fault in &mut scenario.faults {
        fault.at = shorter(fault.at);
        fault.until = shorter(fault.until);
    }
    scenario.replications = REPLICATIONS;
    Some(scenario)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Names of the files of a folder under `scenarios/`, with this prefix, sorted.
    fn folder(path: &str, prefix: &str) -> Vec<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(path);
        let Ok(entries) = fs::read_dir(path) else {
            return Vec::new();
        };
        let files = entries.flatten().filter(|entry| entry.path().is_file());
        let mut names: Vec<String> =
            files.map(|entry| format!("{prefix}{}", entry.file_name().display())).collect();
        names.sort();
        names
    }

    #[test]
    fn the_table_and_the_folder_agree() {
        let mut scenarios: Vec<String> =
            SCENARIOS.iter().map(|scenario| format!("{}.toml", scenario.name)).collect();
        scenarios.sort();
        assert_eq!(scenarios, folder(".", ""));
        let mut files: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        files.sort_unstable();
        assert_eq!(files, folder("traces", "traces/"));
    }

    #[test]
    fn every_built_in_scenario_parses_without_a_warning() {
        for scenario in SCENARIOS {
            let input = input(scenario.name).expect("it is in the table");
            match crate::scenario::parse(&input, &[]) {
                Ok(checked) => {
                    assert!(
                        checked.warnings.is_empty(),
                        "{}",
                        checked.warnings.render(&input, false)
                    );
                    assert!(!checked.scenario.title.is_empty(), "{}", scenario.name);
                }
                Err(diagnostics) => panic!("{}", diagnostics.render(&input, false)),
            }
        }
    }
}
