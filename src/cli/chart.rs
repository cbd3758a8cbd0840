//! `stalelab chart`: draws charts from the files a run has left; and what `run --charts` shares
//! with it.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use stalelab::chart::{self, Kind, Run as Files};
use stalelab::picture::{self, Style};
use stalelab::report::OutputFolder;

use super::exit::{self, Exit, Failure};
use super::races::PictureArgs;
use super::{interrupt, output, proofs};

/// Draw charts from the files of a run, without running it again
///
/// Writes DIR/charts/<chart>.svg and .png: the same bytes as `stalelab run --charts`.
#[derive(Args, Debug)]
#[command(after_help = exit::HELP)]
pub(crate) struct Chart {
    /// The folder that a run has written, as output/in-stock
    folder: PathBuf,
    /// Draw this chart only; may be repeated [default: all that there is something to draw of]
    #[arg(long, value_name = "CHART", value_parser = kind)]
    kind: Vec<Kind>,
    #[command(flatten)]
    look: ChartArgs,
    /// Folder for the charts [default: DIR/charts]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// How charts are drawn.
#[derive(Args, Clone, Debug)]
pub(crate) struct ChartArgs {
    #[command(flatten)]
    pictures: PictureArgs,
    /// Formats, with commas between
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        value_delimiter = ',',
        default_value = "svg,png"
    )]
    format: Vec<Format>,
}

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A picture whose texts are outlines, which looks the same everywhere
    Svg,
    /// A picture in pixels
    Png,
}

fn kind(name: &str) -> Result<Kind, String> {
    Kind::find(name).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

impl Chart {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let read = |name: &str| std::fs::read(self.folder.join(name)).ok();
        let run = Files::read(read).map_err(|error| {
            let message = format!("{}: {error}", self.folder.display());
            Failure::new(Exit::Io, message)
        })?;
        let path = self.output.clone().unwrap_or_else(|| self.folder.join("charts"));
        self.look.draw(&run, &self.kind, &path)?;
        Ok(Exit::Ok)
    }
}

impl ChartArgs {
    /// Draws charts into a folder. Those that were asked for must be drawn; of all others, what
    /// could not be is told.
    pub(crate) fn draw(&self, run: &Files, wanted: &[Kind], path: &Path) -> Result<(), Failure> {
        let style = self.pictures.style();
        let is_wanted = |kind: &Kind| wanted.is_empty() || wanted.contains(kind);
        let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(is_wanted).collect();
        let mut files = Vec::new();
        let explored = match kinds.iter().any(|kind| kind.is_of_exploring()) {
            true => run.clone().with_explored(proofs::of(run)?),
            false => run.clone(),
        };
        for kind in &kinds {
            match chart::draw(*kind, &explored, style) {
                Ok(drawn) => files.extend(self.files(*kind, &drawn.svg)?),
                Err(reason) if wanted.is_empty() => {
                    output::chat(&format!("no chart `{}`: {reason}\n", kind.name()));
                }
                Err(reason) => {
                    let message = format!("no chart `{}`: {reason}", kind.name());
                    return Err(Failure::new(Exit::Inconclusive, message));
                }
            }
        }
        let folder = OutputFolder::create(path)?;
        interrupt::protected(|| {
            files.iter().try_for_each(|(name, file)| folder.write(name, file))
        })?;
        let count = match files.len() {
            1 => "1 file".to_owned(),
            many => format!("{many} files"),
        };
        output::chat(&format!("{count} in {}\n", folder.path().display()));
        tell_what_is_lacking(run);
        Ok(())
    }

    /// A chart in every format that is wanted.
    fn files(&self, kind: Kind, svg: &str) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let internal =
            |error: picture::RenderError| Failure::new(Exit::Internal, error.to_string());
        let files = self.format.iter().map(|format| {
            Ok(match format {
                Format::Svg => {
                    let outlined = picture::outline(svg).map_err(internal)?;
                    (format!("{}.svg", kind.name()), outlined.into_bytes())
                }
                Format::Png => {
                    let pixels = picture::png(svg).map_err(internal)?;
                    (format!("{}.png", kind.name()), pixels)
                }
            })
        });
        files.collect()
    }
}

/// Tells of names that charts cannot show.
fn tell_what_is_lacking(run: &Files) {
    let lacking: Vec<String> = run.lacking().iter().map(|c| format!("`{c}`")).collect();
    if !lacking.is_empty() {
        output::chat(&format!(
            "note: charts show □ for {}: their font has Latin letters only. Name the variants in \
             those, or tell them apart by a number.\n",
            lacking.join(", ")
        ));
    }
}

impl PictureArgs {
    /// The style that was asked for.
    pub(crate) fn style(self) -> Style {
        Style { theme: self.theme, size: self.size }
    }
}
