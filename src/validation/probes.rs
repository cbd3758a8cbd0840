//! Strategies made to measure one thing.

use crate::op::{Fault, Key, OP_KINDS, Outcome};
use crate::strategy::{Io, Strategy};
use crate::time::Span;

/// The kind of operation that a delete is.
pub(super) const DELETE: usize = 3;
const _: () = assert!(matches!(OP_KINDS[DELETE].0.as_bytes(), b"cache.delete"));

/// Deletes a while after the commit: a second write to the database changes nothing, and takes the
/// time that the database's writes take.
pub(super) struct DeleteLater;

impl Strategy for DeleteLater {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set(key, row, Span::FOREVER).await?;
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.db.apply(key, row).await?;
        io.cache.delete(key).await?;
        Ok(row)
    }
}

/// A reader that fails if, when it would fill, the invalidation of a newer version has landed.
pub(super) struct RaceProbe;

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
        io.cache.set_if_newer(key, row, Span::FOREVER).await?;
        Ok(row)
    }
}
