//! Races in your tests: for those who have a strategy of their own and stalelab as a
//! dev-dependency.
//!
//! # An exact schedule
//!
//! Say who moves when, and assert what each read returned:
//!
//! ```
//! use stalelab::strategies::DeleteOnWrite;
//! use stalelab::time::Span;
//! use stalelab::testing;
//!
//! let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
//! let played = testing::play(&strategy, "
//!     a: read x
//!     b: write x
//!     c: read x
//!
//!     a: cache.get x -> miss
//!     a: db.read x -> v0
//!     b: db.write x
//!     b: cache.delete x
//!     a: cache.set x v0      # the old row, after the delete
//!     c: cache.get x -> v0
//! ");
//! assert_eq!(played.reads("c"), [0]);
//! assert_eq!(played.cached("x"), Some(0));
//! ```
//!
//! The text's grammar is [`crate::schedule::Script`]'s. A step that is not what the strategy does
//! there fails the test, and says what it could have done.
//!
//! # Every schedule
//!
//! Search all of them, within bounds, for one that breaks a promise: here those of two readers and
//! two writers, with one request each, of one key.
//!
//! ```
//! use stalelab::schedule::{Faults, Property, Scene};
//! use stalelab::strategies::Lease;
//! use stalelab::testing;
//! use stalelab::time::Span;
//!
//! let (term, backoff) = (Span::from_secs(10), Span::from_millis(5));
//! let strategy = Lease { ttl: Span::FOREVER, term, backoff };
//! let scene = Scene::new(2, 2, 1, 1).with(Faults { evict: 1, expire: 1, ..Faults::default() });
//! testing::search(&strategy, scene).keeps(&[Property::Convergence]);
//! ```
//!
//! Say what may befall: without [`Faults`](crate::schedule::Faults) nothing is evicted, expires,
//! crashes, is lost or times out, and tombstones look safe that are not. Writers write and read
//! back in turn: only with two requests each do they see their own writes.
//!
//! If there is one, the test fails with the shortest as a ladder, its cause in a sentence, and its
//! text. With [`Search::regressions`] that text is also saved, to be committed with the test, and
//! played first from then on, as proptest does; that one of them no longer fits the strategy is
//! told on standard error. A property that nothing put to the test fails too: a search that
//! exercised nothing has shown nothing.
//!
//! # A scenario, seed after seed
//!
//! Put the strategy under load, in the world of a scenario's first variant, and demand that no
//! read is older than a write that was acknowledged before the read began:
//!
//! ```
//! use stalelab::strategies::Versioned;
//! use stalelab::testing;
//! use stalelab::time::Span;
//!
//! let strategy = Versioned { ttl: Span::FOREVER, hold: Span::from_secs(10) };
//! testing::seeds(&strategy, r#"
//!     duration = "5s"
//!     workload = { arrivals = { poisson = { rate = 500.0 } }, read_share = 0.8, keys = 20 }
//!     cache.link = { exponential = "1ms" }
//!     database.read = { exponential = "20ms" }
//!     variant = [{ strategy = { versioned = {} } }]
//! "#).replications(3).no_stale_read();
//! ```
//!
//! If there is such a read, the requests behind it are shrunk to the smallest race that makes it,
//! and the test fails with that. Smallest means that no single session or step can be left out:
//! there may be a shorter race of the same cause, which a search of all schedules finds.
//!
//! # A known race
//!
//! Pin it, so that the test fails when the race *disappears*: then somebody has cured it, or the
//! schedule no longer says what it said.
//!
//! ```
//! # use stalelab::testing;
//! testing::race("
//!     strategy: delete-before-write
//!     a: write x
//!     b: read x
//!
//!     a: cache.delete x
//!     b: cache.get x -> miss
//!     b: db.read x -> v0
//!     b: cache.set x v0
//!     a: db.write x
//!
//!     violates: convergence
//! ").must_violate();
//! ```
//!
//! [`race()`] is for strategies that a schedule can name; [`pin`] takes yours.
//!
//! All of it runs under `cargo test` and under `cargo nextest run`, on any number of threads.
//! nextest gives every test a process of its own; tests with regressions share a folder, but no
//! file, as long as their names differ.

mod regressions;
mod search;
mod seeds;

pub use search::{Search, search};
pub use seeds::{Seeds, seeds};

use crate::incident::Moment;
use crate::op::Key;
use crate::report::race;
use crate::schedule::{
    Move, PlayError, Property, PropertySet, Scene, Script, Step, key_name, play as perform,
    session_name, unavoidable,
};
use crate::strategies::Visitor;
use crate::strategy::Strategy;

/// A schedule that was played.
#[derive(Clone, Debug)]
pub struct Played {
    scene: Scene,
    steps: Vec<Step>,
    violated: PropertySet,
}

