//! The memory of a program and all that it started, as the system shares it out (PSS).

use std::collections::HashMap;

/// Megabytes of a process and its descendants.
pub fn of_tree(root: u32) -> f64 {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for id in std::fs::read_dir("/proc")
        .expect("/proc")
        .flatten()
        .filter_map(|e| e.file_name().to_str()?.parse().ok())
    {
        children.entry(parent(id)).or_default().push(id);
    }
    let (mut all, mut next) = (Vec::new(), vec![root]);
    while let Some(id) = next.pop() {
        all.push(id);
        next.extend(children.get(&id).into_iter().flatten());
    }
    all.iter().map(|id| pss_kb(*id)).sum::<f64>() / 1024.0
}

/// The parent stands behind the name, which may hold spaces and brackets itself.
fn parent(id: u32) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    after
        .split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(0)
}

fn pss_kb(id: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = text
        .lines()
        .find(|line| line.starts_with("Pss:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse().ok())
        .unwrap_or(0.0)
}
