//! How many threads a command may use, and whether memory suffices for what they do at once.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use stalelab::scenario::{Scenario, Variant};

use super::exit::{Exit, Failure};

/// No command uses more threads than these, unless there are as many processors.
const THREADS_MAX: usize = 64;

/// The number of threads: as asked for within reason, or one per processor.
pub(crate) fn count(jobs: Option<NonZeroUsize>) -> usize {
    let processors = available_parallelism().map_or(1, NonZeroUsize::get);
    jobs.map_or(processors, |jobs| jobs.get().min(processors.max(THREADS_MAX)))
}

/// Does something, and says how long that took. For people: no result may depend on it.
#[expect(clippy::disallowed_methods, reason = "told on standard error only")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}

/// Does something with so many threads.
pub(crate) fn with<T: Send>(
    jobs: Option<NonZeroUsize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, Failure> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count(jobs)).build();
    let pool = pool.map_err(|error| Failure::new(Exit::Io, format!("no threads: {error}")))?;
    Ok(pool.install(work))
}

/// Refuses what would not fit into the memory there is, if the system tells how much that is.
pub(crate) fn refuse_what_does_not_fit(scenario: &Scenario, threads: usize) -> Result<(), Failure> {
    let Some(available) = available_bytes() else {
        return Ok(());
    };
    let largest = scenario.variants.iter().map(Variant::bytes).max().unwrap_or(0);
    let runs = scenario.variants.len() * scenario.replications as usize;
    let at_once = threads.min(runs).max(1) as u64;
    if largest.saturating_mul(at_once) <= available {
        return Ok(());
    }
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let way_out = match (available / largest.max(1)).min(at_once) {
        0 => "fewer keys, at a rate lowered as much, behave alike, key by key".to_owned(),
        fit => format!("`--jobs {fit}` fits"),
    };
    let message = format!(
        "{at_once} runs at once need about {:.1} GiB, and {:.1} GiB are available; {way_out}",
        gib(largest * at_once),
        gib(available)
    );
    Err(Failure::new(Exit::Usage, message))
}

/// What Linux says is available; other systems are not asked.
fn available_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}
