//! A source file's head as text for a terminal: the module documentation without its markup.

use anstyle::Style;
use stalelab::report::hanging;

/// The module documentation at the top of this source, wrapped; headings stand out.
pub(crate) fn render(source: &str) -> String {
    const BOLD: Style = Style::new().bold();
    let docs = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut in_code = false;
    let flush = |out: &mut String, paragraph: &mut String| {
        let (label, text) = paragraph.split_at(item_label(paragraph));
        out.push_str(&hanging(label, label.len(), text));
        paragraph.clear();
    };
    for line in docs {
        let line = line.strip_prefix(' ').unwrap_or(line);
        let is_fence = line.trim_start().starts_with("```");
        if in_code && !is_fence {
            // Lines that rustdoc hides are there for the compiler.
            if line != "#" && !line.starts_with("# ") {
                out.push_str(format!("    {line}").trim_end());
                out.push('\n');
            }
            continue;
        }
        let heading = line.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim());
        let is_item = item_label(line) > 0;
        if is_fence || heading.is_some() || is_item || line.is_empty() {
            flush(&mut out, &mut paragraph);
        }
        match (is_fence, heading) {
            (true, _) => in_code = !in_code,
            (_, Some(heading)) => out.push_str(&format!("{BOLD}{heading}{BOLD:#}\n")),
            _ if line.is_empty() => out.push('\n'),
            _ if is_item => {
                let (label, text) = line.split_at(item_label(line));
                paragraph = format!("{}{}", label.replace('-', "*"), plain(text));
            }
            _ => paragraph.push_str(&format!(" {}", plain(line))),
        }
    }
    flush(&mut out, &mut paragraph);
    out
}

/// The length of a list item's label: `* `, `- ` or `3. `; 0 if the line is no item.
fn item_label(line: &str) -> usize {
    let number = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let marks = if number > 0 { ". " } else { "* " };
    let marked = line[number..].starts_with(marks) || number == 0 && line.starts_with("- ");
    if marked { number + 2 } else { 0 }
}

/// A line without link brackets and emphasis; names in backticks stay as they are.
fn plain(line: &str) -> String {
    let line = line.replace("[`", "`").replace("`]", "`").replace("crate::", "");
    let mut out = String::new();
    let mut in_code = false;
    for c in line.chars() {
        in_code ^= c == '`';
        if c != '*' || in_code {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_paragraphs_flow() {
        let source = "//! One\n//! line.\n//!\n//! # Head\n//! See [`crate::op`], *now*.\n//!\n\
                      //! ```\n//! # hidden\n//! shown();\n//! ```\n\nuse x;\n//! no\n";
        let text = anstream::adapter::strip_str(&render(source)).to_string();
        assert_eq!(text, "One line.\n\nHead\nSee `op`, now.\n\n    shown();\n");
    }
}
