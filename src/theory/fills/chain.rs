//! The states of a key and what leads from one to another, between commits and at one.

use super::Fills;

/// What the cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Nothing,
    New,
    Old,
}

/// Probabilities by what is held, fills of the new row and fills of old ones; and, of what is left
/// by commits, the flow into each state.
pub(super) struct Chain {
    of: Fills,
    side: usize,
    held: [Vec<f64>; 3],
    begun: Vec<f64>,
    /// P(k of n fills at a commit have not read yet), and P(k of n old ones outlive the delete).
    unread: Vec<Vec<f64>>,
    outlive: Vec<Vec<f64>>,
}

impl Chain {
    pub(super) fn new(of: Fills, most: usize) -> Chain {
        let side = most + 1;
        let mut held = [vec![0.0; side * side], vec![0.0; side * side], vec![0.0; side * side]];
        held[0][0] = 1.0;
        Chain {
            of,
            side,
            held,
            begun: vec![0.0; side * side],
            unread: (0..side).map(|n| binomial(n, of.unread)).collect(),
            outlive: (0..2 * side).map(|n| binomial(n, of.outlives)).collect(),
        }
    }

    fn at(&self, new: usize, old: usize) -> usize {
        new * self.side + old
    }

    pub(super) fn share(&self, held: Held) -> f64 {
        let sum = |states: &[f64]| states.iter().sum::<f64>();
        sum(&self.held[held as usize]) / self.held.iter().map(|states| sum(states)).sum::<f64>()
    }

    /// How often an old fill lands where it is kept.
    pub(super) fn late_landings_per_s(&self) -> f64 {
        if self.of.refuses_old {
            return 0.0;
        }
        let (mut landings, mut total) = (0.0, 0.0);
        for (at, in_flight) in (0..self.side * self.side).map(|at| (at, at % self.side)) {
            let share: f64 = self.held.iter().map(|states| states[at]).sum();
            total += share;
            landings += share * in_flight as f64 / self.of.fill_s;
        }
        landings / total
    }

    /// Where commits lead to: nothing is held, and what was in flight is old, unless it had not
    /// read yet; some of it lands before the delete and is gone.
    pub(super) fn commit(&mut self) {
        let side = self.side;
        let all = |at: usize| self.held.iter().map(|states| states[at]).sum::<f64>();
        let total: f64 = (0..side * side).map(all).sum();
        // Expiry leads back to where a pass before has been: both have to be shares of one whole.
        self.held.iter_mut().flatten().for_each(|share| *share /= total);
        let all = |at: usize| self.held.iter().map(|states| states[at]).sum::<f64>();
        // By fills that stay new, and all others.
        let mut others = vec![0.0; side * 2 * side];
        for new in 0..side {
            for old in 0..side {
                let share = all(self.at(new, old));
                for (stay, chance) in self.unread[new].iter().enumerate() {
                    others[stay * 2 * side + new - stay + old] += share * chance;
                }
            }
        }
        self.begun.fill(0.0);
        for new in 0..side {
            for before in 0..2 * side {
                let share = self.of.writes_per_s * others[new * 2 * side + before];
                for (old, chance) in self.outlive[before].iter().enumerate() {
                    // More than fit are as many as fit: there are hardly ever so many.
                    self.begun[new * side + old.min(side - 1)] += share * chance;
                }
            }
        }
    }

    /// What flows on between commits: one pass over the states, in the order of the flow. Only
    /// expiry leads back, for which passes are repeated.
    pub(super) fn flow(&mut self) {
        let (side, landing) = (self.side, 1.0 / self.of.fill_s);
        let Fills { reads_per_s: reads, writes_per_s: writes, expiries_per_s: expiries, .. } =
            self.of;
        let refuses = self.of.refuses_old;
        for new in 0..side {
            for old in (0..side).rev() {
                let at = self.at(new, old);
                let mut inflow = self.begun[at] + expiries * (self.held[1][at] + self.held[2][at]);
                if new > 0 {
                    inflow += reads * self.held[0][self.at(new - 1, old)];
                }
                if refuses && old + 1 < side {
                    let from = self.at(new, old + 1);
                    inflow += (old + 1) as f64 * landing * self.held[0][from];
                }
                let reads = if new + 1 < side { reads } else { 0.0 };
                self.held[0][at] = inflow / (reads + (new + old) as f64 * landing + writes);
            }
        }
        for new in (0..side).rev() {
            for old in (0..side).rev() {
                let at = self.at(new, old);
                let leaves = (new + old) as f64 * landing + writes + expiries;
                let landed = |states: &[Vec<f64>; 3], from: usize, count: usize| {
                    let all: f64 = states.iter().map(|states| states[from]).sum();
                    count as f64 * landing * all
                };
                let mut fresh = 0.0;
                if new + 1 < side {
                    fresh += landed(&self.held, self.at(new + 1, old), new + 1);
                }
                let mut stale = 0.0;
                if old + 1 < side {
                    let from = self.at(new, old + 1);
                    if refuses {
                        fresh += (old + 1) as f64 * landing * self.held[1][from];
                    } else {
                        stale += landed(&self.held, from, old + 1);
                    }
                }
                self.held[1][at] = fresh / leaves;
                self.held[2][at] = stale / leaves;
            }
        }
    }
}

/// P(k of n), each with this probability, for k from 0 to n.
fn binomial(n: usize, probability: f64) -> Vec<f64> {
    let mut row = vec![1.0];
    for _ in 0..n {
        let mut next = vec![0.0; row.len() + 1];
        for (k, share) in row.iter().enumerate() {
            next[k] += share * (1.0 - probability);
            next[k + 1] += share * probability;
        }
        row = next;
    }
    row
}
