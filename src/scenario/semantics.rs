//! What only the whole scenario shows: does it fit, can the database keep up, how long will it
//! take.
//!
//! What is said is said where the value stands that could be changed. Of a scenario with mistakes
//! nothing more is concluded, since what could not be read was replaced by something harmless.

use super::diagnostics::{Place, Sink};
use super::model::Scenario;
use super::variants::Draft;
use crate::random::Distribution;
use crate::workload::{Arrivals, Journey, WorkloadConfig};
use crate::world::{ReadsFrom, WorldConfig};

/// Bytes of a run's tables for each key: the cache's entries, the database's versions, the log's
/// heads, the popularity table; and the links of the eviction order if there is a capacity.
const BYTES_PER_KEY: u64 = 48;
const BYTES_PER_KEY_WITH_CAPACITY: u64 = 64;

/// Bytes of a closed loop's client.
const BYTES_PER_CLIENT: u64 = 512;

/// More memory than this is refused.
const BYTES_MAX: u64 = 16 << 30;

/// More requests than this get a warning: at about 3 million a second and core, ten hours.
const REQUESTS_MANY: f64 = 1e11;

/// Where the rate of an open loop is written.
const RATE: [&str; 4] = ["workload", "arrivals", "poisson", "rate"];

/// Where the pace of a closed loop is written.
const THINK: [&str; 4] = ["workload", "arrivals", "closed", "think"];

/// Checks a scenario as a whole. `workload`: where its workload is written.
pub(super) fn check(scenario: &Scenario, drafts: &[Draft], workload: &Place, sink: &mut Sink) {
    for draft in drafts {
        memory(draft, workload, sink);
    }
    if sink.failed() {
        return;
    }
    for draft in drafts {
        capacity(draft, sink);
    }
    loads(drafts, workload, sink);
    length(scenario, drafts, workload, sink);
}

/// About how many bytes the tables of one run take; nothing is known of a trace's before it is
/// read.
pub(super) fn bytes(workload: &WorkloadConfig, world: &WorldConfig) -> u64 {
    let for_clients = match workload.arrivals {
        Arrivals::Closed { .. } => u64::from(workload.clients) * BYTES_PER_CLIENT,
        Arrivals::Poisson { .. } => 0,
        Arrivals::Trace(_) => return 0,
    };
    u64::from(workload.keys) * per_key(world) + for_clients
}

fn per_key(world: &WorldConfig) -> u64 {
    if world.cache.capacity.is_some() { BYTES_PER_KEY_WITH_CAPACITY } else { BYTES_PER_KEY }
}

fn memory(draft: &Draft, workload: &Place, sink: &mut Sink) {
    let bytes = bytes(&draft.workload, &draft.world);
    if bytes <= BYTES_MAX {
        return;
    }
    let (keys, clients) = (draft.workload.keys, draft.workload.clients);
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let message = format!(
        "a run over {keys} keys with {clients} clients needs about {:.0} GiB; at most {:.0} are used",
        gib(bytes),
        gib(BYTES_MAX)
    );
    let for_keys = u64::from(keys) * per_key(&draft.world);
    let help = format!(
        "at most {} keys fit; a tenth of the keys at a tenth of the rate behaves alike, key by key",
        BYTES_MAX.saturating_sub(bytes - for_keys) / per_key(&draft.world)
    );
    let place = draft.place(&["workload", "keys"]).unwrap_or(workload);
    sink.error_with_help("S014", place, message, help);
}

fn capacity(draft: &Draft, sink: &mut Sink) {
    if let Arrivals::Trace(_) = draft.workload.arrivals {
        return;
    }
    let keys = draft.workload.keys;
    let capacity = draft.world.cache.capacity.filter(|capacity| *capacity >= keys);
    if let (Some(capacity), Some(place)) = (capacity, draft.place(&["cache", "capacity"])) {
        let message = format!("a capacity of {capacity} holds all {keys} keys");
        sink.warn("S105", place, message, "leave the capacity out, or lower it");
    }
}

/// Requests per second of an open loop, with the next steps of its journeys. An act is a write.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rates {
    reads: f64,
    writes: f64,
}

impl Rates {
    /// `None` if the load is no open loop.
    fn of(workload: &WorkloadConfig) -> Option<Rates> {
        let Arrivals::Poisson { rate } = workload.arrivals else { return None };
        let (reads, writes) = (rate * workload.read_share, rate * (1.0 - workload.read_share));
        Some(match workload.journey {
            Journey::Independent => Rates { reads, writes },
            Journey::EditThenView { share, .. } => Rates { reads: reads + share * writes, writes },
            Journey::ViewThenAct { share, .. } => Rates { reads, writes: writes + share * reads },
        })
    }
}

/// A server of the database that is given more than it can do.
#[derive(Clone, Debug, PartialEq)]
struct Overload {
    place: Place,
    message: String,
    help: &'static str,
}

