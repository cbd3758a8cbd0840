//! Lays a comparison's columns out as text that fits a terminal of [`WIDTH`] columns.

use anstyle::{AnsiColor, Style};

use super::prose::{WIDTH, balanced, wrap};

/// Names narrower than this are not worth a table: columns go first.
const NAME_WIDTH_MIN: usize = 18;

/// What stands above the names.
const NAME_HEADING: &str = "variant";

/// Style of headings.
pub(super) const HEADING: Style = Style::new().bold();
/// Style of what is better.
pub(super) const GOOD: Style = AnsiColor::Blue.on_default().bold();
/// Style of what is worse.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Style of context.
pub(super) const DIM: Style = Style::new().dimmed();

/// Text in a style.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// How a value stands among the others of its column. Shown by a glyph, and by colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing to say.
    Plain,
    /// The best of the column.
    Best,
    /// The worst of the column.
    Worst,
}

/// A value of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// The value as text, empty for none.
    pub(super) text: String,
    /// How it stands.
    pub(super) mark: Mark,
}

/// A column: two lines of heading, and a cell per row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// The heading.
    pub(super) heading: [&'static str; 2],
    /// The cells, one per row.
    pub(super) cells: Vec<Cell>,
    /// Columns of a higher number are the first to go if the table is too wide.
    pub(super) rank: u8,
}

/// A row's name, and text that stands in place of its cells, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// The name.
    pub(super) name: &'a str,
    /// What to print instead of the cells.
    pub(super) instead: Option<String>,
}

impl Mark {
    /// The glyph, and the style of the value that carries it.
    pub(super) fn glyph(self) -> (&'static str, Style) {
        match self {
            Mark::Plain => (" ", Style::new()),
            Mark::Best => ("▲", GOOD),
            Mark::Worst => ("▼", BAD),
        }
    }
}

impl Column {
    /// Width of its numbers.
    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| cell.text.chars().count());
        let heading = self.heading.iter().map(|line| line.chars().count());
        cells.chain(heading).max().unwrap_or(0)
    }

    /// Columns it takes: a gap, the numbers and room for the glyph.
    fn room(&self) -> usize {
        self.width() + 2
    }
}

/// The table as text, and whether columns were left out because it would have been too wide.
pub(super) fn layout(rows: &[Row<'_>], mut columns: Vec<Column>) -> (String, bool) {
    let names = rows.iter().map(|row| row.name);
    let longest = names.chain([NAME_HEADING]).map(|name| name.chars().count()).max().unwrap_or(0);
    let wanted = longest.min(NAME_WIDTH_MIN);
    let total = columns.len();
    let room = |columns: &[Column]| columns.iter().map(Column::room).sum::<usize>();
    while columns.len() > 1 && room(&columns) + wanted > WIDTH {
        let last = (0..columns.len()).max_by_key(|&place| columns[place].rank).unwrap_or(0);
        columns.remove(last);
    }
    let name_width = longest.min(WIDTH.saturating_sub(room(&columns))).max(1);
    let mut out = String::new();
    for line in 0..2 {
        let mut text = format!("{:name_width$}", ["", NAME_HEADING][line]);
        for column in &columns {
            text.push_str(&format!(" {:>width$} ", column.heading[line], width = column.width()));
        }
        push_line(&mut out, &styled(HEADING, text.trim_end()));
    }
    for (number, row) in rows.iter().enumerate() {
        push_row(&mut out, row, number, name_width, &columns);
    }
    (out, columns.len() < total)
}

fn push_row(out: &mut String, row: &Row<'_>, number: usize, name_width: usize, columns: &[Column]) {
    let name = balanced(row.name, name_width);
    let instead = row.instead.as_ref().map(|text| wrap(text, WIDTH - name_width - 2));
    let lines = name.len().max(instead.as_ref().map_or(1, Vec::len));
    for line in 0..lines {
        let mut text = format!("{:name_width$}", name.get(line).map_or("", String::as_str));
        if let Some(words) = instead.as_ref() {
            if let Some(words) = words.get(line) {
                text.push_str(&format!("  {}", styled(BAD, words)));
            }
        } else if line == 0 {
            for column in columns {
                let cell = &column.cells[number];
                let (glyph, style) = cell.mark.glyph();
                let padding = column.width() - cell.text.chars().count();
                let value = styled(style, &format!("{}{glyph}", cell.text));
                text.push_str(&format!(" {:padding$}{value}", ""));
            }
        }
        push_line(out, &text);
    }
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(text: &str, rank: u8) -> Column {
        let cell = Cell { text: text.to_owned(), mark: Mark::Best };
        Column { heading: ["heading", "unit"], cells: vec![cell], rank }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_long_name_wraps_before_a_column_goes() {
        let rows = [Row { name: "delete on write, expires in 60 s", instead: None }];
        let columns: Vec<Column> = (0..8).map(|rank| column("12.4 ±0.3", rank)).collect();
        let (text, dropped) = layout(&rows, columns.into_iter().take(7).collect());
        let text = plain(&text);
        assert!(!dropped);
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }

    #[test]
    fn the_column_of_the_highest_rank_goes_first() {
        let rows = [Row { name: "a", instead: None }];
        let columns = (0..12).map(|rank| column(&rank.to_string().repeat(9), rank)).collect();
        let (text, dropped) = layout(&rows, columns);
        assert!(dropped);
        assert!(text.contains("000000000") && !text.contains("111111111111111111"), "{text}");
        assert!(plain(&text).lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }
}
