//! Line ends made alike while reading: `\r\n` and `\r` become `\n`, and the last line gets one.
//!
//! The csv crate accepts every line end, but its line numbers are off after `\r\n` and after
//! blank lines. With one kind of line end, the line of a record is the number of line ends read.
//! It would also take a quote left open for a field as long as the file: an allowance stops it.

use std::io::{self, Read};

/// A reader whose lines all end in `\n`.
pub(super) struct Newlines<R> {
    inner: R,
    /// The last byte read was `\r`: a `\n` right after it belongs to the same line end.
    after_return: bool,
    /// The last byte given out was not a line end.
    inside_line: bool,
    /// How many bytes may still be read.
    allowance: usize,
}

impl<R: Read> Newlines<R> {
    pub(super) fn new(inner: R) -> Newlines<R> {
        Newlines { inner, after_return: false, inside_line: false, allowance: 0 }
    }

    /// Allows so many more bytes to be read; after them, reading fails.
    pub(super) fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
    }

    /// Whether all that was allowed has been read.
    pub(super) fn is_exhausted(&self) -> bool {
        self.allowance == 0
    }

    /// Rewrites the bytes in place and returns how many are left.
    fn rewrite(&mut self, bytes: &mut [u8]) -> usize {
        let mut kept = 0;
        for place in 0..bytes.len() {
            let byte = bytes[place];
            let second_half = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if !second_half {
                bytes[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
        }
        if let Some(last) = bytes[..kept].last() {
            self.inside_line = *last != b'\n';
        }
        kept
    }
}

impl<R: Read> Read for Newlines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if self.is_exhausted() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let allowed = buffer.len().min(self.allowance);
            let read = self.inner.read(&mut buffer[..allowed])?;
            self.allowance -= read;
            if read == 0 {
                if !self.inside_line {
                    return Ok(0);
                }
                self.inside_line = false;
                buffer[0] = b'\n';
                return Ok(1);
            }
            // A lone second half of a line end leaves nothing, which would look like the end.
            let kept = self.rewrite(&mut buffer[..read]);
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out at most `step` bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let step = self.1.min(buffer.len());
            self.0.read(&mut buffer[..step])
        }
    }

    #[test]
    fn every_line_end_becomes_one_newline_wherever_the_reads_break() {
        let cases = [
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\rb", "a\nb\n"),
            ("a\n\r\n\r\nb", "a\n\n\nb\n"),
            ("\r\n", "\n"),
            ("", ""),
            ("a\r\r\nb\n", "a\n\nb\n"),
        ];
        for (text, expected) in cases {
            for step in 1..=8 {
                let mut lines = Newlines::new(Slow(text.as_bytes(), step));
                lines.allow(100);
                let mut read = String::new();
                lines.read_to_string(&mut read).unwrap();
                assert_eq!(read, expected, "{text:?} in steps of {step}");
            }
        }
    }

    #[test]
    fn reading_fails_after_what_was_allowed() {
        let mut lines = Newlines::new(&b"0123456789"[..]);
        lines.allow(4);
        let mut read = Vec::new();
        assert!(lines.read_to_end(&mut read).is_err());
        assert_eq!(read, b"0123");
        assert!(lines.is_exhausted());
    }
}