/// Warns of overloads, of each once, naming the variants it concerns unless it is all of them.
fn loads(drafts: &[Draft], workload: &Place, sink: &mut Sink) {
    let mut found: Vec<(Overload, Vec<String>)> = Vec::new();
    for draft in drafts {
        let name = format!("{:?}", draft.name.as_deref().unwrap_or_default());
        for overload in overloads(draft, workload) {
            match found.iter_mut().find(|(known, _)| *known == overload) {
                Some((_, names)) => names.push(name.clone()),
                None => found.push((overload, vec![name.clone()])),
            }
        }
    }
    for (Overload { place, message, help }, names) in found {
        let message = match names.len() == drafts.len() {
            true => message,
            false => format!("{}: {message}", names.join(", ")),
        };
        sink.warn("S101", &place, message, help);
    }
}

/// What an open loop gives the database to do that is too much: its writes, and without a cache
/// its reads. How many reads a cache saves is what a run is for.
fn overloads(draft: &Draft, workload: &Place) -> Vec<Overload> {
    let Some(rates) = Rates::of(&draft.workload) else { return Vec::new() };
    let database = &draft.world.database;
    let (written, all) = match draft.workload.journey {
        Journey::ViewThenAct { .. } => ("writes and acts", "reads, writes and acts"),
        Journey::Independent | Journey::EditThenView { .. } => ("writes", "reads and writes"),
    };
    let writes = work(rates.writes, &database.write);
    let uncached = draft.strategy.as_ref().is_some_and(|choice| choice.name == "no-cache");
    let reads = if uncached { work(rates.reads, &database.read) } else { 0.0 };
    let servers = match database.reads_from {
        _ if !uncached => vec![(written, "the primary", writes)],
        ReadsFrom::Primary => vec![(all, "the primary", reads + writes)],
        ReadsFrom::Replica => {
            let share = reads / f64::from(database.replicas.max(1));
            vec![(written, "the primary", writes), ("reads", "each replica", share)]
        }
    };
    let endless: &[&str] = match writes.is_infinite() {
        true => &["database", "write"],
        false => &["database", "read"],
    };
    let overload = |(who, server, work): (&str, &str, f64)| {
        let (message, help) = excess(who, server, work, database.connections)?;
        let place = draft.place(if work.is_finite() { &RATE } else { endless });
        Some(Overload { place: place.unwrap_or(workload).clone(), message, help })
    };
    servers.into_iter().filter_map(overload).collect()
}

/// Seconds of work per second: none if there are no requests, however long they would take.
fn work(rate: f64, service: &Distribution) -> f64 {
    if rate > 0.0 { rate * service.mean() } else { 0.0 }
}

/// What to say, and to do, about this many seconds of work per second, if it is too much.
fn excess(who: &str, server: &str, work: f64, connections: u32) -> Option<(String, &'static str)> {
    let times = work / f64::from(connections);
    if times.is_infinite() {
        let message = format!(
            "{who} keep a connection of {server} for an infinite time on average: \
             no number of connections is enough"
        );
        return Some((message, "a Pareto distribution has a mean if its shape is above 1"));
    }
    let plural = if connections == 1 { "" } else { "s" };
    let message = || {
        format!(
            "{who} are {times:.2} times the work that {connections} connection{plural} of {server} can do"
        )
    };
    let help = "the queue will only grow: add connections, or lower the rate";
    (times >= 1.0).then(|| (message(), help))
}

/// Requests per second of a closed loop at the most: nothing is faster than a hit. 0 for a trace.
fn closed(draft: &Draft) -> f64 {
    let Arrivals::Closed { think } = &draft.workload.arrivals else { return 0.0 };
    let cache = &draft.world.cache;
    let cycle = think.mean() + 2.0 * cache.link.mean() + cache.service.mean();
    f64::from(draft.workload.clients) / cycle
}

fn length(scenario: &Scenario, drafts: &[Draft], workload: &Place, sink: &mut Sink) {
    let seconds = (scenario.warmup + scenario.duration).as_secs_f64();
    let requests = |draft: &Draft| {
        let rates = Rates::of(&draft.workload);
        let per_second = rates.map_or_else(|| closed(draft), |rates| rates.reads + rates.writes);
        per_second * seconds * f64::from(scenario.replications)
    };
    let all: f64 = drafts.iter().map(requests).sum();
    let most = drafts.iter().max_by(|one, other| requests(one).total_cmp(&requests(other)));
    if let (true, Some(most)) = (all > REQUESTS_MANY, most) {
        let message = format!("{all:.1e} requests will take many hours");
        let help = "lower the rate, the duration or the replications";
        sink.warn(
            "S102",
            most.place(&RATE).or(most.place(&THINK)).unwrap_or(workload),
            message,
            help,
        );
    }
}
