//! `donghanh-verify --trust FILE [--province-key KEY] [--json] [TEXT]`: the text of a receipt's second QR code, or one
//! a line on standard input (a scanner types them). Ends with 0 where every one is genuine, 1 where one is not, 2
//! where the question could not be asked.

use std::io::{BufRead, Write};
use std::process::ExitCode;
use verifier::{Genuine, NotGenuine, Trust, verify};

const USAGE: &str = "donghanh-verify --trust FILE [--province-key KEY] [--json] [VN1:...]";
const UNUSABLE: u8 = 2;

#[derive(Default)]
struct Asked {
    trust: Option<String>,
    province_key: Option<String>,
    json: bool,
    text: Option<String>,
}

fn asked(arguments: impl Iterator<Item = String>) -> Option<Asked> {
    let mut asked = Asked::default();
    let mut rest = arguments;
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--trust" => asked.trust = Some(rest.next()?),
            "--province-key" => asked.province_key = Some(rest.next()?),
            "--json" => asked.json = true,
            other if other.starts_with("--") || asked.text.is_some() => return None,
            _ => asked.text = Some(argument),
        }
    }
    asked.trust.is_some().then_some(asked)
}

fn main() -> ExitCode {
    let Some(asked) = asked(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(UNUSABLE);
    };
    match run(&asked) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(UNUSABLE)
        }
    }
}

fn run(asked: &Asked) -> Result<bool, Box<dyn std::error::Error>> {
    let file = std::fs::read(asked.trust.as_deref().unwrap_or_default())?;
    let trust = Trust::read(&file, asked.province_key.as_deref())?;
    let mut out = std::io::stdout().lock();
    if let Some(text) = &asked.text {
        return tell(&mut out, asked.json, &verify(&trust, text));
    }
    let mut all = true;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            all &= tell(&mut out, asked.json, &verify(&trust, &line))?;
        }
    }
    Ok(all)
}

fn tell(
    out: &mut impl Write,
    json: bool,
    found: &Result<Genuine, NotGenuine>,
) -> Result<bool, Box<dyn std::error::Error>> {
    match (found, json) {
        (Ok(genuine), true) => {
            let mut value = serde_json::to_value(genuine)?;
            if let Some(object) = value.as_object_mut() {
                object.insert("genuine".to_owned(), true.into());
            }
            writeln!(out, "{value}")?;
        }
        (Err(why), true) => writeln!(
            out,
            "{}",
            serde_json::json!({ "genuine": false, "why": why.code() })
        )?,
        (Ok(genuine), false) => in_words(out, genuine)?,
        (Err(why), false) => writeln!(out, "{}", why.words())?,
    }
    Ok(found.is_ok())
}

fn in_words(out: &mut impl Write, genuine: &Genuine) -> std::io::Result<()> {
    let claims = &genuine.claims;
    let at = claims
        .sealed_at
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7)));
    writeln!(out, "PHIẾU THẬT: {}", claims.number)?;
    writeln!(out, "  thủ tục   {}, {} tệp", claims.procedure_code, claims.files)?;
    writeln!(out, "  máy quầy  {}", genuine.counter)?;
    writeln!(out, "  lưu lúc   {}", at.strftime("%H:%M ngày %d/%m/%Y"))?;
    if !genuine.time_fits {
        writeln!(out, "  CHÚ Ý     giờ trên phiếu không chắc đúng")?;
    }
    writeln!(
        out,
        "  Phiếu thật chỉ nói hồ sơ đã lưu ở máy quầy; chưa nói tỉnh đã nhận."
    )
}
