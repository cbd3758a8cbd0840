//! Events in the manner of Jepsen, in EDN: an operation is its invocation and, if anybody heard of
//! its end, its completion, as of `jepsen.independent` over registers.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::EDN_EXAMPLE;
use super::edn::{Cursor, Is, Value, unescaped};
use super::jsonl::{known, write_name};
use super::mistake::At;
use crate::consistency::{History, INITIAL, Kind, Operation, UNKNOWN};
use crate::time::Time;

/// What kind of event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Invoke,
    Ok,
    Fail,
    Info,
}

/// What a line says, as far as it matters.
#[derive(Clone, Copy, Debug, Default)]
struct Line<'a> {
    kind: Option<Value<'a>>,
    function: Option<Value<'a>>,
    process: Option<Value<'a>>,
    session: Option<Value<'a>>,
    time: Option<Value<'a>>,
    value: Option<Value<'a>>,
    committed: Option<Value<'a>>,
}

impl<'a> Line<'a> {
    fn read(text: &'a str, first: usize) -> Result<Line<'a>, At> {
        let mut cursor = Cursor::new(text, first);
        let map = cursor.value()?;
        cursor.skip_blanks()?;
        if !cursor.is_at_end() {
            return Err(At::new(cursor.column(), "more than one value; accepted: one a line"));
        }
        let inside = match map.is {
            Is::Other(text) => text.strip_prefix('{').and_then(|text| text.strip_suffix('}')),
            _ => None,
        };
        let Some(inside) = inside else {
            let message = format!("found {}; accepted: a map, as {EDN_EXAMPLE}", map.written());
            return Err(At::new(map.column, message));
        };
        let mut line = Line::default();
        let mut cursor = Cursor::new(inside, map.column + 1);
        cursor.skip_blanks()?;
        while !cursor.is_at_end() {
            let key = cursor.value()?;
            let value = cursor.value()?;
            let Is::Keyword(name) = key.is else { continue };
            let place = match name {
                ":type" => &mut line.kind,
                ":f" => &mut line.function,
                ":process" => &mut line.process,
                ":session" => &mut line.session,
                ":time" => &mut line.time,
                ":value" => &mut line.value,
                ":committed" => &mut line.committed,
                _ => continue,
            };
            *place = Some(value);
            cursor.skip_blanks()?;
        }
        Ok(line)
    }
}

const VALUE: &str = "nil, a version, or [key version], where a version is a whole number which \
                     orders the writes of its key, or nil";
/// Jepsen's only key where there is no `jepsen.independent`.
const ONLY_KEY: &str = "register";

fn missing(what: &str) -> At {
    At::new(1, format!("there is no {what}; accepted: a map, as {EDN_EXAMPLE}"))
}

fn unexpected(found: Value<'_>, accepted: &str) -> At {
    At::new(found.column, format!("found {}; accepted: {accepted}", found.written()))
}

fn name(value: Value<'_>) -> Result<String, At> {
    match value.is {
        Is::Whole(number) => Ok(number.to_string()),
        Is::Keyword(text) => Ok(text.to_owned()),
        Is::Text(text) => {
            unescaped(text).ok_or_else(|| unexpected(value, "a text with JSON's escapes"))
        }
        _ => Err(unexpected(value, "a whole number, a keyword or a text")),
    }
}

fn whole(value: Value<'_>, accepted: &str) -> Result<u64, At> {
    match value.is {
        Is::Whole(number) => u64::try_from(number).map_err(|_| unexpected(value, accepted)),
        _ => Err(unexpected(value, accepted)),
    }
}

fn version(value: Value<'_>) -> Result<Option<u64>, At> {
    match value.is {
        Is::Nil => Ok(None),
        _ => whole(value, VALUE).map(Some),
    }
}

/// The key and the version of a value.
fn keyed(value: Option<Value<'_>>) -> Result<(Option<String>, Option<u64>), At> {
    let Some(value) = value else { return Ok((None, None)) };
    let Is::Vector(inside) = value.is else {
        return version(value).map(|version| (None, version));
    };
    let mut cursor = Cursor::new(inside, value.column + 1);
    let pair = (cursor.value(), cursor.value());
    cursor.skip_blanks()?;
    match pair {
        (Ok(key), Ok(found)) if cursor.is_at_end() => Ok((Some(name(key)?), version(found)?)),
        _ => Err(unexpected(value, VALUE)),
    }
}

/// What events are about that were read so far.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Per process, its invocation that has no completion yet.
    pending: BTreeMap<String, Operation>,
}

