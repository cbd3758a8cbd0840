//! Ground truth by hand: episodes, and acknowledgements that come between.

use super::*;

const KEY: Key = Key(0);
/// Requests of these tests begin when everything has happened.
const LATE: Time = Time(1_000);

/// A key that was written so often, once every 10 ns from 10 on, on behalf of nobody.
fn written(times: u64) -> Truth {
    let mut truth = Truth::new(1, true);
    for write in 1..=times {
        truth.accept(Time(10 * write), KEY, None, Fate::Open, false);
    }
    truth
}

fn lagging(version: u32) -> Row {
    Row { version: Version(version), source: Source::LaggingReplica }
}

/// A read that counts, answered by a replica.
fn read(truth: &mut Truth, replica: u32, version: u32) -> Judgement {
    let judged = truth.judge_database(replica, KEY, lagging(version), LATE, true);
    judged.expect("the row is old")
}

fn read_cached(truth: &mut Truth, row: Row) -> Judgement {
    let judged = truth.judge_cached(KEY, row, LATE, (LATE, 0), true);
    judged.expect("the row is old")
}

#[test]
fn each_old_version_at_a_replica_is_one_episode() {
    let mut truth = written(3);
    let mut episodes = 0;
    for versions in [[0, 1], [0, 1], [1, 1], [1, 2], [1, 2]] {
        for (replica, version) in (1..).zip(versions) {
            episodes += u32::from(read(&mut truth, replica, version).new_episode);
        }
    }
    assert_eq!(episodes, 4, "0 and 1 at the first, 1 and 2 at the second");
}

#[test]
fn a_read_that_fills_the_cache_with_what_it_saw_starts_one_episode() {
    let mut truth = written(1);
    let first = read(&mut truth, 1, 0);
    assert!(first.new_episode);
    truth.stored(KEY, lagging(0), false, Some(&first));
    assert!(!read_cached(&mut truth, lagging(0)).new_episode);
    let second = read(&mut truth, 1, 0);
    truth.stored(KEY, lagging(0), false, Some(&second));
    assert!(!read_cached(&mut truth, lagging(0)).new_episode);
    let other = read(&mut truth, 2, 0);
    assert!(other.new_episode, "another replica's copy is another copy");
}

#[test]
fn a_copy_that_no_read_that_counts_has_seen_is_an_episode_still_to_come() {
    let mut truth = written(1);
    let uncounted = truth.judge_database(1, KEY, lagging(0), LATE, false);
    truth.stored(KEY, lagging(0), false, uncounted.as_ref());
    assert!(read_cached(&mut truth, lagging(0)).new_episode);
    assert!(!read_cached(&mut truth, lagging(0)).new_episode);
}

#[test]
fn what_was_read_is_forgotten_with_the_commits() {
    let mut truth = written(2);
    read(&mut truth, 1, 0);
    assert_eq!(truth.read_past_cache.len(), 1);
    truth.prune(Time(11), std::iter::empty());
    assert_eq!(truth.read_past_cache.len(), 1);
    truth.prune(LATE, std::iter::empty());
    assert!(truth.read_past_cache.is_empty());
}

#[test]
fn an_acknowledgement_between_judgement_and_fill_counts_even_once_forgotten() {
    let mut truth = written(0);
    let write = truth.accept(Time(10), KEY, None, Fate::Open, false);
    let mut held = read(&mut truth, 1, 0);
    assert!(held.staleness.is_some_and(|staleness| !staleness.ack_stale));
    truth.acknowledge(write, Time(20));
    truth.prune(LATE, std::iter::once((KEY, &mut held)));
    truth.stored(KEY, lagging(0), false, Some(&held));
    let judged = read_cached(&mut truth, lagging(0));
    assert!(judged.staleness.is_some_and(|staleness| staleness.ack_stale));
}

#[test]
fn a_copy_that_was_old_at_its_snapshot_keeps_its_cause_whatever_becomes_of_the_invalidation() {
    for fate in [Fate::Never, Fate::Lost, Fate::Landed] {
        let mut truth = Truth::new(1, true);
        let write = truth.accept(Time(10), KEY, None, Fate::Open, false);
        truth.stored(KEY, lagging(0), false, None);
        truth.settle(write, fate, (Time(20), 0));
        let cause = read_cached(&mut truth, lagging(0)).staleness.map(|it| it.cause);
        assert_eq!(cause, Some(Cause::ReplicaLag), "{fate:?}");
    }
}
