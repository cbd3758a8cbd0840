//! What a schedule can violate.

use std::fmt;

/// A promise that a strategy keeps or breaks. Definitions: `what a stale read is`, as measured by
/// the load driver, and the session guarantees of Terry et al. (1994).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// A read returns nothing older than a write that was acknowledged before it began.
    NoStaleRead,
    /// A read returns nothing older than what a read that ended before it began has returned.
    NoInversion,
    /// A session reads nothing older than its own acknowledged writes.
    ReadYourWrites,
    /// A session reads nothing older than what it has read.
    MonotonicReads,
    /// A read returns only what was accepted.
    NoDirtyRead,
    /// When nothing is in progress, the database has every acknowledged write.
    NoLostWrite,
    /// When nothing is in progress, no cache holds an old row for ever.
    Convergence,
    /// At most one task at a time has missed, and reads the database to fill the key.
    SingleFill,
}

impl Property {
    /// All of them, in the order they are printed.
    pub const ALL: [Property; 8] = [
        Property::NoStaleRead,
        Property::NoInversion,
        Property::ReadYourWrites,
        Property::MonotonicReads,
        Property::NoDirtyRead,
        Property::NoLostWrite,
        Property::Convergence,
        Property::SingleFill,
    ];

    /// Its name on the command line and in schedules.
    pub const fn name(self) -> &'static str {
        match self {
            Property::NoStaleRead => "no-stale-read",
            Property::NoInversion => "no-inversion",
            Property::ReadYourWrites => "read-your-writes",
            Property::MonotonicReads => "monotonic-reads",
            Property::NoDirtyRead => "no-dirty-read",
            Property::NoLostWrite => "no-lost-write",
            Property::Convergence => "convergence",
            Property::SingleFill => "single-fill",
        }
    }

    /// What it promises.
    pub const fn promise(self) -> &'static str {
        match self {
            Property::NoStaleRead => {
                "a read returns nothing older than a write acknowledged before it began"
            }
            Property::NoInversion => {
                "a read returns nothing older than what an earlier read returned"
            }
            Property::ReadYourWrites => {
                "a session reads nothing older than its own acknowledged writes"
            }
            Property::MonotonicReads => "a session reads nothing older than what it has read",
            Property::NoDirtyRead => "a read returns only what was accepted",
            Property::NoLostWrite => "the database ends up with every acknowledged write",
            Property::Convergence => "no cache is left with an old row for ever",
            Property::SingleFill => "one task at a time reads the database to fill a key",
        }
    }

    /// What would exercise it: without that, nothing was learnt about it.
    pub const fn needs(self) -> &'static str {
        match self {
            Property::NoStaleRead => "a read that begins after an acknowledged write",
            Property::NoInversion => "a read that begins after another returned a new version",
            Property::ReadYourWrites => "a session that reads what it has written",
            Property::MonotonicReads => "a session that reads again what it has read",
            Property::NoDirtyRead => "a read that returns a new version",
            Property::NoLostWrite => "an acknowledged write",
            Property::Convergence => "a row in a cache, with no end, after a write",
            Property::SingleFill => "a miss while another task fills the key",
        }
    }

    /// Whether it is about what a read returns, and so can be violated again and again.
    pub const fn is_of_reads(self) -> bool {
        !matches!(self, Property::NoLostWrite | Property::Convergence | Property::SingleFill)
    }

    /// The property of this name.
    pub fn find(name: &str) -> Option<Property> {
        Property::ALL.into_iter().find(|property| property.name() == name)
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of properties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PropertySet(u8);

impl PropertySet {
    /// Adds one, if `member`.
    pub fn add(&mut self, property: Property, member: bool) {
        self.0 |= u8::from(member) << property as u8;
    }

    /// Adds all of another set's.
    pub fn add_all(&mut self, other: PropertySet) {
        self.0 |= other.0;
    }

    /// Whether one is in it.
    pub fn has(self, property: Property) -> bool {
        self.0 >> property as u8 & 1 == 1
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in it, in order.
    pub fn iter(self) -> impl Iterator<Item = Property> {
        Property::ALL.into_iter().filter(move |property| self.has(*property))
    }
}
