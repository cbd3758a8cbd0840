//! A strategy written outside the crate is on equal terms: it needs the public API only.

use stalelab::op::{Call, Fault, Key, Op, Outcome, Reply, Row, Version};
use stalelab::time::Span;

#[path = "../../examples/own_strategy.rs"]
#[expect(dead_code, reason = "the example's main is not for us")]
mod example;

use example::{DeleteAround, by_hand, dead_cache};

const K: Key = Key(5);
const TTL: Span = Span::from_secs(60);
const ROW: Row = Row::new(Version(1));

fn run(call: Call, world: fn(Op) -> Reply) -> (Vec<Op>, Outcome) {
    by_hand(&DeleteAround { ttl: TTL }, call, world)
}

#[test]
fn a_hit_needs_one_operation() {
    let world = |_| Reply::Row(Some(ROW));
    assert_eq!(run(Call::Read(K), world), (vec![Op::CacheGet(K)], Ok(ROW)));
}

#[test]
fn a_dead_cache_counts_as_a_miss() {
    let ops = vec![Op::CacheGet(K), Op::DbRead(K), Op::CacheSet(K, ROW, TTL)];
    assert_eq!(run(Call::Read(K), dead_cache), (ops, Ok(ROW)));
}

#[test]
fn a_dead_cache_does_not_stop_a_write() {
    let ops = vec![Op::CacheDelete(K), Op::DbWrite(K), Op::CacheDelete(K)];
    assert_eq!(run(Call::Write(K), dead_cache), (ops, Ok(ROW)));
}

#[test]
fn a_dead_database_fails_the_request() {
    let world = |op| match op {
        Op::CacheGet(_) => Reply::Row(None),
        _ => Reply::Fault(Fault::Timeout),
    };
    let ops = vec![Op::CacheGet(K), Op::DbRead(K)];
    assert_eq!(run(Call::Read(K), world), (ops, Err(Fault::Timeout)));
}
