//! A driver: every interleaving of a small scene, and the shortest way to break a promise.
//!
//! Breadth first over states that are compared, hashed and kept: worlds and sessions, where a
//! task is its place in the strategy's interaction tree. No schedule is run twice, and no future
//! is cloned. What it says holds within the scene's bounds and for a world in which an operation
//! takes effect at one instant; it says nothing of larger ones, nor of how often anything happens.
//!
//! Rejected: running every schedule again from its start (as loom and shuttle do), which takes
//! hundreds of times as long where few states are reached by many schedules; depth first, whose
//! first counterexample is long; a work-stealing search, whose first counterexample is whichever
//! thread was lucky.

mod path;
mod search;
mod symmetry;
mod tables;
mod visited;

use std::sync::atomic::AtomicBool;

use crate::schedule::{Property, PropertySet, Scene, Stage, TreeError};
use crate::strategy::Strategy;

pub use path::Counterexample;
use search::Search;
use symmetry::Symmetry;
use tables::Tables;

/// How to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Give up beyond this many states, or when what they consist of (worlds, and what sessions can
    /// do in them) takes the memory of so many, and 65,536 more.
    pub states_max: usize,
    /// Whether interchangeable sessions are told apart only by what they do.
    pub symmetry: bool,
    /// Stop as soon as all of these are violated; if empty, search everything.
    pub wanted: PropertySet,
}

impl Default for Options {
    fn default() -> Options {
        Options { states_max: 20_000_000, symmetry: true, wanted: PropertySet::default() }
    }
}

/// What an exploration says of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every interleaving keeps it, within the scene's bounds.
    Proved,
    /// A shortest schedule that violates it has so many steps.
    Violated(usize),
    /// No interleaving put it to the test.
    NotExercised,
    /// Not violated as far as the search went.
    CutShort,
}

/// What came of exploring a scene.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// What was explored.
    pub scene: Scene,
    /// Different states reached.
    pub states: u64,
    /// Steps from one state to another.
    pub transitions: u64,
    /// Steps of the longest shortest way to a state.
    pub depth: u32,
    /// Whether all there is was explored.
    pub complete: bool,
    /// What was put to the test.
    pub exercised: PropertySet,
    /// A shortest one for each violated property, in the order of [`Property::ALL`].
    pub counterexamples: Vec<Counterexample>,
    /// The worlds with something wrong in them in which nothing is in progress.
    pub bad_ends: Vec<Stage>,
    /// Memory the states took, in bytes.
    pub bytes: u64,
}

impl Exploration {
    /// What it says of a property.
    pub fn verdict(&self, property: Property) -> Verdict {
        if let Some(found) = self.counterexample(property) {
            return Verdict::Violated(found.steps.len());
        }
        match (self.complete, self.exercised.has(property)) {
            (false, _) => Verdict::CutShort,
            (true, true) => Verdict::Proved,
            (true, false) => Verdict::NotExercised,
        }
    }

    /// A shortest schedule that violates a property.
    pub fn counterexample(&self, property: Property) -> Option<&Counterexample> {
        self.counterexamples.iter().find(|found| found.property == property)
    }
}

/// Explores every interleaving of a scene.
///
/// # Errors
/// If the strategy keeps state of its own, or asks for operations without end.
///
/// # Panics
/// If the scene has more than [`crate::schedule::SESSIONS_MAX`] sessions or
/// [`crate::schedule::KEYS_MAX`] keys, or asks for a key it does not have.
pub fn explore<S: Strategy>(
    strategy: &S,
    scene: &Scene,
    options: &Options,
) -> Result<Exploration, TreeError> {
    explore_until(strategy, scene, options, &AtomicBool::new(false))
}

/// The same, until `cancel` is set: then the search is cut short.
///
/// # Errors
/// As [`explore`].
///
/// # Panics
/// As [`explore`].
pub fn explore_until<S: Strategy>(
    strategy: &S,
    scene: &Scene,
    options: &Options,
    cancel: &AtomicBool,
) -> Result<Exploration, TreeError> {
    scene.assert_sound();
    let symmetry = Symmetry::new(scene, options.symmetry);
    let mut tables = Tables::new(strategy, scene);
    let (states_max, wanted) = (options.states_max, options.wanted);
    let search = Search { scene, symmetry: &symmetry, states_max, wanted, cancel };
    let found = search.run(&mut tables)?;
    tables.check()?;
    let mut counterexamples = Vec::new();
    for property in Property::ALL {
        if let Some(candidate) = found.candidates[property as usize] {
            let moves = path::moves(&found.shards, candidate, &tables.known, &symmetry);
            let states = found.states_at[property as usize];
            let shortest = Counterexample::new(property, strategy, scene, &moves, states)?;
            counterexamples.push(shortest);
        }
    }
    Ok(Exploration {
        scene: scene.clone(),
        states: found.shards.iter().map(|shard| shard.len() as u64).sum(),
        transitions: found.transitions,
        depth: found.depth,
        complete: found.complete,
        exercised: found.exercised,
        counterexamples,
        bad_ends: found.bad_ends.iter().map(|end| tables.stage_of(*end).clone()).collect(),
        bytes: found.shards.iter().map(|shard| shard.bytes() as u64).sum(),
    })
}
