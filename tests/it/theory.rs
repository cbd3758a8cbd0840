//! What theory says of scenarios beside what they do; and that a wrong prediction is noticed.

use stalelab::experiment::{Options, run};
use stalelab::metrics::VariantSummary;
use stalelab::prediction::{Compared, Row, Says, compare, predict};
use stalelab::scenario::{Checked, Input, Override, builtin, parse};
use stalelab::theory::metastability::Stability;

use crate::command::printed;

/// A scenario with these values, parsed.
pub(crate) fn scenario(input: &Input, set: &[&str]) -> Checked {
    let overrides: Vec<Override> = set
        .iter()
        .map(|pair| Override::parse(pair).unwrap_or_else(|error| panic!("{pair}: {error}")))
        .collect();
    parse(input, &overrides).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(input, false)))
}

fn simulated(checked: &Checked) -> Vec<VariantSummary> {
    run(&checked.scenario, &Options::default(), &()).expect("it runs").variants
}

pub(crate) fn rows(checked: &Checked) -> Vec<Vec<Row>> {
    let variants = simulated(checked);
    let compared = variants
        .iter()
        .enumerate()
        .map(|(index, summary)| compare(&predict(&checked.scenario, index), summary));
    compared.collect()
}

pub(crate) fn differing(rows: &[Row]) -> Vec<&'static str> {
    let differ = rows.iter().filter(|row| row.compared == Compared::Differs);
    differ.map(|row| row.metric().name).collect()
}

#[test]
fn the_scenarios_that_theory_knows_agree_with_it() {
    // Shorter than they are: and how many figures must be compared in all their variants.
    let cases: [(&str, &[&str], usize); 5] = [
        ("works-on-my-machine", &["duration=3m", "replications=6"], 33),
        ("ttl-window", &["duration=30m", "replications=6"], 64),
        ("replica-lag", &["duration=60s", "replications=6"], 15),
        ("delete-race", &["duration=60s", "replications=6"], 40),
        ("in-stock", &["replications=6"], 45),
    ];
    for (name, set, least) in cases {
        let checked = scenario(&builtin::input(name).expect("it is built in"), set);
        let all = rows(&checked);
        for (rows, variant) in all.iter().zip(&checked.scenario.variants) {
            assert_eq!(differing(rows), [""; 0], "{name}, {}: {rows:#?}", variant.name);
        }
        let valued = all.iter().flatten().filter(|row| matches!(row.says, Says::Value { .. }));
        let agree = valued.filter(|row| row.compared == Compared::Agrees).count();
        assert!(agree >= least, "{name}: only {agree} figures could be compared");
    }
}

#[test]
fn what_a_run_cannot_tell_or_theory_cannot_say_is_no_difference() {
    let compared = |name: &str, set: &[&str]| {
        let checked = scenario(&builtin::input(name).expect("it is built in"), set);
        let all = rows(&checked);
        for (rows, variant) in all.iter().zip(&checked.scenario.variants) {
            assert_eq!(differing(rows), [""; 0], "{name}, {}: {rows:#?}", variant.name);
        }
        all
    };
    let of = |rows: &[Row], metric: &str| {
        rows.iter().find(|row| row.metric().name == metric).expect("a metric").clone()
    };
    let why = |row: &Row| match &row.says {
        Says::Nothing { why } => why.clone(),
        says => panic!("{says:?}"),
    };
    // One late fill in four runs, of many reads.
    let rare = compared("in-stock", &["workload.keys=10000", "duration=60s"]);
    assert_eq!(of(&rare[2], "stale_cause.late-fill").compared, Compared::TooRare);
    // Most keys are read for the first time while it is measured.
    let filling = compared("delete-race", &["workload.keys=20000", "duration=20s"]);
    assert!(why(&of(&filling[0], "hit_ratio")).contains("still filling"));
    let behind = world("{ no-cache = {} }", "[database]\nconnections = 1\nread = \"10ms\"");
    let behind = rows(&scenario(&behind, &[]));
    assert_eq!(differing(&behind[0]), [""; 0], "{behind:#?}");
    assert!(why(&of(&behind[0], "db_reads_per_s")).contains("fell behind"));
    // A restart does not change what is asked for.
    let cold = compared("cold-cache", &["replications=4"]);
    for metric in ["reads", "writes"] {
        assert!(cold.iter().all(|rows| of(rows, metric).compared == Compared::Agrees));
    }
    // All stale reads there are lag by one version.
    compared("works-on-my-machine", &["workload.read_share=0.5", "duration=2m"]);
    compared("ttl-window", &["duration=60s", "workload.keys=1"]);
}

/// One variant in a world with every latency, in which theory has something to say.
fn world(strategy: &str, more: &str) -> Input {
    let text = format!(
        r#"
        duration = "60s"
        warmup = "20s"
        replications = 8
        [workload]
        arrivals = {{ poisson = {{ rate = 400.0 }} }}
        read_share = 0.9
        keys = 50
        {more}
        [[variant]]
        name = "it"
        strategy = {strategy}
        "#
    );
    Input::from_text("world", &text)
}

