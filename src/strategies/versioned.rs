//! Versioned entries: fills only if newer, and a write leaves a tombstone with its version.
//!
//! # What it does
//! Entries carry the row's version, and a fill is accepted only if the cache holds nothing as new.
//! A write commits and puts a tombstone of its version in the key's place: a miss for readers, and
//! for `hold` a refusal of every fill from before the write.
//!
//! # What can go wrong
//! A fill that is slower than `hold` finds the tombstone gone and puts the old row back; so does
//! one whose tombstone was evicted or lost in a restart. `hold` has to outlast the slowest fill,
//! the lag of a replica included. Where misses read a replica, a key that was written is not
//! cached until the replica has caught up. Between commit and tombstone readers still hit the
//! old row; a crash or a loss there leaves it.
//!
//! A read whose fill faults fails, although it has its row: nothing here catches the fault.
//!
//! # Who uses it
//! Meta's caches, which compare versions; Uber's CacheFront, which compares row timestamps;
//! MediaWiki's WANObjectCache, whose hold-off is 11 s: 3 for the slowest commit, 7 for replica lag,
//! and 1.
//!
//! # Shortest bad schedule
//! 1. reader `cache.get` → miss
//! 2. reader `db.read` → version 0
//! 3. writer `db.write` → version 1
//! 4. writer `cache.tombstone` version 1
//! 5. the cache evicts the key
//! 6. reader `cache.set_if_newer` version 0 → accepted
//!
//! As `stalelab replay` plays it, to the end of what has begun:
//! ```
//! stalelab::testing::race("
//!     strategy: versioned
//!     a: read x
//!     b: write x
//!
//!     a: cache.get x -> miss
//!     a: db.read x -> v0
//!     b: db.write x -> v1
//!     b: cache.tombstone x v1
//!     cache: evict x
//!     a: cache.set_if_newer x v0 -> accepted
//!
//!     violates: convergence
//! ").must_violate();
//! ```

use super::{Builtin, Param, ParamKind, ParamValues, TTL};
use crate::op::{Key, Outcome};
use crate::strategy::{Io, Strategy};
use crate::time::Span;

/// See the [module documentation](self).
#[derive(Clone, Copy, Debug)]
pub struct Versioned {
    /// How long an entry lives.
    pub ttl: Span,
    /// How long a tombstone lives.
    pub hold: Span,
}

impl Strategy for Versioned {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set_if_newer(key, row, self.ttl).await?;
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.cache.tombstone(key, row.version, self.hold).await?;
        Ok(row)
    }
}

impl Builtin for Versioned {
    const NAME: &'static str = "versioned";
    const SUMMARY: &'static str = "fills only if newer; a write leaves a tombstone of its version";
    const PARAMS: &'static [Param] = &[
        TTL,
        Param {
            name: "hold",
            kind: ParamKind::OptionalSpan(Span::from_secs(10)),
            doc: "how long a tombstone refuses older fills; must outlast the slowest fill",
        },
    ];

    fn from_params(params: &ParamValues) -> Versioned {
        Versioned { ttl: params.span(0), hold: params.span(1) }
    }
}
