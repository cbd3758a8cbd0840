//! The progress bar on standard error; not there unless that is a terminal.

use std::sync::atomic::AtomicBool;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use stalelab::experiment::Progress;

use super::interrupt;

/// Shows how many replications are done, and passes Ctrl-C on.
#[derive(Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar, or one that is never seen.
    pub(crate) fn new(visible: bool) -> Bar {
        let target =
            if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} replications, {eta} to go");
        Bar(bar.with_style(style.expect("the template is right")))
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn started(&self, runs: usize) {
        self.0.set_length(runs as u64);
    }

    fn finished(&self, runs_done: usize) {
        self.0.set_position(runs_done as u64);
    }

    fn cancel(&self) -> &AtomicBool {
        interrupt::flag()
    }
}
