//! Plays a scene, one chosen move after another, and keeps what happened.

use super::property::{Property, PropertySet};
use super::scene::{Request, Scene};
use super::session::{Act, Happening, Session, Turn};
use super::stage::Stage;
use super::tree::{Tree, TreeError};
use crate::op::{Key, Op, Reply, Version};
use crate::strategy::Strategy;
use crate::world::Expiry;

/// Who moves next, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// A session.
    Session(usize, Act),
    /// A cache makes room.
    Evict {
        /// Which cache.
        node: usize,
        /// What it drops.
        key: Key,
    },
    /// Something's time is over at a cache.
    Expire {
        /// Which cache.
        node: usize,
        /// Of which key.
        key: Key,
        /// What.
        expiry: Expiry,
    },
    /// A replica applies its next commit.
    Apply {
        /// Which replica.
        replica: usize,
    },
}

impl Move {
    /// The moves of the world that can change something here, in a fixed order.
    pub(crate) fn of_the_world(stage: &Stage, scene: &Scene) -> Vec<Move> {
        let nodes = 0..scene.cache_nodes.max(1) as usize;
        let places = nodes.flat_map(|node| (0..scene.keys).map(move |key| (node, Key(key))));
        let mut moves = Vec::new();
        for (node, key) in places {
            moves.push(Move::Evict { node, key });
            let expire = |expiry| Move::Expire { node, key, expiry };
            moves.extend(Expiry::ALL.map(expire));
        }
        moves.extend((0..scene.replicas as usize).map(|replica| Move::Apply { replica }));
        moves.retain(|it| it.change(&mut stage.clone()));
        moves
    }

    /// Makes a move of the world. Says whether it changed anything; a session's does not.
    pub(crate) fn change(self, stage: &mut Stage) -> bool {
        match self {
            Move::Session(..) => false,
            Move::Evict { node, key } => stage.evict(node, key),
            Move::Expire { node, key, expiry } => stage.expire(node, key, expiry),
            Move::Apply { replica } => stage.apply_next(replica),
        }
    }
}

/// A move that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The move.
    pub made: Move,
    /// What it did.
    pub happening: Happening,
    /// What is violated here: by the step, or by where it led.
    pub violated: PropertySet,
    /// The world afterwards.
    pub stage: Stage,
}

/// A scene being played.
pub struct Player<'s, S> {
    scene: Scene,
    tree: Tree<'s, S>,
    stage: Stage,
    sessions: Vec<Session>,
    steps: Vec<Step>,
    exercised: PropertySet,
}

// By hand: a strategy need not be cloned for this.
impl<S> Clone for Player<'_, S> {
    fn clone(&self) -> Self {
        Player {
            scene: self.scene.clone(),
            tree: self.tree.clone(),
            stage: self.stage.clone(),
            sessions: self.sessions.clone(),
            steps: self.steps.clone(),
            exercised: self.exercised,
        }
    }
}

impl<S> std::fmt::Debug for Player<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player").field("scene", &self.scene).field("steps", &self.steps).finish()
    }
}

