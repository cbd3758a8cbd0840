//! What a history can violate.

use std::fmt;

/// A promise that a history keeps or breaks. Linearizability is that of M. Herlihy and J. Wing,
/// "Linearizability: A Correctness Condition for Concurrent Objects", TOPLAS 12(3), 1990, of one
/// register per key; the session guarantees are those of D. Terry et al., "Session Guarantees for
/// Weakly Consistent Replicated Data", PDIS 1994, per key, in terms of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// All operations fit into one order that keeps who ended before whom began, in which versions
    /// ascend and every read returns the version written last.
    Linearizability,
    /// A read returns nothing older than a write that was acknowledged before it began.
    NoStaleRead,
    /// A read returns nothing older than what a read that ended before it began has returned.
    NoInversion,
    /// A read returns only what somebody had begun to write before it ended.
    NoDirtyRead,
    /// A session reads nothing older than its own acknowledged writes.
    ReadYourWrites,
    /// A session reads nothing older than what it has read.
    MonotonicReads,
    /// A session's write is newer than its acknowledged ones.
    MonotonicWrites,
    /// A session's write is newer than what it has read.
    WritesFollowReads,
}

impl Property {
    /// All of them, in the order they are printed.
    pub const ALL: [Property; 8] = [
        Property::Linearizability,
        Property::NoStaleRead,
        Property::NoInversion,
        Property::NoDirtyRead,
        Property::ReadYourWrites,
        Property::MonotonicReads,
        Property::MonotonicWrites,
        Property::WritesFollowReads,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Property::Linearizability => "linearizability",
            Property::NoStaleRead => "no-stale-read",
            Property::NoInversion => "no-inversion",
            Property::NoDirtyRead => "no-dirty-read",
            Property::ReadYourWrites => "read-your-writes",
            Property::MonotonicReads => "monotonic-reads",
            Property::MonotonicWrites => "monotonic-writes",
            Property::WritesFollowReads => "writes-follow-reads",
        }
    }

    /// The property of this name.
    pub fn find(name: &str) -> Option<Property> {
        Property::ALL.into_iter().find(|property| property.name() == name)
    }

    /// What it promises.
    pub const fn promise(self) -> &'static str {
        match self {
            Property::Linearizability => {
                "one order of all operations explains what everybody was told"
            }
            Property::NoStaleRead => {
                "a read returns nothing older than a write acknowledged before it began"
            }
            Property::NoInversion => {
                "a read returns nothing older than what an earlier read returned"
            }
            Property::NoDirtyRead => "a read returns only what somebody had begun to write",
            Property::ReadYourWrites => {
                "a session reads nothing older than its own acknowledged writes"
            }
            Property::MonotonicReads => "a session reads nothing older than what it has read",
            Property::MonotonicWrites => "a session's write is newer than its earlier ones",
            Property::WritesFollowReads => "a session's write is newer than what it has read",
        }
    }

    /// What would exercise it: without that, nothing was learnt about it.
    pub const fn needs(self) -> &'static str {
        match self {
            Property::Linearizability => "an operation that begins after another of its key",
            Property::NoStaleRead => "a read that begins after an acknowledged write",
            Property::NoInversion => "a read that begins after another returned a new version",
            Property::NoDirtyRead => "a read that returns a new version",
            Property::ReadYourWrites => "a session that reads what it has written",
            Property::MonotonicReads => "a session that reads again what it has read",
            Property::MonotonicWrites => "a session that writes again what it has written",
            Property::WritesFollowReads => "a session that writes what it has read",
        }
    }

    /// What is violated too wherever this is. A session that goes back is a stale read or an
    /// inversion, and whatever goes wrong, no order of all operations explains it.
    pub const fn entails(self) -> &'static [Property] {
        match self {
            Property::Linearizability => &[],
            Property::ReadYourWrites => &[Property::Linearizability, Property::NoStaleRead],
            Property::MonotonicReads => &[Property::Linearizability, Property::NoInversion],
            Property::NoStaleRead
            | Property::NoInversion
            | Property::NoDirtyRead
            | Property::MonotonicWrites
            | Property::WritesFollowReads => &[Property::Linearizability],
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule;

    #[test]
    fn names_are_told_apart_and_found() {
        for property in Property::ALL {
            assert_eq!(Property::find(property.name()), Some(property));
        }
        assert_eq!(Property::find("convergence"), None);
    }

    #[test]
    fn what_schedules_promise_too_has_the_same_name_and_words() {
        let shared = schedule::Property::ALL
            .iter()
            .filter_map(|theirs| Property::find(theirs.name()).map(|ours| (ours, theirs)));
        let shared: Vec<_> = shared.collect();
        assert_eq!(shared.len(), 5);
        for (ours, theirs) in shared {
            // A schedule knows what was accepted, a history only what was asked for.
            if ours != Property::NoDirtyRead {
                assert_eq!((ours.promise(), ours.needs()), (theirs.promise(), theirs.needs()));
            }
        }
    }
}
