//! What the explorer must not claim: nothing of a strategy that remembers, nothing beyond its
//! limit, nothing of what was never put to the test.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use stalelab::explorer::{Exploration, Options, Verdict, explore, explore_until};
use stalelab::op::{Fault, Key, Lease as Answer, Outcome, Row, Version};
use stalelab::schedule::{Faults, Property, Scene, TreeError};
use stalelab::strategies::{DeleteOnWrite, Lease, WriteThrough};
use stalelab::strategy::{Io, Strategy};
use stalelab::time::Span;

/// Keeps the newest version it has written beside the world, and answers reads with it.
#[derive(Default)]
struct Near(AtomicU32);

impl Near {
    fn row(&self) -> Option<Row> {
        let version = self.0.load(Ordering::Relaxed);
        (version > 0).then(|| Row::new(Version(version)))
    }
}

impl Strategy for Near {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        match self.row() {
            Some(row) => Ok(row),
            None => io.db.read(key).await,
        }
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        self.0.store(row.version.0, Ordering::Relaxed);
        Ok(row)
    }
}

/// The same, but it looks only after it has asked the cache.
#[derive(Default)]
struct NearAfterMiss(Near);

impl Strategy for NearAfterMiss {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.cache.get(key).await?;
        self.0.read(io, key).await
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        self.0.write(io, key).await
    }
}

#[test]
fn a_near_cache_in_a_field_is_hidden_state_in_every_scene() {
    for (readers, writers, requests) in [(2, 2, 2), (1, 1, 1), (0, 1, 2), (0, 2, 2), (0, 3, 2)] {
        let scene = Scene::new(readers, writers, requests, 1);
        let options = Options::default();
        let of_near = explore(&Near::default(), &scene, &options);
        let of_both = [of_near, explore(&NearAfterMiss::default(), &scene, &options)];
        for found in of_both {
            let error = found.map(|it| it.states).expect_err("it remembers");
            assert!(matches!(error, TreeError::HiddenState { .. }), "{scene:?}: {error}");
        }
    }
}

fn delete_on_write() -> DeleteOnWrite {
    DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false }
}

fn lease() -> Lease {
    Lease { ttl: Span::FOREVER, term: Span::from_secs(10), backoff: Span::from_millis(5) }
}

fn at_most<S: Strategy>(strategy: &S, scene: &Scene, states_max: usize) -> Exploration {
    let options = Options { states_max, ..Options::default() };
    explore(strategy, scene, &options).expect("a function of its replies")
}

#[test]
fn a_limit_is_kept_however_large_the_scene() {
    let wide = Scene::new(4, 4, 2, 2).with_replicas(4);
    let many = Faults { crash: 16, ..Faults::default() };
    let wider = Scene { cache_nodes: 4, ..Scene::new(8, 8, 16, 4).with_replicas(4).with(many) };
    for limit in [1, 100, 10_000] {
        for found in [at_most(&delete_on_write(), &wide, limit), at_most(&lease(), &wider, limit)] {
            assert!(!found.complete);
            // One state's successors, at most, are beyond it.
            assert!(found.states <= limit as u64 + 100, "{} of {limit}", found.states);
            assert_eq!(found.verdict(Property::NoDirtyRead), Verdict::CutShort);
        }
    }
    // As many as there are is enough.
    let small = Scene::new(2, 2, 1, 1);
    let all = at_most(&delete_on_write(), &small, usize::MAX);
    assert!(at_most(&delete_on_write(), &small, all.states as usize).complete);
    assert!(!at_most(&delete_on_write(), &small, all.states as usize - 1).complete);
}

#[test]
fn what_states_consist_of_counts_against_the_limit() {
    // Worlds that differ in what four replicas have applied: far more of them than of states.
    let many = Faults { crash: 16, ..Faults::default() };
    let wide = Scene { cache_nodes: 4, ..Scene::new(8, 8, 16, 4).with_replicas(4).with(many) };
    let found = at_most(&lease(), &wide, 50_000);
    assert!(!found.complete && found.states < 25_000, "{}", found.states);
}

#[test]
fn a_search_that_is_called_off_is_cut_short() {
    let off = AtomicBool::new(true);
    let scene = Scene::new(2, 2, 1, 1);
    let found = explore_until(&delete_on_write(), &scene, &Options::default(), &off);
    let found = found.expect("a function of its replies");
    assert!(!found.complete);
    assert_eq!(found.verdict(Property::Convergence), Verdict::CutShort);
}

/// Fails at once where somebody else fills.
struct Impatient;

impl Strategy for Impatient {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        match io.cache.lease(key, Span::from_secs(10)).await? {
            Answer::Hit(row) => Ok(row),
            Answer::Wait => Err(Fault::Conflict),
            Answer::Granted(token) => {
                let row = io.db.read(key).await?;
                io.cache.fill(key, row, token, Span::FOREVER).await?;
                Ok(row)
            }
        }
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.write(key).await
    }
}

#[test]
fn one_fill_is_put_to_the_test_only_by_a_second_who_misses() {
    use Verdict::{NotExercised, Proved, Violated};
    let single_fill = |found: Exploration| found.verdict(Property::SingleFill);
    let through = WriteThrough {
        ttl: Span::FOREVER,
        hold: Span::from_secs(10),
        backoff: Span::from_millis(5),
    };
    for (readers, writers, expected) in [
        (1, 0, [NotExercised, NotExercised, NotExercised, NotExercised]),
        // The writer wants no row.
        (1, 1, [NotExercised, NotExercised, NotExercised, NotExercised]),
        (2, 0, [Violated(2), Proved, Proved, Proved]),
    ] {
        let scene = Scene::new(readers, writers, 1, 1);
        let all = usize::MAX;
        let found = [
            single_fill(at_most(&delete_on_write(), &scene, all)),
            single_fill(at_most(&lease(), &scene, all)),
            single_fill(at_most(&through, &scene, all)),
            single_fill(at_most(&Impatient, &scene, all)),
        ];
        assert_eq!(found, expected, "{readers} readers, {writers} writers");
    }
    // Two who want different keys do not meet.
    let apart = at_most(&delete_on_write(), &Scene::new(2, 0, 1, 2), usize::MAX);
    assert_eq!(single_fill(apart), NotExercised);
}
