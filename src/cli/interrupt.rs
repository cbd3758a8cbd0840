//! Ctrl-C: the first asks the run to stop, the second stops the process, but never in the middle
//! of writing the files, nor before what was made for the meantime is removed.

use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::Exit;

static REQUESTED: AtomicBool = AtomicBool::new(false);
/// Whether the process must come to its own end.
static PROTECTED: AtomicBool = AtomicBool::new(false);

/// Starts to listen. Without a handler Ctrl-C ends the process at once, which is no reason not
/// to run.
pub(crate) fn install() {
    let _ = ctrlc::set_handler(|| {
        let again = REQUESTED.swap(true, Ordering::SeqCst);
        if again && !PROTECTED.load(Ordering::SeqCst) {
            std::process::exit(Exit::Interrupted as i32);
        }
    });
}

/// Whether somebody pressed Ctrl-C.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// The flag that is set once somebody has pressed Ctrl-C.
pub(crate) fn flag() -> &'static AtomicBool {
    &REQUESTED
}

/// Does what must not be interrupted.
pub(crate) fn protected<T>(work: impl FnOnce() -> T) -> T {
    PROTECTED.store(true, Ordering::SeqCst);
    let result = work();
    PROTECTED.store(false, Ordering::SeqCst);
    result
}
