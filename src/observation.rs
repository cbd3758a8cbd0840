//! What a driver observes and reports: the only thing metrics see of a run.
//!
//! An observation is a fact about one request or one service, complete when it is emitted.
//! Nothing here counts or averages.

use crate::op::{Call, Key, Op, Reply, Version};
use crate::time::{Span, Time};

/// Why a read was stale: which step, had it come earlier or at all, would have kept it fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Nothing invalidates: the copy was waiting for its TTL.
    TtlWindow,
    /// The invalidation or update had not reached the cache yet.
    InFlightInvalidation,
    /// A fill from an old snapshot landed after the invalidation.
    LateFill,
    /// The invalidation was lost, or dropped with its server.
    LostInvalidation,
    /// A writer's older update landed after a newer one.
    ReorderedUpdate,
    /// The row came from a replica that lagged, directly or through the cache.
    ReplicaLag,
    /// The row came from a database that had not received an accepted write.
    WriteBehind,
    /// The read joined a fill whose snapshot is older than the read. Not exercised yet.
    Coalesced,
    /// The cache was filled from another cache's copy. Not exercised yet.
    ColdCopy,
}

impl Cause {
    /// Every cause, in the order reports print them.
    pub const ALL: [Cause; 9] = [
        Cause::TtlWindow,
        Cause::InFlightInvalidation,
        Cause::LateFill,
        Cause::LostInvalidation,
        Cause::ReorderedUpdate,
        Cause::ReplicaLag,
        Cause::WriteBehind,
        Cause::Coalesced,
        Cause::ColdCopy,
    ];

    /// Whether any component of this version can bring it about. Of a cause that none can, nothing
    /// is measured: not seeing it would say nothing.
    pub const fn is_exercised(self) -> bool {
        !matches!(self, Cause::Coalesced | Cause::ColdCopy)
    }

    /// The cause's name in metrics and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Cause::TtlWindow => "ttl-window",
            Cause::InFlightInvalidation => "in-flight-invalidation",
            Cause::LateFill => "late-fill",
            Cause::LostInvalidation => "lost-invalidation",
            Cause::ReorderedUpdate => "reordered-update",
            Cause::ReplicaLag => "replica-lag",
            Cause::WriteBehind => "write-behind",
            Cause::Coalesced => "coalesced",
            Cause::ColdCopy => "cold-copy",
        }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// How stale a commit-stale read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staleness {
    /// Time from the commit that made the version old to the beginning of the read.
    pub age: Span,
    /// Number of newer versions committed before the read began.
    pub version_lag: u32,
    /// Whether one of them had also been acknowledged before the read began.
    pub ack_stale: bool,
    /// Why.
    pub cause: Cause,
}

/// A request that got its answer.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The number of the request, as in [`Deed::request`].
    pub request: u64,
    /// The client, which is the session.
    pub client: u32,
    /// The key it asked about.
    pub key: Key,
    /// The version it got or wrote.
    pub version: Version,
    /// When it was invoked.
    pub began: Time,
    /// When the answer arrived.
    pub ended: Time,
    /// Whether an older copy of the key may still be about, so that a later read of the session
    /// may yet go back. Never `false` if one is.
    pub older_copies: bool,
}

/// What else is known of a read that got its answer.
#[derive(Clone, Copy, Debug)]
pub struct ReadFacts {
    /// Whether the cache answered, without the database.
    pub from_cache: bool,
    /// How stale the row was when the read began, if it was.
    pub staleness: Option<Staleness>,
    /// Whether the authority had not accepted the version by the end of the read.
    pub dirty: bool,
    /// Time from the newest commit of the key before the read began to that beginning; told if
    /// asked for, and if there was a commit.
    pub since_commit: Option<Span>,
}

/// A service at the database.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// When the operation reached the database.
    pub arrived: Time,
    /// When it got a connection.
    pub started: Time,
    /// When it gave the connection back.
    pub ended: Time,
    /// Whether it was a write.
    pub write: bool,
    /// Whether the primary served it.
    pub primary: bool,
}

