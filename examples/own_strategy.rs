//! A caching strategy of your own, from outside the crate.
//!
//! Delete before *and* after the write, and never fail a request because the cache is down. Run
//! here by hand, one operation at a time, and then under the load of a built-in scenario, beside
//! the built-in `delete-on-write`: `cargo run --release --example own_strategy`.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use stalelab::experiment::{ExperimentError, Options, run_strategy};
use stalelab::metrics::VariantSummary;
use stalelab::op::{Call, Fault, Key, Op, Outcome, Reply, Row, Version};
use stalelab::scenario::{Override, builtin, parse};
use stalelab::strategies::DeleteOnWrite;
use stalelab::strategy::{Io, Strategy, serve};
use stalelab::task::{Mailbox, Next};
use stalelab::time::Span;

/// Cache-aside that treats the cache as a hint: a fault there counts as a miss.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeleteAround {
    /// How long an entry lives.
    pub(crate) ttl: Span,
}

impl Strategy for DeleteAround {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await.ok().flatten() {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set(key, row, self.ttl).await.ok();
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.cache.delete(key).await.ok();
        let row = io.db.write(key).await?;
        io.cache.delete(key).await.ok();
        Ok(row)
    }
}

/// Runs a call to its end in a world that answers like this, and tells what it asked for.
pub(crate) fn by_hand<S: Strategy>(
    strategy: &S,
    call: Call,
    world: fn(Op) -> Reply,
) -> (Vec<Op>, Outcome) {
    let mailbox = Mailbox::default();
    let mut task = Box::pin(serve(strategy, &mailbox, call));
    let mut asked = Vec::new();
    let mut reply = None;
    loop {
        match mailbox.resume(task.as_mut(), reply) {
            Next::Done(outcome) => return (asked, outcome),
            Next::Op(op) => {
                asked.push(op);
                reply = Some(world(op));
            }
        }
    }
}

/// A world whose database is at version 1 and whose cache does not answer.
pub(crate) fn dead_cache(op: Op) -> Reply {
    match op {
        Op::DbRead(_) | Op::DbWrite(_) => Reply::Row(Some(Row::new(Version(1)))),
        _ => Reply::Fault(Fault::Unavailable),
    }
}

/// Measures a strategy in the place of the first variant of `delete-race`: that scenario's world,
/// load and seeds, for a minute.
pub(crate) fn in_delete_race<S: Strategy>(strategy: &S) -> Result<VariantSummary, ExperimentError> {
    let input = builtin::input("delete-race").expect("it is built in");
    let a_minute = Override::parse("duration=60s").expect("it is `key=value`");
    let scenario = parse(&input, &[a_minute]).expect("it is valid").scenario;
    run_strategy(&scenario, 0, strategy, &Options::default(), &())
}

/// Prints a few of the metrics, which are found by the names in `stalelab list`.
fn print(name: &str, measured: &VariantSummary) {
    println!("{name}:");
    for metric in ["hit_ratio", "stale_read_ratio", "stale_age_mean_ms", "write_latency_p99_ms"] {
        match measured.estimate(metric) {
            Some(estimate) => println!("  {metric:<22}{:.5}", estimate.mean),
            None => println!("  {metric:<22}nothing to measure"),
        }
    }
}

fn main() -> Result<(), ExperimentError> {
    let strategy = DeleteAround { ttl: Span::from_secs(60) };
    for call in [Call::Read(Key(0)), Call::Write(Key(0))] {
        let (asked, outcome) = by_hand(&strategy, call, dead_cache);
        println!("{call:?} with a dead cache:");
        for op in asked {
            println!("  {} -> {:?}", op.name(), dead_cache(op));
        }
        println!("  the client gets {outcome:?}");
    }
    let ttl = Span::FOREVER;
    print("delete-on-write", &in_delete_race(&DeleteOnWrite { ttl, reply_before_fill: false })?);
    print("delete around", &in_delete_race(&DeleteAround { ttl })?);
    Ok(())
}
