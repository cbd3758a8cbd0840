//! Meta's format: counts, spreading, fills and writes, and the words of its errors.

use super::*;

#[test]
fn meta_operations_are_expanded_and_spread_evenly_in_file_order() {
    let rows = "70,x,GET,3,u,3\n70,y,GET_LEASE,1,v,0\n72,x,DELETE,2,u,0\n";
    let (trace, requests) = meta(rows, TraceWrites::FromDeletes).unwrap();
    let expected = [
        (0, 0, 0, false),
        (250_000_000, 0, 0, false),
        (500_000_000, 0, 0, false),
        (750_000_000, 1, 1, false),
        (2_000_000_000, 0, 0, true),
        (2_500_000_000, 0, 0, true),
    ];
    assert_eq!(requests, expected);
    assert_eq!(trace.summary().length, Span::from_secs(3));
    assert_eq!((trace.summary().reads, trace.summary().writes), (4, 2));
}

#[test]
fn meta_fills_are_dropped_and_take_no_place_in_the_second() {
    let rows = "0,x,SET,4,u,0\n0,x,GET,1,u,0\n0,x,SET_LEASE,1,u,0\n0,x,GET,1,u,1\n";
    let (trace, requests) = meta(rows, TraceWrites::FromDeletes).unwrap();
    assert_eq!(requests, [(0, 0, 0, false), (500_000_000, 0, 0, false)]);
    let notes = trace.notes().join("\n");
    for sentence in [
        "The trace's 4 rows stand for 7 operations, by op_count: \
         GET 2, GET_LEASE 0, SET 4, SET_LEASE 1, DELETE 0.",
        "spread evenly over it, in file order.",
        "SET (4) and SET_LEASE (1) are taken for cache fills and dropped.",
        "So nothing is written, and nothing can become stale.",
        "A client is a value of the usecase column: a service, not a person; there are 1.",
        "cache_hits column is what the recorded cache did: it is not replayed.",
    ] {
        assert!(notes.contains(sentence), "{sentence}\nnot in\n{notes}");
    }
}

#[test]
fn meta_sets_without_a_missed_get_are_writes_under_from_sets() {
    let rows = "0,x,SET,2,u,0\n0,x,GET,3,u,2\n\
                1,x,SET,1,u,0\n1,y,GET_LEASE,1,u,0\n1,x,DELETE,1,u,0\n\
                2,y,SET_LEASE,1,u,0\n2,y,SET,1,u,0\n";
    let (trace, requests) = meta(rows, TraceWrites::FromSets).unwrap();
    let writes: Vec<_> = requests.iter().filter(|request| request.3).collect();
    // One of x's first two answers the miss listed after it; y's SET_LEASE took y's miss.
    let expected = [&(0, 0, 0, true), &(1_000_000_000, 0, 0, true), &(2_000_000_000, 0, 1, true)];
    assert_eq!(writes, expected);
    let notes = trace.notes().join("\n");
    assert!(notes.contains("of the same key explains (3) is taken"), "{notes}");
    assert!(notes.contains("The other SETs (1) and SET_LEASE (1)"), "{notes}");
    assert!(notes.contains("only tells which SETs are fills"), "{notes}");
}

#[test]
fn meta_columns_are_found_by_name_and_cache_hits_only_where_it_counts() {
    let text = "usecase,ttl,op_count,op,key,op_time\nu,0,1,GET,x,5\n";
    let (_, requests) =
        read_at(text, TraceFormat::MetaKvcache, TraceWrites::FromDeletes, 1.0).unwrap();
    assert_eq!(requests, [(0, 0, 0, false)]);
    let result = read_at(text, TraceFormat::MetaKvcache, TraceWrites::FromSets, 1.0);
    assert!(error(result).contains("no column \"cache_hits\""));
}

#[test]
fn meta_errors_name_line_column_what_was_found_and_what_is_accepted() {
    let cases = [
        (
            "5,x,GET,1,u,0\n5,x,CAS,1,u,0\n",
            "t.csv:3: column \"op\": found \"CAS\", expected one of GET, GET_LEASE, SET, \
             SET_LEASE, DELETE",
        ),
        (
            "5,x,GET,1,u,0\n4,x,GET,1,u,0\n",
            "t.csv:3: column \"op_time\": found \"4\", expected 5, the time of the record before, \
             or later",
        ),
        (
            "5.5,x,GET,1,u,0\n",
            "t.csv:2: column \"op_time\": found \"5.5\", expected a whole number below 2^64",
        ),
        (
            "5,x,GET,0,u,0\n",
            "t.csv:2: column \"op_count\": found \"0\", expected a whole number above 0",
        ),
        (
            "5,x,GET,2,u,3\n",
            "t.csv:2: column \"cache_hits\": found \"3\", expected at most the row's op_count, 2",
        ),
        (
            "5,x,GET,18446744073709551615,u,0\n5,x,GET,1,u,0\n",
            "t.csv:3: column \"op_count\": found \"1\", expected counts that add up to less than \
             2^64",
        ),
        (
            "0,x,GET,1,u,0\n18446744073,x,GET,1,u,0\n",
            "t.csv:3: column \"op_time\": found \"18446744073\", expected at most 18446744072, \
             584 years after the first",
        ),
        (
            "0,x,DELETE,1,u,0\n",
            "t.csv: no record of the trace stands for a request: all are taken for cache fills \
             or invalidations",
        ),
    ];
    for (rows, expected) in cases {
        assert_eq!(error(meta(rows, TraceWrites::FromSets)), expected);
    }
}