/// Something that became of a task, at the instant the world saw it.
#[derive(Clone, Copy, Debug)]
pub struct Deed {
    /// The number of the task's request; numbers start again after 67 million.
    pub request: u64,
    /// Which of the request's tasks: 0 is the request itself, others are its jobs.
    pub job: u32,
    /// The client.
    pub client: u32,
    /// What the task was called for, and the key.
    pub call: Call,
    /// When the request was invoked; of a job that carries no row, when it was due.
    pub began: Time,
    /// When it happened.
    pub at: Time,
    /// What happened.
    pub what: What,
}

/// What became of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Its operation took effect: what it asked, and what its component said.
    Effect(Op, Reply),
    /// Its operation was lost.
    Lost(Op),
    /// It stopped waiting for this operation.
    GaveUp(Op),
    /// It was dropped with its server.
    Crashed,
}

/// What is left when everything has drained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aftermath {
    /// Keys of which the cache holds an old version that will never expire.
    pub permanently_stale_keys: u64,
    /// Acknowledged writes that the database never got, nor a later one of the same key.
    pub lost_writes: u64,
    /// Jobs that still asked to go on long after load had stopped, and were given up.
    pub jobs_left: u64,
}

/// Somebody who watches a run, and who need not care about everything. Observations are not in the
/// order of their times.
pub trait Observer {
    /// The authority accepted a write: this is the key's newest version from now on. The next deed,
    /// if deeds are wanted, is the one that the write was.
    fn accepted(&mut self, key: Key, version: Version, now: Time) {
        let _ = (key, version, now);
    }
    /// A read was answered.
    fn read(&mut self, answer: &Answer, facts: &ReadFacts) {
        let _ = (answer, facts);
    }
    /// A write was acknowledged. `act`: it was the act of a journey.
    fn write(&mut self, answer: &Answer, act: bool) {
        let _ = (answer, act);
    }
    /// An act found another version than it had seen. `superseded`: that version was already
    /// old when it was read.
    fn act_refused(&mut self, began: Time, ended: Time, superseded: bool) {
        let _ = (began, ended, superseded);
    }
    /// A request failed, timed out or was dropped by a crash. `act`: it was an act.
    fn failed(&mut self, began: Time, ended: Time, act: bool) {
        let _ = (began, ended, act);
    }
    /// Whether [`ReadFacts::since_commit`] is wanted of a read.
    #[inline]
    fn asks_since_commit(&self, client: u32, began: Time, stale: bool) -> bool {
        let _ = (client, began, stale);
        false
    }
    /// Whether a request invoked then counts.
    fn measures(&self, began: Time) -> bool;
    /// A stale copy is read for the first time by a request that counts.
    fn episode(&mut self) {}
    /// The cache served an operation.
    fn cache_served(&mut self, now: Time) {
        let _ = now;
    }
    /// The database served, or is going to serve, an operation.
    fn database_served(&mut self, service: &Service) {
        let _ = service;
    }
    /// Whether deeds are wanted. Where they are not, nobody prepares them.
    const WANTS_DEEDS: bool = false;

    /// Something became of a task. Unlike all other observations, these come in the order in which
    /// they happen.
    #[inline]
    fn deed(&mut self, deed: &Deed) {
        let _ = deed;
    }
    /// The cache dropped a key to make room, or (`None`) all keys. In order, too.
    #[inline]
    fn dropped(&mut self, key: Option<Key>, now: Time) {
        let _ = (key, now);
    }
    /// Whether the observer has seen all it wants: the run may end.
    #[inline]
    fn has_seen_enough(&self) -> bool {
        false
    }
    /// No request invoked before this instant is in progress any more.
    fn horizon(&mut self, oldest: Time) {
        let _ = oldest;
    }
    /// Whether what is remembered about sessions has grown so much that [`Observer::forget`]
    /// should be called.
    fn remembers_much(&self) -> bool {
        false
    }
    /// Forget what is remembered about keys of which no copy older than the version is about.
    fn forget(&mut self, older_copies: &mut dyn FnMut(Key, Version) -> bool) {
        let _ = older_copies;
    }
}
