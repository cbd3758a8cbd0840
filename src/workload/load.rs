//! The load on the system: a stream of requests that no strategy influences.
//!
//! Arrivals and keys come from streams named after their purpose and derived from
//! (seed, name) alone, so all variants of a scenario see the same requests. Each request carries
//! a seed of its own for whatever is drawn on its behalf later.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::popularity::KeySampler;
use super::trace::{Replay, Trace, TraceError};
use super::{Arrivals, WorkloadConfig};
use crate::op::Key;
use crate::random::{Bernoulli, OperationRng, Sampler, Streams, below, unit_exponential};
use crate::time::{NANOS_PER_SECOND, Time};

/// A request as it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When.
    pub at: Time,
    /// From which client.
    pub client: u32,
    /// For which key.
    pub key: Key,
    /// Whether it is a write.
    pub write: bool,
    /// What everything drawn on behalf of this request derives from.
    pub seed: u64,
}

impl Request {
    /// The request that does not come.
    const NEVER: Request =
        Request { at: Time::NEVER, client: 0, key: Key(0), write: false, seed: 0 };
}

/// A load made ready: tables built and trace scanned once, shared by all replications.
#[derive(Clone)]
pub struct LoadPlan {
    clients: u32,
    keys: u32,
    reads: Bernoulli,
    arrivals: Arrivals,
    read_keys: Arc<KeySampler>,
    write_keys: Arc<KeySampler>,
    trace: Option<Arc<Trace>>,
}

impl fmt::Debug for LoadPlan {
    /// Without the tables, which have an entry per key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadPlan")
            .field("clients", &self.clients)
            .field("keys", &self.keys)
            .field("arrivals", &self.arrivals)
            .finish_non_exhaustive()
    }
}

impl LoadPlan {
    /// Builds the tables, and scans the trace if there is one.
    ///
    /// # Errors
    /// If the trace cannot be read or is malformed.
    pub fn new(config: &WorkloadConfig) -> Result<LoadPlan, TraceError> {
        LoadPlan::new_unless(config, &AtomicBool::new(false))
    }

    /// As [`LoadPlan::new`]; reading the trace is called off as soon as the flag is set.
    ///
    /// # Errors
    /// As [`LoadPlan::new`], and if it was called off.
    pub fn new_unless(
        config: &WorkloadConfig,
        cancel: &AtomicBool,
    ) -> Result<LoadPlan, TraceError> {
        let trace = match &config.arrivals {
            Arrivals::Trace(trace) => Some(Arc::new(Trace::open_unless(trace, cancel)?)),
            Arrivals::Poisson { .. } | Arrivals::Closed { .. } => None,
        };
        let keys = trace.as_ref().map_or(config.keys, |trace| trace.summary().keys);
        let clients = trace.as_ref().map_or(config.clients, |trace| trace.summary().clients);
        let read_keys = Arc::new(KeySampler::new(config.read_keys, keys));
        let write_keys = match config.write_keys {
            None => Arc::clone(&read_keys),
            Some(popularity) => Arc::new(KeySampler::new(popularity, keys)),
        };
        Ok(LoadPlan {
            clients,
            keys,
            reads: Bernoulli::new(config.read_share),
            arrivals: config.arrivals.clone(),
            read_keys,
            write_keys,
            trace,
        })
    }

    /// Number of keys.
    pub fn keys(&self) -> u32 {
        self.keys
    }

    /// Number of clients.
    pub fn clients(&self) -> u32 {
        self.clients
    }

    /// The trace, if the load is one.
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_deref()
    }

    /// The requests of one seeded run.
    ///
    /// # Errors
    /// If the trace cannot be opened again.
    pub fn start(&self, streams: &Streams) -> Result<Load, TraceError> {
        let requests = Requests {
            clients: self.clients,
            reads: self.reads,
            read_keys: Arc::clone(&self.read_keys),
            write_keys: Arc::clone(&self.write_keys),

            keys: streams.stream("keys"),
            seeds: streams.stream("requests").next_u64(),
            count: 0,
        };
        let source = match (&self.arrivals, &self.trace) {
            (_, Some(trace)) => Source::Trace(Box::new(trace.replay()?)),
            (Arrivals::Poisson { rate }, None) => Source::Open {
                gap_ns: NANOS_PER_SECOND as f64 / rate,
                next_ns: 0.0,
                gaps: Box::new(streams.stream("arrivals")),
            },
            (Arrivals::Closed { think }, None) => Source::Closed {
                think: Sampler::new(think),
                sessions: (0..self.clients)
                    .map(|client| streams.numbered("client", u64::from(client)))
                    .collect(),
            },
            (Arrivals::Trace(_), None) => unreachable!("a trace is opened with the plan"),
        };
        let mut load = Load { requests, source, next: Request::NEVER, failure: None };
        load.next = load.draw();
        load.failure()?;
        Ok(load)
    }
}

