//! What a caching strategy is: what an application server does on a read and on a write.
//!
//! A strategy is two `async fn`s over an [`Io`]. It cannot see the clock, the world or other
//! tasks; it can only ask for operations and look at the replies. That is what lets the same
//! code run under load, under one exact schedule and under every schedule.
//!
//! ```
//! use stalelab::op::{Key, Outcome};
//! use stalelab::strategy::{Io, Strategy};
//! use stalelab::time::Span;
//!
//! /// Cache-aside that deletes after the commit.
//! struct DeleteOnWrite {
//!     ttl: Span,
//! }
//!
//! impl Strategy for DeleteOnWrite {
//!     async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
//!         if let Some(row) = io.cache.get(key).await? {
//!             return Ok(row);
//!         }
//!         let row = io.db.read(key).await?;
//!         io.cache.set(key, row, self.ttl).await?;
//!         Ok(row)
//!     }
//!     async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
//!         let row = io.db.write(key).await?;
//!         io.cache.delete(key).await?;
//!         Ok(row)
//!     }
//! }
//! ```

use crate::op::{Call, Job, Key, Lease, Op, Outcome, Row, Token, Version};
use crate::task::{Ask, Mailbox};
use crate::time::Span;

/// Who decides which version of a key is the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Authority {
    /// The database: a version counts from its commit. Nearly every strategy.
    #[default]
    Database,
    /// The cache: a version counts from its acceptance there (write-behind).
    Cache,
}

/// What an application server does on a read and on a write.
///
/// A strategy remembers nothing but the locals of a call: what a server really remembers (a
/// lease, a lock, a queue) is a component of the world, reached by an operation. Interior
/// mutability is kept out by the `Sync` bound; a strategy that reads a global escapes the
/// compiler, and its runs will not repeat.
///
/// * A retry is an outcome, `Err(Fault::Retry { after })`, not a loop.
/// * Background work is a [`Job`] asked for with [`Jobs::after`] and served by [`Strategy::job`].
/// * Faults are values: `?` fails the request; `.await.ok().flatten()` treats a dead cache as a
///   miss.
#[expect(async_fn_in_trait, reason = "drivers are single-threaded; futures never cross threads")]
pub trait Strategy: Sync {
    /// Serves a client's read.
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome;

    /// Serves a client's write. `io.db.write` commits what the client sent.
    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome;

    /// Serves a job that a read, a write or another job asked for. Its outcome reaches nobody.
    async fn job(&self, io: &mut Io<'_>, key: Key, job: Job) -> Outcome {
        let _ = (io, key, job);
        Ok(Row::default())
    }

    /// Who numbers the versions.
    fn authority(&self) -> Authority {
        Authority::Database
    }

    /// Whether a write changes the cache at all. Serves only to name the cause of a stale read:
    /// where it is `false` and a copy outlives a commit, nothing but the TTL could have helped.
    fn invalidates(&self) -> bool {
        true
    }
}

/// All a strategy can see of the world.
#[derive(Debug)]
pub struct Io<'a> {
    /// The cache.
    pub cache: Cache<'a>,
    /// The database.
    pub db: Db<'a>,
    /// The client that waits for this task.
    pub client: Client<'a>,
    /// Work for later.
    pub jobs: Jobs<'a>,
}

impl<'a> Io<'a> {
    /// The handles for tasks resumed through `mailbox`.
    #[inline]
    pub fn new(mailbox: &'a Mailbox) -> Io<'a> {
        Io { cache: Cache(mailbox), db: Db(mailbox), client: Client(mailbox), jobs: Jobs(mailbox) }
    }
}

/// Runs the strategy's method for this call: the future a driver keeps in its slab.
#[inline]
pub async fn serve<S: Strategy>(strategy: &S, mailbox: &Mailbox, call: Call) -> Outcome {
    let mut io = Io::new(mailbox);
    match call {
        Call::Read(key) => strategy.read(&mut io, key).await,
        Call::Write(key) => strategy.write(&mut io, key).await,
        Call::Job(key, job) => strategy.job(&mut io, key, job).await,
    }
}

/// The cache, as a strategy sees it. Each method is one round trip.
#[derive(Debug)]
pub struct Cache<'a>(&'a Mailbox);

/// The database, as a strategy sees it. Each method is one round trip.
#[derive(Debug)]
pub struct Db<'a>(&'a Mailbox);

/// The client whose request this task serves.
#[derive(Debug)]
pub struct Client<'a>(&'a Mailbox);

