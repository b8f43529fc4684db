use super::*;
use proptest::prelude::*;

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn times() -> (Timestamp, Timestamp) {
    (
        "2026-11-25T00:00:00Z".parse().unwrap(),
        "2027-02-25T00:00:00Z".parse().unwrap(),
    )
}

fn small() -> Parts {
    [
        ("holidays.json", "{}"),
        ("paper/a.typ", "xin chào"),
        ("units/x.json", "[1]"),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
    .collect()
}

fn signed() -> Bundle {
    Bundle::sign(small(), 3, times(), &key()).unwrap()
}

fn read(json: &serde_json::Value) -> BundleFault {
    let key = key().verify_key();
    Bundle::from_json(json.to_string().as_bytes(), Trust::Province(&key)).unwrap_err()
}

#[test]
fn what_was_signed_reads_back() {
    let bundle = signed();
    let bytes = bundle.to_bytes().unwrap();
    let key = key().verify_key();
    assert_eq!(Bundle::from_bytes(&bytes, Trust::Province(&key)).unwrap(), bundle);
    let pinned = bundle.sha256();
    assert_eq!(
        Bundle::from_bytes(&bytes, Trust::Pinned(&pinned)).unwrap(),
        bundle
    );
}

#[test]
fn another_key_another_pin_and_an_unsigned_bundle_are_refused() {
    let bytes = signed().to_bytes().unwrap();
    let other = SigningKey::from_seed(&[8; 32]).verify_key();
    let fault = |bytes: &[u8], trust| Bundle::from_bytes(bytes, trust).unwrap_err();
    assert!(matches!(
        fault(&bytes, Trust::Province(&other)),
        BundleFault::Signature
    ));
    assert!(matches!(
        fault(&bytes, Trust::Pinned(&[0; 32])),
        BundleFault::Pinned
    ));
    let built_in = Bundle::unsigned(small()).to_bytes().unwrap();
    assert!(matches!(
        fault(&built_in, Trust::Province(&key().verify_key())),
        BundleFault::Signature
    ));
}

#[test]
fn no_single_flipped_bit_changes_what_is_read() {
    let bundle = signed();
    let bytes = bundle.to_bytes().unwrap();
    let key = key().verify_key();
    let mut refused = 0;
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match Bundle::from_bytes(&flipped, Trust::Province(&key)) {
            Ok(read) => assert_eq!(read, bundle, "bit {bit} changed the content and was believed"),
            Err(_) => refused += 1,
        }
    }
    assert!(
        refused > bytes.len() * 7,
        "{refused} of {} flips were refused",
        bytes.len() * 8
    );
}

#[test]
fn a_changed_a_missing_and_an_unnamed_part_are_refused() {
    let json: serde_json::Value = serde_json::from_slice(&signed().to_json().unwrap()).unwrap();
    let mut changed = json.clone();
    changed["parts"]["holidays.json"] = "{ }".into();
    assert!(matches!(read(&changed), BundleFault::Part(path) if path == "holidays.json"));
    let mut missing = json.clone();
    missing["parts"].as_object_mut().unwrap().remove("paper/a.typ");
    assert!(matches!(read(&missing), BundleFault::Part(path) if path == "paper/a.typ"));
    let mut more = json.clone();
    more["parts"]["paper/b.typ"] = "".into();
    assert!(matches!(read(&more), BundleFault::Part(path) if path == "paper/b.typ"));
    let mut unknown = json;
    unknown["note"] = "x".into();
    assert!(matches!(read(&unknown), BundleFault::Shape(_)));
}

/// Signed by the province itself, and still not taken.
fn fault_of_manifest(change: impl FnOnce(&mut serde_json::Value)) -> BundleFault {
    let bundle = signed();
    let mut manifest = serde_json::to_value(&bundle.manifest).unwrap();
    change(&mut manifest);
    let again = Signed::seal(&key(), Context::Catalogue, &manifest).unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&bundle.to_json().unwrap()).unwrap();
    json["manifest"] = serde_json::to_value(again).unwrap();
    read(&json)
}

#[test]
fn a_manifest_with_an_unknown_field_or_out_of_shape_is_refused() {
    assert!(matches!(
        fault_of_manifest(|m| m["urgent"] = true.into()),
        BundleFault::Manifest(_)
    ));
    assert!(matches!(
        fault_of_manifest(|m| m["format"] = 2.into()),
        BundleFault::TooNew(2)
    ));
    assert!(matches!(
        fault_of_manifest(|m| m["expires_at"] = serde_json::Value::Null),
        BundleFault::Manifest(_)
    ));
    assert!(matches!(
        fault_of_manifest(|m| m["parts"].as_array_mut().unwrap().reverse()),
        BundleFault::Manifest(_)
    ));
    assert!(matches!(
        fault_of_manifest(|m| m["parts"][0]["path"] = "../holidays.json".into()),
        BundleFault::Manifest(_)
    ));
}

#[test]
fn a_bomb_is_cut_off() {
    let mut packed = Vec::new();
    let zeros = vec![b' '; UNPACKED_BYTES_MAX + 1];
    DeflateEncoder::new(zeros.as_slice(), Compression::best())
        .read_to_end(&mut packed)
        .unwrap();
    assert!(packed.len() < BUNDLE_BYTES_MAX);
    let key = key().verify_key();
    assert!(matches!(
        Bundle::from_bytes(&packed, Trust::Province(&key)),
        Err(BundleFault::TooLarge(UNPACKED_BYTES_MAX))
    ));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_fall(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let key = key().verify_key();
        prop_assert!(Bundle::from_bytes(&bytes, Trust::Province(&key)).is_err());
        prop_assert!(Bundle::from_json(&bytes, Trust::Pinned(&[0; 32])).is_err());
    }
}
