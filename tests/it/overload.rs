//! Systems that cannot keep up say so, wherever they are short, and those that can never do.

use stalelab::metrics::{Queue, VariantSummary, VerdictOutcome};

use crate::report::{file, plain};
use crate::support::compare;

/// The only variant of a scenario.
fn measure(text: &str) -> VariantSummary {
    compare("overload", text).variants.into_iter().next().expect("one variant")
}

/// Reads without a cache at a station of so many connections, each of which does 100 a second,
/// under this share of the load it can bear.
fn station(seed: u64, connections: u32, load: f64, warmup: &str, duration: &str) -> VariantSummary {
    let rate = 100.0 * load * f64::from(connections);
    measure(&format!(
        r#"
        seed = {seed}
        warmup = "{warmup}"
        duration = "{duration}"
        replications = 2
        [workload]
        arrivals = {{ poisson = {{ rate = {rate:.1} }} }}
        read_share = 1.0
        keys = 10
        [database]
        connections = {connections}
        read = {{ exponential = "10ms" }}
        [[variant]]
        strategy = {{ no-cache = {{}} }}
        "#
    ))
}

#[test]
fn a_load_of_110_percent_is_found_at_every_length_of_the_warm_up() {
    for seed in 1..=6 {
        for (connections, warmup, duration) in
            [(1, "10m", "1m"), (1, "0s", "5m"), (1, "5m", "5m"), (8, "1m", "1m"), (8, "0s", "1m")]
        {
            let found = station(seed, connections, 1.1, warmup, duration).unstable;
            let case = format!("seed {seed}, {connections} connections, {warmup} + {duration}");
            let found = found.unwrap_or_else(|| panic!("{case}: {found:?}"));
            assert_eq!(found.queue, Queue::Database, "{case}");
            let expected = 10.0 * f64::from(connections);
            let off = (found.growth_per_s - expected).abs();
            assert!(off < 0.9 * expected, "{case}: {found:?}");
        }
    }
}

#[test]
fn a_load_of_90_or_95_percent_is_steady_at_every_length_of_the_warm_up() {
    for seed in 1..=10 {
        for load in [0.9, 0.95] {
            for (connections, warmup, duration) in [
                (1, "10m", "1m"),
                (1, "0s", "5m"),
                (1, "0s", "5s"),
                (8, "10s", "1m"),
                (8, "0s", "2s"),
            ] {
                let found = station(seed, connections, load, warmup, duration).unstable;
                let case = format!("{load} at {connections} connections, {warmup} + {duration}");
                assert_eq!(found, None, "seed {seed}, {case}");
            }
        }
    }
}

#[test]
fn a_replica_that_cannot_keep_up_is_found_behind_an_idle_primary() {
    let found = measure(
        r#"
        duration = "20s"
        replications = 2
        [workload]
        arrivals = { poisson = { rate = 1000.0 } }
        read_share = 0.99
        keys = 1000
        [database]
        connections = 2
        read = "5ms"
        write = "1ms"
        replicas = 1
        reads_from = "replica"
        [[variant]]
        strategy = { no-cache = {} }
        "#,
    );
    let unstable = found.unstable.expect("990 reads a second for a replica that does 400");
    assert_eq!(unstable.queue, Queue::Database);
    assert!((unstable.growth_per_s - 590.0).abs() < 20.0, "{unstable:?}");
}

#[test]
fn writers_that_queue_for_a_lock_are_found_at_an_idle_database() {
    let convoy = |rate: f64| {
        measure(&format!(
            r#"
            duration = "10s"
            replications = 2
            [workload]
            arrivals = {{ poisson = {{ rate = {rate:.1} }} }}
            read_share = 0.0
            keys = 1
            [[variant]]
            strategy = {{ write-through = {{}} }}
            "#
        ))
    };
    let unstable = convoy(300.0).unstable.expect("one key's lock is held by one writer at a time");
    assert_eq!(unstable.queue, Queue::Requests);
    assert_eq!(convoy(50.0).unstable, None);
}