#[test]
fn other_worlds_agree_too() {
    let worlds = [
        ("{ no-cache = {} }", ""),
        ("{ no-cache = {} }", "[database]\nconnections = 1\nread = \"1ms\"\nwrite = \"3ms\""),
        (
            "{ no-cache = {} }",
            "[database]\nconnections = 3\nread = { exponential = \"6ms\" }\nwrite = { exponential = \"6ms\" }",
        ),
        ("{ no-cache = {} }", "[database]\nreplicas = 2\nreads_from = \"replica\""),
        ("{ ttl-only = { ttl = \"3s\" } }", "read_keys = { zipf = 0.9 }"),
        ("{ ttl-only = { ttl = \"1s\" } }", "read_keys = { hot = { keys = 5, share = 0.6 } }"),
        ("{ delete-on-write = {} }", "read_keys = { zipf = 0.8 }"),
        (
            "{ delete-on-write = {} }",
            "[database]\nread = { exponential = \"60ms\" }\nconnections = 200",
        ),
        (
            "{ delete-on-write = { ttl = \"2s\" } }",
            "[database]\nread = \"30ms\"\nconnections = 200",
        ),
        ("{ versioned = {} }", "write_keys = \"uniform\"\nread_keys = { zipf = 1.1 }"),
        ("{ lease = {} }", ""),
    ];
    for (strategy, more) in worlds {
        let checked = scenario(&world(strategy, more), &[]);
        let all = rows(&checked);
        assert_eq!(differing(&all[0]), [""; 0], "{strategy} {more}: {:#?}", all[0]);
        let agree = all[0].iter().filter(|row| {
            matches!(row.says, Says::Value { .. }) && row.compared == Compared::Agrees
        });
        assert!(agree.count() >= 5, "{strategy} {more}");
    }
}

#[test]
fn a_prediction_for_another_world_is_found_to_differ() {
    let cases = [
        ("{ ttl-only = { ttl = \"3s\" } }", "variant.it.strategy.ttl-only.ttl=2800ms", "hit_ratio"),
        ("{ ttl-only = { ttl = \"3s\" } }", "workload.read_share=0.89", "db_writes_per_s"),
        ("{ delete-on-write = {} }", "database.read=60ms", "hit_ratio"),
        ("{ no-cache = {} }", "database.read=1ms", "read_latency_mean_ms"),
        ("{ no-cache = {} }", "database.connections=33", "db_utilization"),
    ];
    for (strategy, set, metric) in cases {
        let input = world(strategy, "");
        let variants = simulated(&scenario(&input, &[]));
        let other = predict(&scenario(&input, &[set]).scenario, 0);
        let found = differing(&compare(&other, &variants[0]));
        assert!(found.contains(&metric), "{strategy} with {set}: {found:?}");
    }
}

#[test]
fn what_is_not_kept_is_named() {
    let cases = [
        ("journey = { edit-then-view = { think = \"1s\" } }", "reads follow writes"),
        ("[cache]\ncapacity = 10", "the cache evicts"),
        ("[cache]\ntimeout = \"600us\"", "of the cache's answers come after its timeout"),
        ("[database]\ntimeout = \"2ms\"", "of the database's answers come after its timeout"),
        ("[[fault]]\nat = \"30s\"\ncache-restart = {}", "a fault changes the world"),
    ];
    for (more, reason) in cases {
        let checked = scenario(&world("{ delete-on-write = {} }", more), &[]);
        let prediction = predict(&checked.scenario, 0);
        let Says::Nothing { why } = prediction.of("stale_read_ratio") else {
            panic!("{more}: {:?}", prediction.of("stale_read_ratio"));
        };
        assert!(why.contains(reason), "{more}: {why}");
    }
}

#[test]
fn a_cold_cache_is_told_from_a_harmless_one() {
    let regime = |more: &str| {
        let checked = scenario(&world("{ delete-on-write = {} }", more), &[]);
        predict(&checked.scenario, 0).regime.expect("the load is known").regime
    };
    let read = "[database]\nread = { exponential = \"40ms\" }\n";
    assert_eq!(regime(&format!("{read}connections = 20")), Stability::Safe);
    assert_eq!(regime(&format!("{read}connections = 5")), Stability::Vulnerable);
    assert_eq!(regime(&format!("{read}connections = 1")), Stability::Hopeless);
    let input = builtin::input("cold-cache").expect("it is built in");
    let checked = scenario(&input, &[]);
    for variant in 0..3 {
        let load = predict(&checked.scenario, variant).regime.expect("the load is known");
        assert_eq!(load.regime, Stability::Vulnerable);
    }
}

#[test]
fn the_command_says_what_was_compared_and_what_not() {
    let short = ["--set", "duration=20m", "--replications", "3", "--no-progress"];
    let (code, text) = printed(&[&["theory", "ttl-window"], &short[..]].concat());
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("stale_read_ratio") && text.contains(" figures agree"), "{text}");
    assert!(text.contains("A fetch takes 3.71 ms") && text.contains("No form ("), "{text}");
    let (code, json) = printed(&[&["theory", "ttl-window", "--json"], &short[..]].concat());
    assert_eq!(code, Some(0));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let metric = &json["variants"][0]["metrics"][3];
    assert_eq!((&metric["metric"], &metric["compared"]), (&"hit_ratio".into(), &"agrees".into()));
    assert!((metric["theory"].as_f64().expect("a number") - 0.7019).abs() < 1e-4);

    let cold = ["theory", "cold-cache", "--replications", "4", "--no-progress"];
    let (code, text) = printed(&cold);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("vulnerable") && text.contains("  ✓ reads   190,000"), "{text}");
}
