//! Why a schedule violates what it violates, in a sentence: where the old row came from, who
//! committed the one it should have been, and what became of the invalidation between them.

use super::Step;
use super::player::Move;
use super::property::Property;
use super::scene::{Scene, key_name, session_name};
use super::tale::{Deed, Tale};
use super::words;
use crate::observation::Cause;
use crate::op::{Key, Op, Version};

/// What led to a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The cause, as the load driver names it, if an old row is what is wrong.
    pub cause: Option<Cause>,
    /// The sentence, without a full stop.
    pub sentence: String,
}

/// Explains why these steps violate a property: the first of them that does.
pub fn explain(scene: &Scene, steps: &[Step], property: Property) -> Explanation {
    explain_last(scene, up_to_violation(steps, property), property)
}

/// The same of what the last of these steps violates, whatever was violated before.
pub fn explain_last(scene: &Scene, steps: &[Step], property: Property) -> Explanation {
    let tale = Tale { scene, steps };
    let plain = |sentence: String| Explanation { cause: None, sentence };
    match property {
        Property::NoLostWrite => plain(tale.lost_write()),
        Property::SingleFill => plain(tale.two_fills()),
        Property::NoDirtyRead => plain(tale.last_read().map_or_else(String::new, |(who, row)| {
            format!("{who} returned {}, which nothing had accepted", words::version(row.version))
        })),
        Property::Convergence => match tale.left_behind() {
            Some((node, key, version)) => tale.old_copy(node, key, version, steps.len()),
            None => plain(String::new()),
        },
        Property::NoStaleRead
        | Property::NoInversion
        | Property::ReadYourWrites
        | Property::MonotonicReads => tale.old_read(),
    }
}

/// The steps up to the first that violates a property; all, if none does.
pub(super) fn up_to_violation(steps: &[Step], property: Property) -> &[Step] {
    let first = steps.iter().position(|step| step.violated.has(property));
    &steps[..first.map_or(steps.len(), |at| at + 1)]
}

/// Explains why the read that the last of these steps answered was old, whatever that violates.
pub fn explain_read(scene: &Scene, steps: &[Step]) -> Explanation {
    Tale { scene, steps }.old_read()
}

