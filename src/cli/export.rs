//! `stalelab export`: a schedule file in a form for other programs.

use std::path::PathBuf;

use clap::Args;

use super::exit::{Exit, Failure};
use super::races::{Form, PictureArgs};
use super::replay::Replay;

/// Show a schedule as a sequence diagram, as JSON, or as a Rust test
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// A schedule's path, or `-` for standard input
    file: String,
    /// The form
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: Form,
    #[command(flatten)]
    pictures: PictureArgs,
    /// Write pictures into this folder, and the schedule beside them
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
}

impl Export {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        Replay::of(&self.file, self.form, self.pictures).show(self.save.as_deref())?;
        Ok(Exit::Ok)
    }
}
