//! What a scanner can do, read from `scanimage --all-options`: each maker names the same things differently.

/// A counter's papers: A4, 200 dpi.
const DPI_WANTED: u32 = 200;
const A4_MM: (f64, f64) = (210.0, 297.0);

/// The settings that this scanner understands.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Options {
    mode: Option<String>,
    dpi: Option<u32>,
    width_mm: Option<f64>,
    height_mm: Option<f64>,
    pub glass: Option<String>,
    pub feeder: Option<String>,
    /// It has only one place for paper and no name for it.
    pub unnamed: bool,
}

impl Options {
    pub fn parse(told: &str) -> Self {
        let mut options = Self {
            unnamed: true,
            ..Self::default()
        };
        for line in told.lines().map(str::trim) {
            let Some((flag, rest)) = line.split_once(' ') else {
                continue;
            };
            if rest.ends_with("[inactive]") {
                continue;
            }
            match flag {
                "--mode" => {
                    options.mode = choices(rest)
                        .find(|c| c.to_lowercase().contains("color"))
                        .map(str::to_owned)
                }
                "--resolution" => options.dpi = resolution(rest),
                "-x" => options.width_mm = upper_end(rest).map(|end| end.min(A4_MM.0)),
                "-y" => options.height_mm = upper_end(rest).map(|end| end.min(A4_MM.1)),
                "--source" => options.sources(rest),
                _ => {}
            }
        }
        options
    }

    fn sources(&mut self, rest: &str) {
        self.unnamed = false;
        let is_feeder = |c: &&str| {
            let name = c.to_lowercase();
            (name.contains("adf") || name.contains("feed"))
                && !name.contains("duplex")
                && !name.contains("back")
        };
        self.feeder = choices(rest).find(is_feeder).map(str::to_owned);
        self.glass = choices(rest)
            .find(|c| {
                !is_feeder(c)
                    && !c.to_lowercase().contains("adf")
                    && !c.to_lowercase().contains("transparency")
            })
            .map(str::to_owned);
    }

    /// Arguments for one run from this source.
    pub fn arguments(&self, source: Option<&str>) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut put = |flag: &str, value: Option<String>| {
            if let Some(value) = value {
                arguments.extend([flag.to_owned(), value]);
            }
        };
        put("--source", source.map(str::to_owned));
        put("--mode", self.mode.clone());
        put("--resolution", self.dpi.map(|n| n.to_string()));
        put("-x", self.width_mm.map(|n| n.to_string()));
        put("-y", self.height_mm.map(|n| n.to_string()));
        arguments
    }
}

/// `Gray|Color [Gray]`: what stands before the bracket, at each bar.
fn choices(rest: &str) -> impl Iterator<Item = &str> {
    rest.split(" [")
        .next()
        .unwrap_or_default()
        .split('|')
        .map(str::trim)
}

/// `75|100|200|300dpi [75]` or `1..1200dpi (in steps of 1) [50]`: the smallest that is enough, else the largest.
fn resolution(rest: &str) -> Option<u32> {
    let told = rest.split(['[', '(']).next()?.trim().trim_end_matches("dpi");
    if let Some((low, high)) = told.split_once("..") {
        let (low, high): (f64, f64) = (low.parse().ok()?, high.parse().ok()?);
        return Some(f64::from(DPI_WANTED).clamp(low, high.max(low)) as u32);
    }
    let all: Vec<u32> = told.split('|').filter_map(|n| n.parse().ok()).collect();
    let enough = all.iter().copied().filter(|n| *n >= DPI_WANTED).min();
    enough.or_else(|| all.iter().copied().max())
}

/// `0..215.9mm [215.9]`
fn upper_end(rest: &str) -> Option<f64> {
    let (_, end) = rest.split_once("..")?;
    end.split("mm").next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn each_maker_is_understood() {
        let test_device = "  --mode Gray|Color [Gray]\n  --resolution 1..1200dpi (in steps of 1) [50]\n  --source Flatbed|Automatic Document Feeder [Flatbed]\n  -x 0..200mm (in steps of 1) [80]\n  -y 0..200mm (in steps of 1) [100]";
        let office = "  --mode 24bit Color|Black & White|True Gray [24bit Color]\n  --resolution 100|150|300|600dpi [100]\n  --source FlatBed|ADF|ADF Duplex [FlatBed]\n  -x 0..215.9mm (in steps of 0.1) [215.9]\n  -y 0..355.6mm [297]";
        let simple =
            "  --mode Lineart|Gray|Color [Color]\n  --resolution 75|150dpi [75]\n  --depth 8|16 [inactive]";
        let cases = [
            (
                test_device,
                Some("Automatic Document Feeder"),
                "--source Automatic Document Feeder --mode Color --resolution 200 -x 200 -y 200",
                (Some("Flatbed"), Some("Automatic Document Feeder")),
            ),
            (
                office,
                Some("ADF"),
                "--source ADF --mode 24bit Color --resolution 300 -x 210 -y 297",
                (Some("FlatBed"), Some("ADF")),
            ),
            (simple, None, "--mode Color --resolution 150", (None, None)),
        ];
        for (told, source, arguments, (glass, feeder)) in cases {
            let options = Options::parse(told);
            assert_eq!(options.arguments(source).join(" "), arguments);
            assert_eq!(
                (options.glass.as_deref(), options.feeder.as_deref()),
                (glass, feeder)
            );
        }
    }
}
