//! A history: who asked what of which key, from when to when, and which version it was about.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::time::Time;

/// The version of a row that nobody has written yet.
pub const INITIAL: u64 = 0;
/// The version of a write of which nobody knows which version it made.
pub const UNKNOWN: u64 = u64::MAX;

/// What an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A read, which returned a version.
    Read,
    /// A write, which made one.
    Write,
}

/// One operation of a history. 48 bytes: histories are long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// When it was invoked.
    pub invoked: Time,
    /// When it was answered. [`Time::NEVER`]: nobody heard of its end. Such a write is *open*: it
    /// may have taken effect, may yet, or may never.
    pub completed: Time,
    /// Of a write, when it was committed; [`Time::NEVER`] if that is not known.
    pub committed: Time,
    /// The version it returned or made. [`INITIAL`] is the row before all writes, [`UNKNOWN`] that
    /// of a write nobody can tell.
    pub version: u64,
    /// The number of its key in [`History::keys`].
    pub key: u32,
    /// The number of its session in [`History::sessions`].
    pub session: u32,
    /// Where it is told in its file, from 1 on: the line of its answer, or of its invocation if it
    /// has none. 0 if there is no file.
    pub line: u32,
    /// Read or write.
    pub kind: Kind,
}

impl Operation {
    /// Whether it had ended before the other began: then nobody may see them in the other order.
    #[inline]
    pub fn ended_before(&self, other: &Operation) -> bool {
        self.completed < other.invoked
    }

    /// Whether nobody heard of its end.
    #[inline]
    pub fn is_open(&self) -> bool {
        self.completed == Time::NEVER
    }
}

/// Names, numbered in the order in which they were first seen.
#[derive(Clone, Debug, Default)]
pub struct Names {
    all: Vec<Arc<str>>,
    numbers: FxHashMap<Arc<str>, u32>,
}

impl Names {
    /// The number of a name, which is a new one if it was not seen before.
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let (name, number): (Arc<str>, u32) = (name.into(), self.all.len() as u32);
        self.all.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// The name of this number; nothing for a number that was not given.
    pub fn name(&self, number: u32) -> &str {
        self.all.get(number as usize).map_or("", |name| name)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// Why something cannot be an operation of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonsense {
    /// It was answered before it was invoked.
    EndsBeforeItBegins,
    /// A read has no answer: it belongs to [`History::push_failed`].
    ReadWithoutAnswer,
    /// A read's version is not known.
    ReadWithoutVersion,
    /// A write made version 0, which is the row before all writes.
    WritesTheInitialVersion,
    /// A read has a commit instant.
    ReadIsCommitted,
    /// A write was committed before it was invoked.
    CommittedBeforeItBegins,
    /// There are as many operations as can be numbered.
    TooMany,
}

impl fmt::Display for Nonsense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Nonsense::EndsBeforeItBegins => "it was completed before it was invoked",
            Nonsense::ReadWithoutAnswer => "a read that was not completed returned nothing",
            Nonsense::ReadWithoutVersion => {
                "a read has the version it returned; accepted: a whole number, 0 for a row that \
                 nobody has written yet"
            }
            Nonsense::WritesTheInitialVersion => {
                "a write made version 0, which is the row before all writes; accepted: whole \
                 numbers from 1 on, which order the writes of a key as they were committed"
            }
            Nonsense::ReadIsCommitted => "a read was committed; only writes are",
            Nonsense::CommittedBeforeItBegins => {
                "it was committed before it was invoked; accepted: a time on the clock of \
                 `invoked`, from then on, or none"
            }
            Nonsense::TooMany => "there are more than 4,294,967,295 operations",
        })
    }
}

impl std::error::Error for Nonsense {}

/// Operations on keys that know nothing of each other. Of each key, versions order the writes: that
/// is what the checks take for granted, and what makes them exact and fast.
#[derive(Clone, Debug, Default)]
pub struct History {
    operations: Vec<Operation>,
    /// The keys.
    pub keys: Names,
    /// The sessions: one client's operations, in the order in which it asked for them.
    pub sessions: Names,
    /// How many events were left out that are no operations, as those of a nemesis.
    pub other_events: u64,
    failed: Vec<Operation>,
}

