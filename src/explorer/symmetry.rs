//! Sessions with the same plan, cache and replica are interchangeable: of all the states that
//! differ only in which of them does what, one is kept.
//!
//! Sound because nothing distinguishes such sessions: no strategy sees who calls it, versions are
//! numbered by commits, and no property names a session. So exchanging two of them turns a
//! schedule into one that violates the same, in as many steps.

use crate::schedule::Scene;

/// The groups of interchangeable sessions of a scene.
#[derive(Clone, Debug)]
pub(super) struct Symmetry {
    /// Per session, a number that those have in common whose steps are the same.
    roles: Vec<u8>,
    /// The sessions of each group of two or more; none if symmetry is not used.
    groups: Vec<Vec<usize>>,
}

impl Symmetry {
    /// `reduce`: whether to make use of it.
    pub(super) fn new(scene: &Scene, reduce: bool) -> Symmetry {
        let alike = |one: usize, other: usize| {
            scene.sessions[one] == scene.sessions[other]
                && scene.node_of(one) == scene.node_of(other)
                && (scene.replicas == 0 || scene.replica_of(one) == scene.replica_of(other))
        };
        let count = scene.sessions.len();
        let first_alike = |index: usize| (0..index).find(|other| alike(*other, index));
        let roles: Vec<u8> =
            (0..count).map(|index| first_alike(index).unwrap_or(index) as u8).collect();
        let of_role = |role: u8| (0..count).filter(|it| roles[*it] == role).collect::<Vec<_>>();
        let mut groups: Vec<_> = (0..count as u8).map(of_role).collect();
        groups.retain(|group| reduce && group.len() > 1);
        Symmetry { roles, groups }
    }

    /// The role of a session.
    #[inline]
    pub(super) fn role(&self, session: usize) -> u8 {
        self.roles[session]
    }

    /// Puts the sessions of each group in order.
    #[inline]
    pub(super) fn normalise(&self, sessions: &mut [u32]) {
        for group in &self.groups {
            // A step changes one session, so this is all but sorted.
            for last in 1..group.len() {
                let mut at = last;
                while at > 0 && sessions[group[at - 1]] > sessions[group[at]] {
                    sessions.swap(group[at - 1], group[at]);
                    at -= 1;
                }
            }
        }
    }

    /// The same, with the names of the sessions following them.
    pub(super) fn normalise_named(&self, sessions: &mut [u32], names: &mut [usize]) {
        for group in &self.groups {
            let mut members: Vec<_> = group.iter().map(|at| (sessions[*at], names[*at])).collect();
            members.sort_by_key(|(session, _)| *session);
            for (at, (session, name)) in group.iter().zip(members) {
                (sessions[*at], names[*at]) = (session, name);
            }
        }
    }
}