impl Tale<'_> {
    fn old_read(&self) -> Explanation {
        let none = Explanation { cause: None, sentence: String::new() };
        let (Some((who, row)), Some(given)) = (self.last_read(), self.given()) else {
            return none;
        };
        let Some(key) = given.op.key() else {
            return none;
        };
        let version = words::version(row.version);
        if matches!(given.op, Op::DbRead(_) | Op::DbReadPrimary(_)) {
            let newer = self.deeds(key).find(|deed| deed.commits == Some(row.version.next()));
            if let (None, Some(writer)) = (newer, self.unkept(given.at)) {
                return Explanation { sentence: early(&who, row.version, &writer), ..none };
            }
            let (cause, place) = self.database_cause(&given);
            let sentence = format!("{who} returned {version} from {place}");
            return Explanation { cause: Some(cause), sentence };
        }
        let node = self.scene.node_of(given.session);
        let copy = self.old_copy(node, key, row.version, given.at);
        if let (true, Some(writer)) = (copy.sentence.is_empty(), self.unkept(given.at)) {
            return Explanation { sentence: early(&who, row.version, &writer), ..none };
        }
        let sentence = format!("{who} returned {version} from the cache: {}", copy.sentence);
        Explanation { cause: copy.cause, sentence }
    }

    /// Why the database gave an old row, and what it is that gave it.
    fn database_cause(&self, read: &Deed) -> (Cause, &'static str) {
        let key = read.op.key().unwrap_or_default();
        let in_database = self.steps[read.at].stage.in_database(key);
        if read.row().is_some_and(|row| row.version < in_database) {
            (Cause::ReplicaLag, "a replica that had not applied the newer one yet")
        } else {
            (Cause::WriteBehind, "a database that had not received the newer one yet")
        }
    }

    /// Why the copy of this version was in the cache at that step.
    fn old_copy(&self, node: usize, key: Key, version: Version, at: usize) -> Explanation {
        let here = |deed: &Deed| self.scene.node_of(deed.session) == node && deed.at < at;
        let stored = self.deeds(key).rev().filter(here).find(|it| it.stored == Some(version));
        let newer = self.deeds(key).find(|deed| deed.commits == Some(version.next()));
        let (Some(stored), Some(newer)) = (stored, newer) else {
            return Explanation { cause: None, sentence: String::new() };
        };
        if stored.at < newer.at {
            return self.outlived(&stored, &newer, at);
        }
        let storer = self.name(stored.session);
        let (old, new) = (words::version(version), words::version(version.next()));
        let writer = self.name(newer.session);
        // Where its storer had the row from: its own commit, or a read.
        let read = self.deeds(key).rev().find(|deed| {
            deed.session == stored.session
                && deed.at < stored.at
                && deed.row().is_some_and(|row| row.version == version)
        });
        let committed = read.is_some_and(|read| read.commits.is_some());
        if committed {
            let sentence = format!(
                "{storer} stored its {old} after {writer}, who had committed {new}, was done"
            );
            return Explanation { cause: Some(Cause::ReorderedUpdate), sentence };
        }
        if let Some(read) = read.filter(|read| read.at > newer.at) {
            let (cause, place) = self.database_cause(&read);
            let sentence = format!("{storer} filled {old}, which it had read from {place}");
            return Explanation { cause: Some(cause), sentence };
        }
        let accepted = matches!(newer.op, Op::CacheAccept(..)).then_some(newer);
        let passed = self.invalidation(&newer, stored.at).or(accepted);
        let (cause, end) = match passed {
            Some(it) => {
                let (who, op) = (session_name(newer.session), it.op.name());
                let unguarded = self.unguarded(node, key, it.at, stored.at);
                (Cause::LateFill, format!("after {who}'s {op} had passed{unguarded}"))
            }
            None => (self.cause(&newer, at), format!("and {}", self.fate(node, &newer, at))),
        };
        let sentence = format!(
            "{storer} filled {old}, which it had read before {writer} committed {new}, {end}"
        );
        Explanation { cause: Some(cause), sentence }
    }

    /// A copy that was there before the commit, and stayed.
    fn outlived(&self, stored: &Deed, newer: &Deed, at: usize) -> Explanation {
        let version = stored.stored.unwrap_or_default();
        let (old, new) = (words::version(version), words::version(version.next()));
        let writer = self.name(newer.session);
        if let Some(passed) = self.invalidation(newer, stored.at) {
            let (storer, op) = (self.name(stored.session), passed.op.name());
            let sentence = format!(
                "{storer} filled {old} after {writer}'s {op} had passed, and before it committed \
                 {new}"
            );
            return Explanation { cause: Some(Cause::LateFill), sentence };
        }
        let fate = self.fate(self.scene.node_of(stored.session), newer, at);
        let sentence =
            format!("the copy of {old} was there when {writer} committed {new}, and {fate}");
        Explanation { cause: Some(self.cause(newer, at)), sentence }
    }

    /// What an old copy is due to that no invalidation has met by a step.
    fn cause(&self, newer: &Deed, at: usize) -> Cause {
        match self.attempt(newer) {
            Some(attempt) if !attempt.landed() => Cause::LostInvalidation,
            _ if self.crashed(newer, at) => Cause::LostInvalidation,
            Some(attempt) if attempt.at >= at => Cause::InFlightInvalidation,
            // It went to another cache.
            Some(_) => Cause::TtlWindow,
            None if self.is_running(newer, at) => Cause::InFlightInvalidation,
            None if self.gave_up(newer, at) => Cause::LostInvalidation,
            None => Cause::TtlWindow,
        }
    }

    /// What became of the invalidation of a cache's copy, by a step.
    fn fate(&self, node: usize, newer: &Deed, at: usize) -> String {
        let who = session_name(newer.session);
        match self.attempt(newer) {
            Some(it) if !it.landed() => format!("{who}'s {} was lost", it.op.name()),
            _ if self.crashed(newer, at) => {
                format!("{who}'s server crashed before it told the cache")
            }
            Some(it) if it.at >= at => format!("{who}'s {} was still to come", it.op.name()),
            Some(it) if it.at < newer.at => {
                format!("{who}'s {} had come before the commit", it.op.name())
            }
            Some(it) if self.scene.node_of(newer.session) != node => {
                let there = self.scene.node_of(newer.session) + 1;
                format!("{who}'s {} went to cache {there}, not to this one", it.op.name())
            }
            Some(it) => format!("{who}'s {} did not remove it", it.op.name()),
            None if self.is_running(newer, at) => format!("{who} had not told the cache yet"),
            None if self.gave_up(newer, at) => {
                format!("{who} had given up before it told the cache")
            }
            None => format!("{who} does not tell the cache"),
        }
    }

    /// What befell the cache between an invalidation and a fill that it would have refused.
    fn unguarded(&self, node: usize, key: Key, from: usize, to: usize) -> String {
        let befell = self.steps[from..to].iter().find_map(|step| match step.made {
            Move::Evict { node: at, key: it } if (at, it) == (node, key) => Some("evicted"),
            Move::Expire { node: at, key: it, .. } if (at, it) == (node, key) => Some("expired"),
            _ => None,
        });
        match befell {
            Some(befell) => format!(" and what it had left there was {befell}"),
            None => String::new(),
        }
    }

    fn lost_write(&self) -> String {
        let Some(deed) = self.lost() else {
            return self.unkept(self.steps.len()).map_or_else(String::new, |who| {
                format!("{who} was told that its write is done, and nothing ever accepted it")
            });
        };
        let version = deed.commits.map(words::version).unwrap_or_default();
        let end = match self.crashed(&deed, self.steps.len()) {
            true => "its server crashed before the database had it",
            false => "the database never got it",
        };
        format!("{} was told that {version} is written, and {end}", self.name(deed.session))
    }

    fn two_fills(&self) -> String {
        let Some((op, _)) = self.steps.last().and_then(|step| step.happening.operation) else {
            return String::new();
        };
        let key = op.key().unwrap_or_default();
        let fills = self.fills(key);
        let names: Vec<String> = fills.iter().map(|miss| self.name(miss.session)).collect();
        format!(
            "{} missed {} and went to the database at the same time",
            names.join(" and "),
            key_name(key)
        )
    }
}

/// That a read returned a version though somebody had been told of another.
fn early(reader: &str, version: Version, writer: &str) -> String {
    let version = words::version(version);
    format!(
        "{reader} returned {version}, and {writer} had been told that its write is done, which \
         nothing had accepted yet"
    )
}
