//! Somebody else's linearizability tester, stateright's, says the same.

use stalelab::consistency::{History, Kind, Operation, Property, UNKNOWN, Verdict, check};
use stalelab::random::{OperationRng, below};
use stalelab::time::Time;
use stateright::semantics::register::{Register, RegisterOp, RegisterRet};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

/// A register that takes a write only if its version is newer: the order of versions is known.
#[derive(Clone, Debug, Default)]
struct Versioned(u64);

#[derive(Clone, Debug)]
enum Op {
    Write(u64),
    Read,
}

#[derive(Clone, Debug, PartialEq)]
enum Ret {
    Taken(bool),
    Version(u64),
}

impl SequentialSpec for Versioned {
    type Op = Op;
    type Ret = Ret;

    fn invoke(&mut self, op: &Op) -> Ret {
        match op {
            Op::Write(version) if *version > self.0 => {
                self.0 = *version;
                Ret::Taken(true)
            }
            Op::Write(_) => Ret::Taken(false),
            Op::Read => Ret::Version(self.0),
        }
    }
}

const THREADS: usize = 4;

/// A history of one register in the making, told to all testers at once.
struct Telling {
    history: History,
    versioned: LinearizabilityTester<usize, Versioned>,
    plain: LinearizabilityTester<usize, Register<u64>>,
    pending: [Option<Operation>; THREADS],
    now: u64,
}

impl Telling {
    fn new() -> Telling {
        Telling {
            history: History::default(),
            versioned: LinearizabilityTester::new(Versioned::default()),
            plain: LinearizabilityTester::new(Register(0)),
            pending: [None; THREADS],
            now: 0,
        }
    }

    fn invoke(&mut self, thread: usize, written: Option<u64>) {
        self.now += 1;
        let (ours, theirs) = match written {
            Some(version) => (Op::Write(version), RegisterOp::Write(version)),
            None => (Op::Read, RegisterOp::Read),
        };
        self.versioned.on_invoke(thread, ours).expect("it is free");
        self.plain.on_invoke(thread, theirs).expect("it is free");
        self.pending[thread] = Some(Operation {
            invoked: Time(self.now),
            completed: Time::NEVER,
            committed: Time::NEVER,
            version: written.unwrap_or(UNKNOWN),
            key: self.history.keys.number("x"),
            session: thread as u32,
            line: 0,
            kind: if written.is_some() { Kind::Write } else { Kind::Read },
        });
    }

    fn answer(&mut self, thread: usize, read: u64) {
        self.now += 1;
        let Some(mut operation) = self.pending[thread].take() else { return };
        operation.completed = Time(self.now);
        let (ours, theirs) = match operation.kind {
            Kind::Write => (Ret::Taken(true), RegisterRet::WriteOk),
            Kind::Read => {
                operation.version = read;
                (Ret::Version(read), RegisterRet::ReadOk(read))
            }
        };
        self.versioned.on_return(thread, ours).expect("it is busy");
        self.plain.on_return(thread, theirs).expect("it is busy");
        self.history.push(operation).expect("it makes sense");
    }

    /// Whether we, stateright with a versioned register, and stateright with a plain one, find it
    /// linearizable.
    fn verdicts(mut self) -> Option<[bool; 3]> {
        for open in self.pending.into_iter().flatten().filter(|it| it.kind == Kind::Write) {
            self.history.push(open).expect("it makes sense");
        }
        let report = check(&self.history);
        let ours = report.finding(Property::Linearizability).verdict() != Verdict::Violated;
        // We take what is older than all that was written for older than the recording.
        let is_whole = report.coverage.reads_from_before == 0;
        let theirs = [self.versioned.is_consistent(), self.plain.is_consistent()];
        is_whole.then_some([ours, theirs[0], theirs[1]])
    }
}

/// A history of a few threads. With `one_writer`, thread 0 writes and nobody else, so that the
/// order of versions is that of its writes for everybody.
fn arbitrary(random: &mut OperationRng, one_writer: bool) -> Option<[bool; 3]> {
    let mut telling = Telling::new();
    let mut versions: Vec<u64> = (1..=5).collect();
    if !one_writer && below(random, 2) == 0 {
        let (one, other) = (below(random, 5) as usize, below(random, 5) as usize);
        versions.swap(one, other);
    }
    let mut versions = versions.into_iter();
    let mut newest = 0;
    for _ in 0..14 {
        let thread = below(random, THREADS as u64) as usize;
        let stale = below(random, 8) == 0;
        match telling.pending[thread] {
            Some(operation) => {
                let read = if stale { below(random, 6) } else { newest };
                if operation.kind == Kind::Write {
                    newest = newest.max(operation.version);
                }
                telling.answer(thread, read);
            }
            None => {
                let writes = if one_writer { thread == 0 } else { below(random, 3) == 0 };
                let written = if writes { versions.next() } else { None };
                // A write may be seen before it is acknowledged.
                newest = written.filter(|_| below(random, 3) == 0).unwrap_or(newest).max(newest);
                telling.invoke(thread, written);
            }
        }
    }
    telling.verdicts()
}

#[test]
fn stateright_agrees_where_the_order_of_versions_is_known() {
    let mut random = OperationRng::new(4, 0, 0, 0);
    let mut count = [0; 2];
    for _ in 0..4_000 {
        let Some([ours, theirs, plain]) = arbitrary(&mut random, false) else { continue };
        assert_eq!(ours, theirs);
        assert!(plain || !ours, "a plain register may order writes otherwise, and nothing else");
        count[usize::from(ours)] += 1;
    }
    assert!(count.iter().all(|count| *count > 500), "{count:?}");
}

#[test]
fn stateright_agrees_on_plain_registers_that_one_thread_writes() {
    let mut random = OperationRng::new(5, 0, 0, 0);
    let mut count = [0; 2];
    for _ in 0..4_000 {
        let Some([ours, theirs, plain]) = arbitrary(&mut random, true) else { continue };
        assert_eq!((ours, ours), (theirs, plain));
        count[usize::from(ours)] += 1;
    }
    assert!(count.iter().all(|count| *count > 500), "{count:?}");
}
