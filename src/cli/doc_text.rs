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
        let (label, text) = match paragraph.strip_prefix("* ") {
            Some(item) => ("* ", item),
            None => ("", paragraph.as_str()),
        };
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
        let is_item = line.starts_with("* ") || line.starts_with("- ");
        if is_fence || heading.is_some() || is_item || line.is_empty() {
            flush(&mut out, &mut paragraph);
        }
        match (is_fence, heading) {
            (true, _) => in_code = !in_code,
            (_, Some(heading)) => out.push_str(&format!("{BOLD}{heading}{BOLD:#}\n")),
            _ if line.is_empty() => out.push('\n'),
            _ if is_item => paragraph = format!("* {}", plain(&line[2..])),
            _ => paragraph.push_str(&format!(" {}", plain(line))),
        }
    }
    flush(&mut out, &mut paragraph);
    out
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
