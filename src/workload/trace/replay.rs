//! One pass over a trace's requests.

use std::fmt;
use std::sync::Arc;

use crate::time::Time;

use super::clock::{Burst, Speed};
use super::dictionary::Dictionary;
use super::parser::{Input, Parser};
use super::{Record, Trace, TraceError, TraceFault};

/// The requests of a [`Trace`], in the order of their times. After an error it ends.
pub struct Replay {
    parser: Parser<Input, Arc<Dictionary>>,
    speed: Speed,
    burst: Option<Burst>,
    /// How many requests of `burst` were given out.
    given: u64,
    /// How many requests are still to come, as the first pass counted them.
    left: u64,
    ended: bool,
}

impl Replay {
    /// Reads `input`, which has to hold what `trace` was read from.
    pub(super) fn over(input: Input, trace: &Trace) -> Result<Replay, TraceError> {
        Ok(Replay {
            parser: Parser::open(input, &trace.origin, Arc::clone(&trace.dictionary))?,
            speed: trace.origin.speed,
            burst: None,
            given: 0,
            left: trace.summary.requests,
            ended: false,
        })
    }

    fn advance(&mut self) -> Result<Option<Record>, TraceError> {
        let burst = match self.burst {
            Some(burst) if self.given < burst.count => burst,
            _ => match self.parser.next_burst()? {
                Some(burst) => {
                    self.burst = Some(burst);
                    self.given = 0;
                    burst
                }
                None if self.left == 0 => return Ok(None),
                None => return Err(self.parser.fail(TraceFault::Changed)),
            },
        };
        let at = self.speed.scale_down(burst.at_ns(self.given));
        let (Some(at), Some(left)) = (at, self.left.checked_sub(1)) else {
            return Err(self.parser.fail(TraceFault::Changed));
        };
        self.given += 1;
        self.left = left;
        Ok(Some(Record { at: Time(at), client: burst.client, key: burst.key, write: burst.write }))
    }

    /// How many rows of the file are held at the moment.
    #[cfg(test)]
    pub(super) fn rows_held(&self) -> usize {
        self.parser.rows_held()
    }
}

impl Iterator for Replay {
    type Item = Result<Record, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let record = self.advance().transpose();
        self.ended = !matches!(record, Some(Ok(_)));
        record
    }
}

impl std::iter::FusedIterator for Replay {}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay").field("left", &self.left).finish_non_exhaustive()
    }
}