impl<'s, S: Strategy> Player<'s, S> {
    /// A scene before its first step: version 0 in the database, nothing in the caches.
    pub fn new(strategy: &'s S, scene: Scene) -> Player<'s, S> {
        let stage = Stage::new(&scene, strategy.authority());
        let sessions = vec![Session::new(scene.keys); scene.sessions.len()];
        let (tree, exercised) = (Tree::new(strategy, scene.keys), PropertySet::default());
        Player { scene, tree, stage, sessions, steps: Vec::new(), exercised }
    }

    /// The scene.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The world as it is now.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The steps so far.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What was exercised so far.
    pub fn exercised(&self) -> PropertySet {
        self.exercised
    }

    /// What was violated so far.
    pub fn violated(&self) -> PropertySet {
        let mut violated = PropertySet::default();
        self.steps.iter().for_each(|step| violated.add_all(step.violated));
        violated
    }

    /// Whether no request, job or commit is on its way.
    pub fn is_at_rest(&self) -> bool {
        self.sessions.iter().all(Session::is_at_rest) && !self.stage.lags()
    }

    /// Runs all tasks again, to see whether they do what they did.
    ///
    /// # Errors
    /// If the strategy is not a function of its replies.
    pub fn check(&self) -> Result<(), TreeError> {
        self.tree.check()
    }

    /// Every move that can be made now, in a fixed order.
    ///
    /// # Errors
    /// If the strategy is not a function of its replies.
    pub fn enabled(&mut self) -> Result<Vec<Move>, TreeError> {
        let mut moves = Vec::new();
        for (index, session) in self.sessions.iter().enumerate() {
            let turn = Turn::new(&self.scene, index);
            let acts = session.acts(&self.stage, turn, &mut self.tree)?;
            moves.extend(acts.into_iter().map(|act| Move::Session(index, act)));
        }
        moves.extend(Move::of_the_world(&self.stage, &self.scene));
        Ok(moves)
    }

    /// Makes a move if it can be made now. Says whether it could.
    ///
    /// # Errors
    /// If the strategy is not a function of its replies.
    pub fn make_if_enabled(&mut self, made: Move) -> Result<bool, TreeError> {
        let can = self.enabled()?.contains(&made);
        if can {
            self.make(made)?;
        }
        Ok(can)
    }

    /// The operation a move would let take effect, or not.
    ///
    /// # Errors
    /// If the strategy is not a function of its replies.
    pub fn operation(&mut self, made: Move) -> Result<Option<Op>, TreeError> {
        let Move::Session(index, act) = made else {
            return Ok(None);
        };
        if let Act::Land(place) = act {
            let adrift = self.sessions[index].adrift.get(usize::from(place));
            return Ok(adrift.map(|it| it.op));
        }
        let Some(who) = act.who() else {
            return Ok(None);
        };
        let turn = Turn::new(&self.scene, index);
        self.sessions[index].next_op(who, turn, &mut self.tree)
    }

    /// What a session's move would ask and be told, if these moves of the world came before it.
    /// `None` if one of them would change nothing, or the move asks nothing.
    ///
    /// # Errors
    /// If the strategy is not a function of its replies.
    pub fn foresee(
        &mut self,
        world: &[Move],
        made: Move,
    ) -> Result<Option<(Op, Reply)>, TreeError> {
        let (Some(op), Move::Session(index, _)) = (self.operation(made)?, made) else {
            return Ok(None);
        };
        let mut stage = self.stage.clone();
        if !world.iter().all(|it| it.change(&mut stage)) {
            return Ok(None);
        }
        let turn = Turn::new(&self.scene, index);
        Ok(Some((op, stage.apply(turn.node, turn.replica, op))))
    }

    /// Everything that tells one moment from another, what was violated on the way included.
    pub(super) fn moment(&self) -> (Stage, Vec<Session>, PropertySet) {
        (self.stage.clone(), self.sessions.clone(), self.violated())
    }

    /// The moves of the world that would change something now, in a fixed order.
    pub fn world_moves(&self) -> Vec<Move> {
        Move::of_the_world(&self.stage, &self.scene)
    }

    /// Makes a move, one of [`Player::enabled`].
    ///
    /// # Errors
    /// If the strategy is not a function of its replies.
    pub fn make(&mut self, made: Move) -> Result<&Step, TreeError> {
        let mut happening = Happening::default();
        if let Move::Session(index, act) = made {
            let turn = Turn::new(&self.scene, index);
            let session = &mut self.sessions[index];
            happening = session.act(act, &mut self.stage, turn, &mut self.tree)?;
            if let Some(key) = happening.wanted() {
                let filled = self.is_filled_by_others(index, key);
                happening.exercised.add(Property::SingleFill, filled);
            }
        } else {
            made.change(&mut self.stage);
        }
        let (mut violated, exercised) = self.state();
        violated.add_all(happening.violated);
        self.exercised.add_all(exercised);
        self.exercised.add_all(happening.exercised);
        self.steps.push(Step { made, happening, violated, stage: self.stage.clone() });
        Ok(&self.steps[self.steps.len() - 1])
    }

    fn is_filled_by_others(&self, index: usize, key: Key) -> bool {
        let mut others = self.sessions.iter().enumerate().filter(|(at, _)| *at != index);
        others.any(|(_, session)| session.fills(&self.tree).any(|filled| filled == key))
    }

    /// What the state itself violates and exercises, however it was reached.
    fn state(&self) -> (PropertySet, PropertySet) {
        let filled = self.sessions.iter().flat_map(|session| session.fills(&self.tree));
        let (mut violated, mut exercised) = (PropertySet::default(), PropertySet::default());
        violated.add(Property::SingleFill, fills_twice(filled));
        if self.is_at_rest() {
            let (here, there) = self.stage.at_rest();
            violated.add_all(here);
            exercised.add_all(there);
        }
        (violated, exercised)
    }
}

/// Whether a step answers a read with a row that had been replaced before the read began, whether
/// that breaks a promise or not.
pub fn answers_stale(steps: &[Step], at: usize) -> bool {
    let Move::Session(session, _) = steps[at].made else { return false };
    let Some(Ok(row)) = steps[at].happening.answered else { return false };
    let began = steps[..=at].iter().rposition(|step| {
        matches!(step.made, Move::Session(it, _) if it == session) && step.happening.began.is_some()
    });
    let Some(began) = began else { return false };
    let newest = |request: Request| {
        let before = began.checked_sub(1).map(|before| &steps[before].stage);
        before.map_or(Version(0), |stage| stage.newest(request.key))
    };
    let read = steps[began].happening.began.filter(|request| !request.write);
    read.is_some_and(|request| row.version < newest(request))
}

/// Whether a key is among these twice: the keys that are being filled.
pub(crate) fn fills_twice(mut keys: impl Iterator<Item = Key>) -> bool {
    let mut seen = 0u64;
    keys.any(|key| {
        let again = seen >> key.0 & 1 == 1;
        seen |= 1 << key.0;
        again
    })
}
