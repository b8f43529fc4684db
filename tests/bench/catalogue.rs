//! The whole catalogue: opened from its bundle with everything checked, against only parsing the same JSON; and the bundle
//! as it travels.

use crate::sides::{Figure, Gate, timed};
use anyhow::ensure;
use catalogue::{Bundle, Catalogue, Trust, built_in};
use jiff::{Timestamp, ToSpan};
use seal::keys::SigningKey;
use std::hint::black_box;
use std::time::Duration;

/// What was typed is found within this.
const FOUND_WITHIN: Duration = Duration::from_millis(2);
const SEARCHES: usize = 3_000;
/// Typed without accents, half a word, a whole name, nothing that fits.
const TYPED: &[&str] = &[
    "khai sinh",
    "ket hon",
    "tam tr",
    "mu",
    "muong cha",
    "dien bien phu",
    "xa tan",
    "thuong",
    "ho ngheo",
    "qqq",
];
/// A counter with its catalogue is ready to work within this.
const LOADED_WITHIN: Duration = Duration::from_millis(50);

pub fn figures(rounds: usize) -> anyhow::Result<Vec<Figure>> {
    let key = SigningKey::from_seed(&[7; 32]);
    let made_at = Timestamp::UNIX_EPOCH;
    let until = made_at.checked_add(24.hours())?;
    let bundle = Bundle::sign(built_in::parts(), 1, (made_at, until), &key)?;
    let (json, packed) = (bundle.to_json()?, bundle.to_bytes()?);
    let verify = key.verify_key();
    let load = || -> anyhow::Result<()> {
        let bundle = Bundle::from_bytes(&packed, Trust::Province(&verify))?;
        black_box(Catalogue::of(&bundle)?);
        Ok(())
    };
    let parse = || -> anyhow::Result<()> {
        for (path, bytes) in bundle.parts.iter().filter(|(path, _)| path.ends_with(".json")) {
            let value: serde_json::Value = serde_json::from_slice(bytes)?;
            ensure!(!value.is_null(), "{path}");
            black_box(value);
        }
        Ok(())
    };
    let loading = Figure::measure(
        ("catalogue from its bundle", Gate::AtMost(6.0)),
        ("unpacked, signature, every hash, every check, every list", || {
            timed(load)
        }),
        ("the same files parsed as JSON and forgotten", || timed(parse)),
        rounds,
    )?;
    ensure!(
        loading.ours_us < LOADED_WITHIN.as_secs_f64() * 1e6,
        "the catalogue takes {:.1} ms, target {} ms",
        loading.ours_us / 1e3,
        LOADED_WITHIN.as_millis()
    );
    let wire = Figure::sizes(
        ("catalogue on the wire, bytes", Gate::AtMost(0.25)),
        ("the bundle as it travels", packed.len()),
        ("the same as plain JSON", json.len()),
    );
    let catalogue = Catalogue::of(&Bundle::from_bytes(&packed, Trust::Province(&verify))?)?;
    Ok(vec![loading, wire, search(&catalogue)?])
}

/// Procedures and communes by what was typed, both lists at each turn.
fn search(catalogue: &Catalogue) -> anyhow::Result<Figure> {
    let units = &catalogue.lists.units;
    ensure!(
        units.commune_count() == 3_321,
        "the communes of today are {}",
        units.commune_count()
    );
    Figure::promised(
        "search in procedures and communes, p99",
        ("every procedure and all 3,321 communes, no accents", |run| {
            let typed = TYPED.get(run % TYPED.len()).copied().unwrap_or_default();
            black_box(catalogue.find(typed));
            black_box(units.search(typed, None, 20));
            Ok(())
        }),
        ("the promise", FOUND_WITHIN),
        SEARCHES,
    )
}
