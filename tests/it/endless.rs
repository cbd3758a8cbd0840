//! A run ends, whatever its strategy asks for; what is left undone is told.

use stalelab::metrics::{About, Measurement, Pool};
use stalelab::op::{Fault, Job, Key, Outcome, Row};
use stalelab::simulation::{DRAIN_LIMIT, Setup};
use stalelab::strategies::WriteBehind;
use stalelab::strategy::{Io, Strategy};
use stalelab::time::Span;
use stalelab::workload::WorkloadConfig;
use stalelab::world::WorldConfig;

use crate::support::{measure, setup};

/// Each write asks for a job, and each job for another.
struct Perpetual {
    every: Span,
}

impl Strategy for Perpetual {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.read(key).await
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.jobs.after(self.every, key, Job::default()).await?;
        Ok(row)
    }

    async fn job(&self, io: &mut Io<'_>, key: Key, job: Job) -> Outcome {
        io.jobs.after(self.every, key, job).await?;
        Ok(Row::default())
    }
}

/// Whoever is asked wants to be asked again, jobs included.
struct Procrastinator;

const LATER: Fault = Fault::Retry { after: Span::from_millis(50) };

impl Strategy for Procrastinator {
    async fn read(&self, _: &mut Io<'_>, _: Key) -> Outcome {
        Err(LATER)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.jobs.after(DRAIN_LIMIT, key, Job::default()).await?;
        Ok(row)
    }

    async fn job(&self, _: &mut Io<'_>, _: Key, _: Job) -> Outcome {
        Err(LATER)
    }
}

/// Half a second of reads and writes.
fn half_a_second(rate: f64) -> Setup {
    setup(WorldConfig::instant(), &WorkloadConfig::poisson(rate, 4, 0.5), Span::from_millis(500))
}

fn notes(measured: &Measurement) -> Vec<String> {
    let mut pool = Pool::new(measured.window);
    pool.add(0, measured);
    let about = About {
        name: "one".to_owned(),
        strategy: "custom",
        clients_are_services: false,
        notes: Vec::new(),
    };
    pool.summarize(about, Vec::new(), None).notes
}

#[test]
fn jobs_that_ask_for_jobs_for_ever_are_left() {
    let setup = half_a_second(100.0);
    let perpetual = Perpetual { every: Span::from_millis(10) };
    let measured = measure(&perpetual, &setup, Span::ZERO, 1);
    assert!(measured.counts.writes > 10);
    assert_eq!(measured.aftermath.jobs_left, measured.counts.writes);
    let told = format!(
        "Work was left: {} jobs were given up: they asked to go on long after load had stopped.",
        measured.counts.writes
    );
    assert_eq!(notes(&measured), [told]);
}

#[test]
fn so_are_jobs_that_take_no_time() {
    let measured = measure(&Perpetual { every: Span::ZERO }, &half_a_second(5.0), Span::ZERO, 3);
    assert!(measured.counts.writes > 0);
    assert_eq!(measured.aftermath.jobs_left, measured.counts.writes);
}

#[test]
fn requests_that_start_over_for_ever_fail_and_their_jobs_are_left() {
    let measured = measure(&Procrastinator, &half_a_second(100.0), Span::ZERO, 1);
    assert!(measured.counts.failed > 10 && measured.counts.reads == 0);
    assert_eq!(measured.aftermath.jobs_left, measured.counts.writes);
}

#[test]
fn what_is_due_long_after_load_has_stopped_is_still_done() {
    let setup = half_a_second(100.0);
    let flush = WriteBehind { delay: Span::from_secs(3_600), ttl: Span::FOREVER };
    let measured = measure(&flush, &setup, Span::ZERO, 1);
    assert!(measured.counts.writes > 10);
    assert_eq!(measured.aftermath.lost_writes, 0);
    assert!(notes(&measured).is_empty());
}
