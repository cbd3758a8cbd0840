//! The generic format: one row per request, `time_s,client,op,key`.

use std::io::Read;

use crate::op::Key;
use crate::time::NANOS_PER_SECOND;

use super::TraceError;
use super::clock::Burst;
use super::dictionary::Numbering;
use super::table::Table;

/// The columns that are read.
pub(super) const COLUMNS: [&str; 4] = ["time_s", "client", "op", "key"];
const TIME: usize = 0;
const CLIENT: usize = 1;
const OP: usize = 2;
const KEY: usize = 3;

const TIME_ACCEPTED: &str =
    "seconds, as 12 or 12.345 (not negative, no exponent, less than 584 years)";

/// A reader of the generic format.
pub(super) struct CsvTrace<R, N> {
    pub(super) table: Table<R>,
    pub(super) names: N,
    first_ns: Option<u64>,
    last_ns: u64,
}

impl<R: Read, N: Numbering> CsvTrace<R, N> {
    pub(super) fn new(table: Table<R>, names: N) -> CsvTrace<R, N> {
        CsvTrace { table, names, first_ns: None, last_ns: 0 }
    }

    /// The next request, or `None` at the end of the file.
    pub(super) fn next_burst(&mut self) -> Result<Option<Burst>, TraceError> {
        if !self.table.advance()? {
            return Ok(None);
        }
        let time_ns = self.time_ns()?;
        let first_ns = *self.first_ns.get_or_insert(time_ns);
        self.last_ns = time_ns;
        let client = self.names.client(self.table.name(CLIENT)?);
        let write = match self.table.field(OP) {
            b"read" => false,
            b"write" => true,
            _ => return Err(self.table.wrong(OP, "read or write")),
        };
        let key = self.names.key(self.table.name(KEY)?);
        Ok(Some(Burst {
            start_ns: time_ns - first_ns,
            before: 0,
            count: 1,
            of: 1,
            client: client.map_err(|fault| self.table.fail(fault))?,
            key: Key(key.map_err(|fault| self.table.fail(fault))?),
            write,
        }))
    }

    /// The nanosecond after the last request, so that the last one lies before the end.
    pub(super) fn end_ns(&self) -> u64 {
        self.first_ns.map_or(0, |first| self.last_ns - first + 1)
    }

    fn time_ns(&self) -> Result<u64, TraceError> {
        // The end is a nanosecond later, and must be a time too.
        let time_ns = nanos(self.table.field(TIME)).filter(|&ns| ns < u64::MAX);
        let time_ns = time_ns.ok_or_else(|| self.table.wrong(TIME, TIME_ACCEPTED))?;
        if time_ns < self.last_ns {
            let (seconds, rest) =
                (self.last_ns / NANOS_PER_SECOND, self.last_ns % NANOS_PER_SECOND);
            let before = format!("{seconds}.{rest:09}, the time of the record before, or later");
            return Err(self.table.wrong(TIME, before));
        }
        Ok(time_ns)
    }
}

/// A decimal number of seconds in nanoseconds, digit by digit: no float is involved. Digits
/// after the ninth decimal are cut off.
fn nanos(seconds: &[u8]) -> Option<u64> {
    let point = seconds.iter().position(|&byte| byte == b'.');
    let (whole, decimals) = match point {
        Some(point) => (&seconds[..point], &seconds[point + 1..]),
        None => (seconds, &[][..]),
    };
    let mut digits = whole.iter().chain(decimals);
    if whole.len() + decimals.len() == 0 || !digits.all(u8::is_ascii_digit) {
        return None;
    }
    let nine_decimals = decimals.iter().chain(std::iter::repeat(&b'0')).take(9);
    whole
        .iter()
        .chain(nine_decimals)
        .try_fold(0_u64, |ns, digit| ns.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_exactly() {
        let cases: [(&str, Option<u64>); 16] = [
            ("0", Some(0)),
            ("12", Some(12_000_000_000)),
            ("0.1", Some(100_000_000)),
            ("0.000000001", Some(1)),
            ("1700000000.123456789", Some(1_700_000_000_123_456_789)),
            ("1.0000000019", Some(1_000_000_001)),
            (".5", Some(500_000_000)),
            ("5.", Some(5_000_000_000)),
            ("18446744073.709551615", Some(u64::MAX)),
            ("18446744073.709551616", None),
            ("", None),
            (".", None),
            ("-1", None),
            ("1e3", None),
            ("1.2.3", None),
            ("1,5", None),
        ];
        for (text, expected) in cases {
            assert_eq!(nanos(text.as_bytes()), expected, "{text:?}");
        }
    }
}
