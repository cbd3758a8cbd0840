//! Worlds at the edges of what the forms assume: theory says nothing there, or what holds.

use stalelab::prediction::{Compared, Says, predict};
use stalelab::scenario::Input;

use crate::theory::{differing, rows, scenario};

/// One variant of a short run. `workload` and `database` are the rest of their tables.
fn world(strategy: &str, workload: &str, database: &str) -> Input {
    let text = format!(
        r#"
        duration = "40s"
        warmup = "20s"
        replications = 8
        [workload]
        clients = 100
        read_share = 0.9
        {workload}
        [database]
        {database}
        [[variant]]
        name = "it"
        strategy = {strategy}
        "#
    );
    Input::from_text("world", &text)
}

const POISSON: &str = "arrivals = { poisson = { rate = 200.0 } }\nkeys = 20";

#[test]
fn forms_that_say_something_at_their_edges_agree() {
    let heavy = "read = { pareto = { min = \"2ms\", shape = 1.5 } }\nconnections = 64";
    let hot_last = "arrivals = { poisson = { rate = 400.0 } }\nkeys = 100\n\
                    write_keys = { hot = { keys = 80, share = 0.0 } }";
    let busy = "read = \"10ms\"\nwrite = \"10ms\"\nconnections = 1";
    let slow = "read = { exponential = \"30ms\" }";
    let end = "read = { exponential = \"30ms\" }\nsnapshot = \"end\"";
    let lagging = "replicas = 1\nreads_from = \"replica\"\nconnections = 1\nread = \"4ms\"\n\
                   replica_lag = { exponential = \"20ms\" }";
    let written = "arrivals = { poisson = { rate = 200.0 } }\nkeys = 4\nread_keys = \"uniform\"";
    let cases = [
        ("{ delete-on-write = {} }", POISSON, heavy),
        ("{ no-cache = {} }", hot_last, ""),
        ("{ ttl-only = { ttl = \"1s\" } }", hot_last, ""),
        ("{ delete-on-write = {} }", "arrivals = { poisson = { rate = 80.0 } }\nkeys = 20", busy),
        (
            "{ ttl-only = { ttl = \"300ms\" } }",
            "arrivals = { poisson = { rate = 80.0 } }\nkeys = 20",
            busy,
        ),
        ("{ versioned = { hold = \"1ms\" } }", POISSON, slow),
        ("{ lease = { term = \"5ms\" } }", POISSON, slow),
        ("{ lease = { ttl = \"100ms\" } }", POISSON, slow),
        ("{ no-cache = {} }", POISSON, lagging),
        (
            "{ delete-on-write = {} }",
            POISSON,
            "replicas = 1\nreads_from = \"replica\"\nreplica_lag = \"0s\"",
        ),
        ("{ delete-on-write = {} }", written, end),
        // A key's fills are all of one length, and many come in one.
        (
            "{ versioned = {} }",
            "arrivals = { poisson = { rate = 400.0 } }\nkeys = 40\nread_keys = { zipf = 0.9 }",
            "read = \"25ms\"",
        ),
    ];
    let mut compared = 0;
    for (strategy, workload, database) in cases {
        let checked = scenario(&world(strategy, workload, database), &[]);
        let all = rows(&checked);
        let told = format!("{strategy} {workload} {database}: {:#?}", all[0]);
        assert_eq!(differing(&all[0]), [""; 0], "{told}");
        let agree = all[0].iter().filter(|row| {
            matches!(row.says, Says::Value { .. }) && row.compared == Compared::Agrees
        });
        // What is refused still has its load: reads and writes, and most have what rests on it.
        let agree = agree.count();
        assert!(agree >= 2, "{told}");
        compared += agree;
    }
    assert!(compared > 80, "only {compared} figures could be compared");
}

#[test]
fn what_the_forms_do_not_have_is_named() {
    let poisson = "arrivals = { poisson = { rate = 95.0 } }\nkeys = 20";
    let busy = "connections = 1\nread = { exponential = \"9ms\" }\n\
                write = { exponential = \"9ms\" }\ntimeout = \"100ms\"";
    let late_write = "read = \"5ms\"\nwrite = { lognormal = { median = \"1ms\", p99 = \"20ms\" } }\n\
                      timeout = \"20ms\"";
    let acts = "arrivals = { poisson = { rate = 300.0 } }\nkeys = 40\n\
                journey = { view-then-act = { think = \"2s\", share = 0.2 } }";
    let few_acts = "arrivals = { poisson = { rate = 300.0 } }\nkeys = 400\n\
                    journey = { view-then-act = { think = \"1s\" } }";
    let slow = "read = { lognormal = { median = \"50ms\", p99 = \"600ms\" } }";
    let replica = "replicas = 1\nreads_from = \"replica\"";
    let alike = "arrivals = { closed = { think = \"1s\" } }\nkeys = 20";
    let heavy = "arrivals = { closed = { think = { pareto = { min = \"1s\", shape = 1.2 } } } }\n\
                 keys = 20";
    let queue = "arrivals = { closed = { think = { exponential = \"1s\" } } }\nkeys = 20";
    let closed =
        "connections = 1\nread = { exponential = \"8ms\" }\nwrite = { exponential = \"8ms\" }";
    let own = "arrivals = { poisson = { rate = 120.0 } }\nkeys = 300\n\
               journey = { view-then-act = { think = \"140ms\", share = 0.2 } }";
    let cases = [
        ("no-cache = {}", poisson, busy, "read_latency_mean_ms", "come after its timeout"),
        ("no-cache = {}", poisson, late_write, "db_reads_per_s", "come after its timeout"),
        ("no-cache = {}", poisson, "timeout = \"1s\"", "failed_request_ratio", "some may"),
        ("no-cache = {}", acts, "", "writes", "being thought about at a time"),
        ("delete-on-write = {}", few_acts, slow, "writes", "acts on stale rows fail"),
        ("no-cache = {}", few_acts, replica, "writes", "acts rest on what a replica says"),
        // Acts on what their own read has filled, which nobody else reads.
        ("ttl-only = { ttl = \"200ms\" }", own, "", "writes", "acts on stale rows fail"),
        ("no-cache = {}", alike, "", "reads", "other than exponential times"),
        ("no-cache = {}", heavy, "", "reads", "other than exponential times"),
        ("no-cache = {}", queue, closed, "db_wait_mean_ms", "closed loop"),
        ("versioned = { hold = \"1ms\" }", poisson, slow, "hit_ratio", "outlast what guards them"),
    ];
    for (strategy, workload, database, metric, reason) in cases {
        let input = world(&format!("{{ {strategy} }}"), workload, database);
        let prediction = predict(&scenario(&input, &[]).scenario, 0);
        match prediction.of(metric) {
            Says::Nothing { why } => assert!(why.contains(reason), "{strategy} {metric}: {why}"),
            says => panic!("{strategy} {workload} {database}, {metric}: {says:?}"),
        }
    }
}
