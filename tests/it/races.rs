//! Schedules as text, and the test API, as somebody with a strategy of his own uses them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use stalelab::op::{Job, Key, Outcome, Row, Version};
use stalelab::schedule::{Faults, Property, Scene, Script};
use stalelab::strategy::{Io, Strategy};
use stalelab::testing;
use stalelab::time::Span;

/// A strategy that stalelab does not know.
struct Mine;

impl Strategy for Mine {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await.ok().flatten() {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set(key, row, Span::from_secs(60)).await.ok();
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.cache.delete(key).await?;
        Ok(row)
    }
}

const STALE_SET: &str = "
    a: read x
    b: write x, read x

    a: cache.get x -> miss
    a: db.read x -> v0
    b: db.write x -> v1
    b: cache.delete x
    a: cache.set x v0
    b: cache.get x -> v0

    violates: read-your-writes
";

/// What a failing assertion says.
fn failure(test: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(test)).expect_err("it should fail");
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string)).expect("a message")
}

#[test]
fn an_exact_schedule_says_what_each_read_returns() {
    let played = testing::play(&Mine, STALE_SET);
    assert_eq!(played.reads("a"), [0]);
    assert_eq!(played.reads("b"), [0]);
    assert_eq!(played.cached("x"), Some(0));
    assert!(played.violates(Property::NoStaleRead));
    assert!(!played.violates(Property::Convergence), "a TTL ends it");
}

#[test]
fn steps_may_leave_out_what_the_strategy_says_anyway() {
    let played = testing::play(&Mine, "a: read\n\na: cache.get\na: db.read\na: cache.set\n");
    assert_eq!(played.reads("a"), [0]);
}

#[test]
fn a_pinned_race_fails_when_it_disappears() {
    testing::pin(&Mine, STALE_SET);
    let cured = STALE_SET.replace("a: cache.set x v0\n", "").replace("-> v0\n\n", "-> miss\n\n");
    let message = failure(|| testing::pin(&Mine, &cured));
    assert!(message.contains("has disappeared"), "{message}");
}

#[test]
fn a_step_that_does_not_fit_is_named_with_what_would() {
    let text = STALE_SET.replace("b: cache.delete x", "b: cache.set x v1");
    let message = failure(|| {
        testing::play(&Mine, &text);
    });
    assert!(message.contains("8:8: step 4 does not fit: `b: cache.set x v1`"), "{message}");
    assert!(message.contains("`b: cache.delete x`"), "{message}");
    let told = STALE_SET.replace("b: cache.get x -> v0", "b: cache.get x -> miss");
    let message = failure(|| {
        testing::play(&Mine, &told);
    });
    assert!(message.contains("the reply is `b: cache.get x -> v0`"), "{message}");
}

#[test]
fn a_search_fails_with_the_race_and_saves_it_to_be_played_first() {
    let folder = std::env::temp_dir().join(format!("stalelab-races-{}", std::process::id()));
    let search = testing::search(&Mine, Scene::new(2, 1, 1, 1)).regressions(&folder, "mine");
    search.keeps(&[Property::NoDirtyRead]);
    let message = failure(|| search.keeps(&[Property::NoStaleRead]));
    assert!(message.contains("no-stale-read is violated"), "{message}");
    assert!(message.contains("cache.delete had passed"), "{message}");
    let saved = folder.join("mine.no-stale-read.txt");
    let text = std::fs::read_to_string(&saved).expect("it was saved");
    assert!(testing::play(&Mine, &text).violates(Property::NoStaleRead));
    let again = failure(|| search.keeps(&[Property::NoStaleRead]));
    assert!(again.contains("still violated by the saved schedule"), "{again}");
    // With its ladder, the step from which there is no way back, and its cause.
    assert!(again.contains("reader a ") && again.contains("! unavoidable from here on"), "{again}");
    assert!(again.contains("cache.delete had passed"), "{again}");
    std::fs::remove_dir_all(&folder).expect("ours");
}

