//! The reference workload, alone in a process: for timing, and for counting instructions.
//!
//! `cargo bench --bench reference -- [REQUESTS] [KEYS] [CONNECTIONS]` runs it once on one thread
//! and prints one line. All metrics are on. `benches/side-by-side` compares such runs.

use std::sync::atomic::AtomicBool;

use stalelab::metrics::{Measurement, Recorder, Window};
use stalelab::random::Distribution;
use stalelab::simulation::{Setup, Stepping, run};
use stalelab::strategies::DeleteOnWrite;
use stalelab::time::{NANOS_PER_SECOND, Span, Time};
use stalelab::workload::{Arrivals, Journey, LoadPlan, Popularity, WorkloadConfig};
use stalelab::world::{
    CacheConfig, DatabaseConfig, Eviction, ReadsFrom, ServersConfig, Snapshot, WorldConfig,
};

const RATE: f64 = 50_000.0;

fn setup(requests: f64, keys: u32, connections: u32) -> Setup {
    let exponential = |micros| Distribution::Exponential(Span::from_micros(micros));
    let workload = WorkloadConfig {
        clients: 64,
        arrivals: Arrivals::Poisson { rate: RATE },
        read_share: 0.95,
        keys,
        read_keys: Popularity::Zipf { exponent: 0.99 },
        write_keys: None,
        journey: Journey::Independent,
    };
    let world = WorldConfig {
        cache: CacheConfig {
            link: exponential(250),
            service: Distribution::Constant(Span::from_micros(20)),
            capacity: None,
            eviction: Eviction::Lru,
            timeout: None,
        },
        database: DatabaseConfig {
            connections,
            snapshot: Snapshot::End,
            link: exponential(500),
            read: exponential(2_000),
            write: exponential(2_000),
            replicas: 0,
            replica_lag: exponential(50_000),
            reads_from: ReadsFrom::Primary,
            timeout: None,
        },
        servers: ServersConfig { count: 4 },
    };
    Setup {
        world,
        load: LoadPlan::new(&workload).expect("no trace is involved"),
        journey: Journey::Independent,
        disturbances: Vec::new(),
        stop: Time((requests / RATE * NANOS_PER_SECOND as f64) as u64),
        stepping: Stepping::Elided,
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<f64>().ok());
    let requests = numbers.next().unwrap_or(2e6);
    let keys = numbers.next().unwrap_or(1e5) as u32;
    let connections = numbers.next().unwrap_or(64.0) as u32;
    let setup = setup(requests, keys, connections);
    let strategy = DeleteOnWrite { ttl: Span::from_secs(10), reply_before_fill: true };
    let window = Window { start: Time::ZERO, end: setup.stop };
    let mut recorder = Recorder::new(window);
    let started = std::time::Instant::now();
    let aftermath = run(&strategy, &setup, 1, &mut recorder, &AtomicBool::new(false))
        .expect("nothing cancels it");
    let seconds = started.elapsed().as_secs_f64();
    let measured = Measurement::new(recorder, aftermath, connections);
    let counts = &measured.counts;
    let served = counts.reads + counts.writes;
    println!(
        "requests={served} seconds={seconds:.3} ns_per_request={:.1} hit={:.5} stale={:.4e} \
         read_mean_us={:.1} read_p99_us={} episodes={} digest={:016x}",
        seconds * 1e9 / served as f64,
        counts.hits as f64 / counts.reads as f64,
        counts.stale as f64 / counts.reads as f64,
        measured.reads.sum_ns as f64 / 1e3 / counts.reads as f64,
        measured.reads.histogram.value_at_quantile(0.99) / 1_000,
        counts.episodes,
        measured.digest(),
    );
}
