//! The words of a schedule: moves, operations and replies as people write them.

use super::player::Move;
use super::scene::{Request, Scene, key_name, session_name};
use super::session::{Act, Who};
use crate::op::{Fault, Lease, Op, Outcome, Reply, Row, Version};
use crate::world::Expiry;

/// A version, as in `v3`.
pub fn version(version: Version) -> String {
    format!("v{}", version.0)
}

/// An operation with its key and what it carries, as in `cache.set x v1`.
pub fn operation(op: Op) -> String {
    let mut words = op.name().to_owned();
    if let Some(key) = op.key() {
        words = format!("{words} {}", key_name(key));
    }
    let carried = match op {
        Op::CacheSet(_, row, _)
        | Op::CacheSetIfNewer(_, row, _)
        | Op::CacheFill(_, row, ..)
        | Op::DbApply(_, row)
        | Op::ClientReply(row) => Some(row.version),
        Op::CacheTombstone(_, version, _) => Some(version),
        _ => None,
    };
    match carried {
        Some(carried) => format!("{words} {}", version(carried)),
        None => words,
    }
}

/// A reply, as in `miss`; nothing for a plain acknowledgement.
pub fn reply(op: Op, reply: Reply) -> Option<String> {
    let words = match (op, reply) {
        (_, Reply::Done) => return None,
        (_, Reply::Row(Some(row))) => version(row.version),
        (_, Reply::Row(None)) => "miss".to_owned(),
        (_, Reply::Accepted(true)) => "accepted".to_owned(),
        (_, Reply::Accepted(false)) => "refused".to_owned(),
        (_, Reply::Lease(Lease::Hit(row))) => version(row.version),
        (_, Reply::Lease(Lease::Granted(_)) | Reply::Lock(Some(_))) => "granted".to_owned(),
        (_, Reply::Lease(Lease::Wait)) => "wait".to_owned(),
        (_, Reply::Lock(None)) => "taken".to_owned(),
        (_, Reply::Fault(fault)) => fault_word(fault).to_owned(),
    };
    Some(words)
}

/// How a request ended, as in `v1` or `timeout`.
pub fn outcome(outcome: Outcome) -> String {
    match outcome {
        Ok(Row { version: it, .. }) => version(it),
        Err(fault) => fault_word(fault).to_owned(),
    }
}

fn fault_word(fault: Fault) -> &'static str {
    match fault {
        Fault::Timeout => "timeout",
        Fault::Unavailable => "unavailable",
        Fault::Conflict => "conflict",
        Fault::Retry { .. } => "retry",
    }
}

/// Who moves, as in `a`, `a job`, `cache`, `replica 2`.
pub fn actor(scene: &Scene, made: Move) -> String {
    match made {
        Move::Session(session, act) => match act.who() {
            Some(Who::Background(_)) => format!("{} job", session_name(session)),
            Some(Who::Request) | None => session_name(session),
        },
        Move::Evict { node, .. } | Move::Expire { node, .. } => cache(scene, node),
        Move::Apply { replica: it } => replica(it),
    }
}

/// A session with what it does: `reader a`, `writer b`, or `client c` if it does both.
pub fn session(scene: &Scene, session: usize) -> String {
    let plan = &scene.sessions[session];
    let writes = plan.iter().any(|request| request.write);
    let reads = plan.iter().any(|request| !request.write);
    let role = match (writes, reads) {
        (true, true) => "client",
        (true, false) => "writer",
        (false, _) => "reader",
    };
    format!("{role} {}", session_name(session))
}

/// The name of a cache: `cache`, or `cache 2` where there are several.
pub fn cache(scene: &Scene, node: usize) -> String {
    if scene.cache_nodes > 1 { format!("cache {}", node + 1) } else { "cache".to_owned() }
}

/// A request as a plan has it: `read x`.
pub fn request(request: &Request) -> String {
    format!("{} {}", if request.write { "write" } else { "read" }, key_name(request.key))
}

/// The name of a replica.
pub fn replica(replica: usize) -> String {
    format!("replica {}", replica + 1)
}

/// What a move does, without who makes it: `db.read x`, `lose cache.delete x`, `evict x`.
pub fn action(made: Move, op: Option<Op>) -> String {
    let op = op.map_or_else(|| "answer".to_owned(), operation);
    match made {
        Move::Session(_, Act::Proceed(_)) => op,
        Move::Session(_, Act::Lose(_)) => format!("lose {op}"),
        Move::Session(_, Act::TimeOut(_)) => format!("give up {op}"),
        Move::Session(_, Act::TimeOutLate(_)) => format!("give up after {op}"),
        Move::Session(_, Act::TimeOutAdrift(_)) => format!("give up during {op}"),
        Move::Session(_, Act::Land(_)) => format!("land {op}"),
        Move::Session(_, Act::Crash) => "crash".to_owned(),
        Move::Evict { key, .. } => format!("evict {}", key_name(key)),
        Move::Expire { key, expiry: Expiry::Entry, .. } => format!("expire {}", key_name(key)),
        Move::Expire { key, expiry: Expiry::Lease, .. } => {
            format!("expire lease {}", key_name(key))
        }
        Move::Expire { key, expiry: Expiry::Lock, .. } => format!("expire lock {}", key_name(key)),
        Move::Apply { .. } => "apply".to_owned(),
    }
}

/// A whole step: `a: cache.get x -> miss`.
pub fn step(scene: &Scene, made: Move, operation: Option<(Op, Reply)>) -> String {
    let words = format!("{}: {}", actor(scene, made), action(made, operation.map(|(op, _)| op)));
    // What a sender is told who gives up, or whose message is lost, is in the word already.
    let told = match made {
        Move::Session(_, Act::Proceed(_)) => operation.and_then(|(op, it)| reply(op, it)),
        _ => None,
    };
    match told {
        Some(told) => format!("{words} -> {told}"),
        None => words,
    }
}
