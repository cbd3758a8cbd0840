//! What does a cache in front of a database do to the truth?
//!
//! A cache makes reads fast, and some of them wrong: for a while, or for good. stalelab measures
//! how many, for how long and why, next to latency and database load, in the same run. It is a
//! deterministic discrete-event simulator of clients, application servers, a cache and a
//! database, with caching strategies that read like the textbook's pseudo-code.
//!
//! # A tour
//!
//! A [`scenario`] says who asks for what ([`workload`]), what exists ([`world`]), and which
//! [`strategies`] to compare. An [`experiment`] runs it; what comes back is one summary for each
//! variant, with an interval for every metric.
//!
//! ```
//! use stalelab::experiment::{self, Options};
//! use stalelab::scenario::{Input, parse};
//!
//! let text = r#"
//!     duration = "20s"
//!     replications = 4
//!
//!     [workload]
//!     clients = 20
//!     arrivals = { poisson = { rate = 500.0 } }
//!     read_share = 0.9
//!     keys = 50
//!
//!     [[variant]]
//!     name = "one second"
//!     strategy = { ttl-only = { ttl = "1s" } }
//!
//!     [[variant]]
//!     name = "versioned"
//!     strategy = { versioned = {} }
//! "#;
//! let checked = parse(&Input::from_text("tour", text), &[]).expect("the scenario is valid");
//! let comparison = experiment::run(&checked.scenario, &Options::default(), &())?;
//!
//! let stale = |variant: usize| {
//!     let estimate = comparison.variants[variant].estimate("stale_read_ratio");
//!     estimate.expect("there were reads").mean
//! };
//! // A key is read 9 times a second and written once. A copy that lives for a second serves 9
//! // reads in 10, and 1/e of those after a write: 33 % of all reads.
//! assert!(stale(0) > 0.25 && stale(0) < 0.40);
//! // Versions leave only the instant between a commit and its tombstone.
//! assert!(stale(1) < 0.001);
//! # Ok::<(), experiment::ExperimentError>(())
//! ```
//!
//! A strategy of your own implements [`strategy::Strategy`]: two `async fn`s over the operations
//! of [`op`]. [`experiment::run_strategy`] measures it in the place of a scenario's variant; it is
//! on equal terms with the built-in ones, which can do no more than it can.
//!
//! # The map
//!
//! | to read | for |
//! | --- | --- |
//! | [`op`], [`strategy`], [`task`] | what a strategy can ask, and how it is run |
//! | [`strategies`] | the built-in strategies, each with what can go wrong and who uses it |
//! | [`world`], [`workload`], [`random`], [`time`] | what exists, who asks, how long it takes |
//! | [`simulation`], [`observation`] | the load driver, and what it reports |
//! | [`schedule`], [`explorer`] | one exact interleaving, and all of them |
//! | [`testing`] | races in tests of your own |
//! | [`consistency`], [`history`] | what is wrong with a recorded history, wherever it is from |
//! | [`metrics`], [`theory`] | what is measured, and the closed forms it is checked against |
//! | [`scenario`], [`experiment`], [`report`] | the file, the runs, the results |
//! | [`picture`] | what pictures are drawn with |
//!
//! # What is promised
//!
//! The same scenario, seed and version give the same bytes: on every platform, with any number of
//! threads, debug or release. So nothing that reaches a result reads a clock or the environment,
//! depends on the order of a hash map, or calls the platform's mathematics (logarithms and powers
//! are [`libm`]'s). Time is whole nanoseconds, and events at one instant have an order of their
//! own. Below [`experiment`] there are no threads except the
//! explorer's, and no files except a trace that is replayed.
//!
//! # What it does not say
//!
//! The world is a model. A row is its version: there are no values, sizes or transactions over
//! several keys. Under load there is one cache node and one database with replicas; links lose,
//! delay and never corrupt; the cache has no queue. Application servers have no limit of their
//! own. The database's service times come from the scenario: they do not depend on its load,
//! except by waiting for a connection, nor on what is read. Not having seen a stale read in n
//! reads is evidence of a rate below 3/n, not of correctness. Numbers for your system need your
//! system's latencies and load in the scenario.

pub mod chart;
pub mod consistency;
pub mod event_log;
pub mod experiment;
pub mod explorer;
pub mod history;
pub mod incident;
pub mod metrics;
pub mod observation;
pub mod op;
pub mod perfetto;
pub mod picture;
pub mod prediction;
pub mod random;
pub mod report;
pub mod scenario;
pub mod schedule;
pub mod simulation;
pub mod strategies;
pub mod strategy;
pub mod task;
pub mod testing;
pub mod theory;
pub mod time;
pub mod validation;
pub mod webpage;
pub mod workload;
pub mod world;
