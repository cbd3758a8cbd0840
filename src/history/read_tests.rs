//! What is read and written, and what is said of mistakes.

use super::*;
use crate::consistency::{Kind, Operation, UNKNOWN};
use crate::random::{OperationRng, below};
use crate::time::Time;

fn mistakes(text: &str) -> (Vec<String>, u64) {
    match read(&mut text.as_bytes()) {
        Ok(_) => (Vec::new(), 0),
        Err(ReadError::Mistakes { first, more }) => {
            (first.iter().map(Mistake::to_string).collect(), more)
        }
        Err(ReadError::Io(error)) => panic!("{error}"),
    }
}

fn history(text: &str) -> History {
    read(&mut text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

/// Operations as (kind, session, key, version, invoked, completed, committed), in their order.
type Told<'a> = (Kind, &'a str, &'a str, u64, u64, u64, u64);

const OPEN: u64 = u64::MAX;

fn told<'a>(history: &'a History, operations: &'a [Operation]) -> Vec<Told<'a>> {
    let told = operations.iter().map(|it| {
        let (session, key) = (history.sessions.name(it.session), history.keys.name(it.key));
        let Operation { kind, version, invoked, completed, committed, .. } = *it;
        (kind, session, key, version, invoked.0, completed.0, committed.0)
    });
    let mut told: Vec<Told<'a>> = told.collect();
    told.sort_by_key(|it| it.4);
    told
}

const LINES: &str = r#"
{"process": 3, "op": "read", "key": "user:7", "version": 12, "invoked": 1000, "completed": 1850}
{"op": "write", "process": "w-1", "host": {"x": [1]}, "key": 7, "version": 13, "invoked": 1200, "completed": 1900, "committed": 1600}
{"process": 2, "op": "write", "key": "a\"é", "version": null, "invoked": 1500, "completed": null}
{"process": 2, "op": "read", "key": 7, "version": null, "invoked": 1501, "completed": 1502}
{"process": 2, "op": "read", "key": 7, "version": null, "invoked": 1502, "completed": null}
{"process": 2, "op": "write", "key": 7, "version": 4, "invoked": 1503, "completed": 1504, "failed": true}
"#;

fn check_lines(found: &History) {
    let expected = [
        (Kind::Read, "3", "user:7", 12, 1000, 1850, OPEN),
        (Kind::Write, "w-1", "7", 13, 1200, 1900, 1600),
        (Kind::Write, "2", "a\"é", UNKNOWN, 1500, OPEN, OPEN),
        (Kind::Read, "2", "7", 0, 1501, 1502, OPEN),
    ];
    assert_eq!(told(found, found.operations()), expected);
    let failed: Vec<_> = told(found, found.failed()).iter().map(|it| (it.0, it.4)).collect();
    assert_eq!(failed, [(Kind::Read, 1502), (Kind::Write, 1503)]);
}

#[test]
fn operations_are_read_from_lines_of_json_and_written_as_read() {
    let found = history(LINES);
    check_lines(&found);
    assert_eq!(found.operations()[1].line, 3, "blank lines count");
    for format in [Format::Jsonl, Format::Edn] {
        let mut text = Vec::new();
        write(&found, format, &mut text).expect("memory suffices");
        check_lines(&history(std::str::from_utf8(&text).expect("UTF-8")));
    }
}

const EVENTS: &str = "\
; a comment, and a blank line

{:type :invoke, :f :write, :process 0, :time 10, :value [7 3], :index 0}
{:type :invoke, :f :read, :process 1, :time 12, :value [7 nil], :index 1}
{:type :info :f :start :process :nemesis :time 13 :value {:isolated #{\"n1\"}}}
#jepsen.history.Op{:type :ok, :f :read, :process 1, :time 15, :value [7 3], :error [:x \"]\"]}
{:type :ok, :f :write, :process 0, :time 19, :value [7 3], :committed 14}
{:type :invoke, :f :write, :process 0, :time 20, :value [\"k\" nil]}
{:type :ok, :f :write, :process 0, :time 22, :value [\"k\" 5]}
{:type :invoke, :f :write, :process 0, :time 30, :value [:k 6]}
{:type :info, :f :write, :process 0, :time 32, :value [:k 6], :error :timeout}
{:type :invoke, :f :write, :process 2, :session 0, :time 34, :value [7 8]}
{:type :fail, :f :write, :process 2, :session 0, :time 36, :value [7 8]}
{:type :invoke, :f :read, :process 3, :time 38, :value [7 nil]}
{:type :invoke, :f :write, :process 4, :time 40, :value [7 9]}
{:type :invoke, :f :read, :process 1, :time 42}
{:type :ok, :f :read, :process 1, :time 43, :value nil}
";

#[test]
fn events_are_read_from_edn() {
    let found = history(EVENTS);
    let expected = [
        (Kind::Write, "0", "7", 3, 10, 19, 14),
        (Kind::Read, "1", "7", 3, 12, 15, OPEN),
        (Kind::Write, "0", "k", 5, 20, 22, OPEN),
        (Kind::Write, "0", ":k", 6, 30, OPEN, OPEN),
        (Kind::Write, "4", "7", 9, 40, OPEN, OPEN),
        (Kind::Read, "1", "register", 0, 42, 43, OPEN),
    ];
    assert_eq!(told(&found, found.operations()), expected);
    let failed: Vec<_> = told(&found, found.failed()).iter().map(|it| (it.0, it.1)).collect();
    assert_eq!(failed, [(Kind::Write, "0"), (Kind::Read, "3")]);
    assert_eq!(found.other_events, 1);
    let lines: Vec<u32> = found.operations().iter().map(|it| it.line).collect();
    assert_eq!(lines, [6, 7, 9, 11, 17, 15], "where each was answered, or invoked");
}

#[test]
fn mistakes_have_a_place_and_a_way_out() {
    let good = JSON_EXAMPLE;
    let cases = [
        ("x", "1:1: found `x`; accepted: an operation in JSON, as {\"process\""),
        ("[{\"a\"", "1:1: found `[{\"a\"`; accepted: an operation in JSON"),
        ("{\"op\": \"raed\"}", "1:13: unknown variant `raed`, expected `read` or `write`"),
        ("{\"op\": \"read\"}", "1:14: missing field `process`; a line has process, op, key,"),
        ("{\"op\": \"read\"", "1:13: EOF while parsing an object"),
        ("  {\"version\": 1.5}", "floating point `1.5`, expected a version: a whole number"),
        ("{\"version\": -1}", "integer `-1`, expected a version: a whole number which orders"),
        ("{\"version\": \"a1\"}", "string \"a1\", expected a version"),
        ("{\"invoked\": 1.25}", "floating point `1.25`, expected a time in whole nanoseconds"),
        ("{\"key\": [1]}", "invalid type: sequence, expected a text or a whole number"),
        (&good.replace("1000", "null"), "1:1: `invoked` is null"),
        (&good.replace("1900", "900"), "1:1: it was completed before it was invoked"),
        (
            &good.replace("read", "write").replace("\"version\": 3", "\"version\": 0"),
            "1:1: a write made version 0, which is the row before all writes; accepted: whole",
        ),
        (
            &good.replace("read", "write").replace("1900", "1900, \"committed\": 999"),
            "1:1: it was committed before it was invoked; accepted: a time on the clock of",
        ),
        ("{:type :ok}", "1:1: there is no :process; accepted: a map, as {:type :ok"),
        ("{:type :oka :process 1}", "1:8: found :oka; accepted: :invoke, :ok, :fail or :info"),
        ("{:type :ok :process 1 :f :cas}", "1:26: found :cas; accepted: :read or :write"),
        ("{:type :ok :process 1 :f :read :time -5}", "1:38: found -5; accepted: a time"),
        (
            "{:type :ok :process 1 :f :read :time 5 :value [1 \"x\"]}",
            "1:50: found \"x\"; accepted: nil, a version, or [key version]",
        ),
        ("{:type :ok :process 1 :f :read :time 5 :value [1 2 3]}", "1:47: found [1 2 3];"),
        ("{:type :ok :process 1 :f :read :time 5 :value [1 2]}", "process 1 has nothing in"),
        ("{:type :ok", "1:1: a bracket that is not closed on this line"),
        ("{:type :ok} {:type :ok}", "1:13: more than one value"),
        ("\u{feff}{:type :oka :process 1}", "found :oka"),
    ];
    for (text, says) in cases {
        let (found, more) = mistakes(text);
        assert!(found.len() == 1 && more == 0, "{text}: {found:?}");
        assert!(found[0].contains(says), "{text}\n{}\n{says}", found[0]);
    }
    let twice = "{:type :invoke :process 1 :f :read :time 5 :value [1 nil]}\n".repeat(2);
    assert!(
        mistakes(&twice).0[0].starts_with("2:1: process 1 has an operation on key 1 in progress")
    );
    let other = twice.lines().next().expect("it has one").to_owned()
        + "\n{:type :ok :process 1 :f :write :time 5 :value [1 2]}";
    let says = "2:1: process 1 has a read of key 1 in progress since line 1, and this ends a write";
    assert!(mistakes(&other).0[0].starts_with(says), "{:?}", mistakes(&other));
}

#[test]
fn commits_are_in_the_order_of_versions() {
    let write = |version: u32, committed: &str| {
        format!(
            "{{\"process\": 0, \"op\": \"write\", \"key\": 7, \"version\": {version}, \
             \"invoked\": 10, \"completed\": 90, \"committed\": {committed}}}\n"
        )
    };
    let sound = write(2, "20") + &write(1, "20") + &write(3, "null") + &write(4, "95");
    assert_eq!(history(&sound).operations().len(), 4, "one after the other, or at one instant");
    let says = "3:1: version 2 was committed at 29, and version 1 of the same key, which is older, \
                at 30 (line 2); accepted: commits in the order of versions, or none";
    let text = write(5, "40") + &write(1, "30") + &write(2, "29");
    assert_eq!(mistakes(&text), (vec![says.to_owned()], 0));
}

#[test]
fn all_mistakes_are_found_and_the_first_fifty_told() {
    let text = format!("{JSON_EXAMPLE}\n{}", "{\"op\": 1}\n".repeat(60));
    let (found, more) = mistakes(&text);
    assert_eq!((found.len(), more), (MISTAKES_MAX, 10));
    assert!(found[49].starts_with("51:8: "), "{}", found[49]);
}

#[test]
fn what_is_no_text_and_what_never_ends_is_refused() {
    let error = read(&mut &b"{\"op\": \"\xff\"}"[..]).expect_err("it is no UTF-8");
    assert!(error.to_string().starts_with("1:9: bytes that are no UTF-8"), "{error}");
    let endless = vec![b' '; 3 << 20];
    let error = read(&mut endless.as_slice()).expect_err("it is too long");
    assert!(error.to_string().starts_with("1:1: a line of more than a million bytes"), "{error}");
    assert!(history("").operations().is_empty());
    assert!(history("\n\n").operations().is_empty());
}

#[test]
fn nothing_that_can_be_written_is_too_much() {
    let mut random = OperationRng::new(7, 0, 0, 0);
    let mut refused = 0;
    for text in [LINES, EVENTS] {
        for _ in 0..3_000 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..3 {
                let place = below(&mut random, bytes.len() as u64) as usize;
                bytes[place] = below(&mut random, 128) as u8;
            }
            refused += u64::from(read(&mut bytes.as_slice()).is_err());
        }
    }
    assert!(refused > 1_000 && refused < 6_000, "{refused}");
}

#[test]
fn jepsen_sees_what_overlaps_and_one_operation_of_a_process_at_a_time() {
    let mut history = History::default();
    let mut push = |kind, version, invoked, completed| {
        let (key, session) = (history.keys.number("7"), history.sessions.number("c"));
        let times = (Time(invoked), Time(completed), Time::NEVER);
        let (invoked, completed, committed) = times;
        let it = Operation { invoked, completed, committed, version, key, session, line: 0, kind };
        history.push(it).expect("it makes sense");
    };
    push(Kind::Write, 1, 0, 10);
    push(Kind::Read, 0, 5, 10);
    push(Kind::Read, 1, 10, 20);
    push(Kind::Write, UNKNOWN, 30, OPEN);
    push(Kind::Read, 1, 40, 50);
    let mut text = Vec::new();
    write(&history, Format::Edn, &mut text).expect("memory suffices");
    let text = String::from_utf8(text).expect("UTF-8");
    let field = |line: &str, name: &str| {
        let (_, after) = line.split_once(name).expect("it is there");
        after.split([',', '}']).next().expect("it has a value").trim().to_owned()
    };
    let events: Vec<(String, String, String)> = text
        .lines()
        .map(|line| (field(line, ":type"), field(line, ":process"), field(line, ":time")))
        .collect();
    let events: Vec<(&str, &str, &str)> =
        events.iter().map(|(kind, process, time)| (&kind[..], &process[..], &time[..])).collect();
    let expected = [
        (":invoke", "0", "0"),
        (":invoke", "1", "5"),
        (":invoke", "2", "10"),
        (":ok", "0", "10"),
        (":ok", "1", "10"),
        (":ok", "2", "20"),
        (":invoke", "0", "30"),
        (":invoke", "1", "40"),
        (":ok", "1", "50"),
    ];
    assert_eq!(events, expected, "{text}");
}
