//! Delayed double delete: before the write, and once more a while after it.
//!
//! # What it does
//! A read is cache-aside. A write deletes the key, commits, answers, and `delay` later deletes the
//! key once more, to clear away what readers filled in the meantime from old snapshots.
//!
//! # What can go wrong
//! A fill that lands after the second delete stays, exactly as without it. The delay has to outlast
//! the slowest fill and, where misses read a replica, its lag; neither has a bound that anybody
//! knows. Until the second delete, old fills are served. The second delete waits in the server's
//! memory: a crash forgets it.
//!
//! A read whose fill faults fails, although it has its row: nothing here catches the fault.
//!
//! # Who uses it
//! Taught widely in Chinese practice as 延时双删, usually with the advice to delete from the
//! database's log instead.
//!
//! # Shortest bad schedule
//! 1. reader `cache.get` → miss
//! 2. reader `db.read` → version 0
//! 3. writer `cache.delete`
//! 4. writer `db.write` → version 1
//! 5. writer `jobs.after`
//! 6. job `cache.delete`
//! 7. reader `cache.set` version 0
//!
//! As `stalelab replay` plays it, to the end of what has begun:
//! ```
//! stalelab::testing::race("
//!     strategy: double-delete
//!     a: read x
//!     b: write x
//!
//!     a: cache.get x -> miss
//!     b: cache.delete x
//!     a: db.read x -> v0
//!     b: db.write x -> v1
//!     b job: cache.delete x
//!     a: cache.set x v0
//!
//!     violates: convergence
//! ").must_violate();
//! ```

use super::{Builtin, Param, ParamKind, ParamValues, TTL};
use crate::op::{Job, Key, Outcome, Row};
use crate::strategy::{Io, Strategy};
use crate::time::Span;

/// See the [module documentation](self).
#[derive(Clone, Copy, Debug)]
pub struct DoubleDelete {
    /// Time from the commit's reply to the second delete.
    pub delay: Span,
    /// How long an entry lives.
    pub ttl: Span,
}

impl Strategy for DoubleDelete {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set(key, row, self.ttl).await?;
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.cache.delete(key).await?;
        let row = io.db.write(key).await?;
        io.jobs.after(self.delay, key, Job::default()).await?;
        Ok(row)
    }

    async fn job(&self, io: &mut Io<'_>, key: Key, _: Job) -> Outcome {
        io.cache.delete(key).await?;
        Ok(Row::default())
    }
}

impl Builtin for DoubleDelete {
    const NAME: &'static str = "double-delete";
    const SUMMARY: &'static str =
        "a write deletes the key, commits, and deletes again after a delay";
    const PARAMS: &'static [Param] = &[
        Param {
            name: "delay",
            kind: ParamKind::RequiredSpan,
            doc: "time from the commit's reply to the second delete",
        },
        TTL,
    ];

    fn from_params(params: &ParamValues) -> DoubleDelete {
        DoubleDelete { delay: params.span(0), ttl: params.span(1) }
    }
}
