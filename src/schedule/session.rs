//! A session: a client, its server, the request in progress, and the server's jobs; and what
//! one step of it does.

use super::property::PropertySet;
use super::scene::{Faults, Request, Scene};
use super::stage::{Stage, spend};
use super::step::Step;
use super::tree::{NodeId, Then, Tree, TreeError};
use crate::op::{Key, Lease, Op, Outcome, Reply, Row, Version};
use crate::strategy::Strategy;

/// A task in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Task {
    pub(super) node: NodeId,
    /// The version it has written.
    pub(super) wrote: Option<Version>,
    /// The newest version of its key that was acknowledged, and that was returned, when it began.
    pub(super) acknowledged: Version,
    pub(super) returned: Version,
    /// How many writes of its key had ever been acknowledged early when it began.
    pub(super) promised: u8,
}

/// What a session remembers of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Seen {
    pub(super) wrote: Version,
    pub(super) read: Version,
    /// How many of its writes were acknowledged before anything had accepted them, and still are.
    pub(super) owed: u8,
}

/// An operation on its way that nobody waits for any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Adrift {
    pub(super) op: Op,
    pub(super) keeps: Keeps,
}

/// Which promise an operation keeps if it takes effect after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Keeps {
    /// None: it is no write, or its client was told of no success.
    Nothing,
    /// The write of the request in progress.
    InProgress,
    /// A write whose client was told that it is done; the number of its request. Any of the
    /// operations with that number keeps the promise.
    Promised(u8),
}

/// A session's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Session {
    /// How many requests it has begun.
    pub(super) begun: u8,
    /// The request in progress, whose client waits.
    pub(super) request: Option<Task>,
    /// What the server does besides, in an order of no meaning.
    pub(super) background: Vec<Task>,
    pub(super) adrift: Vec<Adrift>,
    pub(super) seen: Vec<Seen>,
    /// The keys it has asked for, as bits.
    pub(super) keys: u8,
}

/// Which of a session's tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// The request, its next one if none is in progress.
    Request,
    /// A job, or the rest of a request whose client has its answer.
    Background(u8),
}

/// What a session can do, or what can befall it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// An operation takes effect, and its reply arrives.
    Proceed(Who),
    /// An operation is lost, and the task does not notice.
    Lose(Who),
    /// A task stops waiting for an operation that was lost.
    TimeOut(Who),
    /// A task stops waiting for an operation that took effect.
    TimeOutLate(Who),
    /// A task stops waiting for an operation that is still on its way.
    TimeOutAdrift(Who),
    /// An operation takes effect that nobody waits for any more; its number among those.
    Land(u8),
    /// The server crashes.
    Crash,
}

impl Act {
    /// The task it is about, if it is about one.
    pub const fn who(self) -> Option<Who> {
        match self {
            Act::Proceed(who)
            | Act::Lose(who)
            | Act::TimeOut(who)
            | Act::TimeOutLate(who)
            | Act::TimeOutAdrift(who) => Some(who),
            Act::Land(_) | Act::Crash => None,
        }
    }
}

/// What a step did, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Happening {
    /// The operation, and what the task was told.
    pub operation: Option<(Op, Reply)>,
    /// The request that began.
    pub began: Option<Request>,
    /// How a request ended for its client.
    pub answered: Option<Outcome>,
    /// What this step violates.
    pub violated: PropertySet,
    /// What this step exercises.
    pub exercised: PropertySet,
}

impl Happening {
    /// The key of which a task wanted a row from the cache, and got none.
    pub(crate) fn wanted(&self) -> Option<Key> {
        match self.operation? {
            (Op::CacheGet(key), Reply::Row(None))
            | (Op::CacheLease(key, _), Reply::Lease(Lease::Granted(_) | Lease::Wait)) => Some(key),
            _ => None,
        }
    }
}

/// Whose turn it is, and where his operations go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) plan: &'a [Request],
    pub(super) node: usize,
    pub(super) replica: usize,
}

