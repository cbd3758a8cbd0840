//! The database's connections as a queue.

use super::shapes::Shape;
use super::study::Study;
use super::watch::Waits;
use super::worlds::{setup, span};
use crate::metrics::Measurement;
use crate::random::Distribution;
use crate::simulation::Setup;
use crate::strategies::NoCache;
use crate::theory::queueing::{Queue, closed_loop, single_server_wait_mean_s};
use crate::time::Span;
use crate::workload::{Arrivals, WorkloadConfig};
use crate::world::{Snapshot, WorldConfig};

/// Mean service time, in microseconds and in seconds.
const SERVICE_US: u64 = 10_000;
const SERVICE_S: f64 = 0.01;

pub(super) fn studies() -> Vec<Study> {
    let open = [
        many_servers(30.0, 1, 8e6),
        many_servers(50.0, 1, 12e6),
        many_servers(70.0, 1, 28e6),
        many_servers(280.0, 4, 24e6),
        many_servers(420.0, 6, 32e6),
    ];
    let general = [30.0, 50.0, 70.0]
        .into_iter()
        .flat_map(|rate| Shape::ALL.map(|shape| one_server(rate, shape)));
    let closed = [
        (20, 1, 150e3),
        (50, 1, 40e3),
        (100, 1, 100e3),
        (200, 1, 15e3),
        (150, 2, 60e3),
        (300, 4, 20e3),
        (500, 4, 20e3),
    ];
    open.into_iter().chain(general).chain(closed.map(repairman)).collect()
}

/// Waits, one by one.
pub(super) fn waits() -> Vec<Study<Waits<3>>> {
    [(50.0, 1, 30e6), (240.0, 4, 30e6), (360.0, 6, 40e6)].map(counted_waits).into()
}

fn counted_waits((rate, connections, queries): (f64, u32, f64)) -> Study<Waits<3>> {
    let queue = Queue::new(rate, SERVICE_S, connections).expect("stable");
    let setup = reads_only(
        connections,
        Shape::Exponential.of(SERVICE_US),
        &WorkloadConfig::poisson(rate, 10, 1.0),
    );
    let beyond = 0.1;
    let quantile_s = queue.wait_quantile_s(1.0 - beyond).expect("a quantile");
    let longer_than = [Span::ZERO, Span::from_micros(SERVICE_US / 2), span(quantile_s)];
    let parameters = format!("{rate} queries/s of 10 ms, {connections} connections, waits counted");
    Study::watched(NoCache, setup, parameters, move |window| Waits::new(window, longer_than))
        .shaped(Shape::Exponential)
        .lasting(20.0, queries / rate)
        .exact(
            "share that waits",
            "queueing::Queue::wait_probability",
            queue.wait_probability(),
            |it| it.share(0),
        )
        .exact(
            "waits longer than 5 ms",
            "queueing::Queue::wait_tail",
            queue.wait_tail(0.5 * SERVICE_S),
            |it| it.share(1),
        )
        .exact("waits longer than the p90", "queueing::Queue::wait_quantile_s", beyond, |it| {
            it.share(2)
        })
}

fn database(connections: u32, service: Distribution) -> WorldConfig {
    let mut world = WorldConfig::instant();
    world.database.connections = connections;
    world.database.snapshot = Snapshot::End;
    world.database.read = service;
    world
}

fn reads_only(connections: u32, service: Distribution, workload: &WorkloadConfig) -> Setup {
    setup(database(connections, service), workload)
}

fn wait_mean_s(run: &Measurement) -> f64 {
    run.counts.db_wait_ns as f64 / 1e9 / run.counts.db_arrivals as f64
}

fn latency_mean_s(run: &Measurement) -> f64 {
    run.reads.sum_ns as f64 / 1e9 / run.counts.reads as f64
}

fn utilization(run: &Measurement) -> f64 {
    let capacity = run.window.length().0 as f64 * f64::from(run.connections);
    run.counts.db_busy_ns as f64 / capacity
}

