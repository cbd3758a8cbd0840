//! The interaction tree of a strategy: what its tasks do, for every sequence of replies.
//!
//! A task is a function of the replies it gets, so (call, replies so far) *is* its state: plain
//! data that can be compared, hashed and kept, which a future cannot. A node is a task that
//! waits for an operation; an edge is a reply. An edge is found by running the task's future once
//! along its path, and is looked up ever after. The structure is that of Xia et al., *Interaction
//! Trees* (POPL 2020).
//!
//! Operations that no other actor can see (answering the client, asking for a job) are part of
//! the step before them. The tree does not know what an operation does to the world.

use rustc_hash::FxHashMap;

use crate::op::{Call, Component, Fault, Job, Key, Lease, Op, Outcome, Reply, Row};
use crate::strategy::{Strategy, serve};
use crate::task::{Mailbox, Next, Slab};

/// A task that waits for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(u32);

impl NodeId {
    pub(super) const fn new(index: u32) -> NodeId {
        NodeId(index)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    call: Call,
    /// How the task got here, and the reply that brought it; `None` for its first operation.
    from: Option<(NodeId, Reply)>,
    pub(crate) op: Op,
    /// Whether the cache has told the task that it holds no row.
    missed: bool,
    /// Whether the task has missed and asks, or has asked, the database for the row.
    pub(crate) fills: bool,
}

/// What a task does when it is started, or gets a reply: as far as the next operation that
/// others can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Advance {
    /// The client was answered on the way.
    pub(crate) answer: Option<Row>,
    /// Jobs it asked for.
    pub(crate) jobs: Vec<(Key, Job)>,
    pub(crate) then: Then,
}

/// How a step of a task ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It waits for an operation.
    Waits(NodeId),
    /// It starts over.
    StartsOver,
    /// It is over.
    Ends(Outcome),
}

/// Why a strategy has no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeError {
    /// The same replies led to different operations.
    HiddenState {
        /// What the task was called for.
        call: Call,
        /// What it did the first time.
        first: String,
        /// What it did the second time.
        then: String,
    },
    /// A task has asked for so many operations that it seems to go on for ever.
    Endless {
        /// What the task was called for.
        call: Call,
    },
}

impl std::fmt::Display for TreeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TreeError::HiddenState { call, first, then } => write!(
                f,
                "the strategy keeps hidden state: {call:?} with the same replies did `{first}` \
                 once and `{then}` later. A strategy may remember nothing but the locals of a \
                 task; what a server remembers belongs into a component of the world, reached by \
                 an operation"
            ),
            TreeError::Endless { call } => write!(
                f,
                "{call:?} asks for more than {DEPTH_MAX} operations: a strategy does not wait in \
                 a loop, it returns `Err(Fault::Retry {{ after }})` and is started over"
            ),
        }
    }
}

impl std::error::Error for TreeError {}

/// A task that asks for more operations than this is taken to be endless.
const DEPTH_MAX: usize = 200;

/// The tree, as far as it was needed.
pub(crate) struct Tree<'s, S> {
    strategy: &'s S,
    keys: u32,
    nodes: Vec<Node>,
    roots: FxHashMap<Call, Advance>,
    edges: FxHashMap<(NodeId, Reply), Advance>,
    /// Everything that was run, in that order.
    ran: Vec<Ran>,
}

// By hand: a strategy need not be cloned for this.
impl<S> Clone for Tree<'_, S> {
    fn clone(&self) -> Self {
        Tree {
            strategy: self.strategy,
            keys: self.keys,
            nodes: self.nodes.clone(),
            roots: self.roots.clone(),
            edges: self.edges.clone(),
            ran: self.ran.clone(),
        }
    }
}

impl<'s, S: Strategy> Tree<'s, S> {
    /// An empty tree. `keys`: how many there are to ask for.
    pub(crate) fn new(strategy: &'s S, keys: u32) -> Tree<'s, S> {
        let (roots, edges) = (FxHashMap::default(), FxHashMap::default());
        Tree { strategy, keys, nodes: Vec::new(), roots, edges, ran: Vec::new() }
    }

    pub(crate) fn strategy(&self) -> &'s S {
        self.strategy
    }

