//! Write-through with one owner per key: whoever writes or fills a key does so alone.
//!
//! # What it does
//! A write takes the key's turn, commits, sets the row, and gives the turn back. A read that
//! misses takes the turn too, looks again, and fills. The cache node that owns a key is modelled
//! by a lock at the cache; whoever finds it taken starts over after `backoff`.
//!
//! # What can go wrong
//! Between the commit and the set, readers still hit the old row. An owner that dies between
//! them leaves the old row behind: it stays when the lock has expired after `hold`. An owner
//! that is merely slow loses the lock as well, and its late set may bury a newer row.
//!
//! # Who uses it
//! Caches that stand between application and database: DAX, Ehcache and Hazelcast with a writer,
//! Oracle Coherence.
//!
//! # Shortest bad schedule
//! With version 0 in the cache:
//! 1. writer a `cache.lock` → token
//! 2. writer a `db.write` → version 1
//! 3. time passes: the lock expires
//! 4. writer b `cache.lock` → token
//! 5. writer b `db.write` → version 2
//! 6. writer b `cache.set` version 2
//! 7. writer a `cache.set` version 1

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

impl WriteThrough {
    async fn turn(&self, io: &mut Io<'_>, key: Key) -> Result<Token, Fault> {
        let token = io.cache.lock(key, self.hold).await?;
        token.ok_or(Fault::Retry { after: self.backoff })
    }
}

impl Strategy for WriteThrough {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let token = self.turn(io, key).await?;
        if let Some(row) = io.cache.get(key).await? {
            io.cache.unlock(key, token).await?;
            return Ok(row);
        }
        let read = io.db.read(key).await;
        if let Ok(row) = read {
            io.cache.set(key, row, self.ttl).await?;
        }
        io.cache.unlock(key, token).await?;
        read
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let token = self.turn(io, key).await?;
        let written = io.db.write(key).await;
        if let Ok(row) = written {
            io.cache.set(key, row, self.ttl).await?;
        }
        io.cache.unlock(key, token).await?;
        written
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
