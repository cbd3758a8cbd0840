//! One step of one task: an operation takes effect, and the task goes on to the next.

use super::property::Property;
use super::scene::Request;
use super::session::{Act, Adrift, Happening, Keeps, Seen, Session, Task, Turn, Who, loss_budget};
use super::stage::{Stage, spend};
use super::tree::{Advance, NodeId, Then, Tree, TreeError};
use crate::op::{Call, Fault, Op, Outcome, Reply, Version};
use crate::strategy::Strategy;

/// One step of one task.
pub(super) struct Step<'a, 's, S> {
    pub(super) stage: &'a mut Stage,
    pub(super) turn: Turn<'a>,
    pub(super) tree: &'a mut Tree<'s, S>,
    pub(super) happening: &'a mut Happening,
}

impl<S: Strategy> Step<'_, '_, S> {
    /// Takes it.
    pub(super) fn take(
        mut self,
        session: &mut Session,
        act: Act,
        who: Who,
    ) -> Result<(), TreeError> {
        if who == Who::Request && session.request.is_none() {
            self.begin(session)?;
        }
        let task = match who {
            Who::Request => session.request.take(),
            Who::Background(index) => {
                let index = usize::from(index);
                (index < session.background.len()).then(|| session.background.remove(index))
            }
        };
        // A call that asks for nothing was over when it began.
        let Some(mut task) = task else {
            return Ok(());
        };
        let op = self.tree.node(task.node).op;
        let reply = self.serve(act, op);
        let takes_effect = matches!(act, Act::Proceed(_) | Act::TimeOutLate(_));
        if let (true, Reply::Row(Some(row)), true) = (writes(op), reply.0, takes_effect) {
            task.wrote = Some(row.version);
            if who != Who::Request {
                session.keep_promise(self.stage, op.key().unwrap_or_default(), row.version);
            }
        }
        if matches!(act, Act::TimeOutAdrift(_)) {
            let keeps = match who {
                _ if !writes(op) => Keeps::Nothing,
                Who::Request => Keeps::InProgress,
                // Of a request that was answered early; a job has promised nobody anything.
                Who::Background(_) => Keeps::Promised(0),
            };
            session.adrift.push(Adrift { op, keeps });
        }
        self.happening.operation = Some((op, reply.1));
        if let Some(key) = self.happening.wanted() {
            let filled = session.fills(self.tree).any(|other| other == key);
            self.happening.exercised.add(Property::SingleFill, filled);
        }
        let advance = self.tree.advance(task.node, reply.1)?;
        self.settle(session, task, who, advance)
    }

    /// What the operation's component says, and what the task is told.
    fn serve(&mut self, act: Act, op: Op) -> (Reply, Reply) {
        const TIMEOUT: Reply = Reply::Fault(Fault::Timeout);
        let faults = &mut self.stage.faults;
        match act {
            Act::Lose(_) => {
                if let Some(budget) = loss_budget(op, faults) {
                    spend(budget);
                }
                let believed = op.reply_if_lost();
                (believed, believed)
            }
            Act::TimeOut(_) | Act::TimeOutAdrift(_) => {
                spend(&mut faults.time_out);
                (TIMEOUT, TIMEOUT)
            }
            Act::TimeOutLate(_) => {
                spend(&mut faults.time_out);
                (self.stage.apply(self.turn.node, self.turn.replica, op), TIMEOUT)
            }
            Act::Proceed(_) | Act::Land(_) | Act::Crash => {
                let reply = self.stage.apply(self.turn.node, self.turn.replica, op);
                (reply, reply)
            }
        }
    }

    fn begin(&mut self, session: &mut Session) -> Result<(), TreeError> {
        let Some(&request) = self.turn.plan.get(session.begun()) else {
            return Ok(());
        };
        session.begun += 1;
        session.keys |= 1 << request.key.0;
        self.happening.began = Some(request);
        let key = request.key.0 as usize;
        let advance = self.tree.start(request.call())?;
        let Then::Waits(node) = advance.then else {
            // It asks nobody anything: its answer is all there is.
            if let Then::Ends(outcome) = advance.then {
                let task = self.task(NodeId::NONE, key);
                self.answer(session, request, &task, outcome);
            }
            return Ok(());
        };
        let task = self.task(node, key);
        self.settle(session, task, Who::Request, Advance { then: Then::Waits(node), ..advance })
    }

    /// A request's task that begins now.
    fn task(&self, node: NodeId, key: usize) -> Task {
        Task {
            node,
            wrote: None,
            acknowledged: self.stage.acknowledged[key],
            returned: self.stage.returned[key],
            promised: self.stage.promised[key],
        }
    }

