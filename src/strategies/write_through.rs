//! Write-through with one owner per key: whoever writes or fills a key does so alone.
//!
//! # What it does
//! A write takes the key's lock, commits, sets the row, and gives the lock back. A read that misses
//! takes the lock too, looks again, reads the database and fills. The lock stands for the cache
//! node that owns the key; whoever finds it taken starts over after `backoff`.
//!
//! # What can go wrong
//! Between commit and set, readers still hit the old row. An owner that crashes between them, or
//! whose set is lost, leaves the old row behind for good. An owner that is merely slow loses the
//! lock after `hold`, and its late set may bury a newer row: a lock that expires needs a fencing
//! token, which is what versions are. A commit that timed out may still take effect once the lock
//! is given back, and nobody will set it.
//!
//! A read whose fill faults fails, although it has its row: nothing here catches the fault.
//!
//! # Who uses it
//! Caches that stand between application and database: DAX, Ehcache and Hazelcast with a writer,
//! Oracle Coherence.
//!
//! # Shortest bad schedule
//! 1. writer a `cache.lock` → granted
//! 2. writer a `db.write` → version 1
//! 3. `hold` passes
//! 4. writer b `cache.lock` → granted
//! 5. writer b `db.write` → version 2
//! 6. writer b `cache.set` version 2
//! 7. writer a `cache.set` version 1
//!
//! As `stalelab replay` plays it, to the end of what has begun:
//! ```
//! stalelab::testing::race("
//!     strategy: write-through
//!     a: write x
//!     b: write x
//!
//!     a: cache.lock x -> granted
//!     cache: expire lock x
//!     a: db.write x -> v1
//!     b: cache.lock x -> granted
//!     b: db.write x -> v2
//!     b: cache.set x v2
//!     b: cache.unlock x -> accepted
//!     a: cache.set x v1
//!     a: cache.unlock x -> refused
//!
//!     violates: convergence
//! ").must_violate();
//! ```

use super::{BACKOFF, Builtin, Param, ParamKind, ParamValues, TTL};
use crate::op::{Fault, Key, Outcome, Token};
use crate::strategy::{Io, Strategy};
use crate::time::Span;

/// See the [module documentation](self).
#[derive(Clone, Copy, Debug)]
pub struct WriteThrough {
    /// How long an entry lives.
    pub ttl: Span,
    /// How long a lock is held at most.
    pub hold: Span,
    /// How long to wait for somebody else's turn to end.
    pub backoff: Span,
}

impl Strategy for WriteThrough {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let turn = self.lock(io, key).await?;
        let read = self.read_alone(io, key).await;
        self.unlock(io, key, turn).await;
        read
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let turn = self.lock(io, key).await?;
        let written = self.write_alone(io, key).await;
        self.unlock(io, key, turn).await;
        written
    }
}

impl WriteThrough {
    async fn read_alone(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set(key, row, self.ttl).await?;
        Ok(row)
    }

    async fn write_alone(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.cache.set(key, row, self.ttl).await?;
        Ok(row)
    }

    async fn lock(&self, io: &mut Io<'_>, key: Key) -> Result<Token, Fault> {
        let turn = io.cache.lock(key, self.hold).await?;
        turn.ok_or(Fault::Retry { after: self.backoff })
    }

    /// However the turn went, and even if this is lost: then `hold` ends the turn.
    async fn unlock(&self, io: &mut Io<'_>, key: Key, turn: Token) {
        io.cache.unlock(key, turn).await.ok();
    }
}

impl Builtin for WriteThrough {
    const NAME: &'static str = "write-through";
    const SUMMARY: &'static str = "one owner per key at a time: commit, then set";
    const PARAMS: &'static [Param] = &[
        TTL,
        Param {
            name: "hold",
            kind: ParamKind::OptionalSpan(Span::from_secs(10)),
            doc: "how long the owner of a key may take before it loses its turn",
        },
        BACKOFF,
    ];

    fn from_params(params: &ParamValues) -> WriteThrough {
        WriteThrough { ttl: params.span(0), hold: params.span(1), backoff: params.span(2) }
    }
}
