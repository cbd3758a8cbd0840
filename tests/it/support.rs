//! What the tests share: small worlds, and a way to measure a strategy in one.

use std::sync::atomic::AtomicBool;

use stalelab::experiment::{self, Options};
use stalelab::metrics::{Comparison, Measurement, Recorder, Window};
use stalelab::random::Distribution;
use stalelab::scenario::{Input, parse};
use stalelab::simulation::{Setup, Stepping, run};
use stalelab::strategy::Strategy;
use stalelab::time::{Span, Time};
use stalelab::workload::{Arrivals, Journey, LoadPlan, Popularity, WorkloadConfig};
use stalelab::world::{
    CacheConfig, DatabaseConfig, Eviction, ReadsFrom, ServersConfig, Snapshot, WorldConfig,
};

pub(crate) const NO_TIME: Distribution = Distribution::Constant(Span::ZERO);

pub(crate) fn constant_us(micros: u64) -> Distribution {
    Distribution::Constant(Span::from_micros(micros))
}

pub(crate) fn exponential_us(micros: u64) -> Distribution {
    Distribution::Exponential(Span::from_micros(micros))
}

/// A world in which nothing takes any time and nothing is scarce.
pub(crate) fn instant_world() -> WorldConfig {
    WorldConfig {
        cache: CacheConfig {
            link: NO_TIME,
            service: NO_TIME,
            capacity: None,
            eviction: Eviction::Lru,
            timeout: None,
        },
        database: DatabaseConfig {
            connections: 1_000_000,
            snapshot: Snapshot::Start,
            link: NO_TIME,
            read: NO_TIME,
            write: NO_TIME,
            replicas: 0,
            replica_lag: NO_TIME,
            reads_from: ReadsFrom::Primary,
            timeout: None,
        },
        servers: ServersConfig { count: 4 },
    }
}

/// An open loop over a few keys, all alike.
pub(crate) fn open_loop(rate: f64, keys: u32, read_share: f64) -> WorkloadConfig {
    WorkloadConfig {
        clients: 8,
        arrivals: Arrivals::Poisson { rate },
        read_share,
        keys,
        read_keys: Popularity::Uniform,
        write_keys: None,
        journey: Journey::Independent,
    }
}

/// A run of this length, with nothing broken.
pub(crate) fn setup(world: WorldConfig, workload: &WorkloadConfig, length: Span) -> Setup {
    Setup {
        world,
        load: LoadPlan::new(workload).expect("a load without a trace, or with a readable one"),
        journey: workload.journey.clone(),
        disturbances: Vec::new(),
        stop: Time::ZERO + length,
        stepping: Stepping::Elided,
    }
}

/// Measures a strategy, ignoring requests before `warmup`.
pub(crate) fn measure<S: Strategy>(
    strategy: &S,
    setup: &Setup,
    warmup: Span,
    seed: u64,
) -> Measurement {
    let window = Window { start: Time::ZERO + warmup, end: setup.stop };
    let mut recorder = Recorder::new(window);
    let aftermath = run(strategy, setup, seed, &mut recorder, &AtomicBool::new(false))
        .expect("nothing cancels the run");
    Measurement::new(recorder, aftermath, setup.world.database.connections)
}

/// Runs a scenario given as text.
pub(crate) fn compare(name: &str, text: &str) -> Comparison {
    let input = Input::from_text(name, text);
    let checked = match parse(&input, &[]) {
        Ok(checked) => checked,
        Err(mistakes) => panic!("{}", mistakes.render(&input, false)),
    };
    experiment::run(&checked.scenario, &Options::default(), &()).expect("nothing stops it")
}
