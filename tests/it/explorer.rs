//! The explorer: known races at their known lengths, exact state counts, reductions that change
//! no verdict, and broken strategies that are caught.

use std::collections::BTreeSet;

use stalelab::explorer::{Exploration, Options, Verdict, explore};
use stalelab::observation::Cause;
use stalelab::op::{Fault, Key, Lease as Answer, Outcome};
use stalelab::schedule::{
    Act, Faults, Move, Property, Request, Scene, Script, Step, TreeError, explain,
};
use stalelab::strategies::{ALL, Visitor, find};
use stalelab::strategy::{Io, Strategy};
use stalelab::testing;
use stalelab::time::Span;

use crate::builtins::choice;

struct Explore<'a> {
    scene: &'a Scene,
    options: &'a Options,
}

impl Visitor for Explore<'_> {
    type Output = Exploration;

    fn visit<S: Strategy>(self, strategy: &S) -> Exploration {
        explore(strategy, self.scene, self.options).expect("a function of its replies")
    }
}

fn built_in(name: &str, scene: &Scene, options: &Options) -> Exploration {
    choice(find(name).expect("a built-in")).visit(Explore { scene, options })
}

fn evict() -> Faults {
    Faults { evict: 1, ..Faults::default() }
}

fn expire() -> Faults {
    Faults { expire: 1, ..Faults::default() }
}

fn crash() -> Faults {
    Faults { crash: 1, ..Faults::default() }
}

fn lose() -> Faults {
    Faults { lose: 1, ..Faults::default() }
}

#[test]
fn the_classic_races_have_their_shortest_lengths() {
    use Verdict::{Proved, Violated};
    let both = || Scene::new(2, 2, 1, 1);
    let convergence = Property::Convergence;
    for (name, scene, property, expected) in [
        // The stale set: get, read, commit, delete, set.
        ("delete-on-write", both(), convergence, Violated(5)),
        ("delete-before-write", both(), convergence, Violated(5)),
        // Two writers cross: commit, commit, set, set.
        ("update-on-write", both(), convergence, Violated(4)),
        // Both deletes have passed when the slow fill lands.
        ("double-delete", both(), convergence, Violated(6)),
        // Accepted and acknowledged; crashed.
        ("write-behind", both().with(crash()), Property::NoLostWrite, Violated(2)),
        ("write-behind", both(), Property::NoLostWrite, Proved),
        ("versioned", both(), convergence, Proved),
        ("versioned", both().with(evict()), convergence, Violated(6)),
        ("versioned", both().with(expire()), convergence, Violated(6)),
        ("lease", both(), convergence, Proved),
        ("lease", both().with(Faults { evict: 1, expire: 1, ..evict() }), convergence, Proved),
        ("lease", both().with_replicas(1), convergence, Violated(6)),
        ("lease", both().with(lose()), convergence, Violated(5)),
        ("write-through", both(), convergence, Proved),
        // Seven steps, and both owners give their locks back before all is at rest.
        ("write-through", both().with(expire()), convergence, Violated(9)),
        ("no-cache", both(), Property::NoStaleRead, Proved),
        ("no-cache", both().with_replicas(1), Property::NoStaleRead, Violated(2)),
        ("no-cache", both(), convergence, Verdict::NotExercised),
    ] {
        let found = built_in(name, &scene, &Options::default());
        assert_eq!(found.verdict(property), expected, "{name}, {property}, {:?}", scene.faults);
    }
}

#[test]
fn state_counts_are_exact() {
    for (name, scene, states, transitions, depth) in [
        ("delete-on-write", Scene::new(2, 2, 1, 1), 421, 905, 10),
        ("versioned", Scene::new(2, 2, 1, 1).with(evict()), 947, 2221, 11),
        ("lease", Scene::new(2, 1, 2, 1), 413, 1046, 11),
        ("write-behind", Scene::new(2, 2, 1, 1).with(crash()), 281, 832, 9),
        ("delete-on-write", Scene::new(2, 2, 1, 2), 400, 920, 10),
        // The reference point; `benches/explorer.rs` has it without symmetry, too.
        ("delete-on-write", Scene::new(4, 3, 1, 1), 54_899, 208_145, 17),
    ] {
        let found = built_in(name, &scene, &Options::default());
        let counts = (found.states, found.transitions, found.depth);
        assert_eq!(counts, (states, transitions, depth), "{name}");
    }
}

