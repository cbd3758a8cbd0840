//! What each built-in strategy asks for, operation by operation, and what it makes of a fault.

use stalelab::op::{
    Call, Component, Fault, Job, Key, Lease, Op, Outcome, Reply, Row, Token, Version,
};
use stalelab::strategies::{
    self, ALL, DeleteBeforeWrite, DeleteOnWrite, DoubleDelete, NoCache, TtlOnly, UpdateOnWrite,
    Versioned, Visitor, WriteBehind, WriteThrough,
};
use stalelab::strategy::{Strategy, serve};
use stalelab::task::{Mailbox, Next};
use stalelab::time::Span;

use crate::builtins::choice;

const K: Key = Key(3);
const TTL: Span = Span::from_secs(60);
const HOLD: Span = Span::from_secs(10);
const BACKOFF: Span = Span::from_millis(2);
const DELAY: Span = Span::from_millis(500);
const TOKEN: Token = Token(7);
const ROW: Row = Row::new(Version(4));

/// How the world answers: nothing is cached, and all goes well.
fn willing(op: Op) -> Reply {
    match op {
        Op::CacheGet(_) => Reply::Row(None),
        Op::CacheLease(..) => Reply::Lease(Lease::Granted(TOKEN)),
        Op::CacheLock(..) => Reply::Lock(Some(TOKEN)),
        Op::CacheSetIfNewer(..) | Op::CacheFill(..) | Op::CacheUnlock(..) => Reply::Accepted(true),
        Op::CacheAccept(..) | Op::DbRead(_) | Op::DbReadPrimary(_) | Op::DbWrite(_) => {
            Reply::Row(Some(ROW))
        }
        _ => Reply::Done,
    }
}

/// The same, with the row in the cache.
fn cached(op: Op) -> Reply {
    match op {
        Op::CacheGet(_) => Reply::Row(Some(ROW)),
        Op::CacheLease(..) => Reply::Lease(Lease::Hit(ROW)),
        op => willing(op),
    }
}

/// The same, with somebody else holding every lock and token.
fn taken(op: Op) -> Reply {
    match op {
        Op::CacheLease(..) => Reply::Lease(Lease::Wait),
        Op::CacheLock(..) => Reply::Lock(None),
        op => willing(op),
    }
}

/// Runs a call to its end: what it asked for, and its outcome.
fn run<S: Strategy>(
    strategy: &S,
    call: Call,
    mut answer: impl FnMut(usize, Op) -> Reply,
) -> (Vec<Op>, Outcome) {
    let mailbox = Mailbox::default();
    let mut task = Box::pin(serve(strategy, &mailbox, call));
    let mut asked = Vec::new();
    let mut reply = None;
    loop {
        match mailbox.resume(task.as_mut(), reply) {
            Next::Op(op) => {
                reply = Some(answer(asked.len(), op));
                asked.push(op);
            }
            Next::Done(outcome) => return (asked, outcome),
        }
    }
}

/// Asserts what a call that goes well asks for.
fn asks<S: Strategy>(strategy: &S, call: Call, world: fn(Op) -> Reply, ops: &[Op]) {
    assert_eq!(run(strategy, call, |_, op| world(op)), (ops.to_vec(), Ok(ROW)));
}

const READ: Call = Call::Read(K);
const WRITE: Call = Call::Write(K);
const FILL: [Op; 3] = [Op::CacheGet(K), Op::DbRead(K), Op::CacheSet(K, ROW, TTL)];

#[test]
fn no_cache_asks_the_database_only() {
    asks(&NoCache, READ, willing, &[Op::DbRead(K)]);
    asks(&NoCache, WRITE, willing, &[Op::DbWrite(K)]);
}

#[test]
fn cache_aside_reads_look_then_fill() {
    fn check<S: Strategy>(strategy: &S) {
        asks(strategy, READ, willing, &FILL);
        asks(strategy, READ, cached, &FILL[..1]);
    }
    check(&TtlOnly { ttl: TTL, reply_before_fill: false });
    check(&DeleteOnWrite { ttl: TTL, reply_before_fill: false });
    check(&DeleteBeforeWrite { ttl: TTL });
    check(&DoubleDelete { delay: DELAY, ttl: TTL });
    check(&UpdateOnWrite { ttl: TTL });
}

#[test]
fn a_miss_may_be_answered_before_the_fill() {
    let ops = [FILL[0], FILL[1], Op::ClientReply(ROW), FILL[2]];
    asks(&TtlOnly { ttl: TTL, reply_before_fill: true }, READ, willing, &ops);
    asks(&DeleteOnWrite { ttl: TTL, reply_before_fill: true }, READ, willing, &ops);
}

#[test]
fn cache_aside_writes_differ() {
    let (commit, delete) = (Op::DbWrite(K), Op::CacheDelete(K));
    asks(&TtlOnly { ttl: TTL, reply_before_fill: false }, WRITE, willing, &[commit]);
    let on_write = DeleteOnWrite { ttl: TTL, reply_before_fill: false };
    asks(&on_write, WRITE, willing, &[commit, delete]);
    asks(&DeleteBeforeWrite { ttl: TTL }, WRITE, willing, &[delete, commit]);
    let set = Op::CacheSet(K, ROW, TTL);
    asks(&UpdateOnWrite { ttl: TTL }, WRITE, willing, &[commit, set]);
    let again = Op::JobAfter(K, Job::default(), DELAY);
    let double = DoubleDelete { delay: DELAY, ttl: TTL };
    asks(&double, WRITE, willing, &[delete, commit, again]);
    let (asked, _) = run(&double, Call::Job(K, Job::default()), |_, op| willing(op));
    assert_eq!(asked, [delete]);
}

