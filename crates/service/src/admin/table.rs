//! Rows for a person's eye.

/// Columns padded to their widest cell, counted in characters.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = head.iter().map(|h| (*h).to_owned()).collect();
    let width = |at: usize| {
        let cells = std::iter::once(&head).chain(rows).filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(at, cell)| {
            let pad = width(at).saturating_sub(cell.chars().count());
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
