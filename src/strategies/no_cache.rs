//! Every request goes to the database.
//!
//! # What it does
//! A read queries the database and a write commits there; the cache is never touched. It is the
//! yardstick: what a cache gains in latency and load, and costs in truth, is measured against this.
//!
//! # What can go wrong
//! Nothing about freshness while reads go to the primary. Read from a replica, a row is as stale as
//! the replica lags. And every read costs the database a query.
//!
//! # Who uses it
//! Everybody, before the cache; and everybody whose slow query only wanted an index.
//!
//! # Shortest bad schedule
//! None while reads go to the primary. With a replica that lags, the read is stale:
//! 1. writer `db.write` → version 1
//! 2. reader `db.read` → version 0
//!
//! As `stalelab replay` plays it, to the end of what has begun:
//! ```
//! stalelab::testing::race("
//!     strategy: no-cache
//!     replicas: 1
//!     a: read x
//!     b: write x
//!
//!     b: db.write x -> v1
//!     a: db.read x -> v0
//!
//!     violates: no-stale-read
//! ").must_violate();
//! ```

use super::{Builtin, Param, ParamValues};
use crate::op::{Key, Outcome};
use crate::strategy::{Io, Strategy};

/// See the [module documentation](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCache;

impl Strategy for NoCache {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.read(key).await
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.write(key).await
    }

    fn invalidates(&self) -> bool {
        false
    }
}

impl Builtin for NoCache {
    const NAME: &'static str = "no-cache";
    const SUMMARY: &'static str = "every request goes to the database";
    const PARAMS: &'static [Param] = &[];

    fn from_params(_: &ParamValues) -> NoCache {
        NoCache
    }
}
