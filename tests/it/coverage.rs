//! Whether intervals do what they say: how often they cover the truth, in hundreds of experiments
//! with real runs. The truth is the mean of them all, which is known some twenty times as well.

use stalelab::experiment::{Options, run};
use stalelab::metrics::{Estimate, VariantSummary, index, wilson};
use stalelab::scenario::{Input, Scenario, parse};

/// Few keys, slow queries and a delete on every write: once a replication there is a late fill, and
/// a burst of stale reads until the copy expires.
const BURSTS: &str = r#"
    duration = "2s"
    warmup = "500ms"
    replications = 8
    [workload]
    clients = 20
    arrivals = { poisson = { rate = 200.0 } }
    read_share = 0.95
    keys = 10
    [cache]
    link = "250us"
    [database]
    link = "250us"
    read = { exponential = "20ms" }
    write = "1ms"
    [[variant]]
    strategy = { delete-on-write = { ttl = "500ms" } }
"#;

/// A queue at a busy database behind a cache, both of which remember: what is measured in one
/// second is like what was measured in the last one.
const BUSY: &str = r#"
    duration = "60s"
    warmup = "5s"
    replications = 1
    [workload]
    clients = 50
    arrivals = { poisson = { rate = 140.0 } }
    read_share = 0.95
    keys = 100
    [cache]
    link = "250us"
    [database]
    connections = 1
    link = "250us"
    read = { exponential = "10ms" }
    write = { exponential = "5ms" }
    [[variant]]
    strategy = { ttl-only = { ttl = "1s" } }
"#;

/// The first variant in so many experiments, each with a seed of its own.
fn experiments(text: &str, many: u64) -> Vec<VariantSummary> {
    let input = Input::from_text("coverage", text);
    let checked = parse(&input, &[]);
    let scenario =
        checked.unwrap_or_else(|mistakes| panic!("{}", mistakes.render(&input, false))).scenario;
    let one = |seed| {
        let scenario = Scenario { seed, ..scenario.clone() };
        let found = run(&scenario, &Options::default(), &()).expect("nothing stops it");
        found.variants.into_iter().next().expect("one variant")
    };
    (0..many).map(one).collect()
}

/// A metric in many experiments.
struct Metric {
    truth: f64,
    estimates: Vec<Estimate>,
}

impl Metric {
    fn of(found: &[VariantSummary], name: &str) -> Metric {
        let place = index(name).expect("a metric");
        let estimates: Vec<Estimate> =
            found.iter().filter_map(|variant| variant.estimates[place]).collect();
        let truth = estimates.iter().map(|it| it.mean).sum::<f64>() / estimates.len() as f64;
        Metric { truth, estimates }
    }

    /// The share of these intervals that covers the truth.
    fn coverage(&self, interval: impl Fn(&Estimate) -> Option<(f64, f64)>) -> f64 {
        let intervals: Vec<(f64, f64)> = self.estimates.iter().filter_map(interval).collect();
        let covers = |(low, high): &&(f64, f64)| *low <= self.truth && self.truth <= *high;
        intervals.iter().filter(covers).count() as f64 / intervals.len() as f64
    }
}

#[test]
fn nineteen_in_twenty_printed_intervals_cover_the_truth_and_binomial_ones_do_not() {
    let found = experiments(BURSTS, 300);
    for name in [
        "hit_ratio",
        "stale_read_ratio",
        "stale_cause.late-fill",
        "stale_age_mean_ms",
        "read_latency_mean_ms",
        "db_reads_per_s",
    ] {
        let metric = Metric::of(&found, name);
        let covered = metric.coverage(|estimate| Some(estimate.interval()));
        assert!((0.93..=0.97).contains(&covered), "{name}: {covered}");
    }
    // What comes one by one, and once a replication, has intervals a little wider than need be.
    let episodes = Metric::of(&found, "stale_episodes");
    assert!((0.9..1.3).contains(&episodes.truth), "{}", episodes.truth);
    let covered = episodes.coverage(|estimate| Some(estimate.interval()));
    assert!((0.93..=0.985).contains(&covered), "stale_episodes: {covered}");
    let reads = Metric::of(&found, "reads");
    let stale = Metric::of(&found, "stale_read_ratio");
    let binomial = stale.coverage(|estimate| Some(wilson(estimate.mean, 8.0 * reads.truth)));
    assert!(binomial < 0.7, "{binomial}");
}

#[test]
fn batches_of_a_single_run_cover_the_truth_too() {
    let found = experiments(BUSY, 200);
    for name in [
        "hit_ratio",
        "stale_read_ratio",
        "stale_age_mean_ms",
        "read_latency_mean_ms",
        "db_wait_mean_ms",
        "db_utilization",
        "db_reads_per_s",
    ] {
        let metric = Metric::of(&found, name);
        let given = metric
            .estimates
            .iter()
            .filter(|it| matches!(it.source, stalelab::metrics::Source::Batches(_)))
            .count();
        assert!(given >= 195, "{name}: {given}");
        let covered = metric.coverage(|estimate| estimate.ci95);
        assert!((0.92..=0.99).contains(&covered), "{name}: {covered}");
    }
    let (reads, stale) = (Metric::of(&found, "reads"), Metric::of(&found, "stale_read_ratio"));
    let binomial = stale.coverage(|estimate| Some(wilson(estimate.mean, reads.truth)));
    assert!(binomial < 0.85, "{binomial}");
    for name in ["read_latency_p99_ms", "stale_age_max_ms", "stale_episodes", "cache_ops_per_s"] {
        let untold = Metric::of(&found, name);
        assert!(untold.estimates.iter().all(|it| it.ci95.is_none()), "{name} has no batches");
    }
}
