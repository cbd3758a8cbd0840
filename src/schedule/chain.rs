//! The steps that a violation rests on, in order: what a cause's sentence is about, one by one.

use super::Step;
use super::cause::up_to_violation;
use super::player::Move;
use super::property::Property;
use super::scene::Scene;
use super::session::Act;
use super::tale::{Deed, Tale};
use super::words;
use crate::op::{Component, Key, Op, Version};

/// A step that a violation rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its index among the steps.
    pub at: usize,
    /// Its part in the violation, in a few words.
    pub what: String,
}

/// The steps without which the first that violates a property would not, as far as they can be
/// told, in the order they were made.
pub fn chain(scene: &Scene, steps: &[Step], property: Property) -> Vec<Link> {
    chain_of_last(scene, up_to_violation(steps, property), property)
}

/// The same of what the last of these steps violates, whatever was violated before.
pub fn chain_of_last(scene: &Scene, steps: &[Step], property: Property) -> Vec<Link> {
    let tale = Tale { scene, steps };
    let mut links = match property {
        Property::NoLostWrite => tale.links_of_lost_write(),
        Property::SingleFill => tale.links_of_two_fills(),
        Property::Convergence => match tale.left_behind() {
            Some((node, key, version)) => {
                let mut links = tale.links_of_copy(node, key, version, steps.len());
                if let Some(last) = links.iter_mut().max_by_key(|link| link.at) {
                    last.what.push_str(", for good");
                }
                links
            }
            None => Vec::new(),
        },
        _ => tale.links_of_old_read(),
    };
    links.sort_by_key(|link| link.at);
    links.dedup_by_key(|link| link.at);
    links
}

fn link(at: usize, what: String) -> Link {
    Link { at, what }
}

