//! Arbitrary worlds, loads, disturbances and strategies for property tests.

use proptest::prelude::*;
use stalelab::op::OP_KINDS;
use stalelab::random::Distribution;
use stalelab::simulation::{Disturbance, DisturbanceKind, Setup, Stepping};
use stalelab::strategies::{ALL, Choice, ParamKind, ParamValue, ParamValues};
use stalelab::time::{Span, Time};
use stalelab::workload::{Arrivals, Journey, LoadPlan, Popularity, WorkloadConfig};
use stalelab::world::{Eviction, ReadsFrom, Snapshot, WorldConfig};

/// Times from a coarse grid, so that many events fall on the same instant.
fn distribution() -> impl Strategy<Value = Distribution> {
    let grid = |steps: u64| Span::from_micros(steps * 100);
    prop_oneof![
        Just(Distribution::Constant(Span::ZERO)),
        (0..8u64).prop_map(move |steps| Distribution::Constant(grid(steps))),
        (1..8u64).prop_map(move |steps| Distribution::Exponential(grid(steps))),
        (0..3u64, 3..9u64)
            .prop_map(move |(min, max)| Distribution::Uniform { min: grid(min), max: grid(max) }),
    ]
}

fn timeout() -> impl Strategy<Value = Option<Span>> {
    prop::option::of((1..20u64).prop_map(|steps| Span::from_micros(steps * 100)))
}

prop_compose! {
    fn world()(
        links in [distribution(), distribution()],
        services in [distribution(), distribution(), distribution(), distribution()],
        timeouts in [timeout(), timeout()],
        capacity in prop::option::of(1..6u32),
        eviction in prop_oneof![Just(Eviction::Lru), Just(Eviction::Fifo), Just(Eviction::Random)],
        connections in 1..5u32,
        snapshot in prop_oneof![Just(Snapshot::Start), Just(Snapshot::End)],
        replicas in 0..3u32,
    ) -> WorldConfig {
        let mut world = WorldConfig::instant();
        let [cache_link, db_link] = links;
        let [service, read, write, lag] = services;
        world.cache.link = cache_link;
        world.cache.service = service;
        [world.cache.timeout, world.database.timeout] = timeouts;
        world.cache.capacity = capacity;
        world.cache.eviction = eviction;
        world.database.connections = connections;
        world.database.snapshot = snapshot;
        world.database.link = db_link;
        world.database.read = read;
        world.database.write = write;
        world.database.replicas = replicas;
        world.database.replica_lag = lag;
        if replicas > 0 {
            world.database.reads_from = ReadsFrom::Replica;
        }
        world
    }
}

fn journey() -> impl Strategy<Value = Journey> {
    prop_oneof![
        Just(Journey::Independent),
        distribution().prop_map(|think| Journey::EditThenView { think, share: 0.7 }),
        distribution().prop_map(|think| Journey::ViewThenAct { think, share: 0.7 }),
    ]
}

prop_compose! {
    fn workload()(
        closed in prop::option::of(distribution()),
        rate in 500..4_000u32,
        keys in 1..12u32,
        read_share in 0.3..1.0f64,
        journey in journey(),
    ) -> WorkloadConfig {
        let mut workload = WorkloadConfig::poisson(f64::from(rate), keys, read_share);
        workload.clients = 7;
        workload.read_keys = Popularity::Zipf { exponent: 0.9 };
        workload.journey = journey;
        // Thinking takes time, or the closed loop would never leave its first instant.
        let think = |base: &Distribution| match base {
            Distribution::Constant(span) => Distribution::Constant(*span + Span::from_micros(500)),
            other => other.clone(),
        };
        if let Some(base) = closed {
            workload.arrivals = Arrivals::Closed { think: think(&base) };
        }
        workload
    }
}

fn disturbance() -> impl Strategy<Value = Disturbance> {
    let kind = prop_oneof![
        Just(DisturbanceKind::CacheRestart),
        (0..OP_KINDS.len() - 2, 0.1..1.0f64).prop_map(|(operation, probability)| {
            DisturbanceKind::Lose { operation, probability }
        }),
        (1..4u32).prop_map(|servers| DisturbanceKind::ServerCrash { servers }),
    ];
    (0..300u64, 0..100u64, kind).prop_map(|(at, length, kind)| Disturbance {
        at: Time(at * 1_000_000),
        until: Time((at + length) * 1_000_000),
        kind,
    })
}

prop_compose! {
    /// 300 ms of anything.
    pub(crate) fn setup()(
        world in world(),
        workload in workload(),
        disturbances in prop::collection::vec(disturbance(), 0..4),
    ) -> Setup {
        Setup {
            world,
            load: LoadPlan::new(&workload).expect("no trace is involved"),
            journey: workload.journey,
            disturbances,
            stop: Time(300_000_000),
            stepping: Stepping::Elided,
        }
    }
}

prop_compose! {
    /// The same with lagging replicas and slow queries: most commits are forgotten while rows
    /// older than them are still on their way to the cache.
    pub(crate) fn lagging_setup()(
        mut setup in setup(),
        lag in 5..20u64,
        read in 20..60u64,
        replicas in 1..4u32,
        rate in 6_000..16_000u32,
        keys in 30..300u32,
        read_share in 0.4..0.8f64,
    ) -> Setup {
        let constant = |millis| Distribution::Constant(Span::from_millis(millis));
        let database = &mut setup.world.database;
        database.replicas = replicas;
        database.reads_from = ReadsFrom::Replica;
        database.replica_lag = constant(lag);
        database.read = constant(read);
        database.snapshot = Snapshot::Start;
        database.timeout = None;
        database.connections = 10_000;
        setup.world.cache.capacity = None;
        let mut workload = WorkloadConfig::poisson(f64::from(rate), keys, read_share);
        workload.clients = 7;
        workload.journey = setup.journey.clone();
        setup.load = LoadPlan::new(&workload).expect("no trace is involved");
        setup
    }
}

prop_compose! {
    /// Any built-in strategy; all its durations are the same.
    pub(crate) fn choice()(
        index in 0..ALL.len(),
        span in (1..100u64).prop_map(|steps| Span::from_micros(steps * 500)),
        flag in any::<bool>(),
    ) -> Choice {
        let value = |kind| match kind {
            ParamKind::RequiredSpan | ParamKind::OptionalSpan(_) => ParamValue::Span(span),
            ParamKind::Flag(_) => ParamValue::Flag(flag),
        };
        let params = ALL[index].params.iter().map(|param| value(param.kind)).collect();
        Choice { name: ALL[index].name, params: ParamValues(params) }
    }
}
