//! What a Meta trace holds, operation by operation, and the sentences about it.

use crate::workload::config::TraceWrites;

/// The operations of a Meta trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Get,
    GetLease,
    Set,
    SetLease,
    Delete,
}

/// Every operation under its name in a trace, in the order of [`Operation`].
const OPERATIONS: [(Operation, &str); 5] = [
    (Operation::Get, "GET"),
    (Operation::GetLease, "GET_LEASE"),
    (Operation::Set, "SET"),
    (Operation::SetLease, "SET_LEASE"),
    (Operation::Delete, "DELETE"),
];

impl Operation {
    pub(super) fn named(name: &[u8]) -> Option<Operation> {
        let mut operations = OPERATIONS.iter();
        let found = operations.find(|(_, known)| known.as_bytes() == name);
        found.map(|&(operation, _)| operation)
    }

    /// The names there are, for a message.
    pub(super) fn accepted() -> String {
        let names = OPERATIONS.map(|(_, name)| name);
        format!("one of {}", names.join(", "))
    }

    pub(super) fn reads(self) -> bool {
        matches!(self, Operation::Get | Operation::GetLease)
    }
}

/// How often each operation was asked.
#[derive(Default)]
pub(super) struct Census {
    rows: u64,
    operations: u64,
    each: [u64; OPERATIONS.len()],
    /// `SET`s taken for writes.
    written_sets: u64,
}

impl Census {
    /// Adds a row; false if the operations are too many to count.
    pub(super) fn add(&mut self, operation: Operation, count: u64) -> bool {
        let Some(operations) = self.operations.checked_add(count) else {
            return false;
        };
        self.rows += 1;
        self.operations = operations;
        self.each[operation as usize] += count;
        true
    }

    /// So many of the `SET`s are writes.
    pub(super) fn add_written_sets(&mut self, count: u64) {
        self.written_sets += count;
    }

    fn count(&self, operation: Operation) -> u64 {
        self.each[operation as usize]
    }

    /// What was inferred, in sentences.
    pub(super) fn notes(&self, writes: TraceWrites, clients: u32) -> Vec<String> {
        let each = OPERATIONS.map(|(op, name)| format!("{name} {}", self.count(op)));
        vec![
            format!(
                "The trace's {} rows stand for {} operations, by op_count: {}.",
                self.rows,
                self.operations,
                each.join(", ")
            ),
            "Its times are whole seconds: the requests of one second are spread evenly over it, \
             in file order."
                .to_owned(),
            self.note_on_writes(writes),
            format!(
                "A client is a value of the usecase column: a service, not a person; there are \
                 {clients}."
            ),
            note_on_hits(writes).to_owned(),
        ]
    }

    fn note_on_writes(&self, writes: TraceWrites) -> String {
        let (sets, leases) = (self.count(Operation::Set), self.count(Operation::SetLease));
        let deletes = self.count(Operation::Delete);
        let (written, said) = match writes {
            TraceWrites::FromDeletes => (
                deletes,
                format!(
                    "Each DELETE ({deletes}) is taken for a database write, which it follows. \
                     SET ({sets}) and SET_LEASE ({leases}) are taken for cache fills and dropped."
                ),
            ),
            TraceWrites::FromSets => (
                self.written_sets,
                format!(
                    "Each SET that no missed GET or GET_LEASE of the same key explains ({}) is \
                     taken for a database write. The other SETs ({}) and SET_LEASE ({leases}) are \
                     taken for cache fills, DELETE ({deletes}) for invalidations, and dropped.",
                    self.written_sets,
                    sets - self.written_sets
                ),
            ),
        };
        match written {
            0 => format!("{said} So nothing is written, and nothing can become stale."),
            _ => said,
        }
    }
}

fn note_on_hits(writes: TraceWrites) -> &'static str {
    match writes {
        TraceWrites::FromDeletes => {
            "The cache_hits column is what the recorded cache did: it is not replayed."
        }
        TraceWrites::FromSets => {
            "The cache_hits column is what the recorded cache did: it is not replayed, and only \
             tells which SETs are fills."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_stand_in_the_order_of_their_counters() {
        for (place, (operation, name)) in OPERATIONS.into_iter().enumerate() {
            assert_eq!(operation as usize, place);
            assert_eq!(Operation::named(name.as_bytes()), Some(operation));
        }
        assert_eq!(Operation::named(b"get"), None);
    }

    #[test]
    fn too_many_operations_are_refused() {
        let mut census = Census::default();
        assert!(census.add(Operation::Get, u64::MAX));
        assert!(!census.add(Operation::Set, 1));
    }
}
