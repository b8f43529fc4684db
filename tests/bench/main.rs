//! Measurements of the core: both sides of every ratio in one run, interleaved, medians printed.
//!
//! `donghanh-bench [--json] [--rounds N]`. Absolute times tell about the machine; the ratios tell about us.

mod catalogue;
mod interview;
mod papers;
mod receipt;
mod sealing;
mod sides;
mod upload;

use sides::Figure;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|a| a == "--json");
    let rounds = arguments
        .iter()
        .skip_while(|a| *a != "--rounds")
        .nth(1)
        .map_or(Ok(9), |n| n.parse())?;
    let mut figures: Vec<Figure> = vec![
        interview::answer_to_view(rounds)?,
        interview::answer_to_largest_view()?,
    ];
    figures.extend(sealing::seal_of_five_megabytes(rounds)?);
    figures.extend(catalogue::figures(rounds)?);
    figures.push(receipt::receipt_to_pdf(rounds)?);
    figures.push(upload::upload_over_loopback(rounds)?);
    figures.extend(papers::photograph(rounds)?);
    figures.push(papers::feeder_batch()?);
    if json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        figures.iter().for_each(Figure::print);
    }
    let failed = figures.iter().filter(|f| !f.holds()).count();
    anyhow::ensure!(failed == 0, "{failed} ratio(s) past their gate");
    Ok(())
}
