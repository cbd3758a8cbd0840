//! `stalelab schema`: the JSON schema of scenario files, for editors.

use clap::Args;

use super::exit::{Exit, Failure};
use super::output;

/// Print the JSON schema of scenario files
#[derive(Args, Debug)]
pub(crate) struct Schema {}

impl Schema {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        output::print(&format!("{:#}\n", stalelab::scenario::schema()))?;
        Ok(Exit::Ok)
    }
}