impl Tale<'_> {
    fn links_of_old_read(&self) -> Vec<Link> {
        let Some(given) = self.given() else {
            return Vec::new();
        };
        let (Some(key), Some(row)) = (given.op.key(), given.row()) else {
            return Vec::new();
        };
        let last = self.steps.len() - 1;
        let (who, version) = (self.name(given.session), self.version(key, row.version));
        let newer = self.deeds(key).find(|deed| deed.commits == Some(row.version.next()));
        let mut links = if given.op.component() == Component::Cache {
            let node = self.scene.node_of(given.session);
            self.links_of_copy(node, key, row.version, given.at)
        } else {
            newer.iter().map(|newer| self.commit(newer)).collect()
        };
        let from = self.source(&given);
        links.push(link(given.at, format!("{who} gets {version} from {from}")));
        if given.at < last {
            links.push(link(last, format!("{who} returns {version}")));
        }
        links
    }

    /// Who answered a read.
    fn source(&self, read: &Deed) -> String {
        match read.op {
            Op::DbRead(_) if self.scene.replicas > 0 => {
                words::replica(self.scene.replica_of(read.session))
            }
            op if op.component() == Component::Cache => "the cache".to_owned(),
            _ => "the database".to_owned(),
        }
    }

    /// How an old copy came to be where it is at a step.
    fn links_of_copy(&self, node: usize, key: Key, version: Version, at: usize) -> Vec<Link> {
        let here = |deed: &Deed| self.scene.node_of(deed.session) == node && deed.at < at;
        let stored = self.deeds(key).rev().filter(here).find(|it| it.stored == Some(version));
        let newer = self.deeds(key).find(|deed| deed.commits == Some(version.next()));
        let (Some(stored), Some(newer)) = (stored, newer) else {
            return Vec::new();
        };
        let mut links = vec![self.commit(&newer)];
        let source = self.deeds(key).rev().find(|deed| {
            deed.session == stored.session
                && deed.at < stored.at
                && deed.row().is_some_and(|row| row.version == version)
        });
        let (storer, old) = (self.name(stored.session), self.version(key, version));
        if let Some(source) = source {
            let what = match (source.commits, source.op) {
                (Some(_), _) => format!("{storer} commits {old}"),
                (None, Op::DbRead(_)) if self.scene.replicas > 0 => {
                    format!("{storer} reads {old} from {}", self.source(&source))
                }
                _ => format!("{storer} reads {old}"),
            };
            links.push(link(source.at, what));
        }
        links.push(link(stored.at, format!("{storer} puts {old} into the cache")));
        if let Some(told) = self.attempt(&newer).filter(|told| told.at < at) {
            let passed = self.invalidation(&newer, stored.at).unwrap_or(told);
            let end = if passed.landed() { "lands" } else { "is lost" };
            let writer = self.name(newer.session);
            links.push(link(passed.at, format!("{writer}'s {} {end}", passed.op.name())));
        }
        links.extend(self.befell(node, key, newer.at, at));
        links
    }

    fn commit(&self, deed: &Deed) -> Link {
        let version = deed.commits.zip(deed.op.key()).map(|(it, key)| self.version(key, it));
        let version = version.unwrap_or_default();
        let verb = if matches!(deed.op, Op::CacheAccept(..)) { "writes" } else { "commits" };
        link(deed.at, format!("{} {verb} {version}", self.name(deed.session)))
    }

    /// Faults between two steps that concern a key at a cache, or a server.
    fn befell(&self, node: usize, key: Key, from: usize, to: usize) -> Vec<Link> {
        let end = to.min(self.steps.len());
        let steps = self.steps.iter().enumerate().take(end).skip(from);
        let links = steps.filter_map(|(at, step)| match step.made {
            Move::Evict { node: it, key: of } if (it, of) == (node, key) => {
                Some(link(at, "the cache evicts it".to_owned()))
            }
            Move::Expire { node: it, key: of, .. } if (it, of) == (node, key) => {
                Some(link(at, "its time at the cache is over".to_owned()))
            }
            Move::Session(session, Act::Crash) => {
                Some(link(at, format!("{}'s server crashes", self.name(session))))
            }
            _ => None,
        });
        links.collect()
    }

    fn links_of_lost_write(&self) -> Vec<Link> {
        let Some(deed) = self.lost() else {
            return Vec::new();
        };
        let mut links = vec![self.commit(&deed)];
        let end = self.steps.len();
        let crash = Move::Session(deed.session, Act::Crash);
        let crashes = (deed.at..end).find(|at| self.steps[*at].made == crash);
        let who = self.name(deed.session);
        links.extend(crashes.map(|at| link(at, format!("{who}'s server crashes, and forgets it"))));
        links
    }

    fn links_of_two_fills(&self) -> Vec<Link> {
        let Some((op, _)) = self.steps.last().and_then(|step| step.happening.operation) else {
            return Vec::new();
        };
        let fills = self.fills(op.key().unwrap_or_default());
        let misses = |miss: &Deed| link(miss.at, format!("{} misses", self.name(miss.session)));
        fills.iter().map(misses).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Script, play};
    use crate::strategies::{DeleteOnWrite, NoCache, WriteBehind};
    use crate::time::Span;

    fn told(links: &[Link]) -> Vec<String> {
        links.iter().map(|link| format!("{} {}", link.at + 1, link.what)).collect()
    }

    #[test]
    fn the_stale_set_rests_on_four_steps() {
        let script = Script::parse(
            "strategy: delete-on-write\na: read x\nb: write x\n\na: cache.get x -> miss\n\
             a: db.read x -> v0\nb: db.write x -> v1\nb: cache.delete x\na: cache.set x v0\n",
        )
        .expect("a schedule");
        let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
        let player = play(&strategy, &script).expect("it fits");
        let links = chain(player.scene(), player.steps(), Property::Convergence);
        assert_eq!(
            told(&links),
            [
                "2 reader a reads v0",
                "3 writer b commits v1",
                "4 writer b's cache.delete lands",
                "5 reader a puts v0 into the cache, for good",
            ]
        );
    }

    #[test]
    fn a_row_from_a_replica_is_not_said_to_be_the_databases() {
        let script = Script::parse(
            "strategy: no-cache\nreplicas: 2\na: write x\nb: read x\n\na: db.write x -> v1\n\
             b: db.read x -> v0\n",
        )
        .expect("a schedule");
        let player = play(&NoCache, &script).expect("it fits");
        let links = chain(player.scene(), player.steps(), Property::NoStaleRead);
        assert_eq!(told(&links), ["1 writer a commits v1", "2 reader b gets v0 from replica 2"]);
    }

    #[test]
    fn a_lost_write_rests_on_its_acceptance_and_the_crash() {
        let script = Script::parse(
            "strategy: write-behind\na: write x\n\na: cache.accept x -> v1\na: crash\n",
        )
        .expect("a schedule");
        let strategy = WriteBehind { ttl: Span::FOREVER, delay: Span::from_secs(1) };
        let player = play(&strategy, &script).expect("it fits");
        let links = chain(player.scene(), player.steps(), Property::NoLostWrite);
        assert_eq!(told(&links).len(), 2, "{links:?}");
    }

    #[test]
    fn of_several_keys_it_is_said_which() {
        let script = Script::parse(
            "strategy: no-cache\nreplicas: 1\na: write y\nb: read y\nc: read x\n\n\
             a: db.write y -> v1\nb: db.read y -> v0\n",
        )
        .expect("a schedule");
        let player = play(&NoCache, &script).expect("it fits");
        let links = chain(player.scene(), player.steps(), Property::NoStaleRead);
        let told = told(&links);
        assert_eq!(told, ["1 writer a commits y v1", "2 reader b gets y v0 from replica 1"]);
    }
}
