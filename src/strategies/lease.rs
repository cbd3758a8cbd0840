//! Leases: a miss gets a token, and a delete takes it away.
//!
//! # What it does
//! A read that misses is given a token, one per key and `term`; others wait `backoff` and start
//! over, so that a hot key's miss costs one query. The fill is accepted only with the key's latest
//! token. A write commits and deletes the key, which voids the token: a fill from before the commit
//! cannot land after the delete.
//!
//! # What can go wrong
//! A fill that reads a lagging replica after the delete holds a valid token and an old row. Between
//! commit and delete readers still hit the old row, and a fill of it is still accepted, so that a
//! later read may return an older row than an earlier one; a crash there, or a delete that is lost
//! or times out, leaves it. The delete lets the next miss have a token while the first holder is
//! still reading: two fills at once. A holder that dies makes everybody wait for `term`. After
//! `term` the token goes to the next reader and the slow holder's fill is refused: that keeps the
//! truth, but where every query is slower than `term`, nothing is ever cached.
//!
//! A read whose fill faults fails, although it has its row: nothing here catches the fault.
//!
//! # Who uses it
//! Facebook's memcache (Nishtala et al., *Scaling Memcache at Facebook*, NSDI 2013: the term is
//! 10 s, and the peak database rate of herd-prone keys fell from 17,000 to 1,300 a second);
//! memcached's meta commands.
//!
//! # Shortest bad schedule
//! None that leaves an old row while reads go to the primary, no server crashes, and no delete is
//! lost or times out. With a replica that lags:
//! 1. writer `db.write` → version 1
//! 2. writer `cache.delete`
//! 3. reader `cache.lease` → granted
//! 4. reader `db.read` → version 0
//! 5. reader `cache.fill` version 0 → accepted
//!
//! As `stalelab replay` plays it, to the end of what has begun:
//! ```
//! stalelab::testing::race("
//!     strategy: lease
//!     replicas: 1
//!     a: read x
//!     b: write x
//!
//!     b: db.write x -> v1
//!     b: cache.delete x
//!     a: cache.lease x -> granted
//!     a: db.read x -> v0
//!     a: cache.fill x v0 -> accepted
//!     replica 1: apply
//!
//!     violates: convergence
//! ").must_violate();
//! ```

use super::{BACKOFF, Builtin, Param, ParamKind, ParamValues, TTL};
use crate::op::{Fault, Key, Lease as Answer, Outcome};
use crate::strategy::{Io, Strategy};
use crate::time::Span;

/// See the [module documentation](self).
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// How long an entry lives.
    pub ttl: Span,
    /// How long nobody else is given a token.
    pub term: Span,
    /// How long to wait for the holder of the token.
    pub backoff: Span,
}

impl Strategy for Lease {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        match io.cache.lease(key, self.term).await? {
            Answer::Hit(row) => Ok(row),
            Answer::Wait => Err(Fault::Retry { after: self.backoff }),
            Answer::Granted(token) => {
                let row = io.db.read(key).await?;
                io.cache.fill(key, row, token, self.ttl).await?;
                Ok(row)
            }
        }
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.cache.delete(key).await?;
        Ok(row)
    }
}

impl Builtin for Lease {
    const NAME: &'static str = "lease";
    const SUMMARY: &'static str = "a miss gets a token to fill with; a delete voids it";
    const PARAMS: &'static [Param] = &[
        TTL,
        Param {
            name: "term",
            kind: ParamKind::OptionalSpan(Span::from_secs(10)),
            doc: "how long a token keeps others from getting one",
        },
        BACKOFF,
    ];

    fn from_params(params: &ParamValues) -> Lease {
        Lease { ttl: params.span(0), term: params.span(1), backoff: params.span(2) }
    }
}