impl Events {
    /// Reads one line into a history. `first`: the column at which its text begins.
    pub(super) fn read_line(
        &mut self,
        text: &str,
        first: usize,
        number: u32,
        history: &mut History,
    ) -> Result<(), At> {
        let line = Line::read(text, first)?;
        let process = line.process.ok_or_else(|| missing(":process"))?;
        if matches!(process.is, Is::Keyword(_)) {
            history.other_events += 1;
            return Ok(());
        }
        let process = name(process)?;
        let kind = line.kind.ok_or_else(|| missing(":type"))?;
        let kind = match kind.is {
            Is::Keyword(":invoke") => Type::Invoke,
            Is::Keyword(":ok") => Type::Ok,
            Is::Keyword(":fail") => Type::Fail,
            Is::Keyword(":info") => Type::Info,
            _ => return Err(unexpected(kind, ":invoke, :ok, :fail or :info")),
        };
        let operation = operation(&line, &process, number, history)?;
        match kind {
            Type::Invoke => self.invoke(process, operation, history),
            _ => self.complete(&process, kind, operation, history),
        }
    }

    fn invoke(
        &mut self,
        process: String,
        operation: Operation,
        history: &History,
    ) -> Result<(), At> {
        if let Some(before) = self.pending.get(&process) {
            let key = history.keys.name(before.key);
            let message = format!(
                "process {process} has an operation on key {key} in progress since line {}; \
                 accepted: one at a time, of each process",
                before.line
            );
            return Err(At::new(1, message));
        }
        self.pending.insert(process, operation);
        Ok(())
    }

    fn complete(
        &mut self,
        process: &str,
        kind: Type,
        ending: Operation,
        history: &mut History,
    ) -> Result<(), At> {
        let Some(begun) = self.pending.remove(process) else {
            let message = format!(
                "process {process} has nothing in progress; accepted before this: an :invoke"
            );
            return Err(At::new(1, message));
        };
        if (begun.kind, begun.key) != (ending.kind, ending.key) {
            let message = format!(
                "process {process} has a {} of key {} in progress since line {}, and this ends a \
                 {} of key {}",
                word(begun.kind),
                history.keys.name(begun.key),
                begun.line,
                word(ending.kind),
                history.keys.name(ending.key)
            );
            return Err(At::new(1, message));
        }
        let version = match (begun.kind, kind) {
            (Kind::Read, _) => ending.version,
            (Kind::Write, _) if ending.version == UNKNOWN => begun.version,
            (Kind::Write, _) => ending.version,
        };
        let completed = if kind == Type::Info { Time::NEVER } else { ending.invoked };
        let committed = begun.committed.min(ending.committed);
        let line = ending.line;
        let operation = Operation { completed, committed, version, line, ..begun };
        if kind == Type::Fail || kind == Type::Info && begun.kind == Kind::Read {
            history.push_failed(operation);
            return Ok(());
        }
        history.push(operation).map_err(|nonsense| At::new(1, nonsense.to_string()))
    }

    /// There are no more lines: what is in progress stays so.
    pub(super) fn end(self, history: &mut History) -> Result<(), (u32, At)> {
        for operation in self.pending.into_values() {
            if operation.kind == Kind::Read {
                history.push_failed(operation);
            } else if let Err(nonsense) = history.push(operation) {
                return Err((operation.line, At::new(1, nonsense.to_string())));
            }
        }
        Ok(())
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Read => "read",
        Kind::Write => "write",
    }
}

