//! How many replications: so many, or rounds of them until a metric is known well enough.
//!
//! A round is over when all its runs are, and what it says is taken in the order of replications:
//! how many there are does not depend on threads. All variants get the same number, so that every
//! replication has its pair.

use std::sync::atomic::AtomicBool;

use super::{ExperimentError, Options, Plan, Progress, in_parallel};
use crate::metrics::{Estimate, ReplicationRow, index};
use crate::scenario::Scenario;

/// Runs replications of each plan, and returns their rows, by plan. `job` runs one: the plan's
/// index and the replication's.
pub(super) fn run(
    scenario: &Scenario,
    plans: &[Plan],
    options: &Options,
    progress: &dyn Progress,
    job: impl Fn(usize, usize, &AtomicBool) -> Result<ReplicationRow, ExperimentError> + Sync,
) -> Result<Vec<Vec<ReplicationRow>>, ExperimentError> {
    let mut rows: Vec<Vec<ReplicationRow>> = plans.iter().map(|_| Vec::new()).collect();
    let mut done = 0;
    while let Some(next) = next(scenario, plans, &rows, done) {
        let wide = next - done;
        let progress = Onward { progress, before: plans.len() * done };
        let round = in_parallel(options, &progress, plans.len() * wide, |index, cancel| {
            job(index / wide, done + index % wide, cancel)
        })?;
        let mut round = round.into_iter();
        rows.iter_mut().for_each(|rows| rows.extend(round.by_ref().take(wide)));
        done = next;
    }
    Ok(rows)
}

/// How many replications there shall be, after so many; none if that is enough.
fn next(
    scenario: &Scenario,
    plans: &[Plan],
    rows: &[Vec<ReplicationRow>],
    done: usize,
) -> Option<usize> {
    let until = scenario.until.as_ref();
    let Some((until, metric)) = until.and_then(|until| Some((until, index(until.metric)?))) else {
        return (done == 0).then_some(scenario.replications as usize);
    };
    let estimate = |(plan, rows): (&Plan, &Vec<ReplicationRow>)| -> Option<Estimate> {
        plan.pool.lock().expect("no run panicked").estimate_so_far(metric, rows)
    };
    let estimates: Vec<Option<Estimate>> = plans.iter().zip(rows).map(estimate).collect();
    until.next(done as u32, &estimates).map(|next| next as usize)
}

/// The progress of a round, after so many runs.
struct Onward<'a> {
    progress: &'a dyn Progress,
    before: usize,
}

impl Progress for Onward<'_> {
    fn started(&self, runs: usize) {
        self.progress.started(self.before + runs);
    }

    fn finished(&self, runs_done: usize) {
        self.progress.finished(self.before + runs_done);
    }

    fn cancel(&self) -> &AtomicBool {
        self.progress.cancel()
    }
}
