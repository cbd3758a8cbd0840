//! The "Shortest bad schedule" of every built-in strategy, played from the text of its file:
//! what it claims happens, and nothing shorter does harm.

use stalelab::strategies::{ALL, Info, Visitor, find};
use stalelab::strategy::Strategy;
use stalelab::task::{Mailbox, Next};

use crate::builtins::choice;
use crate::sequential::{Sequential, Step};

/// What a bad schedule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    /// A client reads what was overwritten before it asked.
    StaleRead,
    /// When everything has ended, the cache holds an old version and nothing will remove it.
    StaleCopy,
    /// A client was told of a write that the database never gets.
    LostWrite,
}

/// Under which circumstances a strategy's schedule is bad, and how.
struct Claim {
    replica_lags: bool,
    crashes: bool,
    harm: Harm,
}

fn claim(name: &str) -> Claim {
    let harm = match name {
        "no-cache" => Harm::StaleRead,
        "write-behind" => Harm::LostWrite,
        _ => Harm::StaleCopy,
    };
    let replica_lags = matches!(name, "no-cache" | "lease");
    Claim { replica_lags, crashes: harm == Harm::LostWrite, harm }
}

/// The numbered steps under the last heading of a strategy's documentation.
fn documented(info: &Info) -> Vec<&'static str> {
    let (_, schedule) = info.source.split_once("//! # Shortest bad schedule\n").expect("a heading");
    schedule
        .lines()
        .map_while(|line| line.strip_prefix("//! "))
        .filter_map(|line| line.split_once(". ").filter(|(n, _)| n.parse::<u32>().is_ok()))
        .map(|(_, step)| step)
        .collect()
}

/// Takes the steps; every one must go as it is written.
fn play<S: Strategy>(world: &mut Sequential<'_, S>, steps: &[&str]) {
    for &text in steps {
        let step = match text {
            "the cache evicts the key" => Step::Evict,
            "the server crashes" => Step::Crash,
            "`hold` passes" | "`term` passes" => Step::Pass,
            _ => Step::Actor(world.actor(text.split(" `").next().unwrap_or(text))),
        };
        let happened = world.take(step);
        assert!(!matches!(step, Step::Actor(_)) || happened == text, "{text}: {happened}");
    }
}

fn harms<S: Strategy>(world: &mut Sequential<'_, S>, harm: Harm) -> bool {
    match harm {
        Harm::StaleRead => world.actors.iter().any(|actor| {
            let (Next::Done(Ok(row)), Some(began)) = (actor.next, actor.began) else {
                return false;
            };
            actor.name.starts_with("reader") && row.version < began
        }),
        Harm::StaleCopy => world.cached().is_some_and(|version| version < world.newest),
        Harm::LostWrite => world.database < world.acknowledged,
    }
}

/// Plays these steps, lets what is running end, and says whether that did harm, and how many steps
/// it took to the very end.
struct Play<'a> {
    steps: &'a [&'a str],
    claim: Claim,
}

impl Visitor for Play<'_> {
    type Output = (bool, usize);

    fn visit<S: Strategy>(self, strategy: &S) -> (bool, usize) {
        let mailbox = Mailbox::default();
        let mut world = Sequential::new(strategy, &mailbox, self.claim.replica_lags);
        play(&mut world, self.steps);
        let steps = self.steps.len() + world.drain();
        (harms(&mut world, self.claim.harm), steps)
    }
}

/// Tries every schedule of at most so many steps, to the end of all that has begun, for one that
/// does harm: two readers, two writers, and once each what else may befall.
struct Search {
    steps_max: usize,
    claim: Claim,
}

