//! Stale reads of load runs, and the smallest races that make them.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use stalelab::experiment::Trial;
use stalelab::incident::{Found, Incident, IncidentError, Wanted, find};
use stalelab::observation::Cause;
use stalelab::op::{Lease, Op, Reply};
use stalelab::report::race::{Race, states};
use stalelab::scenario::{Input, Scenario, parse};
use stalelab::schedule::{Act, Move, Property, Step, explain_read};
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy;

struct Looking<'a>(&'a Trial, Wanted);

impl Visitor for Looking<'_> {
    type Output = Result<Found, IncidentError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        find(strategy, self.0, 0..2, &self.1, &AtomicBool::new(false))
    }
}

fn scenario(text: &str) -> Scenario {
    let input = Input::from_text("incident", text);
    parse(&input, &[])
        .unwrap_or_else(|mistakes| panic!("{}", mistakes.render(&input, false)))
        .scenario
}

fn look(scenario: &Scenario, cause: Cause) -> Found {
    let trial = Trial::new(scenario, 0, &AtomicBool::new(false)).expect("it can be run");
    let wanted = Wanted { cause: Some(cause), ..Wanted::default() };
    scenario.variants[0].strategy.visit(Looking(&trial, wanted)).expect("it runs")
}

/// A busy world around few keys.
fn busy(strategy: &str, more: &str) -> String {
    format!(
        r#"
        duration = "20s"
        replications = 2
        [workload]
        clients = 50
        arrivals = {{ poisson = {{ rate = 400.0 }} }}
        read_share = 0.8
        keys = 20
        [cache]
        link = {{ exponential = "1ms" }}
        {more}
        [[variant]]
        strategy = {strategy}
        "#
    )
}

const PLAIN: &str = r#"
    [database]
    connections = 100
    read = { exponential = "20ms" }
    write = { exponential = "4ms" }
"#;

const STRATEGIES: &[&str] = &[
    "{ no-cache = {} }",
    "{ ttl-only = { ttl = \"1s\" } }",
    "{ delete-on-write = {} }",
    "{ delete-on-write = { ttl = \"500ms\" } }",
    "{ delete-before-write = {} }",
    "{ double-delete = { delay = \"30ms\" } }",
    "{ update-on-write = {} }",
    "{ write-through = {} }",
    "{ write-behind = { delay = \"100ms\" } }",
    "{ versioned = { hold = \"50ms\" } }",
    "{ lease = {} }",
];

const WORLDS: &[(&str, &str)] = &[
    ("plain", PLAIN),
    ("small", "capacity = 5\n[database]\nconnections = 100\nread = { exponential = \"20ms\" }\n"),
    (
        "impatient",
        "timeout = \"2ms\"\n[database]\nconnections = 100\ntimeout = \"40ms\"\nread = { exponential = \"20ms\" }\n",
    ),
    (
        "replica",
        "[database]\nconnections = 100\nreplicas = 2\nreads_from = \"replica\"\nreplica_lag = { exponential = \"30ms\" }\n",
    ),
    (
        "impatient replica",
        "timeout = \"2ms\"\n[database]\nconnections = 100\nreplicas = 2\nreads_from = \"replica\"\nreplica_lag = { exponential = \"30ms\" }\n",
    ),
    (
        "lossy",
        "[database]\nconnections = 100\nread = { exponential = \"20ms\" }\n[[fault]]\nat = \"5s\"\nfor = \"10s\"\nlose = { operation = \"cache.delete\", probability = 0.3 }\n[[fault]]\nat = \"5s\"\nfor = \"10s\"\nlose = { operation = \"cache.set\", probability = 0.3 }\n",
    ),
    (
        "crashing",
        "[database]\nconnections = 100\nread = { exponential = \"20ms\" }\n[[fault]]\nat = \"5s\"\nserver-crash = { servers = 1 }\n[[fault]]\nat = \"9s\"\nserver-crash = { servers = 1 }\n",
    ),
    (
        "restarting",
        "[database]\nconnections = 100\nread = { exponential = \"20ms\" }\n[[fault]]\nat = \"5s\"\ncache-restart = {}\n",
    ),
];

#[test]
fn every_kind_of_stale_read_has_a_small_race() {
    let mut untold = Vec::new();
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for strategy in STRATEGIES {
        for (world, more) in WORLDS {
            let scenario = scenario(&busy(strategy, more));
            for cause in Cause::ALL {
                match look(&scenario, cause) {
                    Found::Nothing { .. } => {}
                    Found::Untold { alike, .. } => {
                        untold.push(format!("{strategy} in {world}: {alike} for {cause}"));
                    }
                    Found::Race(incident) => {
                        check(&incident, cause);
                        *told.entry(cause.name()).or_default() += 1;
                    }
                }
            }
        }
    }
    assert!(untold.is_empty(), "{}", untold.join("\n"));
    assert_eq!(told.len(), 7, "{told:?}");
}

/// The race ends with the read, stale for that cause, and is small.
fn check(incident: &Incident, cause: Cause) {
    let Incident { read, cast, scene, steps, moments, .. } = incident;
    assert_eq!(read.staleness.cause, cause);
    assert_eq!(explain_read(scene, steps).cause, Some(cause));
    assert_eq!(cast.len(), scene.sessions.len());
    assert!(cast.len() <= 3 && steps.len() <= 10, "{} steps", steps.len());
    let last = &steps[steps.len() - 1];
    assert!(last.violated.has(Property::NoStaleRead) || !read.staleness.ack_stale);
    let reader = cast.iter().any(|it| (it.client, it.began) == (read.client, read.began));
    assert!(reader && last.happening.answered.is_some());
    // A replica lags by itself: whatever befell an operation is left out.
    let befell = |step: &&Step| match step.made {
        Move::Session(_, act) => !matches!(act, Act::Proceed(_) | Act::Land(_)),
        _ => false,
    };
    let needless = steps.iter().find(|step| cause == Cause::ReplicaLag && befell(step));
    assert!(needless.is_none(), "{needless:?}");
    // Every step has its instant in the run, and nothing is there longer than its time.
    assert_eq!(moments.len(), steps.len());
    assert!(moments.windows(2).all(|pair| pair[0].at <= pair[1].at));
    let ended = moments[moments.len() - 1].at;
    assert!(read.began <= ended && ended <= read.ended, "{cause}: {ended:?}");
    let race = Race {
        strategy: "",
        scene,
        steps,
        violates: &[],
        cause: "",
        unavoidable: None,
        moments,
        replay: "",
    };
    let states = states(&race);
    let timeless = states.iter().flatten().find(|state| state.left.contains("no time"));
    assert!(timeless.is_none(), "{cause}: {timeless:?}");
    for (index, step) in steps.iter().enumerate() {
        let given = matches!(
            step.happening.operation,
            Some((Op::CacheGet(_), Reply::Row(Some(_))) | (_, Reply::Lease(Lease::Hit(_))))
        );
        // An entry whose time is over may lie about, but nobody is given it.
        let left = &states[index + 1][0].left;
        assert!(!given || !left.ends_with("over"), "{cause}: {left} at step {}", index + 1);
    }
}
