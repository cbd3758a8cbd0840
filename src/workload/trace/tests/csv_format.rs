//! The generic format: headers, line ends, times, and the words of its errors.

use super::*;

#[test]
fn csv_times_start_at_zero_and_keep_every_nanosecond() {
    let (trace, requests) = csv("5.000000001,a,read,x\n5.1,b,write,y\n5.1,a,read,y\n").unwrap();
    let expected = [(0, 0, 0, false), (99_999_999, 1, 1, true), (99_999_999, 0, 1, false)];
    assert_eq!(requests, expected);
    let summary = TraceSummary {
        keys: 2,
        clients: 2,
        requests: 3,
        reads: 2,
        writes: 1,
        length: Span(100_000_000),
    };
    assert_eq!(*trace.summary(), summary);
    assert!(trace.notes().is_empty());
}

#[test]
fn csv_columns_are_found_by_name_among_others() {
    let text = "key,size,op,client,time_s\nx,9,write,a,0\n";
    let (_, requests) = read_at(text, TraceFormat::Csv, TraceWrites::default(), 1.0).unwrap();
    assert_eq!(requests, [(0, 0, 0, true)]);
}

#[test]
fn csv_bom_quotes_blank_lines_and_any_line_end_are_read() {
    let text =
        "\u{feff}\"time_s\", client,op,key\r\n\r\n0,a,read,\"x,\"\"1\"\"\"\r\n\r\n\r\n1,a,read,x";
    let (trace, requests) = read_at(text, TraceFormat::Csv, TraceWrites::default(), 1.0).unwrap();
    assert_eq!(requests, [(0, 0, 0, false), (1_000_000_000, 0, 1, false)]);
    assert_eq!(trace.summary().keys, 2);
}

#[test]
fn the_line_of_an_error_is_right_for_every_line_end_and_after_blank_lines() {
    for end in ["\n", "\r\n", "\r"] {
        for last in ["", end] {
            let lines = ["time_s,client,op,key", "0,a,read,x", "", "", "0,a,peek,x"];
            let text = lines.join(end) + last;
            let result = read_at(&text, TraceFormat::Csv, TraceWrites::default(), 1.0);
            let expected = "t.csv:5: column \"op\": found \"peek\", expected read or write";
            assert_eq!(error(result), expected, "{text:?}");
        }
    }
}

#[test]
fn csv_errors_name_line_column_what_was_found_and_what_is_accepted() {
    let cases = [
        (
            "0,a,read,x\n-1,a,read,x\n",
            "t.csv:3: column \"time_s\": found \"-1\", expected seconds, as 12 or 12.345 (not \
             negative, no exponent, less than 584 years)",
        ),
        (
            "7.5,a,read,x\n7.5,a,read,x\n7.25,a,read,x\n",
            "t.csv:4: column \"time_s\": found \"7.25\", expected 7.500000000, the time of the \
             record before, or later",
        ),
        ("0,,read,x\n", "t.csv:2: column \"client\": found \"\", expected a name"),
        ("0,a,read,\n", "t.csv:2: column \"key\": found \"\", expected a name"),
        (
            "0,a,read,x\n0,a,read\n",
            "t.csv:3: the number of fields is 3, expected 4 as in the header",
        ),
        ("", "t.csv: the trace is empty: a header, and no record after it"),
        ("\n\n", "t.csv: the trace is empty: a header, and no record after it"),
    ];
    for (rows, expected) in cases {
        assert_eq!(error(csv(rows)), expected);
    }
}

#[test]
fn a_file_without_a_usable_header_says_so() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "t.csv: the trace is empty: it has no header"),
        (b"\r\n\n", "t.csv: the trace is empty: it has no header"),
        (
            b"time_s,client,op\n0,a,read\n",
            "t.csv:1: the header has no column \"key\": found time_s,client,op",
        ),
        (
            b"time_s,client,op,key,key\n0,a,read,x,y\n",
            "t.csv:1: the header names the column \"key\" more than once",
        ),
        (b"\x1f\x8b\x08\x00binary", "t.csv: the trace is compressed (gzip): decompress it first"),
    ];
    for (text, expected) in cases {
        let result = read_at(text, TraceFormat::Csv, TraceWrites::default(), 1.0);
        assert_eq!(error(result), expected);
    }
}

#[test]
fn a_long_or_binary_field_is_cut_in_the_message() {
    let message = error(csv(&format!("0,a,{},x\n", "\u{7}é".repeat(500))));
    assert!(message.starts_with("t.csv:2: column \"op\": found \"\\u{7}é"));
    assert!(message.contains("…\", expected read or write"));
    assert!(message.len() < 700, "{message}");
}

#[test]
fn a_speed_divides_times_and_the_length() {
    let rows = format!("{CSV}1,a,read,x\n4,a,read,x\n");
    let run = |speed| read_at(&rows, TraceFormat::Csv, TraceWrites::default(), speed).unwrap();
    let (trace, requests) = run(1000.0);
    assert_eq!(requests[1].0, 3_000_000);
    assert_eq!(trace.summary().length, Span(3_000_001));
    assert_eq!(run(0.1).1[1].0, 30_000_000_000);
    assert_eq!(run(7.0).1[1].0, 428_571_428);
}

#[test]
fn an_impossible_speed_is_an_error() {
    let mut config = TraceConfig {
        file: PathBuf::from("t.csv"),
        embedded: Some(CSV),
        format: TraceFormat::Csv,
        speed: 0.0,
        writes: TraceWrites::default(),
    };
    let expected = "t.csv: the speed is 0, expected a number from 1e-9 to 1e9";
    assert_eq!(error(Trace::open(&config)), expected);
    config.speed = f64::NAN;
    assert!(Trace::open(&config).is_err());
    let rows = format!("{CSV}0,a,read,x\n100,a,read,x\n");
    let slow = read_at(rows, TraceFormat::Csv, TraceWrites::default(), 1e-9);
    assert!(error(slow).contains("more than 584 years"));
}

#[test]
fn a_quote_left_open_is_found_on_its_line_before_it_fills_the_memory() {
    let expected = "t.csv:3: the record does not end on its line: is a quote left open?";
    for lines in [0, 1, 100_000] {
        let rest = "2,a,read,x\n".repeat(lines);
        for row in ["1,a,\"read,x\n", "1,\"a,read,x\n", "1,a,read,\"x\ny\"\n"] {
            let result = csv(&format!("0,a,read,x\n{row}{rest}"));
            assert_eq!(error(result), expected, "{row:?} and {lines} lines");
        }
    }
}