/// The operation an event is about, open, invoked at the event's time.
fn operation(
    line: &Line<'_>,
    process: &str,
    number: u32,
    history: &mut History,
) -> Result<Operation, At> {
    let function = line.function.ok_or_else(|| missing(":f"))?;
    let kind = match function.is {
        Is::Keyword(":read") => Kind::Read,
        Is::Keyword(":write") => Kind::Write,
        _ => return Err(unexpected(function, ":read or :write, of registers")),
    };
    const NANOS: &str = "a time in whole nanoseconds";
    let time = whole(line.time.ok_or_else(|| missing(":time"))?, NANOS)?;
    let (key, version) = keyed(line.value)?;
    let nobody_knows = match kind {
        Kind::Read => INITIAL,
        Kind::Write => UNKNOWN,
    };
    let committed = match line.committed {
        None | Some(Value { is: Is::Nil, .. }) => Time::NEVER,
        Some(value) => Time(whole(value, NANOS)?),
    };
    let session = line.session.map(name).transpose()?;
    Ok(Operation {
        invoked: Time(time),
        completed: Time::NEVER,
        committed,
        version: version.unwrap_or(nobody_knows),
        key: history.keys.number(key.as_deref().unwrap_or(ONLY_KEY)),
        session: history.sessions.number(session.as_deref().unwrap_or(process)),
        line: number,
        kind,
    })
}

/// Writes a history, in the order of its events: at one instant invocations first, so that what
/// overlaps does so for those, too, who only look at the order.
pub(super) fn write(history: &History, out: &mut dyn Write) -> io::Result<()> {
    let all = history.operations().iter().map(|it| (it, Type::Ok));
    let mut operations: Vec<(&Operation, Type)> = all.collect();
    // Without its end, a write that failed would look like one that may have taken effect.
    let ended = |it: &Operation| match it.kind {
        Kind::Write if it.is_open() => Operation { completed: it.invoked, ..*it },
        Kind::Read | Kind::Write => *it,
    };
    let failed: Vec<Operation> = history.failed().iter().map(ended).collect();
    operations.extend(failed.iter().map(|it| (it, Type::Fail)));
    operations.sort_by_key(|(it, _)| it.invoked);
    let processes = processes(&operations, history.sessions.len() as u64);
    let mut events: Vec<(Time, bool, usize)> = Vec::new();
    for (place, (it, _)) in operations.iter().enumerate() {
        events.push((it.invoked, false, place));
        if !it.is_open() {
            events.push((it.completed, true, place));
        }
    }
    events.sort_unstable();
    for (index, (time, is_end, place)) in events.into_iter().enumerate() {
        let (it, end) = operations[place];
        let kind = match (is_end, end) {
            (false, _) => "invoke",
            (true, Type::Fail) => "fail",
            (true, _) => "ok",
        };
        let process = processes[place];
        write!(out, "{{:index {index}, :type :{kind}, :f :{}", word(it.kind))?;
        write!(out, ", :process {process}, :session ")?;
        write_name(&history.sessions, it.session, out)?;
        write!(out, ", :time {}, :value [", time.0)?;
        write_name(&history.keys, it.key, out)?;
        let is_told = match it.kind {
            Kind::Read => is_end && end == Type::Ok,
            Kind::Write => it.version != UNKNOWN,
        };
        match is_told {
            true => write!(out, " {}]", it.version)?,
            false => out.write_all(b" nil]")?,
        }
        if let Some(committed) = known(it.committed).filter(|_| is_end || it.is_open()) {
            write!(out, ", :committed {committed}")?;
        }
        out.write_all(b"}\n")?;
    }
    Ok(())
}

/// A process for each operation: one at a time, and none after an operation that never ended. The
/// first process of a session has its number.
fn processes(operations: &[(&Operation, Type)], sessions: u64) -> Vec<u64> {
    // Of each session: how many there have been, and those that can be had again, with the ends of
    // what they did last.
    let mut lanes: BTreeMap<u32, (u64, Vec<(u64, Time)>)> = BTreeMap::new();
    let process = |(it, _): &(&Operation, Type)| {
        let (next, free) = lanes.entry(it.session).or_default();
        let place = free.iter().position(|(_, ended)| *ended < it.invoked).unwrap_or_else(|| {
            free.push((*next, Time::ZERO));
            *next += 1;
            free.len() - 1
        });
        let lane = free[place].0;
        match it.is_open() {
            true => drop(free.remove(place)),
            false => free[place].1 = it.completed,
        }
        u64::from(it.session) + lane * sessions
    };
    operations.iter().map(process).collect()
}
