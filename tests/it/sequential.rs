//! The smallest world a strategy can run in: one key, one step at a time, and no clock but a
//! step that lets time pass. The cache is the real one; the rest is a test double.

use std::future::Future;
use std::pin::Pin;

use stalelab::op::{Call, Component, Job, Key, Lease, Op, Outcome, Reply, Row, Version};
use stalelab::strategy::{Authority, Strategy, serve};
use stalelab::task::{Mailbox, Next};
use stalelab::time::{Span, Time};
use stalelab::world::{Cache, CacheConfig, Eviction};

use crate::support::NO_TIME;

pub(crate) const KEY: Key = Key(0);
/// Evicting the key means caching this one: there is room for one.
const OTHER: Key = Key(1);

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The actor at this place has its operation done.
    Actor(usize),
    /// The cache evicts the key.
    Evict,
    /// More time passes than any lock, lease or tombstone lives for.
    Pass,
    /// The servers lose their tasks and jobs.
    Crash,
}

/// A task, and who it is in a schedule.
pub(crate) struct Actor<'a> {
    pub(crate) name: String,
    pub(crate) next: Next,
    /// The newest version when it began; none if it has not begun.
    pub(crate) began: Option<Version>,
    task: Pin<Box<dyn Future<Output = Outcome> + 'a>>,
}

pub(crate) struct Sequential<'a, S> {
    strategy: &'a S,
    mailbox: &'a Mailbox,
    pub(crate) actors: Vec<Actor<'a>>,
    pub(crate) cache: Cache,
    pub(crate) database: Version,
    /// The newest version, as the authority has it.
    pub(crate) newest: Version,
    /// The newest version a client was told it wrote.
    pub(crate) acknowledged: Version,
    /// Whether reads go to a replica that applies nothing.
    replica_lags: bool,
    now: Time,
}

impl<'a, S: Strategy> Sequential<'a, S> {
    pub(crate) fn new(strategy: &'a S, mailbox: &'a Mailbox, replica_lags: bool) -> Self {
        let config = CacheConfig {
            link: NO_TIME,
            service: NO_TIME,
            capacity: Some(1),
            eviction: Eviction::Fifo,
            timeout: None,
        };
        Sequential {
            strategy,
            mailbox,
            actors: Vec::new(),
            cache: Cache::new(2, &config),
            database: Version(0),
            newest: Version(0),
            acknowledged: Version(0),
            replica_lags,
            now: Time::ZERO,
        }
    }

    /// The place of the actor of this name. One that is new will begin with its first step.
    pub(crate) fn actor(&mut self, name: &str) -> usize {
        if let Some(place) = self.actors.iter().position(|actor| actor.name == name) {
            return place;
        }
        let call = if name.starts_with("writer") { Call::Write(KEY) } else { Call::Read(KEY) };
        self.spawn(name, call, None)
    }

    fn spawn(&mut self, name: &str, call: Call, began: Option<Version>) -> usize {
        let mut task = Box::pin(serve(self.strategy, self.mailbox, call));
        let next = self.mailbox.resume(task.as_mut(), None);
        self.actors.push(Actor { name: name.to_owned(), next, began, task });
        self.actors.len() - 1
    }

    /// Takes a step and says what happened, as the documentation of a strategy writes it.
    pub(crate) fn take(&mut self, step: Step) -> String {
        match step {
            Step::Actor(place) => return self.advance(place),
            Step::Evict => {
                let row = Row::default();
                self.cache.apply(self.now, Op::CacheSet(OTHER, row, Span::FOREVER), 0);
                self.cache.apply(self.now, Op::CacheDelete(OTHER), 0);
            }
            Step::Pass => self.now = self.now + Span::from_secs(10),
            Step::Crash => self.actors.clear(),
        }
        format!("{step:?}")
    }

    fn advance(&mut self, place: usize) -> String {
        let Next::Op(op) = self.actors[place].next else {
            panic!("{} has ended", self.actors[place].name);
        };
        let reply = self.serve(op);
        let actor = &mut self.actors[place];
        actor.began.get_or_insert(self.newest);
        actor.next = self.mailbox.resume(Pin::new(&mut actor.task), Some(reply));
        if let (Next::Done(Ok(row)), true) = (actor.next, actor.name.starts_with("writer")) {
            self.acknowledged = self.acknowledged.max(row.version);
        }
        format!("{} `{}`{}", actor.name, op.name(), said(op, reply))
    }

