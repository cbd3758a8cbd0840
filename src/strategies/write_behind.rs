//! Write-behind: the cache accepts writes, and the database gets them later.
//!
//! # What it does
//! A write is accepted by the cache, which numbers it, and is acknowledged at once; `delay` later a
//! job writes the row to the database. A read that misses reads the database and fills, unless the
//! cache has accepted something newer meanwhile.
//!
//! # What can go wrong
//! Until the flush the cache is the truth. What the server forgets in a crash is lost for good,
//! although it was acknowledged; so is a flush that fails, for it is not tried again. What the
//! cache forgets before the flush, by eviction, restart or a `ttl` shorter than `delay`, is read
//! old from the database, and the old row that fills the cache then outlives the flush. Whoever
//! reads the database directly is `delay` behind.
//!
//! A read whose fill faults fails, although it has its row: nothing here catches the fault.
//!
//! # Who uses it
//! Redis with a queue behind it, RedisGears, counters and carts, the write-back caches of Hazelcast
//! and Coherence.
//!
//! # Shortest bad schedule
//! The client was told, and the database never will be:
//! 1. writer `cache.accept` → version 1
//! 2. writer `client.reply` version 1
//! 3. writer `jobs.after`
//! 4. the server crashes
//!
//! As `stalelab replay` plays it, to the end of what has begun:
//! ```
//! stalelab::testing::race("
//!     strategy: write-behind
//!     a: write x
//!
//!     a: cache.accept x -> v1
//!     a: crash
//!
//!     violates: no-lost-write
//! ").must_violate();
//! ```

use super::{Builtin, Param, ParamKind, ParamValues, TTL};
use crate::op::{Job, Key, Outcome};
use crate::strategy::{Authority, Io, Strategy};
use crate::time::Span;

/// See the [module documentation](self).
#[derive(Clone, Copy, Debug)]
pub struct WriteBehind {
    /// Time from the acknowledgement to the flush.
    pub delay: Span,
    /// How long an entry lives.
    pub ttl: Span,
}

impl Strategy for WriteBehind {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        // A plain set could bury a write accepted since the miss. Here the cache numbers versions,
        // so it can tell which row is newer; a real write-behind cache fills from the inside.
        io.cache.set_if_newer(key, row, self.ttl).await?;
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.cache.accept(key, self.ttl).await?;
        io.client.reply(row).await?;
        io.jobs.after(self.delay, key, Job { row: Some(row), ..Job::default() }).await?;
        Ok(row)
    }

    async fn job(&self, io: &mut Io<'_>, key: Key, flush: Job) -> Outcome {
        // `write` always gives a row; version 0, the row before the run, would change nothing.
        let row = flush.row.unwrap_or_default();
        io.db.apply(key, row).await?;
        Ok(row)
    }

    fn authority(&self) -> Authority {
        Authority::Cache
    }
}

impl Builtin for WriteBehind {
    const NAME: &'static str = "write-behind";
    const SUMMARY: &'static str = "the cache accepts and acknowledges; the database gets it later";
    const PARAMS: &'static [Param] = &[
        Param {
            name: "delay",
            kind: ParamKind::RequiredSpan,
            doc: "time from the acknowledgement to the flush",
        },
        TTL,
    ];

    fn from_params(params: &ParamValues) -> WriteBehind {
        WriteBehind { delay: params.span(0), ttl: params.span(1) }
    }
}
