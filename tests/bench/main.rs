//! Measurements of the core: both sides of every ratio in one run, interleaved, medians printed.
//!
//! `donghanh-bench [--json] [--rounds N] [--only GROUP]`. Absolute times tell about the machine; the ratios tell
//! about us.

mod acknowledgements;
mod caller;
mod catalogue;
mod commits;
mod interview;
mod papers;
mod postgres;
mod questions;
mod receipt;
mod sealing;
mod sides;
mod upload;

use sides::Figure;

type Measure = fn(usize) -> anyhow::Result<Vec<Figure>>;

/// In the order in which they run.
const GROUPS: &[(&str, Measure)] = &[
    ("interview", |rounds| {
        Ok(vec![
            interview::answer_to_view(rounds)?,
            interview::answer_to_largest_view()?,
        ])
    }),
    ("sealing", sealing::seal_of_twenty_megabytes),
    ("catalogue", catalogue::figures),
    ("receipt", |rounds| Ok(vec![receipt::receipt_to_pdf(rounds)?])),
    ("commits", commits::figures),
    ("acknowledgements", |rounds| acknowledgements::over_http(rounds)),
    ("questions", |rounds| {
        Ok(vec![questions::http_against_sockets(rounds)?])
    }),
    ("wire", |_| upload::bytes_on_the_wire()),
    ("papers", |rounds| {
        let mut figures = papers::photograph(rounds)?;
        figures.push(papers::feeder_batch()?);
        Ok(figures)
    }),
    ("upload", |rounds| Ok(vec![upload::upload_over_loopback(rounds)?])),
    ("narrow", |_| Ok(vec![upload::upload_over_a_narrow_line()?])),
];

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|a| a == "--json");
    let rounds = arguments
        .iter()
        .skip_while(|a| *a != "--rounds")
        .nth(1)
        .map_or(Ok(9), |n| n.parse())?;
    let only = arguments.iter().skip_while(|a| *a != "--only").nth(1);
    let mut figures: Vec<Figure> = Vec::new();
    for (name, measure) in GROUPS {
        if only.is_none_or(|only| only == name) {
            figures.extend(measure(rounds)?);
        }
    }
    anyhow::ensure!(!figures.is_empty(), "no such group");
    if json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        figures.iter().for_each(Figure::print);
    }
    let failed = figures.iter().filter(|f| !f.holds()).count();
    anyhow::ensure!(failed == 0, "{failed} ratio(s) past their gate");
    Ok(())
}
