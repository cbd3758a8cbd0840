//! Why a read was stale, a paragraph per cause.

/// Every cause: name, and what happens.
pub(crate) const CAUSES: &[(&str, &str)] = &[
    (
        "ttl-window",
        "Nothing tells the cache that a row has changed: the strategy does not invalidate, and the \
         copy stays what it is until its TTL runs out. This is no accident but the promise a TTL \
         makes, and its size is known beforehand: a copy is never older than the TTL plus the time \
         its fill took. A shorter TTL buys freshness with database reads.",
    ),
    (
        "in-flight-invalidation",
        "The write was committed, and the delete or update that follows it was still on its way to \
         the cache when the read was answered. The window is as long as the journey from the \
         commit to the cache, so these reads are stale by milliseconds. Only a protocol that stops \
         readers before the commit, or checks with the database, closes it altogether.",
    ),
    (
        "late-fill",
        "A reader missed, read the old row from the database, and was slow to store it. Meanwhile \
         a writer committed and deleted the key, which was not in the cache: nothing to delete. \
         Then the old row arrived and stayed, until the TTL or the next write. The race is rare, \
         but lasts: leases, versions or tombstones refuse the late fill.",
    ),
    (
        "lost-invalidation",
        "The delete or update never reached the cache: the message was lost, or the application \
         server crashed between the commit and the delete. Nobody knows, so the old copy stays \
         until the TTL or the next write. A TTL is the usual safety net; an invalidation taken \
         from the database's own log cannot be forgotten by a server.",
    ),
    (
        "reordered-update",
        "Two writers committed in one order and updated the cache in the other, so the older row \
         was stored last and stayed. It takes a strategy that writes values into the cache: \
         deletes commute, updates do not. A compare by version at the cache refuses the older one.",
    ),
    (
        "replica-lag",
        "The row came from a replica that had not applied the newest commit, either straight to \
         the reader or when the cache was filled from it. In a cache, milliseconds of lag become \
         staleness for a whole TTL: the delete came and went before the replica caught up.",
    ),
    (
        "write-behind",
        "The cache had accepted a write, which makes it the newest version, but the database had \
         not received it yet, and the row was read from the database: after an eviction or a \
         restart of the cache, or because the flush was still to come.",
    ),
    (
        "coalesced",
        "The reader joined a fill that another reader had begun (single flight). That fill's \
         database snapshot is older than the reader itself, and a commit fell in between. Sharing \
         queries saves the database from a stampede and costs, at worst, the length of one query.",
    ),
    (
        "cold-copy",
        "The cache was filled from another cache's copy instead of the database, as when a new \
         cluster warms itself from an old one. A copy that was old there is old here, and an \
         invalidation that reached only one of the two does not help the other.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use stalelab::metrics::METRICS;

    #[test]
    fn every_cause_that_is_counted_is_explained() {
        let counted: Vec<&str> =
            METRICS.iter().filter_map(|m| m.name.strip_prefix("stale_cause.")).collect();
        let explained: Vec<&str> = CAUSES.iter().map(|(name, _)| *name).collect();
        assert_eq!(counted, explained);
    }
}
