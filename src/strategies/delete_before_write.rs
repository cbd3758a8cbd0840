//! Cache-aside that deletes first and commits second.
//!
//! # What it does
//! A read is cache-aside. A write deletes the key, then commits, then answers.
//!
//! # What can go wrong
//! A reader that comes between the delete and the commit misses, reads the old row and puts it
//! back; the commit then passes unnoticed, and the old row stays until its TTL ends or the next
//! write comes. The window is the whole write: with 100 reads per second of a key, 10 ms from
//! delete to commit and 2 ms from a read's arrival to its snapshot, more than half of all writes
//! leave an old copy behind.
//!
//! A read whose fill faults fails, although it has its row: nothing here catches the fault.
//!
//! # Who uses it
//! Nobody on purpose. Hooks that evict inside a transaction amount to it: the delete is out before
//! the commit is in.
//!
//! # Shortest bad schedule
//! No reader needs to be slow for it:
//! 1. writer `cache.delete`
//! 2. reader `cache.get` → miss
//! 3. reader `db.read` → version 0
//! 4. reader `cache.set` version 0
//! 5. writer `db.write` → version 1
//!
//! As `stalelab replay` plays it, to the end of what has begun:
//! ```
//! stalelab::testing::race("
//!     strategy: delete-before-write
//!     a: read x
//!     b: write x
//!
//!     a: cache.get x -> miss
//!     b: cache.delete x
//!     a: db.read x -> v0
//!     a: cache.set x v0
//!     b: db.write x -> v1
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
pub struct DeleteBeforeWrite {
    /// How long an entry lives.
    pub ttl: Span,
}

impl Strategy for DeleteBeforeWrite {
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
        io.db.write(key).await
    }
}

impl Builtin for DeleteBeforeWrite {
    const NAME: &'static str = "delete-before-write";
    const SUMMARY: &'static str = "cache-aside; a write deletes the key, then commits";
    const PARAMS: &'static [Param] = &[TTL];

    fn from_params(params: &ParamValues) -> DeleteBeforeWrite {
        DeleteBeforeWrite { ttl: params.span(0) }
    }
}
