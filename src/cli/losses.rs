//! What the sender of a lost operation is told, for `stalelab explain lose`.

use stalelab::report::hanging;

/// What a sender without a timeout is told, and of which operations.
const LOSSES: &[(&str, &[&str])] = &[
    ("a miss", &["cache.get"]),
    ("done", &["cache.set", "cache.delete", "cache.tombstone"]),
    ("accepted", &["cache.set_if_newer", "cache.fill", "cache.unlock"]),
    ("taken", &["cache.lock"]),
    (
        "a fault",
        &["cache.lease", "cache.accept", "db.read", "db.read_primary", "db.write", "db.apply"],
    ),
];

/// The whole of it, for a terminal.
pub(crate) fn explained() -> String {
    let mut text = hanging(
        "",
        0,
        "What is lost has no effect. Without a timeout the sender does not notice where an answer \
         can be mistaken for the real one, and is told after the usual time:",
    );
    for (told, operations) in LOSSES {
        text.push_str(&hanging(&format!("  {told}"), 12, &operations.join(", ")));
    }
    text.push_str(&hanging(
        "",
        0,
        "With cache.timeout or database.timeout the sender of any of them is told of a fault when \
         that has passed. A fault fails the request wherever the strategy passes it on (the `?` in \
         its code) and has not answered yet: a write whose delete timed out is committed, and its \
         client is told that it failed.",
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use stalelab::op::{Component, OP_KINDS};

    #[test]
    fn every_operation_that_can_be_lost_is_told_of_once() {
        let mut told: Vec<&str> = LOSSES.iter().flat_map(|(_, names)| *names).copied().collect();
        let travels = OP_KINDS.iter().filter(|(_, by)| *by != Component::Local);
        let mut travels: Vec<&str> = travels.map(|(name, _)| *name).collect();
        told.sort_unstable();
        travels.sort_unstable();
        assert_eq!(told, travels);
    }
}
