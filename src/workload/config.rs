//! What a scenario says about the load: plain data, validated before it gets here.

use std::path::PathBuf;

use crate::random::Distribution;

/// Who asks for what, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadConfig {
    /// Number of clients; each is one session.
    pub clients: u32,
    /// When requests arrive.
    pub arrivals: Arrivals,
    /// Share of arriving requests that are reads, 0 to 1. A trace has its own.
    pub read_share: f64,
    /// Number of keys. A trace has its own.
    pub keys: u32,
    /// Which keys are read.
    pub read_keys: Popularity,
    /// Which keys are written; `None` is "same": as the reads.
    pub write_keys: Option<Popularity>,
    /// What a client does besides single requests.
    pub journey: Journey,
}

/// When requests arrive.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Open loop: a Poisson process of this many requests per second, all clients together.
    Poisson {
        /// Requests per second.
        rate: f64,
    },
    /// Closed loop: every client waits for its answer, thinks, and asks again.
    Closed {
        /// Time between an answer and the next request.
        think: Distribution,
    },
    /// Recorded requests.
    Trace(TraceConfig),
}

/// A recorded trace to replay.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceConfig {
    /// The file, already resolved against the scenario's folder.
    pub file: PathBuf,
    /// A trace compiled into the binary, used instead of `file` by built-in scenarios.
    pub embedded: Option<&'static str>,
    /// How to read it.
    pub format: TraceFormat,
    /// How much faster than recorded it is replayed; 1 is as recorded.
    pub speed: f64,
    /// Which records are database writes (Meta kvcache only).
    pub writes: TraceWrites,
}

/// The formats of a trace file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceFormat {
    /// `time_s,client,op,key` with a header.
    Csv,
    /// Meta's published key-value cache traces (CacheLib).
    MetaKvcache,
}

/// Which records of a cache-side trace stand for a database write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TraceWrites {
    /// Each `DELETE`: an invalidation follows a write. `SET`s are taken for fills.
    #[default]
    FromDeletes,
    /// Each `SET` that no missed `GET` of the same key explains as a fill.
    FromSets,
}

/// How requests spread over the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Popularity {
    /// Every key alike.
    #[default]
    Uniform,
    /// Key of rank i (from 1) with weight i^-exponent.
    Zipf {
        /// The exponent, at least 0.
        exponent: f64,
    },
    /// A share of the requests goes to the first few keys; both parts are uniform inside.
    Hot {
        /// How many keys are hot.
        keys: u32,
        /// The share of requests that goes to them, 0 to 1.
        share: f64,
    },
}

/// What a client does besides single requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Journey {
    /// Every request stands alone.
    #[default]
    Independent,
    /// After a write: think, then read the same key back.
    EditThenView {
        /// Time between the write's answer and the read.
        think: Distribution,
        /// Share of writes that are followed up, 0 to 1.
        share: f64,
    },
    /// After a read: think, then act, a compare-and-write against the version that was read.
    ViewThenAct {
        /// Time between the read's answer and the act.
        think: Distribution,
        /// Share of reads that are followed up, 0 to 1.
        share: f64,
    },
}

impl WorkloadConfig {
    /// Poisson requests of a few clients over keys that are all alike: something to start from.
    pub fn poisson(rate: f64, keys: u32, read_share: f64) -> WorkloadConfig {
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
}
