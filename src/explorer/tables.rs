//! Everything a state consists of, numbered: a state is a few numbers, and a step a look-up.
//!
//! Few different worlds and few different sessions make up very many states. So each is kept
//! once, and what a session can do in a world is worked out once: the first time it is needed,
//! by one thread and in the order of the search, so that numbers never depend on threads.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use crate::op::Key;
use crate::schedule::{
    Act, Move, PropertySet, Scene, Session, Stage, Tree, TreeError, Turn, fills,
};
use crate::strategy::Strategy;

/// Values and their numbers.
#[derive(Debug)]
struct Interner<T> {
    values: Vec<T>,
    numbers: FxHashMap<T, u32>,
}

impl<T: Clone + Eq + Hash> Interner<T> {
    fn new() -> Interner<T> {
        Interner { values: Vec::new(), numbers: FxHashMap::default() }
    }

    /// The number of a value, and whether it is new.
    fn number(&mut self, value: T) -> (u32, bool) {
        if let Some(number) = self.numbers.get(&value) {
            return (*number, false);
        }
        let number = self.values.len() as u32;
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        (number, true)
    }
}

/// What the search has to know of a world.
#[derive(Debug)]
pub(super) struct StageFacts {
    /// What is violated and exercised here if nothing is in progress.
    pub(super) at_rest: (PropertySet, PropertySet),
    /// Whether a commit is on its way to a replica.
    pub(super) lags: bool,
    pub(super) faults_used: u8,
    /// Moves of the world, and where they lead.
    pub(super) moves: Vec<(Move, u32)>,
}

/// What the search has to know of a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct SessionFacts {
    pub(super) at_rest: bool,
    /// Whether it has begun anything.
    pub(super) acts: bool,
    /// The keys its tasks are filling, as bits.
    pub(super) filling: u8,
    /// What its own tasks violate and exercise together.
    pub(super) fills: (PropertySet, PropertySet),
    /// The keys it has asked for, as bits.
    pub(super) keys: u8,
}

/// What a session can do in a world, and where that leads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) act: Act,
    pub(super) stage: u32,
    pub(super) session: u32,
    pub(super) violated: PropertySet,
    pub(super) exercised: PropertySet,
}

/// The part of the tables that threads share while they search.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) stages: Vec<StageFacts>,
    pub(super) sessions: Vec<SessionFacts>,
    ranges: FxHashMap<(u64, u8), (u32, u32)>,
    outcomes: Vec<Outcome>,
}

impl Known {
    /// What a session can do in a world; `None` if that has not been worked out.
    #[inline]
    pub(super) fn outcomes(&self, stage: u32, session: u32, role: u8) -> Option<&[Outcome]> {
        let (from, to) = self.ranges.get(&(pair(stage, session), role))?;
        Some(&self.outcomes[*from as usize..*to as usize])
    }
}

fn pair(stage: u32, session: u32) -> u64 {
    u64::from(stage) << 32 | u64::from(session)
}

/// All tables of an exploration.
#[derive(Debug)]
pub(super) struct Tables<'s, S> {
    scene: &'s Scene,
    tree: Tree<'s, S>,
    stages: Interner<Stage>,
    sessions: Interner<Session>,
    pub(super) known: Known,
}

impl<'s, S: Strategy> Tables<'s, S> {
    pub(super) fn new(strategy: &'s S, scene: &'s Scene) -> Tables<'s, S> {
        let (stages, sessions) = (Vec::new(), Vec::new());
        let (ranges, outcomes) = (FxHashMap::default(), Vec::new());
        Tables {
            scene,
            tree: Tree::new(strategy),
            stages: Interner::new(),
            sessions: Interner::new(),
            known: Known { stages, sessions, ranges, outcomes },
        }
    }

    /// The numbers of the world and the session everything starts with.
    pub(super) fn first(&mut self) -> (u32, u32) {
        let stage = Stage::new(self.scene, self.tree.strategy().authority());
        (self.stage(stage), self.session(Session::new(self.scene.keys)))
    }

    /// Works out what a session can do in a world, if that is not known. The session is the
    /// scene's `index`-th, or one of the same role.
    pub(super) fn work_out(
        &mut self,
        stage: u32,
        session: u32,
        role: u8,
        index: usize,
    ) -> Result<(), TreeError> {
        let place = (pair(stage, session), role);
        if self.known.ranges.contains_key(&place) {
            return Ok(());
        }
        let turn = Turn::new(self.scene, index);
        let before = self.stages.values[stage as usize].clone();
        let idle = self.sessions.values[session as usize].clone();
        let mut outcomes = Vec::new();
        for act in idle.acts(&before, turn, &mut self.tree)? {
            let (mut after, mut it) = (before.clone(), idle.clone());
            let happening = it.act(act, &mut after, turn, &mut self.tree)?;
            outcomes.push(Outcome {
                act,
                stage: self.stage(after),
                session: self.session(it),
                violated: happening.violated,
                exercised: happening.exercised,
            });
        }
        let from = self.known.outcomes.len() as u32;
        self.known.outcomes.extend(outcomes);
        self.known.ranges.insert(place, (from, self.known.outcomes.len() as u32));
        Ok(())
    }

    /// The world of a number.
    pub(super) fn stage_of(&self, number: u32) -> &Stage {
        &self.stages.values[number as usize]
    }

    /// Runs the strategy again along every path it took.
    pub(super) fn check(&self) -> Result<(), TreeError> {
        self.tree.check()
    }

    fn stage(&mut self, stage: Stage) -> u32 {
        let (number, new) = self.stages.number(stage);
        if new {
            let stage = self.stages.values[number as usize].clone();
            // Moves of the world may lead on to others; each uses something up, so that ends.
            let facts = StageFacts {
                at_rest: stage.at_rest(),
                lags: stage.lags(),
                faults_used: (self.scene.faults.total() - stage.faults().total()) as u8,
                moves: Vec::new(),
            };
            self.known.stages.push(facts);
            for made in Move::of_the_world(&stage, self.scene) {
                let mut after = stage.clone();
                made.change(&mut after);
                let after = self.stage(after);
                self.known.stages[number as usize].moves.push((made, after));
            }
        }
        number
    }

    fn session(&mut self, session: Session) -> u32 {
        let (number, new) = self.sessions.number(session);
        if new {
            let session = &self.sessions.values[number as usize];
            let filling = bits(session.fills(&self.tree));
            let facts = SessionFacts {
                at_rest: session.is_at_rest(),
                acts: session.begun() > 0,
                filling,
                fills: fills(session.fills(&self.tree)),
                keys: session.keys(),
            };
            self.known.sessions.push(facts);
        }
        number
    }
}

fn bits(keys: impl Iterator<Item = Key>) -> u8 {
    keys.fold(0, |bits, key| bits | 1 << key.0)
}
