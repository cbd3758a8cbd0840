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
    nodes: Vec<Node>,
    roots: FxHashMap<Call, Advance>,
    edges: FxHashMap<(NodeId, Reply), Advance>,
}

impl<'s, S: Strategy> Tree<'s, S> {
    pub(crate) fn new(strategy: &'s S) -> Tree<'s, S> {
        Tree {
            strategy,
            nodes: Vec::new(),
            roots: FxHashMap::default(),
            edges: FxHashMap::default(),
        }
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
        let advance = self.run(call, &[], &[])?;
        let advance = self.grow(call, None, advance);
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
        let advance = self.grow(call, Some((node, reply)), run);
        self.edges.insert((node, reply), advance.clone());
        Ok(advance)
    }

    /// Runs every task again along every path, for what a strategy remembers may show only later.
    ///
    /// # Errors
    /// See [`TreeError`].
    pub(crate) fn check(&self) -> Result<(), TreeError> {
        let mut edges: Vec<_> = self.edges.iter().collect();
        edges.sort_unstable_by_key(|((node, _), _)| *node);
        for (&(node, reply), known) in edges {
            let (ops, mut replies) = self.path(node);
            replies.push(reply);
            let run = self.run(self.call(node), &ops, &replies)?;
            let same = match (run.end, known.then) {
                (End::Asks(op), Then::Waits(next)) => op == self.node(next).op,
                (End::Ended(end), then) => ended(end) == then,
                (End::Asks(_), _) => false,
            };
            if !same || run.jobs != known.jobs || run.answer != known.answer {
                let first = match known.then {
                    Then::Waits(next) => format!("{:?}", self.node(next).op),
                    then => format!("{then:?}"),
                };
                let then = format!("{:?}", run.end);
                return Err(TreeError::HiddenState { call: self.call(node), first, then });
            }
        }
        Ok(())
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
                        let (first, then) = (format!("{expected:?}"), format!("{end:?}"));
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

/// One run of a task, from its last reply on.
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

fn is_miss(reply: Reply) -> bool {
    matches!(reply, Reply::Row(None) | Reply::Lease(Lease::Granted(_)))
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
