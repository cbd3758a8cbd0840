//! Strategies made to measure one thing.

use crate::op::{Fault, Job, Key, OP_KINDS, Outcome};
use crate::strategy::{Io, Strategy};
use crate::time::Span;

/// The kind of operation that a delete is.
pub(super) const DELETE: usize = 3;
const _: () = assert!(matches!(OP_KINDS[DELETE].0.as_bytes(), b"cache.delete"));

/// A row or nothing from the cache; on a miss the row from the database, kept so long.
async fn cache_aside(io: &mut Io<'_>, key: Key, ttl: Span) -> Outcome {
    if let Some(row) = io.cache.get(key).await? {
        return Ok(row);
    }
    let row = io.db.read(key).await?;
    io.cache.set(key, row, ttl).await?;
    Ok(row)
}

/// Commits, and deletes a while later: a second write to the database changes nothing, and takes
/// the time that the database's writes take.
async fn delete_later(io: &mut Io<'_>, key: Key) -> Outcome {
    let row = io.db.write(key).await?;
    io.db.apply(key, row).await?;
    io.cache.delete(key).await?;
    Ok(row)
}

/// Deletes a while after the commit.
pub(super) struct DeleteLater {
    pub(super) ttl: Span,
}

impl Strategy for DeleteLater {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        cache_aside(io, key, self.ttl).await
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        delete_later(io, key).await
    }
}

/// What becomes of a read that comes while another fills its key.
#[derive(Clone, Copy)]
pub(super) enum Joiner {
    /// It fails, and so is counted apart.
    Fails,
    /// It looks again after so long.
    LooksAgain(Span),
}

/// One fill at a time per key, by the cache's lock. The lock survives a delete, so that fills race
/// with deletes as those of single flight in an application server do.
pub(super) struct SingleFlight {
    pub(super) ttl: Span,
    pub(super) joiner: Joiner,
    /// Whether a write deletes, a while after its commit.
    pub(super) deletes: bool,
}

impl Strategy for SingleFlight {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let Some(token) = io.cache.lock(key, Span::FOREVER).await? else {
            return Err(match self.joiner {
                Joiner::Fails => Fault::Unavailable,
                Joiner::LooksAgain(after) => Fault::Retry { after },
            });
        };
        let row = io.db.read(key).await?;
        io.cache.set(key, row, self.ttl).await?;
        io.cache.unlock(key, token).await?;
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if self.deletes { delete_later(io, key).await } else { io.db.write(key).await }
    }

    fn invalidates(&self) -> bool {
        self.deletes
    }
}

/// A reader that fails if, when it would fill, the last delete for a newer version has landed: the
/// only one, or a second one so long after the first.
pub(super) struct RaceProbe {
    pub(super) second_delete: Option<Span>,
}

impl Strategy for RaceProbe {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.read(key).await?;
        let landed = io.cache.get(key).await?;
        match landed {
            Some(newest) if newest.version > row.version => Err(Fault::Unavailable),
            _ => Ok(row),
        }
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.db.apply(key, row).await?;
        match self.second_delete {
            None => _ = io.cache.set_if_newer(key, row, Span::FOREVER).await?,
            Some(after) => io.jobs.after(after, key, Job { tag: 0, row: Some(row) }).await?,
        }
        Ok(row)
    }

    async fn job(&self, io: &mut Io<'_>, key: Key, job: Job) -> Outcome {
        let row = job.row.unwrap_or_default();
        io.cache.set_if_newer(key, row, Span::FOREVER).await?;
        Ok(row)
    }
}

/// Over how many keys [`AddProbe`] spreads its TTLs.
pub(super) const ADD_KEYS: u32 = 20;

/// Every read that misses fetches, and adds the row if none is there by then. The one whose row is
/// taken, which is one per expiry, fails, and so is counted. For loads without writes, where a row
/// is never newer than what is there.
pub(super) struct AddProbe {
    pub(super) ttl: Span,
}

impl AddProbe {
    /// From the TTL up to twice as long, by the key: were they all alike, the keys would expire in
    /// step for the whole of a run.
    pub(super) fn ttl_of(&self, key: Key) -> Span {
        Span(self.ttl.0 + self.ttl.0 / u64::from(ADD_KEYS) * u64::from(key.0))
    }
}

impl Strategy for AddProbe {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        match io.cache.set_if_newer(key, row, self.ttl_of(key)).await? {
            true => Err(Fault::Unavailable),
            false => Ok(row),
        }
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.write(key).await
    }
}

/// Deletes, then commits; a writer that finds an old row in the cache at that instant fails.
pub(super) struct OldCopyProbe;

impl Strategy for OldCopyProbe {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        cache_aside(io, key, Span::FOREVER).await
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.cache.delete(key).await?;
        let row = io.db.write(key).await?;
        match io.cache.get(key).await? {
            Some(found) if found.version < row.version => Err(Fault::Unavailable),
            _ => Ok(row),
        }
    }
}

/// Looks at a replica for its own commit, after a while or again and again. A look takes the time
/// that reads take, and sees what is there when it begins.
pub(super) struct LagProbe {
    /// Whether it looks until it finds its commit; if not, it fails where that is not there when
    /// the time of one look has gone by.
    pub(super) until_found: bool,
}

impl Strategy for LagProbe {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.read(key).await
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        if !self.until_found {
            io.db.read_primary(key).await?;
            let found = io.db.read(key).await?;
            return if found.version < row.version { Err(Fault::Unavailable) } else { Ok(row) };
        }
        while io.db.read(key).await?.version < row.version {}
        Ok(row)
    }
}

/// Once a key has been read, its copy is refreshed every so often, read or not.
pub(super) struct Polling {
    pub(super) every: Span,
}

impl Polling {
    async fn refresh(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.read(key).await?;
        io.cache.set(key, row, Span::FOREVER).await?;
        io.jobs.after(self.every, key, Job::default()).await?;
        Ok(row)
    }
}

impl Strategy for Polling {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        match io.cache.get(key).await? {
            Some(row) => Ok(row),
            None => self.refresh(io, key).await,
        }
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.write(key).await
    }

    async fn job(&self, io: &mut Io<'_>, key: Key, _: Job) -> Outcome {
        self.refresh(io, key).await
    }

    fn invalidates(&self) -> bool {
        false
    }
}
