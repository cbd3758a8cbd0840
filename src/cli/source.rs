//! Where a scenario comes from: a built-in by its name, a file by its path, standard input by `-`.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use stalelab::report::MANIFEST;
use stalelab::scenario::{Input, builtin};

use super::exit::{Exit, Failure};

/// What stands for standard input on the command line.
pub(crate) const STDIN: &str = "-";
/// Name of a scenario read from standard input.
const STDIN_NAME: &str = "stdin";

/// Reads a scenario's text.
pub(crate) fn load(source: &str) -> Result<Input, Failure> {
    if source == STDIN {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map_err(|error| unreadable("<stdin>", &error))?;
        return Ok(input(STDIN_NAME, "<stdin>", text, PathBuf::from(".")));
    }
    if let Some(input) = builtin::input(source) {
        return Ok(input);
    }
    let path = Path::new(source);
    let looks_like_a_path = path.components().count() > 1 || path.extension().is_some();
    if !looks_like_a_path && !path.exists() {
        return Err(unknown(source));
    }
    if path.join(MANIFEST).is_file() {
        let message = format!(
            "{source} is what a run has left behind; name its scenario instead, which its \
             {MANIFEST} tells under `replay`"
        );
        return Err(Failure::new(Exit::Usage, message));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(source, &error))?;
    // The results' folder is named after the stem.
    if path.file_stem().is_some_and(|stem| stem == "." || stem == "..") {
        let message = format!("results cannot be filed under the name of {source}; rename it");
        return Err(Failure::new(Exit::Usage, message));
    }
    let stem = path.file_stem().map_or_else(|| source.into(), |stem| stem.to_string_lossy());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Ok(input(&stem, source, text, folder.unwrap_or(Path::new(".")).to_owned()))
}

/// Reads a text that is no scenario: a file by its path, standard input by `-`.
pub(crate) fn read_text(source: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match source {
        "-" => io::stdin().read_to_string(&mut text).map(|_| text),
        path => std::fs::read_to_string(path),
    };
    read.map_err(|error| unreadable(source, &error))
}

fn input(name: &str, origin: &str, text: String, folder: PathBuf) -> Input {
    Input {
        name: name.to_owned(),
        origin: origin.to_owned(),
        text,
        folder: Some(folder),
        embedded: &[],
    }
}

/// Something could not be read.
pub(crate) fn unreadable(origin: &str, error: &io::Error) -> Failure {
    let exit = match error.kind() {
        io::ErrorKind::InvalidData => Exit::Usage,
        _ => Exit::Io,
    };
    Failure::new(exit, format!("cannot read {origin}: {error}"))
}

fn unknown(source: &str) -> Failure {
    let names: Vec<&str> = builtin::SCENARIOS.iter().map(|scenario| scenario.name).collect();
    let meant = similar(source, &names);
    let hint = match meant.first() {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`stalelab list scenarios` shows those there are".to_owned(),
    };
    let message = format!("there is no built-in scenario and no file named `{source}`; {hint}");
    Failure::new(Exit::Usage, message)
}

/// The names that may have been meant, the likeliest first.
pub(crate) fn similar<'a>(word: &str, names: &[&'a str]) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let distance = |name: &str| match name.contains(&word) && word.len() > 2 {
        true => 0,
        false => strsim::damerau_levenshtein(&word, name),
    };
    let near = word.chars().count().div_ceil(3).max(1);
    let mut meant: Vec<(usize, &str)> = names.iter().map(|name| (distance(name), *name)).collect();
    meant.retain(|(distance, _)| *distance <= near);
    meant.sort();
    meant.dedup();
    meant.into_iter().map(|(_, name)| name).take(5).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_in_scenario_needs_no_file() {
        assert_eq!(load("in-stock").expect("built in").name, "in-stock");
    }

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let names = ["in-stock", "avatar", "late-fill"];
        assert_eq!(similar("in-stok", &names), ["in-stock"]);
        assert_eq!(similar("fill", &names), ["late-fill"]);
        assert!(similar("zzzzzz", &names).is_empty());
    }
}