    pub(crate) fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.0 as usize]
    }

    /// The call whose task a node is.
    pub(crate) fn call(&self, node: NodeId) -> Call {
        self.node(node).call
    }

    /// What a call does first.
    ///
    /// # Errors
    /// See [`TreeError`].
    pub(crate) fn start(&mut self, call: Call) -> Result<Advance, TreeError> {
        if let Some(known) = self.roots.get(&call) {
            return Ok(known.clone());
        }
        if self.ran.is_empty() {
            self.probe();
        }
        let run = self.run(call, &[], &[])?;
        if let Some(probe) = self.ran.iter().find(|it| it.call == call && it.from.is_none()) {
            probe.hold(&run)?;
        }
        self.ran.push(Ran { call, from: None, run: run.clone() });
        let advance = self.grow(call, None, run);
        self.roots.insert(call, advance.clone());
        Ok(advance)
    }

    /// What a task does with a reply.
    ///
    /// # Errors
    /// See [`TreeError`].
    pub(crate) fn advance(&mut self, node: NodeId, reply: Reply) -> Result<Advance, TreeError> {
        if let Some(known) = self.edges.get(&(node, reply)) {
            return Ok(known.clone());
        }
        let (ops, mut replies) = self.path(node);
        replies.push(reply);
        let call = self.call(node);
        let run = self.run(call, &ops, &replies)?;
        self.ran.push(Ran { call, from: Some((node, reply)), run: run.clone() });
        let advance = self.grow(call, Some((node, reply)), run);
        self.edges.insert((node, reply), advance.clone());
        Ok(advance)
    }

    /// Runs what every request does first, before anything has happened that could be remembered.
    fn probe(&mut self) {
        for call in (0..self.keys).map(Key).flat_map(|key| [Call::Read(key), Call::Write(key)]) {
            // One that cannot be run is an error when somebody asks for it.
            if let Ok(run) = self.run(call, &[], &[]) {
                self.ran.push(Ran { call, from: None, run });
            }
        }
    }

    /// Runs every task again along every path, for what a strategy remembers may show only later:
    /// in the order in which that was done first, and, after writes of other versions, in the
    /// opposite order.
    ///
    /// # Errors
    /// See [`TreeError`].
    pub(crate) fn check(&self) -> Result<(), TreeError> {
        self.ran.iter().try_for_each(|ran| self.repeat(ran))?;
        let writes = self.ran.iter().filter(|ran| matches!(ran.call, Call::Write(_)));
        writes.for_each(|ran| self.disturb(ran));
        self.ran.iter().rev().try_for_each(|ran| self.repeat(ran))
    }

    /// Runs a task again, and holds it against what it did.
    fn repeat(&self, ran: &Ran) -> Result<(), TreeError> {
        let (ops, replies) = self.path_of(ran);
        ran.hold(&self.run(ran.call, &ops, &replies)?)
    }

    /// Runs a task with newer versions in the replies it got. What it does with them does not
    /// matter: only what it remembers of them, if it does.
    fn disturb(&self, ran: &Ran) {
        let (mut ops, mut replies) = (Vec::new(), Vec::new());
        for reply in self.path_of(ran).1 {
            let Ok(Run { end: End::Asks(op), .. }) = self.run(ran.call, &ops, &replies) else {
                return;
            };
            ops.push(op);
            replies.push(newer(reply));
        }
        // An error would be one of versions that nobody has.
        let _ = self.run(ran.call, &ops, &replies);
    }

    /// The operations and the replies of a run.
    fn path_of(&self, ran: &Ran) -> (Vec<Op>, Vec<Reply>) {
        let Some((node, reply)) = ran.from else {
            return (Vec::new(), Vec::new());
        };
        let (ops, mut replies) = self.path(node);
        replies.push(reply);
        (ops, replies)
    }

    /// The operations a task has asked for up to a node, the node's own among them, and the
    /// replies it got.
    fn path(&self, mut at: NodeId) -> (Vec<Op>, Vec<Reply>) {
        let (mut ops, mut replies) = (vec![self.node(at).op], Vec::new());
        while let Some((parent, reply)) = self.node(at).from {
            replies.push(reply);
            ops.push(self.node(parent).op);
            at = parent;
        }
        ops.reverse();
        replies.reverse();
        (ops, replies)
    }

    /// Runs a task with these replies, and holds it against the operations it asked for before.
    fn run(&self, call: Call, ops: &[Op], replies: &[Reply]) -> Result<Run, TreeError> {
        let mailbox = Mailbox::default();
        let mut slab = Slab::default();
        slab.put(0, serve(self.strategy, &mailbox, call));
        let (mut known, mut given) = (ops.iter(), replies.iter());
        let mut run = Run { answer: None, jobs: Vec::new(), end: End::Ended(Ok(Row::default())) };
        let mut reply = None;
        for _ in 0..DEPTH_MAX {
            let task = slab.get(0).expect("put above");
            let next = mailbox.resume(task, reply);
            reply = Some(Reply::Done);
            match next {
                Next::Op(Op::ClientReply(row)) => run.answer = run.answer.or(Some(row)),
                Next::Op(Op::JobAfter(key, job, _)) => run.jobs.push((key, job)),
                next => {
                    let end = match next {
                        Next::Op(op) => End::Asks(op),
                        Next::Done(outcome) => End::Ended(outcome),
                    };
                    let Some(expected) = known.next() else {
                        run.end = end;
                        return Ok(run);
                    };
                    if end != End::Asks(*expected) {
                        let (first, then) = (format!("{expected:?}"), words(&end));
                        return Err(TreeError::HiddenState { call, first, then });
                    }
                    // Answers and jobs of earlier steps belong to those.
                    (run.answer, run.jobs) = (None, Vec::new());
                    reply = given.next().copied();
                }
            }
        }
        Err(TreeError::Endless { call })
    }

    fn grow(&mut self, call: Call, from: Option<(NodeId, Reply)>, run: Run) -> Advance {
        let then = match run.end {
            End::Ended(outcome) => ended(outcome),
            End::Asks(op) => {
                debug_assert_ne!(op.component(), Component::Local);
                let before = from.map(|(node, reply)| (*self.node(node), reply));
                let missed = before.is_some_and(|(node, reply)| node.missed || is_miss(reply));
                let reads = matches!(op, Op::DbRead(_) | Op::DbReadPrimary(_));
                let fills = before.is_some_and(|(node, _)| node.fills) || missed && reads;
                self.nodes.push(Node { call, from, op, missed, fills });
                Then::Waits(NodeId(self.nodes.len() as u32 - 1))
            }
        };
        Advance { answer: run.answer, jobs: run.jobs, then }
    }
}

