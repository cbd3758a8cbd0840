//! Cache-aside that deletes after the commit.
//!
//! # What it does
//! A read looks in the cache; on a miss it reads the database and fills the cache. A write commits,
//! then deletes the key, then answers.
//!
//! # What can go wrong
//! A reader that missed and read the old row may fill the cache after the delete has passed: the
//! old row then stays until the TTL ends or the next write comes. A crash between commit and
//! delete, or a delete that is lost, leaves the old row there as well. And between commit and
//! delete every hit is old.
//!
//! A read whose fill faults fails, although it has its row, unless it was answered before the fill:
//! nothing here catches the fault.
//!
//! # Who uses it
//! The usual meaning of "cache-aside"; Facebook's memcache before leases (Nishtala et al.,
//! *Scaling Memcache at Facebook*, NSDI 2013).
//!
//! # Shortest bad schedule
//! 1. reader `cache.get` → miss
//! 2. reader `db.read` → version 0
//! 3. writer `db.write` → version 1
//! 4. writer `cache.delete`
//! 5. reader `cache.set` version 0
//!
//! As `stalelab replay` plays it, to the end of what has begun:
//! ```
//! stalelab::testing::race("
//!     strategy: delete-on-write
//!     a: read x
//!     b: write x
//!
//!     a: cache.get x -> miss
//!     a: db.read x -> v0
//!     b: db.write x -> v1
//!     b: cache.delete x
//!     a: cache.set x v0
//!
//!     violates: convergence
//! ").must_violate();
//! ```

use super::{Builtin, Param, ParamValues, REPLY_BEFORE_FILL, TTL};
use crate::op::{Key, Outcome};
use crate::strategy::{Io, Strategy};
use crate::time::Span;

/// See the [module documentation](self).
#[derive(Clone, Copy, Debug)]
pub struct DeleteOnWrite {
    /// How long an entry lives.
    pub ttl: Span,
    /// Whether a miss is answered before the cache is filled.
    pub reply_before_fill: bool,
}

impl Strategy for DeleteOnWrite {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        if self.reply_before_fill {
            io.client.reply(row).await?;
        }
        io.cache.set(key, row, self.ttl).await?;
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.cache.delete(key).await?;
        Ok(row)
    }
}

impl Builtin for DeleteOnWrite {
    const NAME: &'static str = "delete-on-write";
    const SUMMARY: &'static str = "cache-aside; a write commits, then deletes the key";
    const PARAMS: &'static [Param] = &[TTL, REPLY_BEFORE_FILL];

    fn from_params(params: &ParamValues) -> DeleteOnWrite {
        DeleteOnWrite { ttl: params.span(0), reply_before_fill: params.flag(1) }
    }
}
