//! CSV files by the names of their columns. A cell that is not what its column has is an error, and
//! never a zero.

use std::fmt;
use std::rc::Rc;

/// Why a run's files cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRun {
    /// Which file.
    pub file: &'static str,
    /// What is wrong with it, and where.
    pub reason: String,
}

impl fmt::Display for UnreadableRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.reason)
    }
}

impl std::error::Error for UnreadableRun {}

/// No figure of a run is larger.
pub(super) const FIGURE_MOST: f64 = 1e18;

/// What may be wrong with a run's files.
pub(super) type Result<T> = std::result::Result<T, UnreadableRun>;

/// A row of a CSV file: its cells by the names of their columns.
pub(super) struct Row {
    file: &'static str,
    header: Rc<csv::StringRecord>,
    cells: csv::StringRecord,
}

impl Row {
    /// The names of the columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.header.iter()
    }

    /// What is wrong with this row.
    pub(super) fn error(&self, reason: impl fmt::Display) -> UnreadableRun {
        let line = self.cells.position().map_or(0, csv::Position::line);
        UnreadableRun { file: self.file, reason: format!("line {line}: {reason}") }
    }

    pub(super) fn word(&self, name: &str) -> Result<&str> {
        let index = self.header.iter().position(|column| column == name);
        let cell = index.and_then(|index| self.cells.get(index));
        cell.ok_or_else(|| {
            let reason = format!("there is no column `{name}`: did another version write this?");
            UnreadableRun { file: self.file, reason }
        })
    }

    pub(super) fn number(&self, name: &str) -> Result<f64> {
        self.maybe(name)?.ok_or_else(|| self.error(format!("`{name}` is empty, and not a number")))
    }

    /// A number, where an empty cell is none.
    pub(super) fn maybe(&self, name: &str) -> Result<Option<f64>> {
        let cell = self.word(name)?;
        if cell.is_empty() {
            return Ok(None);
        }
        match cell.parse::<f64>() {
            Ok(value) if (0.0..=FIGURE_MOST).contains(&value) => Ok(Some(value)),
            Ok(value) if value.is_finite() => {
                Err(self.error(format!("`{name}` is {cell}, which no run measures")))
            }
            _ => Err(self.error(format!("`{name}` is `{cell}`, and not a number"))),
        }
    }

    /// A share, where an empty cell is none.
    pub(super) fn share(&self, name: &str) -> Result<Option<f64>> {
        match self.maybe(name)? {
            Some(share) if share > 1.0 => {
                Err(self.error(format!("`{name}` is {share}, and a share is at most 1")))
            }
            share => Ok(share),
        }
    }

    /// The 95 % interval of a column that has one.
    pub(super) fn interval(&self, name: &str) -> Result<Option<(f64, f64)>> {
        let end = |which| self.maybe(&format!("{name}ci95_{which}"));
        Ok(end("low")?.zip(end("high")?))
    }
}

/// The rows of a file.
pub(super) fn rows(file: &'static str, text: &str) -> Result<Vec<Row>> {
    let error = |error: csv::Error| UnreadableRun { file, reason: error.to_string() };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = Rc::new(reader.headers().map_err(error)?.clone());
    if header.is_empty() {
        return Err(UnreadableRun { file, reason: "is empty".to_owned() });
    }
    let row = |cells| Row { file, header: Rc::clone(&header), cells };
    reader.records().map(|record| record.map(row).map_err(error)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_what_its_column_has_or_an_error() {
        let text = "a,b,x_ci95_low,x_ci95_high\nw,1.5,0,2\nv,,,\nu,inf,1,no\n";
        let rows = rows("some.csv", text).expect("they are equally long");
        let told = |error: Result<Option<f64>>| error.map_err(|error| error.to_string());
        assert_eq!(rows[0].word("a"), Ok("w"));
        assert_eq!((rows[0].number("b"), rows[1].maybe("b")), (Ok(1.5), Ok(None)));
        assert_eq!(rows[0].interval("x_"), Ok(Some((0.0, 2.0))));
        assert_eq!(rows[1].interval("x_"), Ok(None));
        assert!(rows[2].interval("x_").is_err());
        let message = "some.csv: line 4: `b` is `inf`, and not a number";
        assert_eq!(told(rows[2].maybe("b")), Err(message.to_owned()));
        let message = "some.csv: line 3: `b` is empty, and not a number";
        assert_eq!(told(rows[1].number("b").map(Some)), Err(message.to_owned()));
        assert!(told(rows[0].maybe("c")).is_err_and(|it| it.contains("no column `c`")));
    }

    #[test]
    fn a_row_too_short_and_a_file_without_anything_are_told() {
        assert!(rows("some.csv", "a,b\n1\n").is_err_and(|it| it.reason.contains("line: 2")));
        assert!(rows("some.csv", "").is_err_and(|it| it.to_string() == "some.csv: is empty"));
    }
}