impl<'a> Turn<'a> {
    pub(crate) fn new(scene: &'a Scene, session: usize) -> Turn<'a> {
        Turn {
            plan: &scene.sessions[session],
            node: scene.node_of(session),
            replica: scene.replica_of(session),
        }
    }
}

impl Session {
    pub(crate) fn new(keys: u32) -> Session {
        Session {
            begun: 0,
            request: None,
            background: Vec::new(),
            adrift: Vec::new(),
            seen: vec![Seen::default(); keys as usize],
            keys: 0,
        }
    }

    /// Whether nothing of it is in progress.
    pub(crate) fn is_at_rest(&self) -> bool {
        !self.has_tasks() && self.adrift.is_empty()
    }

    fn has_tasks(&self) -> bool {
        self.request.is_some() || !self.background.is_empty()
    }

    /// How many requests it has begun.
    pub(crate) fn begun(&self) -> usize {
        usize::from(self.begun)
    }

    /// The keys it has asked for, as bits.
    pub(crate) fn keys(&self) -> u8 {
        self.keys
    }

    /// For each task in progress that fills, the key.
    pub(crate) fn fills<'t, S: Strategy>(
        &'t self,
        tree: &'t Tree<'_, S>,
    ) -> impl Iterator<Item = Key> + 't {
        let tasks = self.request.iter().chain(&self.background);
        tasks.filter(|task| tree.node(task.node).fills).map(|task| tree.call(task.node).key())
    }

    /// What it can do next, faults included, in a fixed order.
    pub(crate) fn acts<S: Strategy>(
        &self,
        stage: &Stage,
        turn: Turn<'_>,
        tree: &mut Tree<'_, S>,
    ) -> Result<Vec<Act>, TreeError> {
        let mut acts = Vec::new();
        let mut tasks = Vec::new();
        if self.request.is_some() || self.begun() < turn.plan.len() {
            tasks.push(Who::Request);
        }
        for index in 0..self.background.len() {
            // Tasks in the same state do the same.
            if index == 0 || self.background[index] != self.background[index - 1] {
                tasks.push(Who::Background(index as u8));
            }
        }
        for who in tasks {
            acts.push(Act::Proceed(who));
            let Some(op) = self.next_op(who, turn, tree)? else {
                continue;
            };
            if loss_budget(op, &mut stage.faults.clone()).is_some_and(|left| *left > 0) {
                acts.push(Act::Lose(who));
            }
            if stage.faults.time_out > 0 {
                acts.extend([Act::TimeOut(who), Act::TimeOutLate(who)]);
                if !matches!(op, Op::CacheGet(_) | Op::DbRead(_) | Op::DbReadPrimary(_)) {
                    acts.push(Act::TimeOutAdrift(who));
                }
            }
        }
        acts.extend((0..self.adrift.len() as u8).map(Act::Land));
        if stage.faults.crash > 0 && self.has_tasks() {
            acts.push(Act::Crash);
        }
        Ok(acts)
    }

    /// The operation a task would ask for next.
    pub(crate) fn next_op<S: Strategy>(
        &self,
        who: Who,
        turn: Turn<'_>,
        tree: &mut Tree<'_, S>,
    ) -> Result<Option<Op>, TreeError> {
        let node = match who {
            Who::Background(index) => self.background.get(usize::from(index)).map(|task| task.node),
            Who::Request => match (&self.request, turn.plan.get(self.begun())) {
                (Some(task), _) => Some(task.node),
                (None, Some(next)) => match tree.start(next.call())?.then {
                    Then::Waits(node) => Some(node),
                    Then::StartsOver | Then::Ends(_) => None,
                },
                (None, None) => None,
            },
        };
        Ok(node.map(|node| tree.node(node).op))
    }

    /// Does it.
    pub(crate) fn act<S: Strategy>(
        &mut self,
        act: Act,
        stage: &mut Stage,
        turn: Turn<'_>,
        tree: &mut Tree<'_, S>,
    ) -> Result<Happening, TreeError> {
        let mut happening = Happening::default();
        if let Act::Land(index) = act {
            if usize::from(index) < self.adrift.len() {
                let adrift = self.adrift.remove(usize::from(index));
                let reply = stage.apply(turn.node, turn.replica, adrift.op);
                self.landed(stage, adrift, reply);
                happening.operation = Some((adrift.op, reply));
            }
            return Ok(happening);
        }
        let Some(who) = act.who() else {
            spend(&mut stage.faults.crash);
            self.request = None;
            self.background.clear();
            self.settle_adrift(None);
            self.forget(turn);
            return Ok(happening);
        };
        let step = Step { stage, turn, tree, happening: &mut happening };
        step.take(self, act, who)?;
        self.background.sort_unstable();
        self.forget(turn);
        Ok(happening)
    }

    /// An operation has taken effect that nobody waits for any more.
    fn landed(&mut self, stage: &mut Stage, Adrift { op, keeps }: Adrift, reply: Reply) {
        let (Reply::Row(Some(Row { version, .. })), Some(key)) = (reply, op.key()) else {
            return;
        };
        match (keeps, &mut self.request) {
            (Keeps::Promised(_), _) => {
                self.keep_promise(stage, key, version);
                let same = self.adrift.iter_mut().filter(|other| other.keeps == keeps);
                same.for_each(|other| other.keeps = Keeps::Nothing);
            }
            (Keeps::InProgress, Some(task)) => task.wrote = task.wrote.max(Some(version)),
            (Keeps::InProgress, None) | (Keeps::Nothing, _) => {}
        }
    }

    /// The request in progress is over: its writes that are still on their way keep what was
    /// promised of this key, if anything was.
    pub(super) fn settle_adrift(&mut self, promised: Option<Key>) {
        for adrift in self.adrift.iter_mut().filter(|it| it.keeps == Keeps::InProgress) {
            let is_owed = promised.is_some() && promised == adrift.op.key();
            adrift.keeps = if is_owed { Keeps::Promised(self.begun) } else { Keeps::Nothing };
        }
    }

    /// What was acknowledged before anything had accepted it, is accepted now.
    pub(super) fn keep_promise(&mut self, stage: &mut Stage, key: Key, version: Version) {
        let at = key.0 as usize;
        let seen = &mut self.seen[at];
        if seen.owed > 0 {
            seen.owed -= 1;
            seen.wrote = seen.wrote.max(version);
            stage.kept[at] += 1;
            stage.acknowledged[at] = stage.acknowledged[at].max(version);
        }
    }

    /// What no read will be held against is not remembered, so that states that differ in nothing
    /// else are the same.
    fn forget(&mut self, turn: Turn<'_>) {
        let reads = |request: &Request| !request.write;
        let in_progress = self.request.is_some().then(|| &turn.plan[self.begun() - 1]);
        if !in_progress.is_some_and(reads) && !turn.plan[self.begun()..].iter().any(reads) {
            for seen in &mut self.seen {
                *seen = Seen { owed: seen.owed, ..Seen::default() };
            }
        }
        if let (Some(task), Some(true)) = (&mut self.request, in_progress.map(|it| it.write)) {
            (task.acknowledged, task.returned, task.promised) = (Version(0), Version(0), 0);
        }
    }
}

/// What pays for the loss of an operation: that of a look-up is a miss; of what changes the cache,
/// the sender does not notice. Of no other operation a sender would believe the reply.
pub(super) fn loss_budget(op: Op, faults: &mut Faults) -> Option<&mut u8> {
    match op {
        Op::CacheGet(_) => Some(&mut faults.miss),
        Op::CacheAccept(..) => None,
        op => op.changes_cache().then_some(&mut faults.lose),
    }
}
