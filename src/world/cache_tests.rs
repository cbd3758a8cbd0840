//! Unit tests of the cache node.

use proptest::prelude::*;

use super::*;
use crate::random::Distribution;
use crate::world::Eviction;

const K: Key = Key(1);

fn cache(capacity: Option<u32>, eviction: Eviction) -> Cache {
    let none = Distribution::Constant(Span::ZERO);
    let config =
        CacheConfig { link: none.clone(), service: none, capacity, eviction, timeout: None };
    Cache::new(8, &config)
}

fn unlimited() -> Cache {
    cache(None, Eviction::Lru)
}

fn row(version: u32) -> Row {
    Row::new(Version(version))
}

fn apply(cache: &mut Cache, now: u64, op: Op) -> Reply {
    cache.apply(Time(now), op, 0).reply
}

#[test]
fn an_entry_lives_for_its_ttl_counted_from_the_set() {
    let mut cache = unlimited();
    apply(&mut cache, 100, Op::CacheSet(K, row(1), Span(50)));
    assert_eq!(cache.get(Time(149), K), Some(row(1)));
    assert_eq!(cache.get(Time(150), K), None);
}

#[test]
fn a_newer_version_or_tombstone_refuses_an_older_set() {
    let mut cache = unlimited();
    let set = |version| Op::CacheSetIfNewer(K, row(version), Span::FOREVER);
    assert_eq!(apply(&mut cache, 0, set(2)), Reply::Accepted(true));
    assert_eq!(apply(&mut cache, 0, set(2)), Reply::Accepted(false));
    apply(&mut cache, 1, Op::CacheTombstone(K, Version(3), Span(10)));
    assert_eq!(cache.get(Time(2), K), None);
    assert_eq!(apply(&mut cache, 5, set(2)), Reply::Accepted(false));
    assert_eq!(apply(&mut cache, 5, set(3)), Reply::Accepted(true), "the version it stands for");
    apply(&mut cache, 6, Op::CacheTombstone(K, Version(4), Span(10)));
    assert_eq!(apply(&mut cache, 16, set(2)), Reply::Accepted(true), "the tombstone is gone");
}

#[test]
fn an_overtaken_tombstone_does_not_hide_a_newer_row() {
    let mut cache = unlimited();
    apply(&mut cache, 0, Op::CacheSet(K, row(5), Span::FOREVER));
    apply(&mut cache, 1, Op::CacheTombstone(K, Version(4), Span(10)));
    assert_eq!(cache.get(Time(2), K), Some(row(5)));
    apply(&mut cache, 3, Op::CacheTombstone(K, Version(5), Span(10)));
    assert_eq!(cache.get(Time(4), K), Some(row(5)), "a row that is as new as the write stays");
}

#[test]
fn one_lease_at_a_time_and_a_delete_kills_it() {
    let mut cache = unlimited();
    let ask = Op::CacheLease(K, Span(10));
    let Reply::Lease(Lease::Granted(first)) = apply(&mut cache, 0, ask) else { panic!() };
    assert_eq!(apply(&mut cache, 9, ask), Reply::Lease(Lease::Wait));
    apply(&mut cache, 9, Op::CacheDelete(K));
    let fill = |token| Op::CacheFill(K, row(1), token, Span::FOREVER);
    assert_eq!(apply(&mut cache, 9, fill(first)), Reply::Accepted(false));
    let Reply::Lease(Lease::Granted(second)) = apply(&mut cache, 9, ask) else { panic!() };
    assert_eq!(apply(&mut cache, 9, fill(second)), Reply::Accepted(true));
    assert_eq!(apply(&mut cache, 9, ask), Reply::Lease(Lease::Hit(row(1))));
    assert_eq!(apply(&mut cache, 9, fill(second)), Reply::Accepted(false), "used up");
}

#[test]
fn a_lease_is_granted_again_after_its_term() {
    let mut cache = unlimited();
    let ask = Op::CacheLease(K, Span(10));
    let Reply::Lease(Lease::Granted(first)) = apply(&mut cache, 0, ask) else { panic!() };
    let Reply::Lease(Lease::Granted(second)) = apply(&mut cache, 10, ask) else { panic!() };
    assert_ne!(first, second);
    let late = Op::CacheFill(K, row(1), first, Span::FOREVER);
    assert_eq!(apply(&mut cache, 11, late), Reply::Accepted(false));
}

