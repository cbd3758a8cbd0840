//! What only the whole scenario shows: does it fit, can the database keep up, how long will it
//! take.

use super::diagnostics::{Place, Sink};
use super::model::{Scenario, Variant};
use crate::random::Sampler;
use crate::workload::Arrivals;

/// Bytes of a run's tables for each key: the cache's entries, the database's versions, the log's
/// heads, the popularity table; and the links of the eviction order if there is a capacity.
const BYTES_PER_KEY: u64 = 48;
const BYTES_PER_KEY_WITH_CAPACITY: u64 = 64;

/// More memory than this is refused.
const BYTES_MAX: u64 = 16 << 30;

/// More requests than this get a warning: at about 3 million a second and core, ten hours.
const REQUESTS_MANY: f64 = 1e11;

/// Estimated memory of one run of a variant, in bytes.
pub(super) fn bytes_per_run(variant: &Variant) -> u64 {
    let per_key = match variant.world.cache.capacity {
        None => BYTES_PER_KEY,
        Some(_) => BYTES_PER_KEY_WITH_CAPACITY,
    };
    let clients = match variant.workload.arrivals {
        Arrivals::Closed { .. } => u64::from(variant.workload.clients) * 512,
        Arrivals::Poisson { .. } | Arrivals::Trace(_) => 0,
    };
    u64::from(variant.workload.keys) * per_key + clients
}

/// Checks a scenario as a whole. `workload`: where its workload is written.
pub(super) fn check(scenario: &Scenario, workload: &Place, sink: &mut Sink) {
    for variant in &scenario.variants {
        memory(variant, workload, sink);
        capacity(variant, workload, sink);
        load(variant, workload, sink);
    }
    let requests: f64 = scenario
        .variants
        .iter()
        .map(|variant| match variant.workload.arrivals {
            Arrivals::Poisson { rate } => {
                rate * (scenario.warmup + scenario.duration).as_secs_f64()
            }
            Arrivals::Closed { .. } | Arrivals::Trace(_) => 0.0,
        })
        .sum();
    let requests = requests * f64::from(scenario.replications);
    if requests > REQUESTS_MANY {
        let message = format!("{requests:.1e} requests will take many hours");
        sink.warn("S102", workload, message, "lower the rate, the duration or the replications");
    }
}

fn memory(variant: &Variant, workload: &Place, sink: &mut Sink) {
    let bytes = bytes_per_run(variant);
    if bytes > BYTES_MAX {
        let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
        let (keys, clients) = (variant.workload.keys, variant.workload.clients);
        let message = format!(
            "a run over {keys} keys with {clients} clients needs about {:.0} GiB; at most {:.0} are used",
            gib(bytes),
            gib(BYTES_MAX)
        );
        let help = "a tenth of the keys at a tenth of the rate behaves alike, key by key";
        sink.error_with_help("S014", workload, message, help);
    }
}

fn capacity(variant: &Variant, workload: &Place, sink: &mut Sink) {
    if let Arrivals::Trace(_) = variant.workload.arrivals {
        return;
    }
    if let Some(capacity) = variant.world.cache.capacity.filter(|c| *c >= variant.workload.keys) {
        let message = format!(
            "{:?}: a capacity of {capacity} holds all {} keys",
            variant.name, variant.workload.keys
        );
        sink.warn("S105", workload, message, "leave the capacity out, or lower it");
    }
}

/// An open loop whose writes (and, without a cache, reads) are more than the primary can do.
fn load(variant: &Variant, workload: &Place, sink: &mut Sink) {
    let Arrivals::Poisson { rate } = variant.workload.arrivals else { return };
    let (database, share) = (&variant.world.database, variant.workload.read_share);
    let uncached = variant.strategy.name == "no-cache" && database.replicas == 0;
    let reads = if uncached { share } else { 0.0 };
    let work = rate
        * (reads * Sampler::new(&database.read).mean()
            + (1.0 - share) * Sampler::new(&database.write).mean());
    let utilization = work / f64::from(database.connections);
    if utilization >= 1.0 {
        let message = format!(
            "{:?}: {} offer {utilization:.2} times what {} connections can do",
            variant.name,
            if uncached { "its requests" } else { "its writes alone" },
            database.connections
        );
        let help = "the queue will only grow; add connections, or lower the rate";
        sink.warn("S101", workload, message, help);
    }
}
