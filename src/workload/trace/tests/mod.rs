//! Both formats on texts in memory: what is read, and what is refused in which words.

mod csv_format;
mod meta_format;
mod streaming;

use std::io::Cursor;

use super::*;

const CSV: &str = "time_s,client,op,key\n";
const META: &str = "op_time,key,op,op_count,usecase,cache_hits\n";

fn origin(format: TraceFormat, writes: TraceWrites, speed: f64) -> Origin {
    let config =
        TraceConfig { file: PathBuf::from("t.csv"), embedded: None, format, speed, writes };
    Origin::new(&config).unwrap()
}

/// Reads a text twice: the trace, and its requests as (ns, client, key, write).
type Requests = Vec<(u64, u32, u32, bool)>;

fn read_at(
    text: impl AsRef<[u8]>,
    format: TraceFormat,
    writes: TraceWrites,
    speed: f64,
) -> Result<(Trace, Requests), TraceError> {
    let bytes = text.as_ref().to_vec();
    let input = Box::new(Cursor::new(bytes.clone()));
    let trace = Trace::scan(origin(format, writes, speed), input)?;
    let replay = Replay::over(Box::new(Cursor::new(bytes)), &trace)?;
    let requests = replay
        .map(|record| record.map(|r| (r.at.0, r.client, r.key.0, r.write)))
        .collect::<Result<_, _>>()?;
    Ok((trace, requests))
}

fn csv(rows: &str) -> Result<(Trace, Requests), TraceError> {
    read_at(format!("{CSV}{rows}"), TraceFormat::Csv, TraceWrites::default(), 1.0)
}

fn meta(rows: &str, writes: TraceWrites) -> Result<(Trace, Requests), TraceError> {
    read_at(format!("{META}{rows}"), TraceFormat::MetaKvcache, writes, 1.0)
}

fn error<T>(result: Result<T, TraceError>) -> String {
    result.err().expect("an error").to_string()
}