fn write_through() -> WriteThrough {
    WriteThrough { ttl: TTL, hold: HOLD, backoff: BACKOFF }
}

#[test]
fn write_through_locks_looks_again_and_unlocks() {
    let (lock, unlock) = (Op::CacheLock(K, HOLD), Op::CacheUnlock(K, TOKEN));
    asks(&write_through(), READ, willing, &[FILL[0], lock, FILL[0], FILL[1], FILL[2], unlock]);
    asks(&write_through(), READ, cached, &FILL[..1]);
    asks(&write_through(), WRITE, willing, &[lock, Op::DbWrite(K), FILL[2], unlock]);
    let filled_meanwhile = |at: usize, op| if at == 2 { cached(op) } else { willing(op) };
    let (asked, outcome) = run(&write_through(), READ, filled_meanwhile);
    assert_eq!((&asked[..], outcome), (&[FILL[0], lock, FILL[0], unlock][..], Ok(ROW)));
}

#[test]
fn write_through_gives_the_lock_back_whatever_fails() {
    for fault in [Fault::Conflict, Fault::Timeout, Fault::Unavailable] {
        for (call, steps) in [(READ, 2..5), (WRITE, 1..3)] {
            for failing in steps {
                let world = |at, op| if at == failing { Reply::Fault(fault) } else { willing(op) };
                let (asked, outcome) = run(&write_through(), call, world);
                assert_eq!(outcome, Err(fault));
                assert_eq!(asked.len(), failing + 2);
                assert_eq!(asked.last(), Some(&Op::CacheUnlock(K, TOKEN)));
            }
        }
    }
}

#[test]
fn write_through_is_not_undone_by_a_lost_unlock() {
    let world = |_, op| match op {
        Op::CacheUnlock(..) => Reply::Fault(Fault::Timeout),
        op => willing(op),
    };
    assert_eq!(run(&write_through(), WRITE, world).1, Ok(ROW));
}

#[test]
fn write_behind_answers_before_it_flushes() {
    let strategy = WriteBehind { delay: DELAY, ttl: TTL };
    let fill = Op::CacheSetIfNewer(K, ROW, TTL);
    asks(&strategy, READ, willing, &[FILL[0], FILL[1], fill]);
    asks(&strategy, READ, cached, &FILL[..1]);
    let job = Job { tag: 0, row: Some(ROW) };
    let flush = Op::JobAfter(K, job, DELAY);
    let accept = Op::CacheAccept(K, TTL);
    asks(&strategy, WRITE, willing, &[accept, Op::ClientReply(ROW), flush]);
    asks(&strategy, Call::Job(K, job), willing, &[Op::DbApply(K, ROW)]);
}

#[test]
fn versioned_fills_if_newer_and_leaves_a_tombstone() {
    let strategy = Versioned { ttl: TTL, hold: HOLD };
    let fill = Op::CacheSetIfNewer(K, ROW, TTL);
    asks(&strategy, READ, willing, &[FILL[0], FILL[1], fill]);
    asks(&strategy, READ, cached, &FILL[..1]);
    let tombstone = Op::CacheTombstone(K, ROW.version, HOLD);
    asks(&strategy, WRITE, willing, &[Op::DbWrite(K), tombstone]);
}

#[test]
fn lease_fills_with_its_token() {
    let strategy = strategies::Lease { ttl: TTL, term: HOLD, backoff: BACKOFF };
    let lease = Op::CacheLease(K, HOLD);
    asks(&strategy, READ, willing, &[lease, FILL[1], Op::CacheFill(K, ROW, TOKEN, TTL)]);
    asks(&strategy, READ, cached, &[lease]);
    asks(&strategy, WRITE, willing, &[Op::DbWrite(K), Op::CacheDelete(K)]);
}

#[test]
fn whoever_finds_a_key_taken_starts_over() {
    let retry = Err(Fault::Retry { after: BACKOFF });
    let lease = strategies::Lease { ttl: TTL, term: HOLD, backoff: BACKOFF };
    assert_eq!(run(&lease, READ, |_, op| taken(op)).1, retry);
    assert_eq!(run(&write_through(), READ, |_, op| taken(op)).1, retry);
    assert_eq!(run(&write_through(), WRITE, |_, op| taken(op)).1, retry);
}

/// Lets each operation of a read and of a write fail in turn: the request fails with that fault,
/// and asks for nothing more than to give a lock back.
struct FailEach;

impl Visitor for FailEach {
    type Output = ();

    fn visit<S: Strategy>(self, strategy: &S) {
        for call in [READ, WRITE] {
            let (all, _) = run(strategy, call, |_, op| willing(op));
            for failing in 0..all.len() {
                let unlock = matches!(all[failing], Op::CacheUnlock(..));
                if unlock || all[failing].component() == Component::Local {
                    continue;
                }
                let fault = Fault::Timeout;
                let world = |at, op| if at == failing { Reply::Fault(fault) } else { willing(op) };
                let (asked, outcome) = run(strategy, call, world);
                assert_eq!(outcome, Err(fault), "{call:?} {:?}", all[failing]);
                assert!(asked[failing + 1..].iter().all(|op| matches!(op, Op::CacheUnlock(..))));
            }
        }
    }
}

#[test]
fn a_fault_fails_the_request() {
    for info in ALL {
        choice(info).visit(FailEach);
    }
}