#[test]
fn every_counterexample_has_its_cause_in_a_sentence() {
    let faults = Faults { evict: 1, crash: 1, lose: 1, time_out: 1, ..Faults::default() };
    let scenes = [
        Scene::new(2, 2, 1, 1).with(faults),
        Scene::new(2, 2, 2, 1),
        Scene::new(2, 1, 1, 1).with_replicas(1),
    ];
    for info in ALL {
        for scene in &scenes {
            let found = built_in(info.name, scene, &Options::default());
            for it in &found.counterexamples {
                let explained = explain(&it.scene, &it.steps, it.property);
                assert!(!explained.sentence.is_empty(), "{}, {}", info.name, it.property);
            }
        }
    }
}

#[test]
fn causes_are_those_the_load_driver_would_name() {
    let both = || Scene::new(2, 2, 1, 1);
    let convergence = Property::Convergence;
    for (name, scene, property, cause) in [
        ("delete-on-write", both(), convergence, Cause::LateFill),
        ("double-delete", both(), convergence, Cause::LateFill),
        ("versioned", both().with(evict()), convergence, Cause::LateFill),
        ("update-on-write", both(), convergence, Cause::ReorderedUpdate),
        ("write-through", both().with(expire()), convergence, Cause::ReorderedUpdate),
        ("versioned", both().with(lose()), convergence, Cause::LostInvalidation),
        ("lease", both().with(crash()), convergence, Cause::LostInvalidation),
        ("lease", both().with_replicas(1), convergence, Cause::ReplicaLag),
        ("no-cache", both().with_replicas(1), Property::NoStaleRead, Cause::ReplicaLag),
        ("ttl-only", both(), Property::NoStaleRead, Cause::TtlWindow),
        ("write-behind", both().with(evict()), Property::NoStaleRead, Cause::WriteBehind),
    ] {
        let found = built_in(name, &scene, &Options::default());
        let it = found.counterexample(property).expect("violated");
        let explained = explain(&it.scene, &it.steps, property);
        assert_eq!(explained.cause, Some(cause), "{name}: {}", explained.sentence);
    }
}

/// What a reduction must not change.
fn essence(found: &Exploration) -> (Vec<Verdict>, BTreeSet<String>) {
    let verdicts = Property::ALL.map(|property| found.verdict(property)).to_vec();
    (verdicts, found.bad_ends.iter().map(|end| format!("{end:?}")).collect())
}

#[test]
fn symmetry_changes_no_verdict_no_length_and_no_bad_end() {
    let plain = Options { symmetry: false, ..Options::default() };
    let everything = Faults { evict: 1, expire: 1, crash: 1, lose: 1, miss: 1, time_out: 1 };
    let mut smaller = 0;
    for info in ALL {
        for scene in [
            Scene::new(2, 2, 1, 1),
            Scene::new(1, 2, 2, 1).with(lose()),
            Scene::new(2, 1, 1, 1).with(everything),
            Scene::new(2, 2, 1, 1).with_replicas(2),
            Scene { cache_nodes: 2, ..Scene::new(2, 2, 1, 1) },
        ] {
            let full = built_in(info.name, &scene, &plain);
            let reduced = built_in(info.name, &scene, &Options::default());
            assert_eq!(essence(&full), essence(&reduced), "{} {scene:?}", info.name);
            smaller += u32::from(reduced.states < full.states);
        }
    }
    assert!(smaller > 20, "the reduction reduces");
}

#[test]
fn any_number_of_threads_finds_the_same_schedules() {
    let scene = Scene::new(2, 2, 2, 1);
    let explore = || built_in("delete-on-write", &scene, &Options::default());
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let one = pool(1).expect("a thread").install(explore);
    let three = pool(3).expect("three threads").install(explore);
    assert_eq!((one.states, one.transitions), (three.states, three.transitions));
    assert_eq!(one.counterexamples, three.counterexamples);
}