    fn serve(&mut self, op: Op) -> Reply {
        match op {
            Op::DbRead(_) if self.replica_lags => Reply::Row(Some(Row::default())),
            Op::DbRead(_) | Op::DbReadPrimary(_) => Reply::Row(Some(Row::new(self.database))),
            Op::DbWrite(_) => {
                self.database = self.database.next();
                self.newest = self.database;
                Reply::Row(Some(Row::new(self.database)))
            }
            Op::DbApply(_, row) => {
                self.database = self.database.max(row.version);
                Reply::Done
            }
            Op::CacheAccept(key, ttl) => {
                assert_eq!(self.strategy.authority(), Authority::Cache);
                self.newest = self.newest.next();
                let row = Row::new(self.newest);
                self.cache.store(self.now, key, row, ttl, 0, Reply::Row(Some(row))).reply
            }
            Op::ClientReply(row) => {
                self.acknowledged = self.acknowledged.max(row.version);
                Reply::Done
            }
            Op::JobAfter(key, job, _) => self.queue(key, job),
            op => self.cache.apply(self.now, op, 0).reply,
        }
    }

    /// A job counts as begun: sooner or later it is done.
    fn queue(&mut self, key: Key, job: Job) -> Reply {
        self.spawn("job", Call::Job(key, job), Some(self.newest));
        Reply::Done
    }

    /// The first actor that has begun, has not ended, and satisfies the condition.
    pub(crate) fn running(&self, condition: impl Fn(&Op) -> bool) -> Option<usize> {
        self.actors.iter().position(|actor| {
            actor.began.is_some() && matches!(&actor.next, Next::Op(op) if condition(op))
        })
    }

    /// Lets what has begun end, in order. Says how many steps that took.
    pub(crate) fn drain(&mut self) -> usize {
        let mut steps = 0;
        while let Some(place) = self.running(|_| true) {
            self.take(Step::Actor(place));
            steps += 1;
        }
        steps
    }

    /// What may happen next, besides what `befalls`. Operations of a server with itself take no
    /// time, so that nothing comes before them; of actors that are alike, the second does not
    /// begin before the first.
    pub(crate) fn choices(&self, befalls: &[Step]) -> Vec<Step> {
        if let Some(place) = self.running(|op| op.component() == Component::Local) {
            return vec![Step::Actor(place)];
        }
        let may_begin = |place: usize| {
            let twin = self.actors[place].name.replace(" b", " a");
            self.actors.iter().any(|actor| actor.name == twin && actor.began.is_some())
                || self.actors[place].name.ends_with(" a")
        };
        (0..self.actors.len())
            .filter(|&place| matches!(self.actors[place].next, Next::Op(_)))
            .filter(|&place| self.actors[place].began.is_some() || may_begin(place))
            .map(Step::Actor)
            .chain(befalls.iter().copied())
            .collect()
    }

    /// The version in the cache.
    pub(crate) fn cached(&mut self) -> Option<Version> {
        self.cache.get(self.now, KEY).map(|row| row.version)
    }
}

fn said(op: Op, reply: Reply) -> String {
    let argument = match op {
        Op::CacheSet(_, row, _)
        | Op::CacheSetIfNewer(_, row, _)
        | Op::CacheFill(_, row, _, _)
        | Op::DbApply(_, row)
        | Op::ClientReply(row) => format!(" version {}", row.version.0),
        Op::CacheTombstone(_, version, _) => format!(" version {}", version.0),
        _ => String::new(),
    };
    let answer = match reply {
        Reply::Done => String::new(),
        Reply::Row(None) => " → miss".to_owned(),
        Reply::Row(Some(row)) | Reply::Lease(Lease::Hit(row)) => {
            format!(" → version {}", row.version.0)
        }
        Reply::Accepted(accepted) => {
            format!(" → {}", if accepted { "accepted" } else { "refused" })
        }
        Reply::Lease(Lease::Granted(_)) | Reply::Lock(Some(_)) => " → granted".to_owned(),
        Reply::Lease(Lease::Wait) | Reply::Lock(None) => " → taken".to_owned(),
        Reply::Fault(fault) => format!(" → {fault:?}"),
    };
    argument + &answer
}
