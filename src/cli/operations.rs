//! What a strategy can ask for, a sentence per operation.

/// Every operation: name, and what it does.
pub(crate) const OPERATIONS: &[(&str, &str)] = &[
    ("cache.get", "Look a key up: its row, or a miss."),
    ("cache.set", "Store a row for a TTL counted from now, whatever is there."),
    (
        "cache.set_if_newer",
        "Store a row unless the cache holds the same or a newer version, or a tombstone of one.",
    ),
    ("cache.delete", "Remove a key, and kill its lease."),
    (
        "cache.tombstone",
        "Replace a key by a mark of a version: a miss for readers, and for a while no older \
         version can be stored by cache.set_if_newer.",
    ),
    ("cache.lease", "Look a key up, and on a miss ask for the one token to fill it."),
    (
        "cache.fill",
        "Store a row if its token is still valid: no delete and no other grant came between.",
    ),
    ("cache.lock", "Take a key's lock, for at most a while."),
    ("cache.unlock", "Give a key's lock back."),
    (
        "cache.accept",
        "Accept a client's write at the cache, which then numbers versions: write-behind.",
    ),
    ("db.read", "Read a row, from the primary or a replica as the scenario routes reads."),
    ("db.read_primary", "Read a row from the primary."),
    ("db.write", "Commit a client's write; the row with its new version comes back."),
    ("db.apply", "Commit a row that the cache had accepted, unless the database has a newer one."),
    ("client.reply", "Answer the client now and go on working. Takes no time."),
    ("jobs.after", "Have a job done later on the same server; lost if it crashes."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use stalelab::op::OP_KINDS;

    #[test]
    fn every_operation_is_explained() {
        let names: Vec<&str> = OPERATIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, OP_KINDS.map(|(name, _)| name));
    }
}
