//! What holds for any input: memory, a file that changes, and no panic on any bytes.

use std::io::{self, Read};

use proptest::prelude::*;

use super::*;

#[test]
fn a_trace_that_changes_between_two_passes_is_an_error() {
    let text = format!("{CSV}0,a,read,x\n1,a,read,y\n");
    let input = Box::new(Cursor::new(text));
    let origin = origin(TraceFormat::Csv, TraceWrites::default(), 1.0);
    let trace = Trace::scan(origin, input).unwrap();
    for rows in [
        "0,a,read,x\n",
        "0,a,read,x\n1,a,read,z\n",
        "0,b,read,x\n1,a,read,y\n",
        "0,a,read,x\n1,a,read,y\n2,a,read,y\n",
    ] {
        let input = Box::new(Cursor::new(format!("{CSV}{rows}")));
        let replay = Replay::over(input, &trace).unwrap();
        let results: Vec<_> = replay.collect();
        assert!(results.len() <= 3, "it ends after an error");
        let last = results.into_iter().next_back().unwrap();
        assert!(error(last).ends_with("the trace changed since it was first read"));
    }
}

/// A long Meta trace that is written while it is read: ten rows a second.
struct Endless {
    rows: std::ops::Range<u64>,
    line: Cursor<Vec<u8>>,
}

impl Endless {
    const ROWS: u64 = 200_000;
    const ROWS_PER_SECOND: u64 = 10;

    fn new() -> Endless {
        Endless { rows: 0..Endless::ROWS, line: Cursor::new(META.into()) }
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.line.read(buffer)?;
        if read > 0 {
            return Ok(read);
        }
        let Some(row) = self.rows.next() else {
            return Ok(0);
        };
        let second = row / Endless::ROWS_PER_SECOND;
        let op = ["GET", "DELETE", "SET"][(row % 3) as usize];
        self.line = Cursor::new(format!("{second},k{},{op},2,u,0\n", row % 97).into());
        self.line.read(buffer)
    }
}

#[test]
fn a_pass_holds_the_rows_of_one_second_at_most() {
    let origin = origin(TraceFormat::MetaKvcache, TraceWrites::FromSets, 1.0);
    let trace = Trace::scan(origin, Box::new(Endless::new())).unwrap();
    assert_eq!(trace.summary().keys, 97);
    let seconds = Endless::ROWS / Endless::ROWS_PER_SECOND;
    assert_eq!(trace.summary().length, Span::from_secs(seconds));
    let mut replay = Replay::over(Box::new(Endless::new()), &trace).unwrap();
    let (mut requests, mut held_max) = (0, 0);
    while let Some(record) = replay.next() {
        record.unwrap();
        requests += 1;
        held_max = held_max.max(replay.rows_held());
    }
    assert_eq!(requests, trace.summary().requests);
    assert_eq!(held_max as u64, Endless::ROWS_PER_SECOND);
}

#[test]
fn a_huge_count_is_expanded_only_as_it_is_asked_for() {
    let text = format!("{META}0,x,GET,9000000000000000000,u,0\n");
    let origin = origin(TraceFormat::MetaKvcache, TraceWrites::FromDeletes, 1.0);
    let trace = Trace::scan(origin, Box::new(Cursor::new(text.clone()))).unwrap();
    let replay = Replay::over(Box::new(Cursor::new(text)), &trace).unwrap();
    assert_eq!(trace.summary().requests, 9_000_000_000_000_000_000);
    assert!(replay.take(1000).all(|record| record.unwrap().at == Time::ZERO));
}

fn formats() -> impl Strategy<Value = (TraceFormat, TraceWrites)> {
    prop_oneof![
        Just((TraceFormat::Csv, TraceWrites::FromDeletes)),
        Just((TraceFormat::MetaKvcache, TraceWrites::FromDeletes)),
        Just((TraceFormat::MetaKvcache, TraceWrites::FromSets)),
    ]
}

/// Both passes over any bytes, as far as they go; a count may be huge, so the replay is cut.
fn try_to_read(bytes: &[u8], (format, writes): (TraceFormat, TraceWrites)) {
    let origin = origin(format, writes, 1.0);
    let Ok(trace) = Trace::scan(origin, Box::new(Cursor::new(bytes.to_vec()))) else {
        return;
    };
    let replay = Replay::over(Box::new(Cursor::new(bytes.to_vec())), &trace).unwrap();
    let mut last = Time::ZERO;
    for record in replay.take(5000) {
        let record = record.unwrap();
        assert!(last <= record.at);
        assert!(record.at < Time::ZERO + trace.summary().length);
        assert!(record.key.0 < trace.summary().keys);
        assert!(record.client < trace.summary().clients);
        last = record.at;
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        format in formats(),
    ) {
        try_to_read(&bytes, format);
    }

    #[test]
    fn any_rows_after_a_header_are_read_or_refused(
        rows in "([0-9]{1,3}(\\.[0-9]{1,12})?,[abé\"],(read|write|GET|SET|DELETE|[a-z]*)\
                 ,[0-9\"x\r\n]{1,20},u,[0-9]{1,2}(\r?\n){0,2}){0,30}",
        format in formats(),
    ) {
        let header = match format.0 {
            TraceFormat::Csv => "time_s,client,op,key,size,rest\n",
            TraceFormat::MetaKvcache => META,
        };
        try_to_read(format!("{header}{rows}").as_bytes(), format);
    }

    #[test]
    fn a_sound_trace_is_replayed_whole(
        rows in proptest::collection::vec((0_u64..3, 0_u32..5, 0_usize..5, 1_u64..20), 1..60),
        speed in prop_oneof![Just(1.0), 0.001..1000.0],
        writes in prop_oneof![Just(TraceWrites::FromDeletes), Just(TraceWrites::FromSets)],
    ) {
        let (mut text, mut second) = (META.to_owned(), 1000);
        for (step, key, op, count) in rows {
            second += step;
            let op = ["GET", "GET_LEASE", "SET", "SET_LEASE", "DELETE"][op];
            text += &format!("{second},k{key},{op},{count},u{},{}\n", key % 2, count / 2);
        }
        match read_at(&text, TraceFormat::MetaKvcache, writes, speed) {
            Ok((trace, requests)) => {
                let summary = trace.summary();
                prop_assert_eq!(requests.len() as u64, summary.requests);
                let written = requests.iter().filter(|request| request.3).count();
                prop_assert_eq!(written as u64, summary.writes);
                prop_assert!(requests.is_sorted_by_key(|request| request.0));
                prop_assert!(requests.iter().all(|request| request.0 < summary.length.0));
            }
            Err(error) => prop_assert!(matches!(error.fault, TraceFault::NothingToReplay)),
        }
    }
}
