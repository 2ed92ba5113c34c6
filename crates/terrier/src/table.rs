//! Tables for people.

/// A table: rows of texts, all as long as the heading.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Each with whether it holds numbers, which stand at the right.
    heading: Vec<(String, bool)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of columns, each with its name and whether it holds numbers.
    pub(crate) fn new(heading: Vec<(String, bool)>) -> Self {
        Self { heading, rows: Vec::new() }
    }

    /// Adds a row, which has a text for each column.
    pub(crate) fn push(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.heading.len(), "a row has all columns");
        self.rows.push(row);
    }

    /// The lines for a terminal.
    pub(crate) fn lines(&self) -> Vec<String> {
        let names = self.heading.iter().map(|(name, _)| name);
        let names: Vec<String> = names.cloned().collect();
        // A text may have line ends and tabs, which would break its row.
        let plain = |text: &String| text.replace(char::is_control, " ");
        let rows = self.rows.iter().map(|row| row.iter().map(plain).collect());
        let all: Vec<Vec<String>> = std::iter::once(names).chain(rows).collect();
        let all = || all.iter();
        let widths: Vec<usize> = (0..self.heading.len())
            .map(|column| all().map(|row| width(&row[column])).max().unwrap_or(0))
            .collect();
        let line = |row: &Vec<String>| {
            let mut line = String::new();
            for ((text, (_, is_number)), most) in row.iter().zip(&self.heading).zip(&widths) {
                let space = " ".repeat(most - width(text));
                let (before, behind) = if *is_number { (&space, text) } else { (text, &space) };
                line.extend([before, behind, "  "]);
            }
            line.trim_end().to_owned()
        };
        all().map(line).collect()
    }
}

/// How many columns of a terminal a text takes: Chinese characters take two.
fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
            | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}'
            | '\u{FFE0}'..='\u{FFE6}' | '\u{20000}'..='\u{3FFFD}')
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(vec![("road".into(), false), ("count".into(), true)]);
        table.push(vec!["友谊路".into(), "7".into()]);
        table.push(vec!["a, \"b\"".into(), "1234567".into()]);
        table.push(vec!["\n".into(), "0".into()]);
        table
    }

    #[test]
    fn columns_stand_below_each_other_with_numbers_at_the_right() {
        let expected =
            ["road      count", "友谊路        7", "a, \"b\"  1234567", "              0"];
        assert_eq!(table().lines(), expected);
    }
}