#[test]
fn what_nothing_put_to_the_test_is_not_called_proved() {
    let readers = built_in("versioned", &Scene::new(3, 0, 1, 1), &Options::default());
    assert_eq!(readers.verdict(Property::NoStaleRead), Verdict::NotExercised);
    assert_eq!(readers.verdict(Property::NoLostWrite), Verdict::NotExercised);
    let few = Options { states_max: 10, ..Options::default() };
    let cut = built_in("versioned", &Scene::new(2, 2, 1, 1), &few);
    assert_eq!(cut.verdict(Property::Convergence), Verdict::CutShort);
}

#[test]
fn an_own_choice_of_sessions_is_explored() {
    let session = vec![Request::write(0), Request::read(0)];
    let scene = Scene { sessions: vec![session], ..Scene::new(0, 0, 0, 1) };
    let found = built_in("ttl-only", &scene, &Options::default());
    assert_eq!(found.verdict(Property::ReadYourWrites), Verdict::Proved, "nothing was cached");
}

/// Versioned, without the comparison.
struct Unversioned;

impl Strategy for Unversioned {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set(key, row, Span::FOREVER).await?;
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.cache.tombstone(key, row.version, Span::from_secs(10)).await?;
        Ok(row)
    }
}

/// Lease, without the token.
struct Tokenless;

impl Strategy for Tokenless {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        match io.cache.lease(key, Span::from_secs(10)).await? {
            Answer::Hit(row) => Ok(row),
            Answer::Wait => Err(Fault::Retry { after: Span::from_millis(2) }),
            Answer::Granted(_) => {
                let row = io.db.read(key).await?;
                io.cache.set(key, row, Span::FOREVER).await?;
                Ok(row)
            }
        }
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.cache.delete(key).await?;
        Ok(row)
    }
}

/// Delete-on-write, the wrong way round.
struct Swapped;

impl Strategy for Swapped {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set(key, row, Span::FOREVER).await?;
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.cache.delete(key).await?;
        io.db.write(key).await
    }
}

#[test]
fn a_strategy_that_is_broken_a_little_is_caught() {
    let scene = Scene::new(2, 2, 1, 1);
    let options = Options::default();
    let of = |found: Exploration| found.verdict(Property::Convergence);
    assert_eq!(of(built_in("versioned", &scene, &options)), Verdict::Proved);
    assert_eq!(of(explore(&Unversioned, &scene, &options).expect("pure")), Verdict::Violated(5));
    assert_eq!(of(built_in("lease", &scene, &options)), Verdict::Proved);
    assert_eq!(of(explore(&Tokenless, &scene, &options).expect("pure")), Verdict::Violated(5));
    // Delete-on-write itself fails here. With readers that never miss together with a write, it
    // does not: a reader that comes before and one that comes after tell the two apart.
    let one_after_another = Scene {
        sessions: vec![vec![Request::write(0), Request::read(0), Request::write(0)]],
        ..Scene::new(0, 0, 0, 1)
    };
    let with_crash = one_after_another.with(crash());
    let right = built_in("delete-on-write", &with_crash, &options);
    let wrong = explore(&Swapped, &with_crash, &options).expect("pure");
    assert_eq!(right.verdict(Property::Convergence), Verdict::Violated(7), "crash before delete");
    assert_eq!(wrong.verdict(Property::Convergence), Verdict::Proved, "deleted already");
    // Both are broken in five steps; only the wrong one if the delete comes before the miss.
    let deletes_first = |found: Exploration| {
        let mut all = found.counterexamples.into_iter();
        let it = all.find(|it| it.property == Property::Convergence).expect("it is violated");
        let at = |name: &str| {
            let mut ops = it.steps.iter().filter_map(|step| step.happening.operation);
            ops.position(|(op, _)| op.name() == name)
        };
        at("cache.delete") < at("db.write")
    };
    assert!(deletes_first(explore(&Swapped, &scene, &options).expect("pure")));
    assert!(!deletes_first(built_in("delete-on-write", &scene, &options)));
    // A read that goes back takes a step more: the delete has to come before all of the other's.
    let again = Scene::new(2, 2, 2, 1);
    let of = |found: Exploration| found.verdict(Property::NoInversion);
    assert_eq!(of(built_in("delete-on-write", &again, &options)), Verdict::Violated(8));
    assert_eq!(of(explore(&Swapped, &again, &options).expect("pure")), Verdict::Violated(9));
    // And a test that pins the right one's race says which step is another.
    let race = "a: read\nb: write\n\na: cache.get\na: db.read\nb: db.write\nb: cache.delete\n\
                a: cache.set\n\nviolates: convergence\n";
    let race = Script::parse(race).expect("a schedule");
    let fits = stalelab::schedule::play(&Swapped, &race).expect_err("it deletes first");
    assert!(fits.to_string().contains("step 3 does not fit: `b: db.write`"), "{fits}");
    assert!(fits.to_string().contains("`b: cache.delete x`"), "{fits}");
}

