//! CSV files by the names of their columns.

use super::run::UnreadableRun;

/// A row of a CSV file: its cells by the names of their columns.
pub(super) struct Row(pub(super) Vec<(String, String)>);

impl Row {
    pub(super) fn word(&self, name: &str) -> &str {
        self.0.iter().find(|(column, _)| column == name).map_or("", |(_, cell)| cell)
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.word(name).parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// The 95 % interval of a column that has one.
    pub(super) fn interval(&self, name: &str) -> Option<(f64, f64)> {
        let end = |which| self.number(&format!("{name}_ci95_{which}"));
        end("low").zip(end("high"))
    }
}

/// The rows of a file.
pub(super) fn rows(file: &'static str, text: &str) -> Result<Vec<Row>, UnreadableRun> {
    let error = |error: csv::Error| UnreadableRun { file, reason: error.to_string() };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(error)?.clone();
    let row = |record: csv::StringRecord| {
        Row(header.iter().zip(&record).map(|(name, cell)| (name.into(), cell.into())).collect())
    };
    reader.records().map(|record| record.map(row).map_err(error)).collect()
}