#[test]
fn timeouts_do_not_hide_the_operations_that_pile_up() {
    let found = measure(
        r#"
        duration = "20s"
        replications = 1
        [workload]
        arrivals = { poisson = { rate = 300.0 } }
        read_share = 1.0
        keys = 10
        [database]
        connections = 1
        read = "5ms"
        timeout = "50ms"
        [[variant]]
        strategy = { no-cache = {} }
        "#,
    );
    assert_eq!(found.unstable.expect("300 reads a second where 200 fit").queue, Queue::Database);
}

#[test]
fn a_closed_loop_waits_and_is_steady() {
    for seed in 1..=5 {
        for (clients, think) in [(500, "1s"), (50, "1ms"), (5_000, "1s")] {
            let found = measure(&format!(
                r#"
                seed = {seed}
                duration = "20s"
                warmup = "10s"
                replications = 2
                [workload]
                clients = {clients}
                arrivals = {{ closed = {{ think = {{ exponential = "{think}" }} }} }}
                read_share = 0.5
                keys = 100
                [database]
                connections = 2
                read = {{ exponential = "5ms" }}
                write = {{ exponential = "5ms" }}
                [[variant]]
                strategy = {{ no-cache = {{}} }}
                "#
            ));
            assert!(found.estimate("db_utilization").is_some_and(|busy| busy.mean > 0.9));
            assert_eq!(found.unstable, None, "seed {seed}, {clients} clients, {think}");
        }
    }
}

/// Two variants of which the first cannot keep up, and a claim about each.
const FIRST_IS_OVERLOADED: &str = r#"
duration = "20s"
replications = 2
[workload]
arrivals = { poisson = { rate = 300.0 } }
read_share = 0.9
keys = 10
[database]
connections = 1
read = "5ms"
write = "5ms"
[[variant]]
name = "one"
strategy = { no-cache = {} }
[[variant]]
name = "four"
strategy = { no-cache = {} }
set = { "database.connections" = 4 }
[[expect]]
variant = "one"
metric = "read_latency_p50_ms"
min = 100
[[expect]]
variant = "one"
metric = "db_utilization"
min = 0.99
[[expect]]
variant = "four"
metric = "read_latency_p50_ms"
max = 100
"#;

#[test]
fn without_a_steady_state_there_are_no_steady_figures() {
    let comparison = compare("overload", FIRST_IS_OVERLOADED);
    let outcomes: Vec<_> = comparison.verdicts.iter().map(|verdict| verdict.outcome).collect();
    let held = VerdictOutcome::Held;
    assert_eq!(outcomes, [VerdictOutcome::Inconclusive, held, held]);
    let file = |name| file(&comparison, name);
    for missing in ["read_latency_p50_ms,ms", "db_wait_mean_ms,ms", "stale_read_ratio,ratio"] {
        let row = format!("\none,no-cache,{missing},0,,,\n");
        assert!(file("summary.csv").contains(&row), "{row}");
    }
    assert!(file("summary.csv").contains("\none,no-cache,db_utilization,ratio,2,"));
    assert!(file("summary.csv").contains("\nfour,no-cache,read_latency_p50_ms,ms,2,"));
    assert!(file("replications.csv").lines().nth(1).expect("a row").contains(",,,,"));
    assert!(!file("latency.csv").contains("\none,") && file("latency.csv").contains("\nfour,"));
    assert!(file("timeline.csv").contains("\none,"));
    let said = plain(&comparison, true);
    let (_, metrics) = said.split_once("\none\n").expect("its metrics have a heading");
    assert!(metrics.starts_with("  unstable: the database's queue grew by "), "{said}");
    let (one, _) = metrics.split_once("\nfour\n").expect("so have the other's");
    assert!(one.contains("db_utilization") && !one.contains("latency"), "{said}");
    assert!(said.contains("unstable: no steady state"), "{said}");
}