/// Remembers across tasks how often it was asked.
#[derive(Default)]
struct Remembers(std::sync::atomic::AtomicU32);

impl Strategy for Remembers {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.read(key).await?;
        if self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed).is_multiple_of(3) {
            io.cache.set(key, row, Span::FOREVER).await?;
        }
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.write(key).await
    }
}

#[test]
fn hidden_state_is_rejected_and_the_message_says_why() {
    let error = explore(&Remembers::default(), &Scene::new(2, 1, 1, 1), &Options::default());
    let error = error.expect_err("it does not do the same twice");
    assert!(matches!(error, TreeError::HiddenState { .. }));
    assert!(error.to_string().contains("component of the world"), "{error}");
}

/// Tells its clients that it has written before it has.
struct AnswersEarly;

impl Strategy for AnswersEarly {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.read(key).await
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let old = io.db.read(key).await?;
        io.client.reply(old).await?;
        io.db.write(key).await
    }
}

/// Tells its clients that it has written, whatever the database says.
struct SwallowsFaults;

impl Strategy for SwallowsFaults {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.read(key).await
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        Ok(io.db.write(key).await.unwrap_or_default())
    }
}

#[test]
fn a_write_that_is_acknowledged_too_early_is_stale_and_can_be_lost() {
    let options = Options::default();
    let scene = Scene::new(1, 1, 2, 1);
    let promises = [Property::NoStaleRead, Property::ReadYourWrites, Property::NoLostWrite];
    let verdicts = |found: Exploration| promises.map(|property| found.verdict(property));
    let early = explore(&AnswersEarly, &scene, &options).expect("pure");
    // It keeps its promise in the end, but not at once.
    let expected = [Verdict::Violated(2), Verdict::Violated(2), Verdict::Proved];
    assert_eq!(verdicts(early), expected);
    let crashed = explore(&AnswersEarly, &scene.clone().with(crash()), &options).expect("pure");
    let lost = crashed.counterexamples.iter().find(|it| it.property == Property::NoLostWrite);
    let lost = lost.expect("it is lost");
    assert_eq!(lost.steps.len(), 2);
    let why = explain(&lost.scene, &lost.steps, lost.property).sentence;
    assert!(
        why.ends_with("was told that its write is done, and nothing ever accepted it"),
        "{why}"
    );
    let timeout = scene.with(Faults { time_out: 1, ..Faults::default() });
    let swallowed = explore(&SwallowsFaults, &timeout, &options).expect("pure");
    let expected = [Verdict::Violated(2), Verdict::Violated(2), Verdict::Violated(1)];
    assert_eq!(verdicts(swallowed), expected);
}

#[test]
fn what_is_given_up_may_land_later() {
    // A lock protects what its holder does, but not what he has given up waiting for.
    let options = Options::default();
    let scene = Scene::new(1, 2, 2, 1).with(Faults { time_out: 1, ..Faults::default() });
    let found = built_in("write-through", &scene, &options);
    let late = found.counterexamples.iter().find(|it| it.property == Property::NoStaleRead);
    let late = late.expect("an old update lands after a newer one");
    let lands = |step: &Step| matches!(step.made, Move::Session(_, Act::Land(_)));
    assert!(late.steps.iter().any(lands), "{:?}", late.steps);
    // Its text plays as it was.
    let text = Script::of_steps("write-through", &late.scene, &late.steps, &[late.property]);
    assert!(text.contains("give up during cache.set x v1"), "{text}");
    testing::race(&text).must_violate();
}