impl Search {
    fn go<S: Strategy>(&self, strategy: &S, taken: &mut Vec<Step>) -> Option<Vec<Step>> {
        let mailbox = Mailbox::default();
        let mut world = Sequential::new(strategy, &mailbox, self.claim.replica_lags);
        for name in ["reader a", "reader b", "writer a", "writer b"] {
            world.actor(name);
        }
        for &step in &*taken {
            world.take(step);
        }
        if world.running(|_| true).is_none() && harms(&mut world, self.claim.harm) {
            return Some(taken.clone());
        }
        if taken.len() == self.steps_max {
            return None;
        }
        let befalls: &[Step] = match self.claim.crashes {
            true => &[Step::Evict, Step::Pass, Step::Crash],
            false => &[Step::Evict, Step::Pass],
        };
        let choices = world.choices(befalls);
        drop(world);
        for step in choices {
            if !matches!(step, Step::Actor(_)) && taken.contains(&step) {
                continue;
            }
            taken.push(step);
            let found = self.go(strategy, taken);
            taken.pop();
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

impl Visitor for Search {
    type Output = Option<Vec<Step>>;

    fn visit<S: Strategy>(self, strategy: &S) -> Option<Vec<Step>> {
        self.go(strategy, &mut Vec::new())
    }
}

fn does_harm(name: &str, claim: Claim, steps: &[&str]) -> bool {
    choice(find(name).expect("a built-in")).visit(Play { steps, claim }).0
}

#[test]
fn every_documented_schedule_does_the_harm_it_claims_and_no_shorter_one_does() {
    for info in ALL {
        let steps = documented(info);
        assert!(!steps.is_empty(), "{} documents no schedule", info.name);
        let choice = choice(info);
        let (bad, length) = choice.visit(Play { steps: &steps, claim: claim(info.name) });
        assert!(bad, "{}: the documented schedule does no harm", info.name);
        let search = |steps_max| choice.visit(Search { steps_max, claim: claim(info.name) });
        assert_eq!(search(length - 1), None, "{}: there is a shorter one", info.name);
        assert!(search(length).is_some(), "{}: the search is blind", info.name);
    }
}

#[test]
fn without_replicas_or_crashes_no_cache_and_leases_do_no_harm() {
    for name in ["no-cache", "lease"] {
        let claim = Claim { replica_lags: false, ..claim(name) };
        let choice = choice(find(name).expect("a built-in"));
        assert_eq!(choice.visit(Search { steps_max: 9, claim }), None, "{name}");
    }
}

#[test]
fn versions_and_leases_refuse_the_late_fill_that_breaks_delete_on_write() {
    let versioned = [
        "reader `cache.get` → miss",
        "reader `db.read` → version 0",
        "writer `db.write` → version 1",
        "writer `cache.tombstone` version 1",
        "reader `cache.set_if_newer` version 0 → refused",
    ];
    assert!(!does_harm("versioned", claim("versioned"), &versioned));
    let lease = [
        "reader `cache.lease` → granted",
        "reader `db.read` → version 0",
        "writer `db.write` → version 1",
        "writer `cache.delete`",
        "reader `cache.fill` version 0 → refused",
    ];
    assert!(!does_harm("lease", Claim { replica_lags: false, ..claim("lease") }, &lease));
}

#[test]
fn a_tombstone_that_has_run_out_reopens_the_race() {
    let steps = [
        "reader `cache.get` → miss",
        "reader `db.read` → version 0",
        "writer `db.write` → version 1",
        "writer `cache.tombstone` version 1",
        "`hold` passes",
        "reader `cache.set_if_newer` version 0 → accepted",
    ];
    assert!(does_harm("versioned", claim("versioned"), &steps));
}

#[test]
fn a_tombstone_refuses_an_old_row_from_a_replica() {
    let claim = Claim { replica_lags: true, ..claim("versioned") };
    let steps = [
        "writer `db.write` → version 1",
        "writer `cache.tombstone` version 1",
        "reader `cache.get` → miss",
        "reader `db.read` → version 0",
        "reader `cache.set_if_newer` version 0 → refused",
    ];
    assert!(!does_harm("versioned", claim, &steps));
}

#[test]
fn a_tombstone_lets_the_written_version_in_and_still_keeps_the_old_one_out() {
    let steps = [
        "writer `db.write` → version 1",
        "writer `cache.tombstone` version 1",
        "reader a `cache.get` → miss",
        "reader a `db.read` → version 1",
        "reader a `cache.set_if_newer` version 1 → accepted",
    ];
    assert!(!does_harm("versioned", claim("versioned"), &steps));
}

#[test]
fn a_token_given_out_again_voids_the_first_so_that_its_slow_holder_does_no_harm() {
    let claim = Claim { replica_lags: false, ..claim("lease") };
    let steps = [
        "reader a `cache.lease` → granted",
        "reader a `db.read` → version 0",
        "reader b `cache.lease` → taken",
        "`term` passes",
        "reader c `cache.lease` → granted",
        "writer `db.write` → version 1",
        "reader a `cache.fill` version 0 → refused",
        "reader c `db.read` → version 1",
        "writer `cache.delete`",
        "reader c `cache.fill` version 1 → refused",
    ];
    assert!(!does_harm("lease", claim, &steps));
}

#[test]
fn an_accepted_row_evicted_before_its_flush_is_buried_by_the_old_one() {
    let claim = Claim { crashes: false, harm: Harm::StaleCopy, replica_lags: false };
    let steps = [
        "writer `cache.accept` → version 1",
        "writer `client.reply` version 1",
        "writer `jobs.after`",
        "the cache evicts the key",
        "reader `cache.get` → miss",
        "reader `db.read` → version 0",
        "reader `cache.set_if_newer` version 0 → accepted",
        "job `db.apply` version 1",
    ];
    assert!(does_harm("write-behind", claim, &steps));
}

#[test]
fn write_through_makes_a_second_writer_wait() {
    let steps = [
        "writer a `cache.lock` → granted",
        "writer b `cache.lock` → taken",
        "writer a `db.write` → version 1",
        "writer a `cache.set` version 1",
        "writer a `cache.unlock` → accepted",
    ];
    assert!(!does_harm("write-through", claim("write-through"), &steps));
}
