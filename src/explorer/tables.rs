//! Everything a state consists of, numbered: a state is a few numbers, and a step a look-up.
//!
//! Few different worlds and few different sessions make up very many states. So each is kept
//! once, and what a session can do in a world is worked out once: the first time it is needed,
//! by one thread and in the order of the search, so that numbers never depend on threads.

use std::hash::Hash;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::op::Key;
use crate::schedule::{
    Act, Move, PropertySet, Scene, Session, Stage, Tree, TreeError, Turn, fills_twice,
};
use crate::strategy::Strategy;

/// A world takes as much memory as so many states.
const WORLD_STATES: usize = 16;
/// What the tables may take besides, in states: the tables of a small scene can be larger than
/// what they are for.
const TABLES_FREE: usize = 1 << 16;

/// Values and their numbers.
#[derive(Debug)]
struct Interner<T> {
    values: Vec<Rc<T>>,
    numbers: FxHashMap<Rc<T>, u32>,
}

impl<T: Eq + Hash> Interner<T> {
    fn new() -> Interner<T> {
        Interner { values: Vec::new(), numbers: FxHashMap::default() }
    }

    /// The number of a value, and whether it is new.
    fn number(&mut self, value: T) -> (u32, bool) {
        if let Some(number) = self.numbers.get(&value) {
            return (*number, false);
        }
        let (number, value) = (self.values.len() as u32, Rc::new(value));
        self.values.push(Rc::clone(&value));
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
    /// Moves of the world, and where they lead; `None` if that has not been worked out.
    pub(super) moves: Option<Vec<(Move, u32)>>,
}

/// What the search has to know of a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct SessionFacts {
    pub(super) at_rest: bool,
    /// Whether it has begun anything.
    pub(super) acts: bool,
    /// The keys its tasks are filling, as bits.
    pub(super) filling: u8,
    /// Whether two of its own tasks are filling the same key.
    pub(super) fills_twice: bool,
    /// The keys it has asked for, as bits.
    pub(super) keys: u8,
}

/// What a session can do in a world, and where that leads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) act: Act,
    pub(super) stage: u32,
    pub(super) session: u32,
    /// The key of which a row was wanted from the cache that had none, as bits.
    pub(super) wanted: u8,
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
            tree: Tree::new(strategy, scene.keys),
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
        let before = Rc::clone(&self.stages.values[stage as usize]);
        let idle = Rc::clone(&self.sessions.values[session as usize]);
        let mut outcomes = Vec::new();
        for act in idle.acts(&before, turn, &mut self.tree)? {
            let (mut after, mut it) = (Stage::clone(&before), Session::clone(&idle));
            let happening = it.act(act, &mut after, turn, &mut self.tree)?;
            outcomes.push(Outcome {
                act,
                stage: self.stage(after),
                session: self.session(it),
                wanted: bits(happening.wanted().into_iter()),
                violated: happening.violated,
                exercised: happening.exercised,
            });
        }
        let from = self.known.outcomes.len() as u32;
        self.known.outcomes.extend(outcomes);
        self.known.ranges.insert(place, (from, self.known.outcomes.len() as u32));
        Ok(())
    }

    /// Works out the moves of a world, if they are not known.
    pub(super) fn work_out_world(&mut self, stage: u32) {
        if self.known.stages[stage as usize].moves.is_some() {
            return;
        }
        let before = Rc::clone(&self.stages.values[stage as usize]);
        let mut moves = Vec::new();
        for made in Move::of_the_world(&before, self.scene) {
            let mut after = Stage::clone(&before);
            made.change(&mut after);
            moves.push((made, self.stage(after)));
        }
        self.known.stages[stage as usize].moves = Some(moves);
    }

    /// Whether the tables take more memory than so many states, and some to begin with.
    pub(super) fn are_beyond(&self, states: usize) -> bool {
        let size = WORLD_STATES * self.stages.values.len() + self.known.outcomes.len();
        size > states.saturating_add(TABLES_FREE)
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
            let stage = &self.stages.values[number as usize];
            let facts = StageFacts {
                at_rest: stage.at_rest(),
                lags: stage.lags(),
                faults_used: (self.scene.faults.total() - stage.faults().total()) as u8,
                moves: None,
            };
            self.known.stages.push(facts);
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
                fills_twice: fills_twice(session.fills(&self.tree)),
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
