//! The built-in scenarios: each runs, explains itself, and teaches what it claims to.

use stalelab::experiment::{Options, run};
use stalelab::metrics::{Comparison, METRICS, VerdictOutcome};
use stalelab::scenario::builtin::{SCENARIOS, input};
use stalelab::scenario::{Checked, Override, parse};

/// A built-in scenario with overrides.
fn scenario(name: &str, overrides: &[&str]) -> Checked {
    let overrides: Vec<Override> =
        overrides.iter().map(|text| Override::parse(text).expect("KEY=VALUE")).collect();
    let input = input(name).expect("a built-in scenario");
    match parse(&input, &overrides) {
        Ok(checked) => checked,
        Err(mistakes) => panic!("{}", mistakes.render(&input, false)),
    }
}

fn compare(name: &str, overrides: &[&str], threads: usize) -> Comparison {
    let checked = scenario(name, overrides);
    run(&checked.scenario, &Options { threads }, &()).expect("it runs to its end")
}

/// Overrides that make any built-in scenario short: a second or so of load. Faults that would
/// come after the end are errors, so scenarios with faults keep their length.
fn shortened(name: &str) -> &'static [&'static str] {
    match name {
        "trace-replay" => &["replications=2"],
        "avatar" => &["replications=2"],
        "cold-cache" => &["replications=1", "workload.arrivals={ poisson = { rate = 500.0 } }"],
        "works-on-my-machine" => &["replications=2", "duration=60s", "warmup=1s"],
        "write-behind-crash" => &["replications=2"],
        _ => &["replications=2", "duration=4s", "warmup=1s"],
    }
}

#[test]
fn every_scenario_explains_itself_and_claims_something() {
    for builtin in SCENARIOS {
        let checked = scenario(builtin.name, &[]);
        assert!(checked.warnings.is_empty(), "{}", builtin.name);
        let comments = builtin.text.lines().filter(|line| line.starts_with("# ")).count();
        assert!(comments >= 4, "{} has no comment that explains its numbers", builtin.name);
        assert!(builtin.text.starts_with("#:schema "), "{}", builtin.name);
        assert!(!checked.scenario.expectations.is_empty(), "{} claims nothing", builtin.name);
        assert!(!checked.scenario.summary.is_empty(), "{} has no summary", builtin.name);
        for variant in &checked.scenario.variants {
            assert!(variant.name.chars().count() <= 30, "{}: {}", builtin.name, variant.name);
        }
    }
}

#[test]
fn every_scenario_runs_and_its_causes_add_up() {
    for builtin in SCENARIOS {
        let comparison = compare(builtin.name, shortened(builtin.name), 2);
        for variant in &comparison.variants {
            let value = |metric: &str| variant.estimate(metric).map_or(0.0, |e| e.mean);
            assert!(value("reads") > 0.0, "{}: {}", builtin.name, variant.name);
            for (metric, estimate) in METRICS.iter().zip(&variant.estimates) {
                let possible = metric.range();
                let ends = estimate.map_or(possible, |estimate| estimate.interval());
                let inside = possible.0 <= ends.0 && ends.1 <= possible.1;
                assert!(inside, "{}: {} {ends:?}", variant.name, metric.name);
            }
            let causes = stalelab::observation::Cause::ALL.iter();
            let sum: f64 =
                causes.map(|cause| value(&format!("stale_cause.{}", cause.name()))).sum();
            let stale = value("stale_read_ratio");
            assert!((sum - stale).abs() < 1e-9, "{}: {}", builtin.name, variant.name);
        }
    }
}

/// The variants of which the notes say that a beginning was measured, and whether it ever ended.
fn warming_up(comparison: &Comparison) -> Vec<(&str, bool)> {
    let note = |note: &String| match note {
        note if note.starts_with("Still warming up") => Some(true),
        note if note.starts_with("Too short to tell") => Some(false),
        _ => None,
    };
    let variants = comparison.variants.iter();
    variants.filter_map(|it| Some((it.name.as_str(), it.notes.iter().find_map(note)?))).collect()
}

/// Of which variants that is true: 50,000 keys fill no cache in two minutes, and a trace begins
/// with an empty one. Copies that live for a second are like that from the second one on.
fn warm_ups(name: &str) -> &'static [(&'static str, bool)] {
    match name {
        "write-behind-crash" => {
            &[("write-behind", false), ("write-through", false), ("delete on write", false)]
        }
        "trace-replay" => &[("ttl 60 s", true), ("delete on write", true)],
        _ => &[],
    }
}

/// The scenarios that are quick enough to run in full with every test; all of them are run in
/// full by `stalelab run`, which says whether their expectations hold.
#[test]
fn expectations_hold_with_the_scenarios_own_seed_and_with_another() {
    for name in ["dashboard", "works-on-my-machine", "write-behind-crash", "trace-replay"] {
        for seed in [&[] as &[&str], &["seed=2"]] {
            let comparison = compare(name, seed, 2);
            for verdict in &comparison.verdicts {
                assert_eq!(verdict.outcome, VerdictOutcome::Held, "{name}, {seed:?}: {verdict:?}");
            }
            assert_eq!(warming_up(&comparison), warm_ups(name), "{name}, {seed:?}");
        }
    }
}

/// Variants of which a short run says that the database never catches up.
fn unstable(name: &str, overrides: &[&str]) -> Vec<String> {
    let variants = compare(name, overrides, 2).variants.into_iter();
    variants.filter(|variant| variant.unstable.is_some()).map(|variant| variant.name).collect()
}

#[test]
fn a_database_that_never_catches_up_is_called_unstable() {
    assert_eq!(unstable("cold-cache", &["replications=1"]), ["14 connections"]);
    let short = ["replications=1", "duration=6s"];
    assert_eq!(unstable("reference", &short), ["32 connections"]);
}
