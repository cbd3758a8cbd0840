//! The vocabulary: everything a strategy can ask, and everything that can be answered.
//!
//! This is the only place that defines an operation. Every driver (load simulation today;
//! schedules, exploration and real servers later) speaks these types, and every component of
//! [`crate::world`] answers them. Nothing here knows when an operation takes effect.

use crate::time::Span;

/// A key of the database, `0..keys`. With a Zipf popularity the key is its rank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u32);

/// A version of one key's row. Version 0 is the row as it was before the run; the authority
/// numbers what it accepts 1, 2, 3 … per key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32);

impl Version {
    /// The version that replaces this one.
    #[inline]
    pub const fn next(self) -> Version {
        Version(self.0 + 1)
    }
}

/// Where a row was read from. For explaining stale reads only: a strategy never branches on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Source {
    /// From the authority itself: the newest version at the instant of the snapshot.
    #[default]
    Authority,
    /// From a replica that had not applied the newest commit yet.
    LaggingReplica,
    /// From a database that had not received an accepted write yet (write-behind).
    UnflushedDatabase,
}

/// A row's value. In a model the value is its identity: the version the authority gave it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Row {
    /// Which version of the key this is.
    pub version: Version,
    /// How it was obtained.
    pub source: Source,
}

impl Row {
    /// The row of this version as the authority gives it out.
    #[inline]
    pub const fn new(version: Version) -> Row {
        Row { version, source: Source::Authority }
    }
}

/// Proof that a lease or a lock was granted. Never reused within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token(pub u64);

/// What the cache answers to [`Op::CacheLease`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lease {
    /// The key is cached.
    Hit(Row),
    /// A miss, and the caller may fill it with this token.
    Granted(Token),
    /// A miss, and somebody else holds the token.
    Wait,
}

/// Work a strategy asks to have done later, as a task of its own, by the same server.
/// What the tag means is the strategy's own business.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Job {
    /// Which kind of work.
    pub tag: u32,
    /// The row it is about, if any.
    pub row: Option<Row>,
}

/// One operation: a single call to the cache, the database, the client or the job list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Look the key up. Answered by [`Reply::Row`].
    CacheGet(Key),
    /// Store the row, whatever is there. Answered by [`Reply::Done`].
    CacheSet(Key, Row, Span),
    /// Store the row unless the cache holds the same or a newer one, or a newer tombstone.
    /// Answered by [`Reply::Accepted`].
    CacheSetIfNewer(Key, Row, Span),
    /// Remove the key. Kills its lease. Answered by [`Reply::Done`].
    CacheDelete(Key),
    /// Replace the key by a tombstone of this version, which is a miss for readers and refuses
    /// older sets while it lives. Answered by [`Reply::Done`].
    CacheTombstone(Key, Version, Span),
    /// Look the key up, and on a miss ask for the one fill token; the span is how long a token
    /// that was granted blocks others. Answered by [`Reply::Lease`].
    CacheLease(Key, Span),
    /// Store the row if the token is still the valid one. Answered by [`Reply::Accepted`].
    CacheFill(Key, Row, Token, Span),
    /// Take the key's lock for at most this long. Answered by [`Reply::Lock`].
    CacheLock(Key, Span),
    /// Give the key's lock back. Answered by [`Reply::Accepted`].
    CacheUnlock(Key, Token),
    /// Accept the client's write at the cache, which is the authority and numbers it
    /// (write-behind). Answered by [`Reply::Row`].
    CacheAccept(Key, Span),
    /// Read the row, wherever the scenario routes reads. Answered by [`Reply::Row`].
    DbRead(Key),
    /// Read the row from the primary. Answered by [`Reply::Row`].
    DbReadPrimary(Key),
    /// Commit the client's write. Answered by [`Reply::Row`].
    DbWrite(Key),
    /// Commit a row that was accepted elsewhere, unless the database has a newer one.
    /// Answered by [`Reply::Done`].
    DbApply(Key, Row),
    /// Answer the client now; the task goes on. Takes no time. Answered by [`Reply::Done`].
    ClientReply(Row),
    /// Do this job on this key after the span. Takes no time. Answered by [`Reply::Done`].
    JobAfter(Key, Job, Span),
}

/// Which component an operation travels to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Component {
    /// The cache node.
    Cache,
    /// The database.
    Database,
    /// The application server itself: no travel.
    Local,
}

/// The kinds of operation: name as scenario files write it, and the component that serves it.
/// [`Op::kind`] indexes this table.
pub const OP_KINDS: [(&str, Component); 16] = [
    ("cache.get", Component::Cache),
    ("cache.set", Component::Cache),
    ("cache.set_if_newer", Component::Cache),
    ("cache.delete", Component::Cache),
    ("cache.tombstone", Component::Cache),
    ("cache.lease", Component::Cache),
    ("cache.fill", Component::Cache),
    ("cache.lock", Component::Cache),
    ("cache.unlock", Component::Cache),
    ("cache.accept", Component::Cache),
    ("db.read", Component::Database),
    ("db.read_primary", Component::Database),
    ("db.write", Component::Database),
    ("db.apply", Component::Database),
    ("client.reply", Component::Local),
    ("jobs.after", Component::Local),
];