impl Played {
    /// The versions a session's reads returned, in order; reads that failed are left out.
    ///
    /// # Panics
    /// If there is no such session.
    pub fn reads(&self, session: &str) -> Vec<u32> {
        let index = (0..self.scene.sessions.len()).find(|it| session_name(*it) == session);
        let index = index.unwrap_or_else(|| panic!("no session is called `{session}`"));
        let own = self
            .steps
            .iter()
            .filter(|step| matches!(step.made, Move::Session(it, _) if it == index));
        let mut versions = Vec::new();
        let mut begun = 0;
        for step in own {
            begun += usize::from(step.happening.began.is_some());
            let reads = begun > 0 && !self.scene.sessions[index][begun - 1].write;
            if let (true, Some(Ok(row))) = (reads, step.happening.answered) {
                versions.push(row.version.0);
            }
        }
        versions
    }

    /// The version the (first) cache holds of a key at the end.
    ///
    /// # Panics
    /// If there is no such key.
    pub fn cached(&self, key: &str) -> Option<u32> {
        let key = (0..self.scene.keys).map(Key).find(|it| key_name(*it) == key);
        let key = key.unwrap_or_else(|| panic!("the schedule asks for no such key"));
        self.steps.last()?.stage.cache(0).peek(key).map(|version| version.0)
    }

    /// Whether a step violates a property.
    pub fn violates(&self, property: Property) -> bool {
        self.violated.has(property)
    }
}

/// Plays an exact schedule.
///
/// # Panics
/// If the text cannot be understood, or a step is not what the strategy does there.
#[track_caller]
pub fn play<S: Strategy>(strategy: &S, schedule: &str) -> Played {
    try_play(strategy, &parse(schedule)).unwrap_or_else(|error| panic!("{error}"))
}

/// Plays a known race of a strategy of your own. Its text says what it `violates:`.
///
/// # Panics
/// If the race has disappeared: the schedule does not fit any more, or no longer violates that.
#[track_caller]
pub fn pin<S: Strategy>(strategy: &S, schedule: &str) {
    let script = parse(schedule);
    assert!(
        !script.violates.is_empty(),
        "a pinned race says what it violates: `violates: convergence`"
    );
    if let Err(error) = try_play(strategy, &script) {
        panic!("the race has disappeared: {error}");
    }
}

/// A race whose text names a built-in strategy.
///
/// # Panics
/// If the text cannot be understood, or names no strategy.
#[track_caller]
pub fn race(schedule: &str) -> BuiltinRace {
    let script = parse(schedule);
    let Some((name, _)) = &script.strategy else {
        panic!("the schedule names no strategy: begin it with `strategy: delete-on-write`")
    };
    let choice = crate::scenario::strategy(name)
        .unwrap_or_else(|mistakes| panic!("{}", mistakes.0.render(&mistakes.1, false)));
    BuiltinRace { choice, script }
}

/// See [`race()`].
#[derive(Clone, Debug)]
pub struct BuiltinRace {
    choice: crate::strategies::Choice,
    script: Script,
}

impl BuiltinRace {
    /// Plays it, and holds it against what it claims to violate.
    ///
    /// # Panics
    /// If the race has disappeared, or the text claims nothing.
    #[track_caller]
    pub fn must_violate(&self) {
        assert!(!self.script.violates.is_empty(), "the text has no line `violates: convergence`");
        if let Err(error) = self.choice.visit(Playing(&self.script)) {
            panic!("the race has disappeared: {error}");
        }
    }

    /// Plays it.
    ///
    /// # Panics
    /// If a step is not what the strategy does there.
    #[track_caller]
    pub fn play(&self) -> Played {
        self.choice.visit(Playing(&self.script)).unwrap_or_else(|error| panic!("{error}"))
    }
}

struct Playing<'a>(&'a Script);

impl Visitor for Playing<'_> {
    type Output = Result<Played, PlayError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        try_play(strategy, self.0)
    }
}

/// A race as a failing test shows it, with a line that says how to see it again.
fn ladder<S: Strategy>(
    strategy: &S,
    (scene, steps, moments): (&Scene, &[Step], &[Moment]),
    violates: &[Property],
    cause: &str,
    replay: &str,
) -> String {
    let first = violates.first();
    let unavoidable = first.and_then(|it| unavoidable(strategy, scene, steps, *it).unwrap_or(None));
    let strategy = "your-strategy";
    let race = race::Race { strategy, scene, steps, violates, cause, unavoidable, moments, replay };
    race::ladder(&race, race::Colour::Without)
}

#[track_caller]
fn parse(schedule: &str) -> Script {
    Script::parse(schedule).unwrap_or_else(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("the schedule cannot be understood:\n{}", lines.join("\n"))
    })
}

fn try_play<S: Strategy>(strategy: &S, script: &Script) -> Result<Played, PlayError> {
    let player = perform(strategy, script)?;
    Ok(Played {
        scene: player.scene().clone(),
        steps: player.steps().to_vec(),
        violated: player.violated(),
    })
}
