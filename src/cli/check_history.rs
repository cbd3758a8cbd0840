//! `stalelab check-history`: whether a recorded history keeps what it should.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use clap::Args;
use stalelab::consistency::{self, Property, Report, Verdict};
use stalelab::history::{ReadError, read};
use stalelab::report::history::{Shown, json, text};

use super::exit::{self, Exit, Failure};
use super::{output, source};

/// Check a recorded history: is it linearizable, and if not, who saw what, and how late?
///
/// Reads what `stalelab export --history` writes, and what others record of a real system, in
/// either format. Exits with 1 if a property that is asked about is violated, and with 4 if
/// nothing in the history could have violated any, or, given --property, one of those.
#[derive(Args, Debug)]
#[command(after_help = help())]
pub(crate) struct CheckHistory {
    /// The history's path, or `-` for standard input
    file: String,
    /// The properties that decide, as `linearizability,monotonic-reads`; may be repeated
    /// [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = property)]
    property: Vec<Property>,
    /// How many violations of each property to show
    #[arg(long, value_name = "N", default_value_t = 1)]
    examples: usize,
    /// Print everything as one JSON document
    #[arg(long)]
    json: bool,
}

fn property(name: &str) -> Result<Property, String> {
    Property::find(name).ok_or_else(|| {
        let names = Property::ALL.map(Property::name);
        format!("accepted: {}", names.join(", "))
    })
}

/// The formats, in short.
const FORMATS: &str = "\
A history is JSON Lines, an operation a line:
  {\"process\": 3, \"op\": \"read\", \"key\": 7, \"version\": 2, \"invoked\": 10, \"completed\": 19}
  process    who asked: the session
  op         \"read\" or \"write\"
  version    what was read or written: a whole number that orders the writes of its key as they
             were committed, from 1 on; 0 or null for a row that is not there yet; null for a write
             of which nobody knows it: if acknowledged, it made one of its own, newer than all
             that was told before
  invoked, completed
             nanoseconds on one clock; completed is null if it timed out
  committed  of a write, when, if known; may be left out. Not before it was invoked, and of a key
             in the order of versions
  failed     true if it is known not to have happened; may be left out
Every write has to be there, timed-out ones above all; other fields are passed over.

Or it is EDN as Jepsen writes it, an event a line:
  {:type :invoke, :f :write, :process 0, :time 1000, :value [7 3]}
  {:type :ok, :f :write, :process 0, :time 1900, :value [7 3]}
Values are [key version], or a version alone. :type is :invoke, :ok, :fail or :info.";

fn help() -> String {
    format!("{FORMATS}\n\n{}", exit::HELP)
}

impl CheckHistory {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let history = self.open().and_then(|mut stream| self.read(&mut *stream))?;
        let report = consistency::check(&history);
        let properties = match self.property.as_slice() {
            [] => &Property::ALL[..],
            asked => asked,
        };
        let (history, examples) = (&history, self.examples);
        let report = &report;
        let shown = Shown { source: &self.file, history, report, properties, examples };
        output::print(&if self.json { json(&shown) } else { text(&shown) })?;
        Ok(self.exit(report, properties))
    }

    fn open(&self) -> Result<Box<dyn BufRead>, Failure> {
        if self.file == source::STDIN {
            return Ok(Box::new(BufReader::new(io::stdin().lock())));
        }
        let file =
            File::open(&self.file).map_err(|error| source::unreadable(&self.file, &error))?;
        Ok(Box::new(BufReader::with_capacity(1 << 20, file)))
    }

    fn read(&self, stream: &mut dyn BufRead) -> Result<consistency::History, Failure> {
        read(stream).map_err(|error| match error {
            ReadError::Io(error) => source::unreadable(&self.file, &error),
            ReadError::Mistakes { first, more } => {
                let lines = first.iter().map(|mistake| format!("{}:{mistake}", self.file));
                let mut lines: Vec<String> = lines.collect();
                lines.extend((more > 0).then(|| format!("and {more} more")));
                Failure::new(Exit::Usage, lines.join("\n"))
            }
        })
    }

    fn exit(&self, report: &Report, properties: &[Property]) -> Exit {
        let verdicts = || properties.iter().map(|it| report.finding(*it).verdict());
        let undecided = verdicts().filter(|it| *it == Verdict::NotExercised).count();
        let enough =
            if self.property.is_empty() { undecided < properties.len() } else { undecided == 0 };
        match verdicts().any(|it| it == Verdict::Violated) {
            true => Exit::Failed,
            false if enough => Exit::Ok,
            false => Exit::Inconclusive,
        }
    }
}
