//! The form inside the envelope, as a vector: its JSON, and one sealed copy with the key that opens it. Everybody in it is
//! invented.
//!
//! **Invariant:** no field of the form goes undescribed: sections 5.1a and 5.2a of `docs/PROTOCOL.md` name each that the program's
//! own types have.

use data_encoding::{BASE64, HEXLOWER};
use domain::sealed_form::SealedForm;
use domain::withdrawal::SealedWithdrawal;
use seal::keys::{OpeningKey, Recipients};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every field that there is, those that may be absent too.
const FORM: &str = include_str!("form.json");

/// Encryption is random: one sealed copy was made once, with its key, and is kept.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/province/form.sealed.json")
}

fn form() -> SealedForm {
    let form: SealedForm = serde_json::from_str(FORM).unwrap();
    let (back, written): (Value, Value) = (
        serde_json::to_value(&form).unwrap(),
        serde_json::from_str(FORM).unwrap(),
    );
    assert_eq!(back, written, "the program writes the form otherwise");
    form
}

/// The key, and the sealed form.
fn sealed(form: &SealedForm) -> (String, Vec<u8>) {
    let opens = |(key, sealed): &(String, Vec<u8>)| {
        let key = OpeningKey::from_text(key).unwrap();
        seal::form::open(sealed, &key).is_ok_and(|opened| &opened == form)
    };
    let read = || -> Option<(String, Vec<u8>)> {
        let kept: Value = serde_json::from_slice(&std::fs::read(kept()).ok()?).ok()?;
        let sealed = BASE64.decode(kept.get("sealed")?.as_str()?.as_bytes()).ok()?;
        Some((kept.get("key")?.as_str()?.to_owned(), sealed))
    };
    if let Some(kept) = read().filter(opens) {
        return kept;
    }
    assert!(
        std::env::var_os("WRITE_VECTORS").is_some(),
        "the sealed copy that is kept is not of this form"
    );
    let (key, recovery) = (OpeningKey::generate(), OpeningKey::generate());
    let to = Recipients {
        intake: key.recipient(),
        recovery: recovery.recipient(),
    };
    let sealed = seal::form::seal(form, &to).unwrap();
    let text = key.to_text().to_string();
    let kept_now = serde_json::json!({ "key": text, "sealed": BASE64.encode(&sealed) });
    std::fs::write(kept(), format!("{kept_now:#}\n")).unwrap();
    (text, sealed)
}

pub fn lines(line: &mut impl FnMut(&str, String)) {
    let form = form();
    line("form, its JSON", serde_json::to_string(&form).unwrap());
    let (key, sealed) = sealed(&form);
    line("intake key that opens it", key);
    line("form, sealed (key 12 of a manifest)", HEXLOWER.encode(&sealed));
}

/// Names of fields, however deep.
fn fields(schema: &Value, into: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                into.extend(properties.keys().cloned());
            }
            object.values().for_each(|inner| fields(inner, into));
        }
        Value::Array(all) => all.iter().for_each(|inner| fields(inner, into)),
        _ => {}
    }
}

/// Words that a closed list of a field may hold.
fn words(schema: &Value, into: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            for word in ["const", "enum"] {
                let held = object.get(word).map(std::slice::from_ref).unwrap_or_default();
                let held = held
                    .iter()
                    .flat_map(|v| v.as_array().cloned().unwrap_or_else(|| vec![v.clone()]));
                into.extend(held.filter_map(|v| v.as_str().map(str::to_owned)));
            }
            object.values().for_each(|inner| words(inner, into));
        }
        Value::Array(all) => all.iter().for_each(|inner| words(inner, into)),
        _ => {}
    }
}

/// What the section does not name of what the types have.
fn undescribed(section: &str) -> Vec<String> {
    let mut named = BTreeSet::new();
    for schema in [
        schemars::schema_for!(SealedForm),
        schemars::schema_for!(SealedWithdrawal),
    ] {
        fields(schema.as_value(), &mut named);
        words(schema.as_value(), &mut named);
    }
    assert!(named.len() > 60, "the types were not read: {named:?}");
    let told =
        |name: &String| section.contains(&format!("`{name}`")) || section.contains(&format!("\"{name}\""));
    named.into_iter().filter(|name| !told(name)).collect()
}

#[test]
fn every_field_and_word_of_the_form_is_described() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/PROTOCOL.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, from) = text.split_once("### 5.1a").expect("the section begins");
    let (section, _) = from.split_once("### 5.3 ").expect("the section ends");
    assert_eq!(undescribed(section), Vec::<String>::new());
    // The control: a section without one of them is found out.
    let without = section.replace("`readable_sha256`", "");
    assert_eq!(undescribed(&without), ["readable_sha256"]);
}
