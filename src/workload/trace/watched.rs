//! An input that can be called off between two of its reads, so that a long trace need not be
//! read to its end by somebody who no longer wants it.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

/// Reads as `inner` does until `cancel` is set, and fails from then on.
pub(super) struct Watched<'a, R> {
    pub(super) inner: R,
    pub(super) cancel: &'a AtomicBool,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.cancel.load(Ordering::Relaxed) {
            true => Err(io::Error::other("called off")),
            false => self.inner.read(buffer),
        }
    }
}
