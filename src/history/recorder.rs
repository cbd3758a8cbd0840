//! The observer that writes a run's history down.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::consistency::{History, Kind, Operation, UNKNOWN};
use crate::metrics::Window;
use crate::observation::{Answer, Deed, Observer, ReadFacts, What};
use crate::op::{Call, Fault, Key, Reply, Version};
use crate::time::Time;

/// A history of a run ends with the read that makes it about so many operations. Each takes some
/// 150 bytes while it is written down.
pub const OPERATIONS_MAX: usize = 10_000_000;

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The history. Keys and sessions are named by their numbers in the run.
    pub history: History,
    /// Requests that were invoked in the window, failed ones included.
    pub requests: u64,
    /// Writes from before the window, of keys in it.
    pub earlier_writes: u64,
    /// Whether the window had more operations than were wanted: then its end is missing.
    pub is_cut: bool,
}

/// A write as it is known so far.
#[derive(Clone, Copy, Debug)]
struct Wrote {
    operation: Operation,
    /// When the authority refused it: a compare-and-write on a version that is not the newest.
    refused: Option<Time>,
}

/// Records the requests that are invoked in a window, and all writes before it of the keys they are
/// about, so that every version that was read has its write.
///
/// A write has the version that the authority gave it, when it gave it, whatever its client was
/// told and when: one that is acknowledged before it is accepted gets its version afterwards, one
/// that timed out and was accepted all the same is open and has its version, and one that never was
/// is open and has none, unless it was refused. A request of which the authority accepted several
/// versions is several writes, of which the one it was told of is answered.
#[derive(Debug)]
pub struct Recorder {
    window: Window,
    operations_max: usize,
    reads: Vec<Operation>,
    writes: Vec<Wrote>,
    /// Per request, its first write.
    write_of: FxHashMap<u64, usize>,
    /// Per request, its further writes.
    more_of: FxHashMap<u64, Vec<usize>>,
    /// Reads that have begun, and whether they were answered.
    begun: FxHashMap<u64, (Operation, bool)>,
    failed_reads: Vec<Operation>,
    /// What was accepted, and by whom the next deed tells.
    accepted: Option<(Version, Time)>,
    /// Nothing that was invoked before is in progress.
    horizon: Time,
    /// When the last read was answered.
    last: Time,
    is_cut: bool,
}

impl Recorder {
    /// A recorder of a window that stops at about so many operations.
    pub fn new(window: Window, operations_max: usize) -> Recorder {
        Recorder {
            window,
            operations_max,
            reads: Vec::new(),
            writes: Vec::new(),
            write_of: FxHashMap::default(),
            more_of: FxHashMap::default(),
            begun: FxHashMap::default(),
            failed_reads: Vec::new(),
            accepted: None,
            horizon: Time::ZERO,
            last: Time::ZERO,
            is_cut: false,
        }
    }

    /// Whether everything that is wanted has been seen.
    pub fn is_done(&self) -> bool {
        let window_is_over = self.horizon >= self.window.end || self.is_cut;
        window_is_over && self.horizon >= self.last
    }

    /// The write that a deed is of; a new one if there is none.
    fn write_of(&mut self, deed: &Deed) -> usize {
        if let Some(index) = self.write_of.get(&deed.request) {
            let invoked = self.writes[*index].operation.invoked;
            // Numbers of requests come again. A job has a beginning of its own.
            if deed.job > 0 || invoked == deed.began {
                return *index;
            }
        }
        self.begin_write(deed.request, begun(deed.client, deed.call.key(), deed.began))
    }

    fn begin_write(&mut self, request: u64, operation: Operation) -> usize {
        let operation = Operation { kind: Kind::Write, version: UNKNOWN, ..operation };
        self.writes.push(Wrote { operation, refused: None });
        let index = self.writes.len() - 1;
        self.write_of.insert(request, index);
        self.more_of.remove(&request);
        index
    }

    fn accept(&mut self, request: u64, index: usize, version: Version, at: Time) {
        let first = &mut self.writes[index].operation;
        let (version, committed) = (u64::from(version.0), at);
        if first.version == UNKNOWN {
            (first.version, first.committed) = (version, committed);
            return;
        }
        let another = Operation { version, committed, completed: Time::NEVER, ..*first };
        self.writes.push(Wrote { operation: another, refused: None });
        self.more_of.entry(request).or_default().push(self.writes.len() - 1);
    }

    /// What becomes of a read that is wanted: it is sure to be one by its first deed.
    fn read_begins(&mut self, deed: &Deed) {
        if deed.job > 0 || self.is_cut || !self.window.contains(deed.began) {
            return;
        }
        let operation = begun(deed.client, deed.call.key(), deed.began);
        let entry = self.begun.entry(deed.request).or_insert((operation, false));
        if entry.0.invoked != deed.began {
            let before = std::mem::replace(entry, (operation, false));
            self.failed_reads.extend((!before.1).then_some(before.0));
        }
    }

