//! `stalelab export`: a schedule file in a form for other programs.

use clap::Args;

use super::args::quoted;
use super::exit::{Exit, Failure};
use super::output;
use super::races::Form;
use super::replay::Replay;

/// Show a schedule as a sequence diagram, as JSON, or as a Rust test
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// A schedule's path, or `-` for standard input
    file: String,
    /// The form
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: Form,
}

impl Export {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let replay = format!("stalelab replay {}", quoted(&self.file));
        output::print(&Replay::of(&self.file, self.form).shown(&replay)?)?;
        Ok(Exit::Ok)
    }
}