#[test]
fn a_search_that_shows_nothing_fails() {
    let readers = testing::search(&Mine, Scene::new(2, 0, 1, 1));
    let message = failure(|| readers.keeps(&[Property::NoStaleRead]));
    assert!(message.contains("nothing put no-stale-read to the test"), "{message}");
    let cut = testing::search(&Mine, Scene::new(2, 2, 2, 1)).states_max(50);
    let message = failure(|| cut.keeps(&[Property::NoDirtyRead]));
    assert!(message.contains("cut short"), "{message}");
}

#[test]
fn a_counterexample_written_as_text_plays_as_it_was() {
    use stalelab::explorer::{Options, explore};
    let faults = Faults { evict: 1, expire: 1, crash: 1, lose: 1, miss: 1, time_out: 1 };
    let scene = Scene::new(2, 2, 1, 1).with(faults);
    let found = explore(&Mine, &scene, &Options::default()).expect("pure");
    assert!(found.counterexamples.len() >= 2);
    for it in &found.counterexamples {
        let text = Script::of_steps("mine", &it.scene, &it.steps, &[it.property]);
        let script = Script::parse(&text).expect("what is written can be read");
        let player = stalelab::schedule::play(&Mine, &script).expect("and fits");
        let moves: Vec<_> = player.steps().iter().map(|step| step.made).collect();
        assert_eq!(moves, it.moves().collect::<Vec<_>>(), "{text}");
    }
}

/// Two jobs after each write; they begin alike, and one of them does harm.
struct TwoJobs;

impl Strategy for TwoJobs {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        match io.cache.get(key).await? {
            Some(row) => Ok(row),
            None => io.db.read(key).await,
        }
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        for tag in [0, 1] {
            io.jobs.after(Span::ZERO, key, Job { tag, row: None }).await?;
        }
        Ok(row)
    }

    async fn job(&self, io: &mut Io<'_>, key: Key, job: Job) -> Outcome {
        io.cache.delete(key).await?;
        if job.tag == 1 {
            io.cache.set(key, Row::new(Version(0)), Span::from_secs(60)).await?;
        }
        Ok(Row::default())
    }
}

#[test]
fn of_two_jobs_that_begin_alike_the_one_that_is_meant_is_played() {
    use stalelab::explorer::{Options, explore};
    let found = explore(&TwoJobs, &Scene::new(1, 1, 1, 1), &Options::default()).expect("pure");
    let it = found.counterexample(Property::NoStaleRead).expect("it is violated");
    assert_eq!(it.steps.len(), 4);
    let text = Script::of_steps("mine", &it.scene, &it.steps, &[it.property]);
    testing::pin(&TwoJobs, &text);
    // A later reply may say it, or what is claimed.
    let plans = "a: read x\nb: write x\n\n";
    let both = "b: db.write x\nb job: cache.delete x\nb job: cache.delete x\nb job: cache.set x";
    let played = testing::play(&TwoJobs, &format!("{plans}{both}\na: cache.get x -> v0\n"));
    assert!(played.violates(Property::NoStaleRead));
    // What no job does is still a mistake.
    let thrice = format!("{plans}{}", both.replace("cache.set x", "cache.delete x"));
    let message = failure(|| {
        testing::play(&TwoJobs, &thrice);
    });
    assert!(message.contains("step 4 does not fit"), "{message}");
    assert!(message.contains("`b job: cache.set x v0`"), "{message}");
    // Saved, it is found again.
    let folder = std::env::temp_dir().join(format!("stalelab-jobs-{}", std::process::id()));
    let search = testing::search(&TwoJobs, Scene::new(1, 1, 1, 1)).regressions(&folder, "jobs");
    failure(|| search.keeps(&[Property::NoStaleRead]));
    let again = failure(|| search.keeps(&[Property::NoStaleRead]));
    assert!(again.contains("still violated by the saved schedule"), "{again}");
    std::fs::remove_dir_all(&folder).expect("it was written");
}

/// Says that it has written, whatever it was told, after another look.
struct Swallows {
    looks: bool,
}

