//! Same scenario, seed and version: the same bytes, whatever the machine, the number of threads or
//! the build.

use stalelab::experiment::{self, Options};
use stalelab::report::{Header, OutputFile, digest, output_files};
use stalelab::scenario::builtin::{self, SCENARIOS};
use stalelab::scenario::{Scenario, parse};
use stalelab::time::{Span, Time};

use crate::golden::assert_golden;

/// Runs are this much shorter than the scenario says, faults included.
const SHORTER: u64 = 10;
const REPLICATIONS: u32 = 2;

/// The head of the file of digests, which the message about a change repeats.
const NOTE: &str = "\
# The digest of each built-in scenario's output, at a tenth of its length, with two replications.
# A new scenario needs a line, and one whose text changed a new digest. Any other change means that
# stalelab no longer gives the bytes it gave: accept it only if meant, and say so in CHANGELOG.md.
";

/// A built-in scenario, made short.
fn shortened(name: &str) -> Scenario {
    let input = builtin::input(name).expect("it is built in");
    let Ok(checked) = parse(&input, &[]) else { panic!("{name} is invalid") };
    let mut scenario = checked.scenario;
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
    scenario
}

/// Every file that a run of the shortened scenario leaves.
fn files(name: &str, threads: usize) -> Vec<OutputFile> {
    let scenario = shortened(name);
    let comparison =
        experiment::run(&scenario, &Options { threads }, &()).expect("nothing stops it");
    let header = Header {
        name: scenario.name,
        title: scenario.title,
        summary: scenario.summary,
        seed: scenario.seed,
        replications: scenario.replications,
        warmup: scenario.warmup,
        overrides: Vec::new(),
        replay: format!("stalelab run {name}"),
        resolved: scenario.resolved,
    };
    output_files(&header, &comparison)
}

#[test]
fn the_number_of_threads_does_not_show() {
    for name in ["in-stock", "replica-lag", "write-behind-crash"] {
        let one = files(name, 1);
        assert!(one == files(name, 2), "{name}: 1 and 2 threads differ");
        assert!(one == files(name, 1), "{name}: twice in a row differs");
    }
}

#[test]
fn digests_are_the_committed_ones() {
    let mut lines = NOTE.to_owned();
    for scenario in SCENARIOS {
        let files = files(scenario.name, 2);
        let digest = digest(files.iter().map(|file| (file.name, file.bytes.as_slice())));
        lines += &format!("{digest}  {}\n", scenario.name);
    }
    assert_golden("digests.txt", &lines);
}