#[test]
fn a_lock_is_lost_after_its_hold() {
    let mut cache = unlimited();
    let ask = Op::CacheLock(K, Span(10));
    let Reply::Lock(Some(first)) = apply(&mut cache, 0, ask) else { panic!() };
    assert_eq!(apply(&mut cache, 9, ask), Reply::Lock(None));
    let Reply::Lock(Some(second)) = apply(&mut cache, 10, ask) else { panic!() };
    assert_eq!(apply(&mut cache, 10, Op::CacheUnlock(K, first)), Reply::Accepted(false));
    assert_eq!(apply(&mut cache, 10, Op::CacheUnlock(K, second)), Reply::Accepted(true));
}

#[test]
fn a_restart_forgets_everything() {
    let mut cache = cache(Some(4), Eviction::Lru);
    apply(&mut cache, 0, Op::CacheSet(K, row(1), Span::FOREVER));
    apply(&mut cache, 0, Op::CacheLock(K, Span(10)));
    cache.restart();
    assert_eq!((cache.get(Time(1), K), cache.len()), (None, 0));
    assert!(matches!(apply(&mut cache, 1, Op::CacheLock(K, Span(1))), Reply::Lock(Some(_))));
}

fn operation() -> impl Strategy<Value = Op> {
    let key = || (0..8u32).prop_map(Key);
    let version = || (0..5u32).prop_map(Version);
    let span = || prop_oneof![Just(Span::FOREVER), (0..40u64).prop_map(Span)];
    let token = || (1..6u64).prop_map(Token);
    prop_oneof![
        key().prop_map(Op::CacheGet),
        (key(), version(), span()).prop_map(|(k, v, ttl)| Op::CacheSet(k, Row::new(v), ttl)),
        (key(), version(), span()).prop_map(|(k, v, t)| Op::CacheSetIfNewer(k, Row::new(v), t)),
        key().prop_map(Op::CacheDelete),
        (key(), version(), span()).prop_map(|(k, v, hold)| Op::CacheTombstone(k, v, hold)),
        (key(), span()).prop_map(|(k, term)| Op::CacheLease(k, term)),
        (key(), version(), token(), span()).prop_map(|(k, v, token, ttl)| Op::CacheFill(
            k,
            Row::new(v),
            token,
            ttl
        )),
        (key(), span()).prop_map(|(k, hold)| Op::CacheLock(k, hold)),
        (key(), token()).prop_map(|(k, token)| Op::CacheUnlock(k, token)),
    ]
}

proptest! {
    #[test]
    fn a_cache_never_exceeds_its_capacity_and_counts_what_it_holds(
        eviction in prop_oneof![Just(Eviction::Lru), Just(Eviction::Fifo), Just(Eviction::Random)],
        capacity in 1..6u32,
        operations in prop::collection::vec((operation(), any::<u64>()), 1..200),
    ) {
        let mut cache = cache(Some(capacity), eviction);
        for (at, (op, entropy)) in operations.into_iter().enumerate() {
            let effect = cache.apply(Time(at as u64), op, entropy);
            let held = cache.entries.iter().filter(|entry| entry.holds != Holds::Nothing).count();
            prop_assert_eq!(cache.len() as usize, held);
            prop_assert!(cache.len() <= capacity);
            if let Some(evicted) = effect.evicted {
                prop_assert_eq!(cache.peek(evicted), None);
            }
            if let Change::Removed = effect.change {
                let (Op::CacheDelete(key) | Op::CacheTombstone(key, ..)) = op else { panic!() };
                prop_assert_eq!(cache.peek(key), None);
            }
        }
    }

    #[test]
    fn set_if_newer_never_goes_back_without_an_expiry(
        versions in prop::collection::vec(0..20u32, 1..50),
    ) {
        let mut cache = unlimited();
        for (at, version) in versions.iter().enumerate() {
            let op = Op::CacheSetIfNewer(K, row(*version), Span::FOREVER);
            cache.apply(Time(at as u64), op, 0);
            prop_assert_eq!(cache.peek(K), versions[..=at].iter().max().map(|v| Version(*v)));
        }
    }
}
