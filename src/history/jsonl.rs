//! JSON Lines: one operation a line, told when it is over.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::mistake::At;
use crate::consistency::{History, INITIAL, Kind, Names, Operation, UNKNOWN};
use crate::time::Time;

/// One line. Fields it does not know are the recorder's own business.
#[derive(serde::Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    process: Name<'a>,
    op: Op,
    #[serde(borrow)]
    key: Name<'a>,
    version: Whole<Version>,
    invoked: Whole<Instant>,
    completed: Whole<Instant>,
    #[serde(default)]
    committed: Whole<Instant>,
    #[serde(default)]
    failed: bool,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Op {
    Read,
    Write,
}

/// A name: a text or a whole number, which is the text of its digits.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a whole number")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(number.to_string())))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(number.to_string())))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// What a whole number stands for.
trait Meaning {
    const EXPECTED: &'static str;
}

struct Version;

impl Meaning for Version {
    const EXPECTED: &'static str = "a version: a whole number which orders the writes of its key, \
                                    0 before the first one, or null";
}

struct Instant;

impl Meaning for Instant {
    const EXPECTED: &'static str = "a time in whole nanoseconds, or null";
}

/// A whole number below 2^64 - 1, or null.
struct Whole<M>(Option<u64>, PhantomData<M>);

impl<M> Default for Whole<M> {
    fn default() -> Whole<M> {
        Whole(None, PhantomData)
    }
}

impl<'de, M: Meaning> Deserialize<'de> for Whole<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<M>(PhantomData<M>);
        impl<M: Meaning> Visitor<'_> for Read<M> {
            type Value = Whole<M>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(M::EXPECTED)
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole<M>, E> {
                if number == u64::MAX {
                    return Err(E::invalid_value(de::Unexpected::Unsigned(number), &self));
                }
                Ok(Whole(Some(number), PhantomData))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Whole<M>, E> {
                Ok(Whole(None, PhantomData))
            }
        }
        deserializer.deserialize_any(Read(PhantomData))
    }
}

/// What is said where something is missing.
const FIELDS: &str = "; a line has process, op, key, version, invoked and completed";

/// Reads one line into a history.
pub(super) fn read_line(text: &[u8], line: u32, history: &mut History) -> Result<(), At> {
    let told: Line<'_> = serde_json::from_slice(text).map_err(|error| {
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&place).unwrap_or(&message);
        let all = if message.starts_with("missing field") { FIELDS } else { "" };
        At::new(error.column().max(1), format!("{message}{all}"))
    })?;
    let time = |whole: Whole<Instant>| whole.0.map_or(Time::NEVER, Time);
    let kind = match told.op {
        Op::Read => Kind::Read,
        Op::Write => Kind::Write,
    };
    let Some(invoked) = told.invoked.0 else {
        return Err(At::new(1, "`invoked` is null: an operation was invoked at some time"));
    };
    let nobody_knows = match kind {
        Kind::Read => INITIAL,
        Kind::Write => UNKNOWN,
    };
    let operation = Operation {
        invoked: Time(invoked),
        completed: time(told.completed),
        committed: time(told.committed),
        version: told.version.0.unwrap_or(nobody_knows),
        key: history.keys.number(&told.key.0),
        session: history.sessions.number(&told.process.0),
        line,
        kind,
    };
    if told.failed || kind == Kind::Read && operation.is_open() {
        history.push_failed(operation);
        return Ok(());
    }
    history.push(operation).map_err(|nonsense| At::new(1, nonsense.to_string()))
}

/// Writes a history, in the order of invocations.
pub(super) fn write(history: &History, out: &mut dyn Write) -> io::Result<()> {
    let all = history.operations().iter().map(|it| (it, false));
    let mut lines: Vec<(&Operation, bool)> = all.collect();
    lines.extend(history.failed().iter().map(|it| (it, true)));
    lines.sort_by_key(|(it, _)| it.invoked);
    for (it, failed) in lines {
        out.write_all(b"{\"process\": ")?;
        write_name(&history.sessions, it.session, out)?;
        let op = if it.kind == Kind::Read { "read" } else { "write" };
        write!(out, ", \"op\": \"{op}\", \"key\": ")?;
        write_name(&history.keys, it.key, out)?;
        let version =
            (it.version != UNKNOWN && !(failed && it.kind == Kind::Read)).then_some(it.version);
        write!(out, ", \"version\": {}", Nullable(version))?;
        write!(out, ", \"invoked\": {}", it.invoked.0)?;
        write!(out, ", \"completed\": {}", Nullable(known(it.completed)))?;
        if let Some(committed) = known(it.committed) {
            write!(out, ", \"committed\": {committed}")?;
        }
        if failed && it.kind == Kind::Write {
            out.write_all(b", \"failed\": true")?;
        }
        out.write_all(b"}\n")?;
    }
    Ok(())
}

/// A time, if it ever comes.
pub(super) fn known(time: Time) -> Option<u64> {
    (time < Time::NEVER).then_some(time.0)
}

struct Nullable(Option<u64>);

impl fmt::Display for Nullable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => number.fmt(f),
            None => f.write_str("null"),
        }
    }
}

/// Writes a name: as a number if it reads back as one.
pub(super) fn write_name(names: &Names, number: u32, out: &mut dyn Write) -> io::Result<()> {
    let name = names.name(number);
    if name.parse::<u64>().is_ok_and(|it| it.to_string() == name) {
        return out.write_all(name.as_bytes());
    }
    serde_json::to_writer(out, name).map_err(io::Error::from)
}