/// The server's list of work for later. Lost if the server crashes.
#[derive(Debug)]
pub struct Jobs<'a>(&'a Mailbox);

impl<'a> Cache<'a> {
    /// The key's row, or `None` on a miss.
    #[inline]
    pub fn get(&mut self, key: Key) -> Ask<'a, Option<Row>> {
        Ask::new(self.0, Op::CacheGet(key))
    }

    /// Stores the row for `ttl`, counted from now, whatever is there.
    #[inline]
    pub fn set(&mut self, key: Key, row: Row, ttl: Span) -> Ask<'a, ()> {
        Ask::new(self.0, Op::CacheSet(key, row, ttl))
    }

    /// Stores the row unless the same or a newer one, or a newer tombstone, is there. Atomic.
    #[inline]
    pub fn set_if_newer(&mut self, key: Key, row: Row, ttl: Span) -> Ask<'a, bool> {
        Ask::new(self.0, Op::CacheSetIfNewer(key, row, ttl))
    }

    /// Removes the key and kills its lease.
    #[inline]
    pub fn delete(&mut self, key: Key) -> Ask<'a, ()> {
        Ask::new(self.0, Op::CacheDelete(key))
    }

    /// Puts a tombstone in the place of an older row: a miss for readers, and for `hold` no older
    /// version can be stored by [`Cache::set_if_newer`].
    #[inline]
    pub fn tombstone(&mut self, key: Key, version: Version, hold: Span) -> Ask<'a, ()> {
        Ask::new(self.0, Op::CacheTombstone(key, version, hold))
    }

    /// The key's row, or on a miss the token to fill it, if nobody was given one in the last
    /// `term`.
    #[inline]
    pub fn lease(&mut self, key: Key, term: Span) -> Ask<'a, Lease> {
        Ask::new(self.0, Op::CacheLease(key, term))
    }

    /// Stores the row if the token is still valid: no delete, and no other grant, came between.
    #[inline]
    pub fn fill(&mut self, key: Key, row: Row, token: Token, ttl: Span) -> Ask<'a, bool> {
        Ask::new(self.0, Op::CacheFill(key, row, token, ttl))
    }

    /// Takes the key's lock, or `None` if it is taken. A holder that is gone loses it after `hold`.
    #[inline]
    pub fn lock(&mut self, key: Key, hold: Span) -> Ask<'a, Option<Token>> {
        Ask::new(self.0, Op::CacheLock(key, hold))
    }

    /// Gives the key's lock back; `false` if it had been lost already.
    #[inline]
    pub fn unlock(&mut self, key: Key, token: Token) -> Ask<'a, bool> {
        Ask::new(self.0, Op::CacheUnlock(key, token))
    }

    /// Accepts the client's write here: the cache is the authority, and gives the row its version.
    #[inline]
    pub fn accept(&mut self, key: Key, ttl: Span) -> Ask<'a, Row> {
        Ask::new(self.0, Op::CacheAccept(key, ttl))
    }
}

impl<'a> Db<'a> {
    /// Reads the row, from the primary or a replica as the scenario routes reads.
    #[inline]
    pub fn read(&mut self, key: Key) -> Ask<'a, Row> {
        Ask::new(self.0, Op::DbRead(key))
    }

    /// Reads the row from the primary.
    #[inline]
    pub fn read_primary(&mut self, key: Key) -> Ask<'a, Row> {
        Ask::new(self.0, Op::DbReadPrimary(key))
    }

    /// Commits the client's write and returns the row with its new version. If the client had
    /// asked for a compare-and-write and another version is there: `Err(Fault::Conflict)`.
    #[inline]
    pub fn write(&mut self, key: Key) -> Ask<'a, Row> {
        Ask::new(self.0, Op::DbWrite(key))
    }

    /// Commits a row that the cache accepted, unless the database has a newer one.
    #[inline]
    pub fn apply(&mut self, key: Key, row: Row) -> Ask<'a, ()> {
        Ask::new(self.0, Op::DbApply(key, row))
    }
}

impl<'a> Client<'a> {
    /// Answers the client now. The task goes on; how it ends then reaches nobody.
    #[inline]
    pub fn reply(&mut self, row: Row) -> Ask<'a, ()> {
        Ask::new(self.0, Op::ClientReply(row))
    }
}

impl<'a> Jobs<'a> {
    /// Has [`Strategy::job`] called with this key and job after the delay, on the same server.
    #[inline]
    pub fn after(&mut self, delay: Span, key: Key, job: Job) -> Ask<'a, ()> {
        Ask::new(self.0, Op::JobAfter(key, job, delay))
    }
}
