//! Rows for a person's eye.

/// Columns padded to their widest cell, counted in characters.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = head.iter().map(|h| (*h).to_owned()).collect();
    let mut widths = vec![0; head.len()];
    for row in std::iter::once(&head).chain(rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &Vec<String>| {
        let cells = widths.iter().zip(row).map(|(width, cell)| {
            let pad = width.saturating_sub(cell.chars().count());
            format!("{cell}{}", " ".repeat(pad))
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    std::iter::once(&head)
        .chain(rows)
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_line_up_with_vietnamese_letters() {
        let rows = vec![
            vec!["đã".into(), "x".into()],
            vec!["tiếp nhận".into(), "y".into()],
        ];
        assert_eq!(
            super::table(&["a", "b"], &rows),
            "a          b\nđã         x\ntiếp nhận  y"
        );
    }
}