impl Op {
    /// The operation's index in [`OP_KINDS`].
    #[inline]
    pub const fn kind(&self) -> usize {
        match self {
            Op::CacheGet(..) => 0,
            Op::CacheSet(..) => 1,
            Op::CacheSetIfNewer(..) => 2,
            Op::CacheDelete(..) => 3,
            Op::CacheTombstone(..) => 4,
            Op::CacheLease(..) => 5,
            Op::CacheFill(..) => 6,
            Op::CacheLock(..) => 7,
            Op::CacheUnlock(..) => 8,
            Op::CacheAccept(..) => 9,
            Op::DbRead(..) => 10,
            Op::DbReadPrimary(..) => 11,
            Op::DbWrite(..) => 12,
            Op::DbApply(..) => 13,
            Op::ClientReply(..) => 14,
            Op::JobAfter(..) => 15,
        }
    }

    /// The operation's name, as `cache.get`.
    pub const fn name(&self) -> &'static str {
        OP_KINDS[self.kind()].0
    }

    /// The component the operation travels to.
    #[inline]
    pub const fn component(&self) -> Component {
        OP_KINDS[self.kind()].1
    }

    /// Whether it may change what readers of the cache see.
    #[inline]
    pub const fn changes_cache(&self) -> bool {
        matches!(
            self,
            Op::CacheSet(..)
                | Op::CacheSetIfNewer(..)
                | Op::CacheDelete(..)
                | Op::CacheTombstone(..)
                | Op::CacheFill(..)
                | Op::CacheAccept(..)
        )
    }

    /// The version of the row it takes to the cache.
    pub const fn carried(&self) -> Option<Version> {
        match self {
            Op::CacheSet(_, row, _)
            | Op::CacheSetIfNewer(_, row, _)
            | Op::CacheFill(_, row, ..) => Some(row.version),
            _ => None,
        }
    }

    /// What its sender is told if it is lost on the way and no timeout tells: what it cannot tell
    /// from the real answer. A lease's token and an accepted row cannot be made up, and neither can
    /// any answer of the database.
    pub const fn reply_if_lost(&self) -> Reply {
        match self {
            Op::CacheGet(_) => Reply::Row(None),
            Op::CacheSet(..) | Op::CacheDelete(_) | Op::CacheTombstone(..) => Reply::Done,
            Op::CacheSetIfNewer(..) | Op::CacheFill(..) | Op::CacheUnlock(..) => {
                Reply::Accepted(true)
            }
            Op::CacheLock(..) => Reply::Lock(None),
            _ => Reply::Fault(Fault::Unavailable),
        }
    }

    /// The key it is about; `None` for what is only said to the client.
    pub const fn key(&self) -> Option<Key> {
        match self {
            Op::CacheGet(key)
            | Op::CacheSet(key, ..)
            | Op::CacheSetIfNewer(key, ..)
            | Op::CacheDelete(key)
            | Op::CacheTombstone(key, ..)
            | Op::CacheLease(key, _)
            | Op::CacheFill(key, ..)
            | Op::CacheLock(key, _)
            | Op::CacheUnlock(key, _)
            | Op::CacheAccept(key, _)
            | Op::DbRead(key)
            | Op::DbReadPrimary(key)
            | Op::DbWrite(key)
            | Op::DbApply(key, _)
            | Op::JobAfter(key, ..) => Some(*key),
            Op::ClientReply(_) => None,
        }
    }
}

/// What comes back for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// Done; there is nothing to say.
    Done,
    /// A row, or none (a cache miss).
    Row(Option<Row>),
    /// Whether a conditional operation took effect.
    Accepted(bool),
    /// The outcome of asking for a lease.
    Lease(Lease),
    /// The lock's token, or none if somebody else holds it.
    Lock(Option<Token>),
    /// It failed, or nobody knows.
    Fault(Fault),
}

/// Why an operation, or a whole request, did not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// No reply within the timeout. The operation may still take effect.
    Timeout,
    /// The component is not there, or the message was lost.
    Unavailable,
    /// A compare-and-write found another version than the client had seen.
    Conflict,
    /// Not a failure: the task asks to be started again from its beginning after this long. Not
    /// granted for ever: see [`crate::simulation::DRAIN_LIMIT`].
    Retry {
        /// How long to wait first.
        after: Span,
    },
}

/// What a task is called to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// A client reads a key.
    Read(Key),
    /// A client writes a key.
    Write(Key),
    /// A job that an earlier task asked for.
    Job(Key, Job),
}

impl Call {
    /// The key the call is about.
    #[inline]
    pub const fn key(&self) -> Key {
        match self {
            Call::Read(key) | Call::Write(key) | Call::Job(key, _) => *key,
        }
    }
}

/// How a task ends: the row the client gets (of a write: the row it wrote), or why not.
pub type Outcome = Result<Row, Fault>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_small_enough_to_be_copied_on_the_hot_path() {
        assert!(size_of::<Op>() <= 40, "{}", size_of::<Op>());
        assert!(size_of::<Reply>() <= 24, "{}", size_of::<Reply>());
    }

    #[test]
    fn names_follow_the_component() {
        for (name, component) in OP_KINDS {
            let prefix = match component {
                Component::Cache => "cache.",
                Component::Database => "db.",
                Component::Local => "",
            };
            assert!(name.starts_with(prefix), "{name}");
        }
        assert_eq!(Op::DbWrite(Key(1)).name(), "db.write");
        assert_eq!(Op::JobAfter(Key(1), Job::default(), Span::ZERO).name(), "jobs.after");
    }
}
