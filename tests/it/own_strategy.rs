//! A strategy written outside the crate is on equal terms: it needs the public API only.

use stalelab::metrics::{METRICS, VariantSummary};
use stalelab::op::{Call, Fault, Key, Op, Outcome, Reply, Row, Version};
use stalelab::strategies::DeleteOnWrite;
use stalelab::time::Span;

#[path = "../../examples/own_strategy.rs"]
#[expect(dead_code, reason = "the example's main is not for us")]
mod example;

use example::{DeleteAround, by_hand, dead_cache, in_delete_race};

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

#[test]
fn it_is_measured_like_any_other_and_twice_the_same() {
    let strategy = DeleteAround { ttl: Span::FOREVER };
    let first = in_delete_race(&strategy).expect("it runs");
    let again = in_delete_race(&strategy).expect("it runs");
    assert_eq!(first.replications, again.replications);
    assert_eq!(first.estimates, again.estimates);
    for run in &first.replications {
        let value = |name: &str| {
            let index = METRICS.iter().position(|metric| metric.name == name);
            run.values[index.expect("it is a metric")].unwrap_or(0.0)
        };
        assert!(value("reads") > 50_000.0 && value("writes") > 1_000.0);
        let causes = METRICS.iter().filter(|metric| metric.name.starts_with("stale_cause."));
        let sum: f64 = causes.map(|cause| value(cause.name)).sum();
        let stale = value("stale_read_ratio");
        // Each cause was divided by the number of reads, so the sum may be off by a rounding.
        assert!(stale > 0.0 && (sum - stale).abs() < 1e-12, "{sum} against {stale}");
    }
}

#[test]
fn deleting_before_the_write_too_makes_it_worse() {
    let stale = |measured: VariantSummary| {
        let estimate = measured.estimate("stale_read_ratio").copied();
        estimate.expect("there were reads").mean
    };
    let once = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    let once = stale(in_delete_race(&once).expect("it runs"));
    let around = DeleteAround { ttl: Span::FOREVER };
    let around = stale(in_delete_race(&around).expect("it runs"));
    assert!(around > 1.5 * once, "{around} against {once}");
}