impl Strategy for Swallows {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.read(key).await
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let written = io.db.write(key).await;
        if self.looks {
            io.cache.get(key).await?;
        }
        Ok(written.unwrap_or_default())
    }
}

#[test]
fn a_write_that_was_given_up_and_lands_keeps_what_was_promised() {
    let played = |looks, text: &str| {
        let played = testing::play(&Swallows { looks }, text);
        let broken = Property::ALL.into_iter().filter(|it| played.violates(*it));
        broken.collect::<Vec<_>>()
    };
    let plans = "a: write x\nb: read x\n\n";
    let gives_up = "a: give up during db.write x";
    let lands = "a: land db.write x";
    let reads = "b: db.read x";
    for (looks, steps, broken) in [
        (false, format!("{gives_up}\n{lands}\n{reads} -> v1"), vec![]),
        // It was told before anything had accepted it.
        (false, format!("{gives_up}\n{reads} -> v0\n{lands}"), vec![Property::NoStaleRead]),
        // It lands before anybody is told: there is nothing to keep.
        (true, format!("{gives_up}\n{lands}\na: cache.get x\n{reads} -> v1"), vec![]),
        (true, format!("{gives_up}\na: cache.get x\n{lands}\n{reads} -> v1"), vec![]),
        (false, "a: give up db.write x".to_owned(), vec![Property::NoLostWrite]),
    ] {
        assert_eq!(played(looks, &format!("{plans}{steps}\n")), broken, "{steps}");
    }
    // Of two promises, the one that lands keeps its own.
    let two = "a: write x, write x\n\n";
    let lost = format!("{two}{gives_up}\na: give up db.write x\n{lands}\n");
    assert_eq!(played(false, &lost), [Property::NoLostWrite]);
    let kept = format!("{two}{gives_up}\n{gives_up}\n{lands}\n{lands}\n");
    assert_eq!(played(false, &kept), []);
}

#[test]
fn every_mistake_in_a_schedule_is_named_with_its_place() {
    for (text, place, says) in [
        ("", (1, 1), "nobody takes part"),
        ("a: read x\nnonsense\n", (2, 1), "has no colon"),
        ("a: read x\n  q: cache.get x\n", (2, 3), "nobody is called `q`"),
        ("b: read x\n", (1, 1), "a session is called `b`"),
        ("a: read w\n", (1, 4), "does not name a key"),
        ("a: read x\na: cache.get\nb: read x\n", (3, 1), "comes after the first step"),
        ("a: read x\nviolates: everything\n", (2, 11), "`everything` is not a property"),
        ("a: read x\nreplicas: many\n", (2, 11), "is not a number"),
        ("a: read x\na server: cache.get\n", (2, 1), "is not an actor"),
        ("a: read x write x\n", (1, 4), "`write` is too much for a request"),
        ("a: reed x\n", (1, 4), "`reed x` is not a request"),
        ("strategy: lease\nstrategy: versioned\na: read x\n", (2, 1), "a strategy already"),
        ("a: read x\na: -> miss\n", (2, 4), "`-> miss` names no operation"),
        ("a: read x\na: lose\n", (2, 4), "`lose` names no operation"),
        ("a: read x\na: give up after -> v1\n", (2, 4), "names no operation"),
        ("a: read x\na: give\n", (2, 4), "names no operation"),
        ("a: read x\na: land\n", (2, 4), "names no operation"),
        ("replicas: 1\nreplicas: 2\na: read x\n", (2, 1), "replicas was given already"),
        ("a: read x\na: db.read\nreplicas: 2\n", (3, 1), "replicas comes after the first"),
        ("a: read x\na: db.read\ncaches: 2\n", (3, 1), "caches comes after the first step"),
        (&format!("a: {}read x\n", "read x, ".repeat(255)), (1, 4), "256 requests of one session"),
    ] {
        let errors = Script::parse(text).expect_err("a mistake");
        let first = &errors[0];
        assert_eq!((first.place.line, first.place.column), place, "{text}: {first}");
        assert!(first.message.contains(says), "{text}: {first}");
        assert!(!first.help.is_empty());
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "([a-c]|cache|strategy|violates|x|:| |->|#|\n|é){0,60}") {
        let _ = Script::parse(&text);
    }
}

