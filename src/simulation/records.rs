//! What ground truth remembers: of a recent write, of a copy that is old, of a row it judged.

use crate::observation::{Cause, Staleness};
use crate::op::{Key, Version};
use crate::time::Time;
use crate::world::CommitId;

/// What became of the invalidation (or update) that belongs to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is still to come, as far as anybody knows.
    Open,
    /// It took effect.
    Landed,
    /// It was lost on the way, or dropped with its task.
    Lost,
    /// The write ended without one.
    Never,
}

/// An instant and a place in its order of events: a time, and an order number.
pub(super) type Moment = (Time, u64);

/// The beginning of everything.
pub(super) const FROM_THE_START: Moment = (Time::ZERO, 0);

/// What is remembered of a recent write.
#[derive(Clone, Copy, Debug)]
pub(super) struct WriteNote {
    pub(super) acknowledged_at: Time,
    pub(super) fate: Fate,
    /// When the fate became known to the world: tasks are resumed before their replies arrive,
    /// and what they make of them must not show until then.
    pub(super) since: Moment,
}

impl WriteNote {
    pub(super) fn cause(&self, by_writer: bool) -> Cause {
        match self.fate {
            Fate::Open => Cause::InFlightInvalidation,
            Fate::Landed if by_writer => Cause::ReorderedUpdate,
            Fate::Landed => Cause::LateFill,
            Fate::Lost => Cause::LostInvalidation,
            Fate::Never => Cause::TtlWindow,
        }
    }
}

/// An accepted write, for its task to report what becomes of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) key: Key,
    pub(super) version: Version,
    pub(super) id: CommitId,
}

/// A cached copy that is old.
#[derive(Clone, Copy, Debug)]
pub(super) struct StaleCopy {
    pub(super) version: Version,
    pub(super) superseded_at: Time,
    pub(super) superseded_by: Option<CommitId>,
    pub(super) first_acknowledged_at: Time,
    /// Before `since`, the invalidation is in flight.
    pub(super) cause: Cause,
    pub(super) since: Moment,
    pub(super) was_read: bool,
}

impl StaleCopy {
    pub(super) fn cause(&self, now: Moment) -> Cause {
        if now < self.since { Cause::InFlightInvalidation } else { self.cause }
    }
}

/// A row as it was judged when a request received it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    pub(super) version: Version,
    /// When it became old.
    pub(super) superseded_at: Time,
    /// When the first newer version was acknowledged, as far as the log does not tell any more.
    pub(super) first_acknowledged_at: Time,
    /// How stale it is for the request, if it was old before the request began.
    pub(super) staleness: Option<Staleness>,
    /// Whether this is the first time that a read which counts saw the stale copy.
    pub(super) new_episode: bool,
    /// Whether any has seen it by now.
    pub(super) was_read: bool,
}
