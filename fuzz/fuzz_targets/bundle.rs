//! The reader of catalogue bundles: whatever comes, an answer and no fall.
//!
//! The first byte chooses a door. 0: packed bytes, as they come down the line, under the province's key. 1: a manifest
//! that the province did sign (its hash is pinned), so that what lies behind the signature is reached. 2: one procedure
//! file in front of the check that a clerk runs.
#![no_main]

use catalogue::check::check_procedure;
use catalogue::{Bundle, Trust};
use libfuzzer_sys::fuzz_target;
use seal::keys::SigningKey;
use seal::manifest::sha256;
use seal::signed::Signed;
use std::collections::BTreeMap;

fuzz_target!(|bytes: &[u8]| {
    let Some((door, rest)) = bytes.split_first() else {
        return;
    };
    match door % 3 {
        0 => {
            let key = SigningKey::from_seed(&[7; 32]).verify_key();
            assert!(
                Bundle::from_bytes(rest, Trust::Province(&key)).is_err(),
                "a signature was forged"
            );
        }
        1 => pinned(rest),
        _ => {
            if let Err(found) = check_procedure("fuzz.json", rest) {
                assert!(!found.is_empty(), "refused without a word");
            }
        }
    }
});

/// The bytes are a manifest; what it names is whatever stands in its own text.
fn pinned(manifest: &[u8]) {
    let signed = Signed {
        bytes: manifest.to_vec(),
        signature: Vec::new(),
    };
    let parts: BTreeMap<&str, &str> = BTreeMap::from([("holidays.json", "{}"), ("paper/a.typ", "a")]);
    let Ok(container) = serde_json::to_vec(&serde_json::json!({ "manifest": signed, "parts": parts })) else {
        return;
    };
    let pin = sha256(manifest);
    if let Ok(bundle) = Bundle::from_json(&container, Trust::Pinned(&pin)) {
        let again = bundle.to_bytes().expect("what was read writes");
        let read = Bundle::from_bytes(&again, Trust::Pinned(&pin)).expect("what was written reads");
        assert_eq!(read, bundle);
    }
}