    /// A task goes on to its next operation, or ends.
    fn settle(
        &mut self,
        session: &mut Session,
        mut task: Task,
        who: Who,
        advance: Advance,
    ) -> Result<(), TreeError> {
        for (key, job) in advance.jobs {
            self.enter(session, Call::Job(key, job))?;
        }
        let call = self.tree.call(task.node);
        let mut who = who;
        if let (Who::Request, Some(row)) = (who, advance.answer) {
            self.answer(session, request_of(call), &task, Ok(row));
            who = Who::Background(0);
        }
        task.node = match advance.then {
            Then::Waits(node) => node,
            Then::StartsOver => {
                let again = self.tree.start(call)?;
                return match again.then {
                    Then::Waits(_) => self.settle(session, task, who, again),
                    Then::StartsOver | Then::Ends(_) => Err(TreeError::Endless { call }),
                };
            }
            Then::Ends(outcome) => {
                if who == Who::Request {
                    self.answer(session, request_of(call), &task, outcome);
                }
                return Ok(());
            }
        };
        match who {
            Who::Request => session.request = Some(task),
            Who::Background(_) => {
                // Nobody waits: what had been promised when it began no longer matters.
                let (acknowledged, returned, promised) = (Version(0), Version(0), 0);
                session.background.push(Task { acknowledged, returned, promised, ..task });
            }
        }
        Ok(())
    }

    /// A job is entered; it starts whenever a schedule says.
    fn enter(&mut self, session: &mut Session, job: Call) -> Result<(), TreeError> {
        if session.background.len() >= BACKGROUND_MAX {
            return Err(TreeError::Endless { call: job });
        }
        let advance = self.tree.start(job)?;
        for (key, next) in advance.jobs {
            self.enter(session, Call::Job(key, next))?;
        }
        if let Then::Waits(node) = advance.then {
            let (acknowledged, returned, promised) = (Version(0), Version(0), 0);
            let wrote = None;
            session.background.push(Task { node, wrote, acknowledged, returned, promised });
        }
        Ok(())
    }

    /// A client hears.
    fn answer(&mut self, session: &mut Session, request: Request, task: &Task, outcome: Outcome) {
        self.happening.answered = Some(outcome);
        let promises = request.write && outcome.is_ok() && task.wrote.is_none();
        session.settle_adrift(promises.then_some(request.key));
        let Ok(row) = outcome else {
            return;
        };
        let key = request.key.0 as usize;
        let seen = &mut session.seen[key];
        if request.write {
            let Some(version) = task.wrote else {
                // Nothing has accepted it yet, or ever will: whatever there is, is older.
                seen.owed = seen.owed.saturating_add(1);
                self.stage.promised[key] = self.stage.promised[key].saturating_add(1);
                return;
            };
            self.stage.acknowledged[key] = self.stage.acknowledged[key].max(version);
            seen.wrote = seen.wrote.max(version);
        } else {
            let version = row.version;
            judge(self.happening, version, task, *seen, self.stage.newest(request.key));
            // Of those that had been promised when it began, some are not kept even now.
            let broken = self.stage.kept[key] < task.promised;
            self.happening.exercised.add(Property::NoStaleRead, broken);
            self.happening.violated.add(Property::NoStaleRead, broken);
            self.happening.exercised.add(Property::ReadYourWrites, seen.owed > 0);
            self.happening.violated.add(Property::ReadYourWrites, seen.owed > 0);
            self.stage.returned[key] = self.stage.returned[key].max(version);
            seen.read = seen.read.max(version);
        }
    }
}

/// A server with more tasks than this is taken to make them without end.
const BACKGROUND_MAX: usize = 32;

impl NodeId {
    /// The node of a task that is over.
    const NONE: NodeId = NodeId::new(u32::MAX);
}

fn request_of(call: Call) -> Request {
    Request { write: matches!(call, Call::Write(_)), key: call.key() }
}

/// Whether it is the operation that accepts a client's write.
fn writes(op: Op) -> bool {
    matches!(op, Op::DbWrite(_) | Op::CacheAccept(..))
}

/// Holds a read's answer against what was promised when it began.
fn judge(happening: &mut Happening, version: Version, task: &Task, seen: Seen, newest: Version) {
    let floors = [
        (Property::NoStaleRead, task.acknowledged),
        (Property::NoInversion, task.returned),
        (Property::ReadYourWrites, seen.wrote),
        (Property::MonotonicReads, seen.read),
    ];
    for (property, floor) in floors {
        happening.exercised.add(property, floor > Version(0));
        happening.violated.add(property, version < floor);
    }
    happening.exercised.add(Property::NoDirtyRead, version > Version(0));
    happening.violated.add(Property::NoDirtyRead, version > newest);
}
