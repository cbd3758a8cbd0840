//! Dual write: commit, then put the new row into the cache.
//!
//! # What it does
//! A read is cache-aside. A write commits and sets the row it wrote, so that the next read hits.
//!
//! # What can go wrong
//! Two writers commit in one order and set in the other: the cache keeps the older row until the
//! TTL ends or the next write comes. A reader's late fill does the same, and so does a crash
//! between commit and set. And each write fills the cache with a row that perhaps nobody asks for.
//!
//! A read whose fill faults fails, although it has its row: nothing here catches the fault.
//!
//! # Who uses it
//! Code that "updates the cache too"; Spring's `@CachePut`.
//!
//! # Shortest bad schedule
//! 1. writer a `db.write` → version 1
//! 2. writer b `db.write` → version 2
//! 3. writer b `cache.set` version 2
//! 4. writer a `cache.set` version 1
//!
//! As `stalelab replay` plays it, to the end of what has begun:
//! ```
//! stalelab::testing::race("
//!     strategy: update-on-write
//!     a: write x
//!     b: write x
//!
//!     a: db.write x -> v1
//!     b: db.write x -> v2
//!     b: cache.set x v2
//!     a: cache.set x v1
//!
//!     violates: convergence
//! ").must_violate();
//! ```

use super::{Builtin, Param, ParamValues, TTL};
use crate::op::{Key, Outcome};
use crate::strategy::{Io, Strategy};
use crate::time::Span;

/// See the [module documentation](self).
#[derive(Clone, Copy, Debug)]
pub struct UpdateOnWrite {
    /// How long an entry lives.
    pub ttl: Span,
}

impl Strategy for UpdateOnWrite {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set(key, row, self.ttl).await?;
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.cache.set(key, row, self.ttl).await?;
        Ok(row)
    }
}

impl Builtin for UpdateOnWrite {
    const NAME: &'static str = "update-on-write";
    const SUMMARY: &'static str = "dual write: a write commits, then sets the new row";
    const PARAMS: &'static [Param] = &[TTL];

    fn from_params(params: &ParamValues) -> UpdateOnWrite {
        UpdateOnWrite { ttl: params.span(0) }
    }
}