impl History {
    /// Adds an operation. The order in which they are added does not matter.
    ///
    /// # Errors
    /// If it contradicts itself.
    pub fn push(&mut self, operation: Operation) -> Result<(), Nonsense> {
        if operation.completed < operation.invoked {
            return Err(Nonsense::EndsBeforeItBegins);
        }
        match operation.kind {
            Kind::Read if operation.is_open() => return Err(Nonsense::ReadWithoutAnswer),
            Kind::Read if operation.version == UNKNOWN => {
                return Err(Nonsense::ReadWithoutVersion);
            }
            Kind::Read if operation.committed != Time::NEVER => {
                return Err(Nonsense::ReadIsCommitted);
            }
            Kind::Write if operation.version == INITIAL => {
                return Err(Nonsense::WritesTheInitialVersion);
            }
            // After its answer is another matter: who acknowledges too early is to be found out.
            Kind::Write if operation.committed < operation.invoked => {
                return Err(Nonsense::CommittedBeforeItBegins);
            }
            Kind::Read | Kind::Write => {}
        }
        if self.operations.len() == u32::MAX as usize {
            return Err(Nonsense::TooMany);
        }
        self.operations.push(operation);
        Ok(())
    }

    /// Adds an operation that failed: a read that returned nothing, or a write that is known not to
    /// have taken effect. Nothing is checked about it.
    pub fn push_failed(&mut self, operation: Operation) {
        self.failed.push(operation);
    }

    /// Writes that were committed before an older version of their key was, each with the one of
    /// these that was committed last. Where there are any, commits are no measure of anything.
    pub fn commits_out_of_order(&self) -> Vec<(&Operation, &Operation)> {
        let is_known = |it: &&Operation| it.committed < Time::NEVER && it.version != UNKNOWN;
        let mut writes: Vec<&Operation> = self.operations.iter().filter(is_known).collect();
        // Of a write that was repeated, the first commit counts.
        writes.sort_by_key(|it| (it.key, it.version, it.committed));
        writes.dedup_by_key(|it| (it.key, it.version));
        let mut last: Option<&Operation> = None;
        let found = writes.into_iter().filter_map(|it| {
            let before = last.filter(|last| last.key == it.key && last.committed > it.committed);
            last = before.or(Some(it));
            before.map(|before| (it, before))
        });
        found.collect()
    }

    /// Those that failed, as they were added.
    pub fn failed(&self) -> &[Operation] {
        &self.failed
    }

    /// The operations, as they were added.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation of this number.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn operation(&self, number: u32) -> &Operation {
        &self.operations[number as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_stays_small() {
        assert_eq!(size_of::<Operation>(), 48);
    }

    #[test]
    fn names_are_numbered_once() {
        let mut names = Names::default();
        assert_eq!(["a", "b", "a"].map(|name| names.number(name)), [0, 1, 0]);
        assert_eq!((names.name(1), names.name(2), names.len()), ("b", "", 2));
    }

    #[test]
    fn nonsense_is_refused() {
        let read = Operation {
            invoked: Time(5),
            completed: Time(9),
            committed: Time::NEVER,
            version: 3,
            key: 0,
            session: 0,
            line: 0,
            kind: Kind::Read,
        };
        let write = Operation { kind: Kind::Write, ..read };
        let cases = [
            (Operation { completed: Time(4), ..read }, Nonsense::EndsBeforeItBegins),
            (Operation { completed: Time::NEVER, ..read }, Nonsense::ReadWithoutAnswer),
            (Operation { version: UNKNOWN, ..read }, Nonsense::ReadWithoutVersion),
            (Operation { committed: Time(6), ..read }, Nonsense::ReadIsCommitted),
            (Operation { version: INITIAL, ..write }, Nonsense::WritesTheInitialVersion),
            (Operation { committed: Time(4), ..write }, Nonsense::CommittedBeforeItBegins),
        ];
        let mut history = History::default();
        for (operation, error) in cases {
            assert_eq!(history.push(operation), Err(error));
        }
        for sound in [read, write, Operation { version: UNKNOWN, ..write }] {
            assert_eq!(history.push(sound), Ok(()));
        }
        let open = Operation { completed: Time::NEVER, committed: Time(7), ..write };
        assert_eq!(history.push(open), Ok(()));
        let too_early = Operation { committed: Time(11), ..write };
        assert_eq!(history.push(too_early), Ok(()), "it was acknowledged before it was there");
        assert_eq!(history.operations().len(), 5);
    }

    #[test]
    fn commits_of_a_key_are_in_the_order_of_its_versions() {
        let mut history = History::default();
        for (key, version, committed) in
            [(0, 4, 7), (0, 2, 9), (0, 3, 8), (0, 5, 9), (1, 1, 3), (0, 2, 10), (1, UNKNOWN, 1)]
        {
            let (invoked, completed, committed) = (Time(0), Time(20), Time(committed));
            let (session, line, kind) = (0, 0, Kind::Write);
            let it = Operation { invoked, completed, committed, version, key, session, line, kind };
            assert_eq!(history.push(it), Ok(()));
        }
        let found = history.commits_out_of_order();
        let found: Vec<_> = found.iter().map(|(it, last)| (it.version, last.version)).collect();
        assert_eq!(found, [(3, 2), (4, 2)]);
    }
}