const LOAD: &str = r#"
    duration = "10s"
    replications = 4
    workload = { arrivals = { poisson = { rate = 300.0 } }, read_share = 0.8, keys = 20 }
    cache.link = { exponential = "1ms" }
    database.read = { exponential = "30ms" }
    variant = [{ strategy = { ttl-only = { ttl = "1s" } } }]
"#;

#[test]
fn a_failure_under_load_is_shrunk_to_a_race() {
    let message = failure(|| testing::seeds(&Mine, LOAD).no_stale_read());
    for says in [
        "(late-fill)",
        "3 are enough",
        "which it had read before writer b committed\nv1, after b's cache.delete had passed.",
        "! unavoidable from here on",
        "b: cache.delete x\na: cache.set x v0\nc: cache.get x -> v0\n\nviolates: no-stale-read",
    ] {
        assert!(message.contains(says), "{says}: {message}");
    }
    assert_eq!(message, failure(|| testing::seeds(&Mine, LOAD).no_stale_read()));
    let other = failure(|| testing::seeds(&Mine, LOAD).seed(2).no_stale_read());
    assert_ne!(message, other);
}

#[test]
fn how_old_a_read_may_be_can_be_demanded_under_load() {
    testing::seeds(&Mine, LOAD).replications(1).no_read_older_than(Span::from_secs(60));
    let demand = Span::from_millis(100);
    let message = failure(|| testing::seeds(&Mine, LOAD).no_read_older_than(demand));
    assert!(message.starts_with("too-old-read\n"), "{message}");
}

#[test]
fn what_failed_under_load_is_saved_and_played_first() {
    let folder = std::env::temp_dir().join(format!("stalelab-seeds-{}", std::process::id()));
    let test = |load| testing::seeds(&Mine, load).regressions(&folder, "mine").no_stale_read();
    let message = failure(|| test(LOAD));
    assert!(message.contains("commit it with the test"), "{message}");
    // No load at all would break it, but the saved schedule does.
    let quiet = LOAD.replace("read_share = 0.8", "read_share = 1.0");
    let message = failure(|| test(&quiet));
    assert!(message.contains("is still violated by the saved schedule"), "{message}");
    std::fs::remove_dir_all(&folder).expect("it was written");
    test(&quiet);
}

#[test]
fn a_cured_age_is_not_held_against_the_strategy_for_ever() {
    let folder = std::env::temp_dir().join(format!("stalelab-ages-{}", std::process::id()));
    let tested = || testing::seeds(&Mine, LOAD).regressions(&folder, "mine");
    let demand = Span::from_millis(100);
    let message = failure(|| tested().seed(3).no_read_older_than(demand));
    assert!(message.contains("# seen in the run of seed and replication 3 0"), "{message}");
    // The run that was saved comes first, whatever the seed.
    let again = failure(|| tested().seed(4).no_read_older_than(demand));
    assert_eq!(message.lines().nth(2), again.lines().nth(2));
    tested().no_read_older_than(Span::from_secs(60));
    std::fs::remove_dir_all(&folder).expect("it was written");
}

#[test]
fn a_strategy_that_remembers_is_found_out_when_it_is_played() {
    #[derive(Default)]
    struct Counts(std::sync::atomic::AtomicU32);
    impl Strategy for Counts {
        async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
            match self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0 => io.db.read(key).await,
                _ => io.db.read_primary(key).await,
            }
        }

        async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
            io.db.write(key).await
        }
    }
    let message = failure(|| {
        testing::play(&Counts::default(), "a: read x\n\na: db.read x -> v0\n");
    });
    assert!(message.contains("state"), "{message}");
}

#[test]
fn a_scenario_that_cannot_be_understood_fails_the_test_with_the_reasons() {
    let message = failure(|| testing::seeds(&Mine, "keys = 3").no_stale_read());
    assert!(message.contains("unknown key `keys`"), "{message}");
}