/// M/M/c, and how many queries it takes to see its mean wait to a percent.
fn many_servers(rate: f64, connections: u32, queries: f64) -> Study {
    let queue = Queue::new(rate, SERVICE_S, connections).expect("stable");
    let p99 = queue.sojourn_quantile_s(0.99).expect("a quantile");
    let setup = reads_only(
        connections,
        Shape::Exponential.of(SERVICE_US),
        &WorkloadConfig::poisson(rate, 10, 1.0),
    );
    let parameters = format!("{rate} queries/s of 10 ms, {connections} connections");
    let slower = |run: &Measurement| {
        let slower = run.reads.histogram.count_between(30_000_000, u64::MAX);
        slower as f64 / run.counts.reads as f64
    };
    let measured_p99 = |run: &Measurement| run.reads.histogram.value_at_quantile(0.99) as f64 / 1e9;
    Study::new(NoCache, setup, parameters)
        .shaped(Shape::Exponential)
        .lasting(20.0, queries / rate)
        .exact("utilisation", "queueing::Queue::utilization", queue.utilization(), utilization)
        .exact("mean wait, s", "queueing::Queue::wait_mean_s", queue.wait_mean_s(), wait_mean_s)
        .exact(
            "mean latency, s",
            "queueing::Queue::sojourn_mean_s",
            queue.sojourn_mean_s(),
            latency_mean_s,
        )
        // The histogram keeps three digits.
        .within(
            0.001,
            "p99 of the latency, s",
            "queueing::Queue::sojourn_quantile_s",
            p99,
            measured_p99,
        )
        .within(
            0.004,
            "share slower than 30 ms",
            "queueing::Queue::sojourn_tail",
            queue.sojourn_tail(0.03),
            slower,
        )
}

/// M/G/1.
fn one_server(rate: f64, shape: Shape) -> Study {
    let service = shape.of(SERVICE_US);
    let (mean, variance) = (service.mean(), service.variance());
    let formula = single_server_wait_mean_s(rate, mean, variance).expect("stable");
    let setup = reads_only(1, service, &WorkloadConfig::poisson(rate, 10, 1.0));
    let parameters = format!("{rate} queries/s of 10 ms, 1 connection");
    // The more queries wait in a row, and the more one may take, the more of them it takes.
    let queries = match shape {
        Shape::Constant => 6e6,
        Shape::Exponential => 6e6 + 0.2e6 * rate,
        Shape::Lognormal => 12e6 + 0.2e6 * rate,
    };
    Study::new(NoCache, setup, parameters).shaped(shape).lasting(20.0, queries / rate).exact(
        "mean wait, s",
        "queueing::single_server_wait_mean_s",
        formula,
        wait_mean_s,
    )
}

/// A closed loop: so many clients, think time 1 s; and how long it takes.
fn repairman((clients, connections, seconds): (u32, u32, f64)) -> Study {
    let form = "queueing::closed_loop";
    let theory = closed_loop(clients, 1.0, SERVICE_S, connections).expect("in range");
    let mut workload = WorkloadConfig::poisson(1.0, 10, 1.0);
    workload.clients = clients;
    workload.arrivals = Arrivals::Closed { think: Shape::Exponential.of(1_000_000) };
    let setup = reads_only(connections, Shape::Exponential.of(SERVICE_US), &workload);
    let throughput =
        |run: &Measurement| run.counts.reads as f64 / run.window.length().as_secs_f64();
    let parameters = format!("{clients} clients thinking 1 s, {connections} connections of 10 ms");
    Study::new(NoCache, setup, parameters)
        .shaped(Shape::Exponential)
        .lasting(20.0, seconds)
        .exact("throughput, 1/s", form, theory.throughput_per_s, throughput)
        .exact("mean latency, s", form, theory.response_mean_s, latency_mean_s)
        // At saturation every run is busy all the time, and the formula just short of it.
        .within(1e-6, "utilisation", form, theory.utilization, utilization)
}
