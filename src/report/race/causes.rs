//! What goes wrong in a race, each time it does, and the steps that rests on.

use super::Race;
use crate::schedule::{Link, Property, chain_of_last};

/// A step at which something goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its index.
    pub at: usize,
    /// The first of the race's properties that it violates.
    pub property: Property,
    /// The steps without which it would not, in order.
    pub links: Vec<Link>,
}

/// Everything that goes wrong. A race that breaks no promise has a last step that is told all the
/// same, if it has a cause.
pub fn wrongs(race: &Race<'_>) -> Vec<Wrong> {
    let wrong = |(at, property)| {
        let links = chain_of_last(race.scene, &race.steps[..=at], property);
        Wrong { at, property, links }
    };
    if race.violates.is_empty() && !race.cause.is_empty() && !race.steps.is_empty() {
        return vec![wrong((race.steps.len() - 1, Property::NoStaleRead))];
    }
    let steps = 0..race.steps.len();
    let violations = steps.filter_map(|at| broken(race, at).next().map(|it| (at, it)));
    violations.map(wrong).collect()
}

/// Which of the race's properties a step violates: each time, if it is one of reads; if it is one
/// of where steps have led, the first time.
pub(super) fn broken<'a>(race: &'a Race<'_>, at: usize) -> impl Iterator<Item = Property> + 'a {
    let here = race.violates.iter().copied();
    here.filter(move |it| match it.is_of_reads() {
        true => race.steps[at].violated.has(*it),
        false => race.violating(*it) == Some(at),
    })
}

/// The steps that anything rests on, each once, in order.
pub(super) fn links(race: &Race<'_>) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for link in wrongs(race).into_iter().flat_map(|wrong| wrong.links) {
        if !links.iter().any(|known| known.at == link.at) {
            links.push(link);
        }
    }
    links.sort_by_key(|link| link.at);
    links
}
