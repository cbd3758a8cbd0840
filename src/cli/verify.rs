//! `stalelab verify`: runs a scenario twice, in two processes with different numbers of threads,
//! and compares the files byte for byte.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use clap::Args;
use stalelab::report::MANIFEST;

use super::lockstep::{self, Parting};

use super::args::ScenarioArgs;
use super::exit::{Exit, Failure};
use super::{interrupt, output, source, threads};

/// Run a scenario twice and compare every byte
///
/// Exits with 1 if the two runs differ, and names the first event that does; expectations do not
/// matter here.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Threads of the second run [default: one per processor, at least 2]; the first has one
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Run it the second time with this program: another build or version of stalelab
    #[arg(long = "with", value_name = "PROGRAM")]
    other: Option<PathBuf>,
}

/// The file with a row, and a digest, for each replication.
const REPLICATIONS: &str = "replications.csv";

/// How often a run is asked whether it has ended.
const POLL: Duration = Duration::from_millis(10);

/// A folder that is gone when this is dropped.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The files of a run, by name.
type Files = BTreeMap<String, Vec<u8>>;

impl Verify {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let input = self.scenario.input()?;
        self.scenario.check(&input)?;
        let (first, second) = interrupt::protected(|| self.twice(&input.text))?;
        match difference(&first, &second) {
            Some(difference) => {
                output::print(&format!("different: {difference}\n"))?;
                output::print(&self.first_event(&input.text, &first, &second)?)?;
                Ok(Exit::Failed)
            }
            None => {
                let digest = digest(&first);
                output::print(&format!("identical: {} files, digest {digest}\n", first.len()))?;
                Ok(Exit::Ok)
            }
        }
    }

    /// Runs the scenario with one thread and with several, in a folder that is removed again.
    fn twice(&self, text: &str) -> Result<(Files, Files), Failure> {
        let scratch =
            Scratch(std::env::temp_dir().join(format!("stalelab-verify-{}", std::process::id())));
        let jobs = self.jobs.map_or_else(|| threads::count(None).max(2), NonZeroUsize::get);
        let [one, other] = self.programs()?;
        let first = self.once(&one, 1, &scratch.0.join("first"), text)?;
        let second = self.once(&other, jobs, &scratch.0.join("second"), text)?;
        Ok((first, second))
    }

    /// What is run first, and second.
    fn programs(&self) -> Result<[PathBuf; 2], Failure> {
        let this = std::env::current_exe().map_err(|error| cannot_run(&error))?;
        Ok([this.clone(), self.other.clone().unwrap_or(this)])
    }

    /// Arguments that both programs take: what the scenario is.
    fn scenario(&self, command: &mut Command) {
        if let Some(seed) = self.scenario.seed {
            command.arg(format!("--seed={seed}"));
        }
        if let Some(replications) = self.scenario.replications {
            command.arg(format!("--replications={replications}"));
        }
        command.args(self.scenario.set.iter().map(|change| format!("--set={change}")));
        command.arg("--").arg(&self.scenario.scenario);
    }

    /// Where the events of the first replication that differs part, in words.
    fn first_event(&self, text: &str, first: &Files, second: &Files) -> Result<String, Failure> {
        let Some((variant, replication)) = first_replication(first, second) else {
            return Ok("No replication differs: the difference is in the reports.\n".to_owned());
        };
        let commands = self.programs()?.map(|program| {
            let mut command = Command::new(program);
            command.args(["events", "--replication", &replication.to_string()]);
            command.arg(format!("--variant={variant}"));
            self.scenario(&mut command);
            command
        });
        let parting = lockstep::first_difference(commands, text);
        let parting = parting.map_err(|error| cannot_run(&error))?;
        let run = format!("variant {variant}, replication {replication}");
        Ok(match parting {
            Some(parting) => format!("first differing event of {run}: {}", parting_text(&parting)),
            None => format!(
                "Run by itself, {run} has the same events both times: what differs is not in the \
                 scenario, but in how its runs are shared out among threads.\n"
            ),
        })
    }

    /// Runs the scenario in a process of its own, and reads what it wrote.
    fn once(
        &self,
        program: &Path,
        jobs: usize,
        folder: &Path,
        text: &str,
    ) -> Result<Files, Failure> {
        let failed = |error: io::Error| cannot_run(&error);
        let mut command = Command::new(program);
        command.args(["run", "--quiet", "--jobs", &jobs.to_string(), "--output"]).arg(folder);
        self.scenario(&mut command);
        let mut child = command.stdin(Stdio::piped()).spawn().map_err(failed)?;
        if let Some(mut stdin) =
            child.stdin.take().filter(|_| self.scenario.scenario == source::STDIN)
        {
            stdin.write_all(text.as_bytes()).map_err(failed)?;
        }
        let status = wait(&mut child).map_err(failed)?;
        match status.code() {
            _ if interrupt::requested() => Err(Failure::new(Exit::Interrupted, "interrupted")),
            // Failed or undecided expectations: the files are there all the same.
            Some(0 | 1 | 4) if folder.exists() => read(folder),
            Some(0 | 1 | 4) => {
                let whose = program.display();
                Err(Failure::new(Exit::Io, format!("{whose} wrote no files: is it a stalelab?")))
            }
            // Its own message is on standard error already.
            Some(code) if code == Exit::Usage as i32 => Err(Failure::new(Exit::Usage, "")),
            Some(code) if code == Exit::Io as i32 => Err(Failure::new(Exit::Io, "")),
            _ => Err(Failure::new(Exit::Internal, format!("the run ended with {status}"))),
        }
    }
}