/// The requests of one run, in the order of their arrival.
#[derive(Debug)]
pub struct Load {
    requests: Requests,
    source: Source,
    /// The next request that arrives by itself.
    next: Request,
    /// Why the trace ended early.
    failure: Option<TraceError>,
}

#[derive(Debug)]
struct Requests {
    clients: u32,
    reads: Bernoulli,
    read_keys: Arc<KeySampler>,
    write_keys: Arc<KeySampler>,

    keys: ChaCha8Rng,
    /// Seeds are the numbers 1, 2, 3 … of this generator, drawn by their number.
    seeds: u64,
    count: u64,
}

/// Draws of a request's kind and client, and of its seed. The simulation's own purposes are
/// numbered from 0 up.
const DRAWS_CLIENT: u32 = u32::MAX;
const DRAWS_SEED: u32 = u32::MAX - 1;

impl Requests {
    /// A seed for the next request: as random as a word of a stream, for a few instructions.
    #[inline]
    fn next_seed(&mut self) -> u64 {
        self.count += 1;
        let (low, high) = (self.count as u32, (self.count >> 32) as u32);
        OperationRng::new(self.seeds, DRAWS_SEED, low, high).next_u64()
    }
}

#[derive(Debug)]
enum Source {
    Open { gap_ns: f64, next_ns: f64, gaps: Box<ChaCha8Rng> },
    Closed { think: Sampler, sessions: Vec<ChaCha8Rng> },
    Trace(Box<Replay>),
}

impl Load {
    /// When the next request arrives by itself; [`Time::NEVER`] when none does.
    #[inline]
    pub fn next_at(&self) -> Time {
        self.next.at
    }

    /// Takes the next request that arrives by itself; when none does, one at [`Time::NEVER`].
    #[inline]
    pub fn take(&mut self) -> Request {
        let request = self.next;
        self.next = self.draw();
        request
    }

    /// Asks once whether the requests ended early.
    ///
    /// # Errors
    /// If the trace could not be read any further.
    pub fn failure(&mut self) -> Result<(), TraceError> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// The clients of a closed loop, which ask by themselves only when told to; else none.
    pub fn closed_clients(&self) -> u32 {
        match &self.source {
            Source::Closed { sessions, .. } => sessions.len() as u32,
            Source::Open { .. } | Source::Trace(_) => 0,
        }
    }

    /// When a client of a closed loop that is free now asks again; `None` in an open loop.
    #[inline]
    pub fn after_thinking(&mut self, client: u32, now: Time) -> Option<Time> {
        match &mut self.source {
            Source::Closed { think, sessions } => {
                Some(now + think.sample(&mut sessions[client as usize]))
            }
            Source::Open { .. } | Source::Trace(_) => None,
        }
    }

    /// What a client of a closed loop asks for now.
    ///
    /// # Panics
    /// If the loop is open.
    pub fn ask(&mut self, client: u32, now: Time) -> Request {
        let Source::Closed { sessions, .. } = &mut self.source else {
            panic!("only the clients of a closed loop are told to ask")
        };
        let rng = &mut sessions[client as usize];
        let write = !self.requests.reads.sample(rng);
        let keys = if write { &self.requests.write_keys } else { &self.requests.read_keys };
        let key = Key(keys.sample(rng));
        Request { at: now, client, key, write, seed: rng.next_u64() }
    }

    #[inline]
    fn draw(&mut self) -> Request {
        let requests = &mut self.requests;
        match &mut self.source {
            Source::Open { gap_ns, next_ns, gaps } => {
                *next_ns += unit_exponential(gaps.as_mut()) * *gap_ns;
                let seed = requests.next_seed();
                let mut own = OperationRng::new(seed, DRAWS_CLIENT, 0, 0);
                let write = !requests.reads.sample(&mut own);
                let keys = if write { &requests.write_keys } else { &requests.read_keys };
                let key = Key(keys.sample(&mut requests.keys));
                let client = below(&mut own, u64::from(requests.clients)) as u32;
                Request { at: Time(*next_ns as u64), client, key, write, seed }
            }
            Source::Closed { .. } => Request::NEVER,
            Source::Trace(replay) => match replay.next() {
                None => Request::NEVER,
                Some(Err(failure)) => {
                    self.failure = Some(failure);
                    Request::NEVER
                }
                Some(Ok(record)) => {
                    let seed = requests.next_seed();
                    let (at, client) = (record.at, record.client);
                    Request { at, client, key: record.key, write: record.write, seed }
                }
            },
        }
    }
}
