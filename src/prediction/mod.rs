//! What theory says of a variant of somebody's scenario, metric by metric, and how that compares
//! with what was simulated.
//!
//! A form has assumptions, and a scenario seldom keeps all of them. One that is kept nearly (a
//! fetch takes 3 ms where the form has it instant) gives the prediction a tolerance and is
//! [named](Prediction::assumptions); one that is not kept (a fault in mid-run) leaves the metrics
//! that rest on it without a prediction, and [the reason](Says::Nothing) is given instead.
//!
//! Not here: worlds made so that a form holds exactly, which is what `validation` is for.

mod aging;
mod cache_aside;
mod compare;
mod delays;
mod judge;
mod latency;
mod limits;
mod load;
mod replicas;
mod sheet;
mod ttl;
mod without_cache;

use self::judge::Place;
use self::load::Class;
use crate::metrics;
use crate::scenario::Scenario;
use crate::theory::metastability::{Stability, stability};

pub(crate) use self::latency::latency_of;
pub use compare::{Compared, EVENTS_MIN, Row, compare, deviations_allowed, late_fills};

/// What theory says of a metric.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// About this much.
    Value {
        /// In the metric's unit.
        value: f64,
        /// How far the truth may be from it, relative to it: the form is an approximation, or an
        /// assumption is kept nearly.
        tolerance: f64,
        /// Where the formula is, in [`crate::theory`].
        form: &'static str,
    },
    /// Not once.
    Never {
        /// Why not.
        why: &'static str,
    },
    /// Nothing.
    Nothing {
        /// Which assumption is not kept, or that there is no form.
        why: String,
    },
}

/// What theory says of a variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// One entry per metric, in the order of [`METRICS`](metrics::METRICS).
    pub says: Vec<Says>,
    /// What was assumed though it is kept only nearly, in sentences.
    pub assumptions: Vec<String>,
    /// Whether the database can lose its cache and recover, if it has one and the load is known.
    pub regime: Option<Load>,
    /// Late fills per second of a run, if late fills have a form: each is a race that was lost.
    pub late_fills_per_s: Option<f64>,
    /// How much a replication measures, in seconds.
    pub window_s: f64,
}

/// What the database would have to serve, against what it can.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// What that means.
    pub regime: Stability,
    /// Time connections are asked for, per second, with the cache at work.
    pub warm_connections: f64,
    /// The same if every read is a miss.
    pub cold_connections: f64,
    /// How many connections there are: where reads go.
    pub connections: f64,
}

impl Load {
    /// The load on whatever serves reads. `misses`: a key's, per second, with the cache at work.
    fn of(place: &Place<'_>, misses: impl Fn(&Class) -> f64) -> Option<Load> {
        let database = &place.world.database;
        let (read_s, write_s) = (database.read.mean(), database.write.mean());
        let rates = &place.rates;
        let warm: f64 = rates.classes.iter().map(|class| class.keys * misses(class)).sum();
        let (connections, writes) = match place.reads_replicas() {
            true => (database.connections * database.replicas, 0.0),
            false => (database.connections, rates.asked_writes_per_s() * write_s),
        };
        let connections = f64::from(connections);
        let warm_connections = warm * read_s + writes;
        let cold_connections = rates.reads_per_s * read_s + writes;
        let regime = stability(cold_connections, warm_connections, connections).ok()?;
        Some(Load { regime, warm_connections, cold_connections, connections })
    }
}

impl Prediction {
    /// What theory says of the metric of this name.
    ///
    /// # Panics
    /// If there is no such metric.
    pub fn of(&self, metric: &str) -> &Says {
        let index = metrics::index(metric);
        &self.says[index.expect("a metric's name")]
    }
}

/// What theory says of a variant of a scenario. Nothing is run.
///
/// # Panics
/// If the scenario has no variant of this number.
pub fn predict(scenario: &Scenario, variant: usize) -> Prediction {
    judge::predict(scenario, &scenario.variants[variant])
}