fn cannot_run(error: &io::Error) -> Failure {
    Failure::new(Exit::Io, format!("cannot run stalelab a second time: {error}"))
}

/// The variant and the number of the first replication that is not the same in both runs.
fn first_replication(first: &Files, second: &Files) -> Option<(String, u32)> {
    let rows = |files: &Files| -> Vec<csv::StringRecord> {
        let bytes = files.get(REPLICATIONS).map(Vec::as_slice).unwrap_or_default();
        csv::Reader::from_reader(bytes).into_records().flatten().collect()
    };
    let (one, other) = (rows(first), rows(second));
    let found = one.iter().zip(&other).find(|(one, other)| one != other)?.0;
    let from_zero: u32 = found.get(2)?.parse().ok()?;
    Some((found.get(0)?.to_owned(), from_zero + 1))
}

fn parting_text(parting: &Parting) -> String {
    let line = |line: &Option<String>| line.clone().unwrap_or("(no more events)".to_owned());
    let before = parting.before.as_ref();
    let before = before.map_or(String::new(), |line| format!("  before: {line}\n"));
    let [first, second] = &parting.lines;
    format!(
        "number {}\n{before}  first:  {}\n  second: {}\n",
        parting.line,
        line(first),
        line(second)
    )
}

/// Waits for the end of a run, and ends it on Ctrl-C, which may have reached this process alone.
fn wait(child: &mut Child) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if interrupt::requested() {
            child.kill()?;
            return child.wait();
        }
        thread::sleep(POLL);
    }
}

fn read(folder: &Path) -> Result<Files, Failure> {
    let attempt = || {
        let mut files = Files::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            files.insert(name, std::fs::read(entry.path())?);
        }
        Ok(files)
    };
    attempt().map_err(|error: io::Error| {
        Failure::new(Exit::Io, format!("cannot read {}: {error}", folder.display()))
    })
}

/// The digest the manifest states.
fn digest(files: &Files) -> String {
    let manifest = files.get(MANIFEST).map(Vec::as_slice).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(manifest).unwrap_or_default();
    manifest["digest"].as_str().unwrap_or_default().to_owned()
}

/// The first difference, in words: file, line and both lines. The manifest comes last, since it
/// differs whenever another file does.
fn difference(first: &Files, second: &Files) -> Option<String> {
    let mut names: Vec<&String> = first.keys().chain(second.keys()).collect();
    names.sort_by_key(|name| (*name == MANIFEST, *name));
    names.dedup();
    names.into_iter().find_map(|name| match (first.get(name), second.get(name)) {
        (Some(one), Some(other)) if one == other => None,
        (Some(one), Some(other)) => Some(format!("{name}, {}", first_line(one, other))),
        (one, _) => {
            let which = if one.is_some() { "first" } else { "second" };
            Some(format!("only the {which} run wrote {name}"))
        }
    })
}

fn first_line(one: &[u8], other: &[u8]) -> String {
    let lines = |bytes: &[u8]| -> Vec<String> {
        bytes
            .split(|byte| *byte == b'\n')
            .map(|l| String::from_utf8_lossy(l).into_owned())
            .collect()
    };
    let (one, other) = (lines(one), lines(other));
    let line = (0..).find(|&line| one.get(line) != other.get(line)).unwrap_or_default();
    let show = |lines: &[String]| lines.get(line).cloned().unwrap_or("(no such line)".to_owned());
    format!("line {}:\n  first:  {}\n  second: {}", line + 1, show(&one), show(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &str)]) -> Files {
        entries.iter().map(|(name, text)| ((*name).into(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn the_first_difference_is_named_with_both_lines() {
        let one = files(&[("manifest.json", "x"), ("summary.csv", "a\nb\nc\n")]);
        let other = files(&[("manifest.json", "y"), ("summary.csv", "a\nB\n")]);
        let text = difference(&one, &other).expect("they differ");
        assert_eq!(text, "summary.csv, line 2:\n  first:  b\n  second: B");
        assert_eq!(difference(&one, &one), None);
    }

    #[test]
    fn a_missing_file_is_a_difference() {
        let one = files(&[("a", ""), ("b", "")]);
        let text = difference(&one, &files(&[("a", "")])).expect("they differ");
        assert_eq!(text, "only the first run wrote b");
    }
}
