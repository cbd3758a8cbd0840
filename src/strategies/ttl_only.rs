//! Cache-aside in which only the TTL ever removes an entry.
//!
//! # What it does
//! A read looks in the cache; on a miss it reads the database and fills the cache for `ttl`. A
//! write commits and leaves the cache alone.
//!
//! # What can go wrong
//! Every write leaves the old row in the cache for up to `ttl`: staleness is not an accident here
//! but the contract. A client does not even read its own writes. The age of what is served is at
//! most the TTL plus the time from a fill's snapshot to its set. With Poisson reads and writes, r
//! writes per TTL on average, the share of stale hits is 1 - (1 - e^-r) / r (Cho and Garcia-Molina,
//! *Synchronizing a Database to Improve Freshness*, SIGMOD 2000).
//!
//! A read whose fill faults fails, although it has its row, unless it was answered before the fill:
//! nothing here catches the fault.
//!
//! # Who uses it
//! DNS, most CDNs, Django's per-view cache, and every first version of "let us put Redis in front
//! of it".
//!
//! # Shortest bad schedule
//! The copy stays until its TTL ends:
//! 1. reader `cache.get` → miss
//! 2. reader `db.read` → version 0
//! 3. reader `cache.set` version 0
//! 4. writer `db.write` → version 1
//!
//! As `stalelab replay` plays it, to the end of what has begun:
//! ```
//! stalelab::testing::race("
//!     strategy: ttl-only
//!     a: read x
//!     b: read x
//!     c: write x
//!
//!     a: cache.get x -> miss
//!     a: db.read x -> v0
//!     a: cache.set x v0
//!     c: db.write x -> v1
//!     b: cache.get x -> v0
//!
//!     violates: no-stale-read
//! ").must_violate();
//! ```

use super::{Builtin, Param, ParamKind, ParamValues, REPLY_BEFORE_FILL, TTL};
use crate::op::{Key, Outcome};
use crate::strategy::{Io, Strategy};
use crate::time::Span;

/// See the [module documentation](self).
#[derive(Clone, Copy, Debug)]
pub struct TtlOnly {
    /// How long an entry lives.
    pub ttl: Span,
    /// Whether a miss is answered before the cache is filled.
    pub reply_before_fill: bool,
}

impl Strategy for TtlOnly {
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
        io.db.write(key).await
    }

    fn invalidates(&self) -> bool {
        false
    }
}

impl Builtin for TtlOnly {
    const NAME: &'static str = "ttl-only";
    const SUMMARY: &'static str = "cache-aside; entries leave by their TTL and nothing else";
    const PARAMS: &'static [Param] =
        &[Param { kind: ParamKind::RequiredSpan, ..TTL }, REPLY_BEFORE_FILL];

    fn from_params(params: &ParamValues) -> TtlOnly {
        TtlOnly { ttl: params.span(0), reply_before_fill: params.flag(1) }
    }
}
