//! How many threads a command may use.

use super::exit::{Exit, Failure};

/// Does something with so many threads, or as many as there are cores.
pub(crate) fn with<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, Failure> {
    let Some(threads) = threads else {
        return Ok(work());
    };
    if threads == 0 {
        return Err(Failure::new(Exit::Usage, "--jobs must be at least 1"));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| Failure::new(Exit::Io, format!("no threads: {error}")))?;
    Ok(pool.install(work))
}