impl<S> std::fmt::Debug for Tree<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tree").field("nodes", &self.nodes.len()).finish_non_exhaustive()
    }
}

/// A run, and how it got there: a node and the reply to it, or nothing if it is a first run.
#[derive(Clone, Debug)]
struct Ran {
    call: Call,
    from: Option<(NodeId, Reply)>,
    run: Run,
}

impl Ran {
    /// Holds what the same task did another time against this.
    fn hold(&self, again: &Run) -> Result<(), TreeError> {
        if *again == self.run {
            return Ok(());
        }
        let (first, then) = match self.run.end == again.end {
            true => (format!("{:?}", self.run), format!("{again:?}")),
            false => (words(&self.run.end), words(&again.end)),
        };
        Err(TreeError::HiddenState { call: self.call, first, then })
    }
}

/// One run of a task, from its last reply on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    answer: Option<Row>,
    jobs: Vec<(Key, Job)>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Asks(Op),
    Ended(Outcome),
}

fn ended(outcome: Outcome) -> Then {
    match outcome {
        Err(Fault::Retry { .. }) => Then::StartsOver,
        outcome => Then::Ends(outcome),
    }
}

fn words(end: &End) -> String {
    match end {
        End::Asks(op) => format!("{op:?}"),
        End::Ended(outcome) => format!("{outcome:?}"),
    }
}

fn newer(reply: Reply) -> Reply {
    match reply {
        Reply::Row(Some(row)) => Reply::Row(Some(Row { version: row.version.next(), ..row })),
        reply => reply,
    }
}

fn is_miss(reply: Reply) -> bool {
    matches!(reply, Reply::Row(None) | Reply::Lease(Lease::Granted(_)))
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
