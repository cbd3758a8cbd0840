//! Replications until a metric is known well enough: as many as it takes, and not for ever.

use stalelab::experiment::{Options, run};
use stalelab::metrics::Comparison;
use stalelab::report::{OutputFile, output_files};
use stalelab::scenario::{Input, Override, Scenario, parse};

use crate::fixture::header;
use crate::report::plain;

/// Two variants: one that is stale now and then, and one that never is.
const SCENARIO: &str = r#"
    duration = "2s"
    warmup = "1s"
    replications = { until = { metric = "stale_read_ratio", relative_error = 0.3, max = 60 } }
    [workload]
    arrivals = { poisson = { rate = 200.0 } }
    read_share = 0.95
    keys = 10
    [database]
    read = { exponential = "20ms" }
    [[variant]]
    name = "cached"
    strategy = { delete-on-write = { ttl = "200ms" } }
    [[variant]]
    name = "uncached"
    strategy = { no-cache = {} }
"#;

fn scenario(text: &str, overrides: &[&str]) -> Scenario {
    let overrides: Vec<Override> =
        overrides.iter().map(|text| Override::parse(text).expect("KEY=VALUE")).collect();
    let input = Input::from_text("stopping", text);
    match parse(&input, &overrides) {
        Ok(checked) => checked.scenario,
        Err(mistakes) => panic!("{}", mistakes.render(&input, false)),
    }
}

fn compare(text: &str, overrides: &[&str], threads: usize) -> Comparison {
    run(&scenario(text, overrides), &Options { threads }, &()).expect("nothing stops it")
}

/// How far the interval of a variant's stale reads reaches, in relation to their mean.
fn error(comparison: &Comparison) -> f64 {
    let estimate = comparison.variants[0].estimate("stale_read_ratio").expect("a value");
    let (_, high) = estimate.ci95.expect("an interval");
    high / estimate.mean - 1.0
}

#[test]
fn it_takes_as_many_as_are_needed_whatever_the_threads() {
    let one = compare(SCENARIO, &[], 1);
    let taken = one.replications();
    assert!((11..60).contains(&taken), "{taken}");
    assert!(error(&one) <= 0.3, "{}", error(&one));
    assert!(one.variants.iter().all(|variant| variant.replications.len() == taken as usize));
    assert!(one.variants[0].notes.is_empty(), "{:?}", one.variants[0].notes);
    let files =
        |comparison: &Comparison| -> Vec<OutputFile> { output_files(&header(), comparison) };
    assert!(files(&one) == files(&compare(SCENARIO, &[], 2)), "1 and 2 threads differ");
    // What there is of replications is what a fixed number of them gives.
    let fixed = compare(SCENARIO, &[&format!("replications={taken}")], 2);
    let rows = |comparison: &Comparison| comparison.variants[0].replications.clone();
    assert_eq!(rows(&one), rows(&fixed));
    let said = plain(&one, false).split_whitespace().collect::<Vec<_>>().join(" ");
    let until = "replications (until stale_read_ratio is known to ±30 %; at most 60)";
    assert!(said.contains(until), "{said}");
}

#[test]
fn a_number_on_the_command_line_is_that_number() {
    let fixed = compare(SCENARIO, &["replications=3"], 2);
    assert_eq!((fixed.replications(), fixed.until), (3, None));
    let scenario = scenario(SCENARIO, &["replications.until.max=12"]);
    assert_eq!(scenario.replications, 12);
    let resolved = &scenario.resolved["replications"]["until"];
    assert_eq!((&resolved["max"], &resolved["relative_error"]), (&12.into(), &0.3.into()));
}

#[test]
fn at_the_most_it_stops_and_says_who_is_not_known_well_enough() {
    let until = ["replications.until.relative_error=0.02", "replications.until.max=12"];
    let found = compare(SCENARIO, &until, 2);
    assert_eq!(found.replications(), 12);
    let [cached, uncached] = found.variants.as_slice() else { panic!("two variants") };
    let [note] = cached.notes.as_slice() else { panic!("{:?}", cached.notes) };
    assert!(note.starts_with("stale_read_ratio is known to ±"), "{note}");
    assert!(
        note.ends_with(
            " only, not to the ±2.0 % asked for: that is all that 12 replications tell."
        )
    );
    let [note] = uncached.notes.as_slice() else { panic!("{:?}", uncached.notes) };
    assert!(note.starts_with("stale_read_ratio was not seen in 12 replications"), "{note}");
}

#[test]
fn what_is_never_seen_or_never_settles_is_not_waited_for() {
    let unseen = ["replications.until.metric=\"lost_writes\""];
    assert_eq!(compare(SCENARIO, &unseen, 2).replications(), 10);
    // A query of 20 ms at 190 a second keeps 4 connections busy.
    let overloaded = [
        "replications.until.metric=\"read_latency_mean_ms\"",
        "replications.until.relative_error=0.001",
        "database.connections=2",
        "variant.cached.strategy.no-cache={}",
    ];
    let found = compare(SCENARIO, &overloaded, 2);
    assert!(found.variants.iter().all(|variant| variant.unstable.is_some()));
    assert_eq!(found.replications(), 10);
}
