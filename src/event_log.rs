//! What happens in a run, a line per event, in the order in which the run comes to it: what two
//! runs that should be alike can be compared by, event by event.
//!
//! A line has the instant in nanoseconds and what happened; that of a deed has the request, (after
//! a dot) its job, and the client. Nothing here is kept: a run of any length is written as it goes.

use std::io::{self, Write};
use std::sync::atomic::AtomicBool;

use crate::experiment::Trial;
use crate::observation::{Answer, Deed, Observer, ReadFacts, What};
use crate::op::{Call, Key, Op, Version};
use crate::schedule::words;
use crate::simulation::RunError;
use crate::strategy::Strategy;
use crate::time::Time;

/// Why a log ends early.
#[derive(Debug)]
pub enum LogError {
    /// The run failed, or was called off.
    Run(RunError),
    /// Nobody takes the lines any more.
    Write(io::Error),
}

/// Writes every event of a replication.
///
/// # Errors
/// If the run fails, `cancel` was set, or a line cannot be written.
pub fn write<S: Strategy, W: Write>(
    strategy: &S,
    trial: &Trial,
    replication: u32,
    out: W,
    cancel: &AtomicBool,
) -> Result<(), LogError> {
    let mut log = Log { out, failed: None };
    let ended = trial.run(strategy, replication, &mut log, cancel);
    if let Some(error) = log.failed {
        return Err(LogError::Write(error));
    }
    ended.map_err(LogError::Run)?;
    log.out.flush().map_err(LogError::Write)
}

/// An operation or its absence, in words: `cache.get key 5 → miss`.
pub fn deed(what: &What) -> String {
    let with_key = |op: Op| match op.key() {
        Some(key) => format!("{} {}", op.name(), key_name(key)),
        None => op.name().to_owned(),
    };
    match *what {
        What::Effect(op, reply) => match words::reply(op, reply) {
            Some(told) => format!("{} → {told}", with_key(op)),
            None => with_key(op),
        },
        What::Lost(op) => format!("{} is lost", with_key(op)),
        What::GaveUp(op) => format!("gives up {}", with_key(op)),
        What::Crashed => "server crashes".to_owned(),
    }
}

/// A key as it is named where there are many: `key 5`.
pub fn key_name(key: Key) -> String {
    format!("key {}", key.0)
}

struct Log<W> {
    out: W,
    failed: Option<io::Error>,
}

impl<W: Write> Log<W> {
    fn line(&mut self, at: Time, line: &str) {
        if self.failed.is_none() {
            self.failed = writeln!(self.out, "{} {line}", at.0).err();
        }
    }

    fn answered(&mut self, answer: &Answer, how: &str) {
        let Answer { client, key, version, began, ended, .. } = answer;
        let line = format!(
            "client {client}: {how} {} answered {}, asked at {}",
            key_name(*key),
            words::version(*version),
            began.0
        );
        self.line(*ended, &line);
    }
}

impl<W: Write> Observer for Log<W> {
    const WANTS_DEEDS: bool = true;

    fn accepted(&mut self, key: Key, version: Version, now: Time) {
        self.line(now, &format!("{} {} accepted", key_name(key), words::version(version)));
    }

    fn read(&mut self, answer: &Answer, facts: &ReadFacts) {
        match facts.staleness {
            Some(stale) => self.answered(answer, &format!("stale read ({})", stale.cause)),
            None => self.answered(answer, "read"),
        }
    }

    fn write(&mut self, answer: &Answer, _: bool) {
        self.answered(answer, "write");
    }

    fn failed(&mut self, began: Time, ended: Time, _: bool) {
        self.line(ended, &format!("a request failed, asked at {}", began.0));
    }

    fn act_refused(&mut self, began: Time, ended: Time, superseded: bool) {
        let why = if superseded { "already old when it was read" } else { "changed since" };
        self.line(ended, &format!("an act was refused, {why}, asked at {}", began.0));
    }

    fn measures(&self, _: Time) -> bool {
        true
    }

    fn deed(&mut self, it: &Deed) {
        let call = match it.call {
            Call::Read(_) => "read",
            Call::Write(_) => "write",
            Call::Job(..) => "job",
        };
        let Deed { request, job, client, .. } = it;
        self.line(it.at, &format!("{request}.{job} client {client} {call}: {}", deed(&it.what)));
    }

    fn dropped(&mut self, key: Option<Key>, now: Time) {
        let what = key.map_or("everything".to_owned(), key_name);
        self.line(now, &format!("the cache drops {what}"));
    }

    fn has_seen_enough(&self) -> bool {
        self.failed.is_some()
    }
}