    /// What was recorded.
    pub fn recorded(mut self) -> Recorded {
        let unanswered = std::mem::take(&mut self.begun).into_values();
        self.failed_reads.extend(unanswered.filter(|(_, is)| !is).map(|(it, _)| it));
        let again = self.more_of.values().flatten().map(|index| &self.writes[*index].operation);
        let again = again.filter(|it| self.window.contains(it.invoked)).count() as u64;
        let until = if self.is_cut { self.last } else { self.window.end.max(self.last) };
        self.writes.retain(|it| it.operation.invoked <= until);
        let is_inside = |it: &Operation| self.window.contains(it.invoked);
        let writes_inside = self.writes.iter().map(|it| &it.operation).filter(|it| is_inside(it));
        let inside = || self.reads.iter().chain(&self.failed_reads).chain(writes_inside.clone());
        let keys: FxHashSet<u32> = inside().map(|it| it.key).collect();
        // A request that writes again is one all the same.
        let requests = inside().count() as u64 - again;
        let refused = |it: &Wrote| it.operation.version == UNKNOWN && it.refused.is_some();
        let mut history = History::default();
        let mut earlier_writes = 0;
        let writes = self.writes.iter().filter(|it| keys.contains(&it.operation.key));
        let writes = writes.map(|it| match it.refused.filter(|_| refused(it)) {
            Some(at) => (Operation { completed: at, ..it.operation }, true),
            None => (it.operation, false),
        });
        let failed_reads = self.failed_reads.iter().map(|it| (*it, true));
        let all = self.reads.iter().map(|it| (*it, false)).chain(failed_reads).chain(writes);
        let mut all: Vec<(Operation, bool)> = all.collect();
        all.sort_by_key(|(it, _)| (it.invoked, it.session, it.key));
        for (mut it, failed) in all {
            earlier_writes += u64::from(it.invoked < self.window.start);
            it.key = history.keys.number(&it.key.to_string());
            it.session = history.sessions.number(&it.session.to_string());
            match failed {
                true => history.push_failed(it),
                // An answer is not before its question, and versions begin with 1.
                false => history.push(it).expect("what happens makes sense"),
            }
        }
        Recorded { history, requests, earlier_writes, is_cut: self.is_cut }
    }
}

/// A read that has just begun.
fn begun(client: u32, key: Key, invoked: Time) -> Operation {
    Operation {
        invoked,
        completed: Time::NEVER,
        committed: Time::NEVER,
        version: 0,
        key: key.0,
        session: client,
        line: 0,
        kind: Kind::Read,
    }
}

impl Observer for Recorder {
    const WANTS_DEEDS: bool = true;

    fn accepted(&mut self, _: Key, version: Version, now: Time) {
        self.accepted = Some((version, now));
    }

    fn deed(&mut self, deed: &Deed) {
        if let Some((version, at)) = self.accepted.take() {
            let index = self.write_of(deed);
            self.accept(deed.request, index, version, at);
            return;
        }
        match deed.call {
            Call::Read(_) => self.read_begins(deed),
            Call::Write(_) => {
                let index = self.write_of(deed);
                if let What::Effect(_, Reply::Fault(Fault::Conflict)) = deed.what {
                    self.writes[index].refused = Some(deed.at);
                }
            }
            Call::Job(..) => {}
        }
    }

    fn read(&mut self, answer: &Answer, _: &ReadFacts) {
        if self.is_cut || !self.window.contains(answer.began) {
            return;
        }
        let operation = begun(answer.client, answer.key, answer.began);
        self.begun.insert(answer.request, (operation, true));
        let (completed, version) = (answer.ended, u64::from(answer.version.0));
        self.reads.push(Operation { completed, version, ..operation });
        self.last = self.last.max(completed);
        if self.reads.len() + self.writes.len() >= self.operations_max {
            self.is_cut = true;
            // They are not followed to their ends.
            self.begun.clear();
        }
    }

    fn write(&mut self, answer: &Answer, _: bool) {
        let first = match self.write_of.get(&answer.request) {
            Some(index) if self.writes[*index].operation.invoked == answer.began => *index,
            _ => {
                let operation = begun(answer.client, answer.key, answer.began);
                self.begin_write(answer.request, operation)
            }
        };
        let told = u64::from(answer.version.0);
        let more = self.more_of.get(&answer.request).into_iter().flatten().copied();
        let mut all = std::iter::once(first).chain(more);
        let index = all.find(|index| self.writes[*index].operation.version == told);
        self.writes[index.unwrap_or(first)].operation.completed = answer.ended;
    }

    fn measures(&self, began: Time) -> bool {
        self.window.contains(began)
    }

    fn horizon(&mut self, oldest: Time) {
        self.horizon = oldest;
        // Of a read that is over, no more is heard.
        let failed = &mut self.failed_reads;
        self.begun.retain(|_, (operation, answered)| {
            let is_over = operation.invoked < oldest;
            failed.extend((is_over && !*answered).then_some(*operation));
            !is_over
        });
    }

    fn has_seen_enough(&self) -> bool {
        self.is_done()
    }
}
