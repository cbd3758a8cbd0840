//! The simulation against closed forms: the quick form of `stalelab validate`, and what has no row.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use stalelab::experiment::Options;
use stalelab::metrics::Measurement;
use stalelab::op::OP_KINDS;
use stalelab::simulation::{Disturbance, DisturbanceKind};
use stalelab::strategies::{DeleteOnWrite, DoubleDelete};
use stalelab::theory::latency::Latency;
use stalelab::theory::stale_set::StaleSetRace;
use stalelab::time::{Span, Time};
use stalelab::validation::{Depth, NOT_COMPARED, Outcome, forms, is_not_compared, run};
use stalelab::workload::WorkloadConfig;
use stalelab::world::WorldConfig;

use crate::support::{constant_us, measure, setup};

#[test]
fn theory_and_simulation_agree() {
    let rows = run(Depth::Quick, "", &Options::default(), &()).expect("nothing stops it");
    let wrong: Vec<_> =
        rows.iter().filter(|row| row.outcome(Depth::Quick) == Outcome::Differs).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // By chance one in a thousand is looked at twice.
    assert!(rows.iter().filter(|row| row.again).count() < 6);
    // Some are too coarse at this depth; most must not be, or this shows nothing.
    let agree = rows.iter().filter(|row| row.outcome(Depth::Quick) == Outcome::Agrees).count();
    assert!(rows.len() > 100 && agree * 20 > rows.len() * 19, "{agree} of {}", rows.len());
}

#[test]
fn a_part_of_the_comparisons_has_the_figures_of_the_whole() {
    let part = |text| run(Depth::Quick, text, &Options::default(), &()).expect("it ends");
    let (few, fewer) = (part("delete_before_write"), part("looked at the commit"));
    assert!(!fewer.is_empty() && fewer.len() < few.len());
    assert!(fewer.iter().all(|row| few.contains(row)), "{fewer:#?}");
    assert_eq!(part("no such thing"), []);
}

/// What the forms are made of, which are none.
const TOOLS: [&str; 6] = ["latency", "law", "mod", "monte_carlo", "quadrature", "special"];

/// The public functions and methods of a module of theory but for constructors, as
/// `ttl::TtlOnly::hit_ratio`.
fn forms_of(module: &str, source: &str) -> Vec<String> {
    let name = |rest: &str| -> String {
        rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut of = String::new();
    let mut found = Vec::new();
    for line in source.lines().take_while(|line| *line != "#[cfg(test)]") {
        if let Some(rest) = line.strip_prefix("impl ") {
            of = name(rest);
        } else if let Some(rest) = line.strip_prefix("pub fn ") {
            found.push(format!("{module}::{}", name(rest)));
        } else if let Some(rest) = line.strip_prefix("    pub fn ") {
            found.push(format!("{module}::{of}::{}", name(rest)));
        }
    }
    found.retain(|form| !form.ends_with("::new"));
    found
}

/// All forms of theory, from its files.
fn public_forms() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/theory");
    let files = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it").path());
    // A folder holds parts of the file of its name.
    let files = files.filter(|path| path.is_file());
    let forms = files.flat_map(|path| {
        let module = path.file_stem().and_then(|stem| stem.to_str()).expect("UTF-8").to_owned();
        let source = fs::read_to_string(&path).expect("UTF-8");
        if TOOLS.contains(&module.as_str()) { Vec::new() } else { forms_of(&module, &source) }
    });
    forms.collect()
}

#[test]
fn every_form_is_compared_or_said_not_to_be() {
    let all = public_forms();
    let compared: BTreeSet<String> = forms().iter().map(|form| form.form.to_owned()).collect();
    for form in &all {
        let (row, gap) = (compared.contains(form), is_not_compared(form));
        assert!(row || gap, "{form} has no row: compare it, or say in NOT_COMPARED why not");
        assert!(!(row && gap), "{form} has a row, and is said to have none");
    }
    // Nor is there a row, or a reason, for what is not there.
    assert_eq!(compared.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new());
    for name in NOT_COMPARED.iter().flat_map(|group| group.forms) {
        let exists = all.iter().any(|form| form == name || form.starts_with(&format!("{name}::")));
        assert!(exists, "{name} is no form");
    }
    // The test itself finds what it should.
    let source = "pub fn a() {\nimpl B {\n    pub fn new() {\n    pub fn c() {\n    fn d() {\n";
    assert_eq!(forms_of("m", source), ["m::a", "m::B::c"]);
    assert!(all.len() > 50, "{all:?}");
}

/// Fills and deletes that each take the same time, always.
fn constant_times(fill_us: u64, delete_us: u64) -> Measurement {
    let mut world = WorldConfig::instant();
    world.database.read = constant_us(fill_us);
    world.cache.link = constant_us(delete_us);
    let workload = WorkloadConfig::poisson(2_000.0, 10, 0.5);
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    measure(&strategy, &setup(world, &workload, Span::from_secs(20)), Span::from_secs(1), 1)
}

#[test]
fn constant_latencies_hide_the_race() {
    let late_fills = |run: &Measurement| run.counts.stale_by_cause[2];
    // The delete is on its way as long as the fill's set: a query that takes no longer cannot lose.
    assert_eq!(late_fills(&constant_times(0, 2_000)), 0);
    assert!(late_fills(&constant_times(10_000, 2_000)) > 100);
}

#[test]
fn a_second_delete_that_outlasts_every_fill_suffices() {
    // A fill takes a query of 10 ms and a set of 2 ms, a delete 2 ms from the commit's reply.
    let millis = |ms: u64| Span::from_millis(ms);
    let constant = |ms: u64| Latency::constant(millis(ms).as_secs_f64()).expect("valid");
    let race = StaleSetRace::new(100.0, constant(12), constant(2)).expect("valid");
    let suffices = race.second_delete_that_suffices_s().expect("fills have a longest");
    let mut world = WorldConfig::instant();
    world.database.read = constant_us(10_000);
    world.cache.link = constant_us(2_000);
    let workload = WorkloadConfig::poisson(2_000.0, 10, 0.5);
    // Old copies that nothing will ever remove, of ten keys, after many runs.
    let left = |delay: Span| -> u64 {
        let strategy = DoubleDelete { ttl: Span::FOREVER, delay };
        let run = |seed| {
            let setup = setup(world.clone(), &workload, millis(300));
            measure(&strategy, &setup, Span::ZERO, seed).aftermath.permanently_stale_keys
        };
        (0..100).map(run).sum()
    };
    let delay = Span((suffices * 1e9) as u64);
    assert_eq!(left(Span(delay.0 + 1)), 0);
    assert!(left(Span(delay.0 - 4_000_000)) > 10, "{}", left(Span(delay.0 - 4_000_000)));
}

#[test]
fn what_a_lost_delete_leaves_is_named() {
    let workload = WorkloadConfig::poisson(440.0, 20, 20.0 / 22.0);
    let mut setup = setup(WorldConfig::instant(), &workload, Span::from_secs(100));
    let operation = OP_KINDS.iter().position(|(name, _)| *name == "cache.delete");
    let kind = DisturbanceKind::Lose { operation: operation.expect("it is one"), probability: 0.1 };
    setup.disturbances = vec![Disturbance { at: Time::ZERO, until: Time::NEVER, kind }];
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    let run = measure(&strategy, &setup, Span::from_secs(20), 1);
    assert!(run.counts.stale > 100 && run.counts.stale_by_cause[3] == run.counts.stale);
}
