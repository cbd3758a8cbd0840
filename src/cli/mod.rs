//! The command line: one file per subcommand, each with `run()`. Text in, text out; whatever is
//! worth knowing happens in the library.

mod args;
mod cast;
mod causes;
mod chart;
mod check;
mod check_history;
mod counterexamples;
mod digests;
mod doc_text;
mod events;
mod exit;
mod explain;
mod explain_race;
mod explore;
mod export;
mod export_history;
mod interrupt;
mod list;
mod lockstep;
mod losses;
mod matrix;
mod operations;
mod output;
mod perfetto;
mod progress;
mod proofs;
mod races;
mod replay;
mod report;
mod run;
mod schema;
mod source;
mod theory;
mod threads;
mod validate;
mod verify;
mod which_run;

use std::ffi::OsString;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use exit::{Exit, Failure};

/// What a cache in front of a database does to the truth: stale reads against latency and load.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = exit::HELP)]
struct Cli {
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal that wants them (NO_COLOR and CLICOLOR are respected)
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> ColorChoice {
        match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }
}

impl From<Color> for clap::ColorChoice {
    fn from(color: Color) -> clap::ColorChoice {
        match color {
            Color::Auto => clap::ColorChoice::Auto,
            Color::Always => clap::ColorChoice::Always,
            Color::Never => clap::ColorChoice::Never,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Chart(chart::Chart),
    List(list::List),
    Check(check::Check),
    CheckHistory(check_history::CheckHistory),
    Explain(explain::Explain),
    ExplainRace(explain_race::ExplainRace),
    Explore(explore::Explore),
    Replay(replay::Replay),
    Matrix(matrix::Matrix),
    Export(export::Export),
    Events(events::Events),
    Perfetto(perfetto::Perfetto),
    Schema(schema::Schema),
    Theory(theory::Theory),
    Validate(validate::Validate),
    Verify(verify::Verify),
    Digests(digests::Digests),
}

/// What is printed when there are no arguments.
const SHORT_HELP: &str = "\
stalelab measures what a cache in front of a database does to the truth. Try:

  stalelab run in-stock                     a shop: how many purchases fail over an old page?
  stalelab run in-stock --set workload.read_share=0.5 --seed 2
  stalelab explain late-fill                the race that leaves old data in a cache
  stalelab explain-race delete-race         a stale read of a run, and the race behind it
  stalelab explore delete-on-write          every interleaving, and the shortest races

`stalelab list` shows what there is, `stalelab --help` all commands.
";

/// Runs the command line of this process.
pub(crate) fn main() -> ExitCode {
    exit::install_panic_hook();
    let args: Vec<OsString> = std::env::args_os().collect();
    exit::guard(|| dispatch(&args)).into()
}

fn dispatch(args: &[OsString]) -> Exit {
    // Found before clap runs, so that its own messages follow it too.
    let color = wanted_color(args);
    ColorChoice::from(color).write_global();
    let matches = Cli::command().color(color.into()).try_get_matches_from(args);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help that nobody reads to its end is no failure, and neither is a closed stderr.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Ok };
        }
    };
    ColorChoice::from(cli.color).write_global();
    let result = match &cli.command {
        None => output::print(SHORT_HELP).map(|()| Exit::Ok),
        Some(Command::Run(run)) => run.run(),
        Some(Command::Chart(chart)) => chart.run(),
        Some(Command::List(list)) => list.run(),
        Some(Command::Check(check)) => check.run(),
        Some(Command::CheckHistory(check_history)) => check_history.run(),
        Some(Command::Explain(explain)) => explain.run(),
        Some(Command::ExplainRace(explain_race)) => explain_race.run(),
        Some(Command::Explore(explore)) => explore.run(),
        Some(Command::Replay(replay)) => replay.run(),
        Some(Command::Matrix(matrix)) => matrix.run(),
        Some(Command::Export(export)) => export.run(),
        Some(Command::Events(events)) => events.run(),
        Some(Command::Perfetto(perfetto)) => perfetto.run(),
        Some(Command::Schema(schema)) => schema.run(),
        Some(Command::Theory(theory)) => theory.run(),
        Some(Command::Validate(validate)) => validate.run(),
        Some(Command::Verify(verify)) => verify.run(),
        Some(Command::Digests(digests)) => digests.run(),
    };
    result.unwrap_or_else(Failure::report)
}

/// What `--color` seems to say.
fn wanted_color(args: &[OsString]) -> Color {
    let mut words = args.iter().filter_map(|arg| arg.to_str()).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--color") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        match value {
            Some("always") => return Color::Always,
            Some("never") => return Color::Never,
            _ => {}
        }
    }
    Color::Auto
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_finds_nothing_wrong_with_the_definitions() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_color_is_known_before_parsing() {
        let wanted =
            |words: &[&str]| wanted_color(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(wanted(&["stalelab", "run", "--color", "never"]), Color::Never);
        assert_eq!(wanted(&["stalelab", "--color=always", "list"]), Color::Always);
        assert_eq!(wanted(&["stalelab", "list", "--", "--color=always"]), Color::Auto);
    }
}
