//! The reader of identity cards: whatever a scanner or a picture hands over, a card or a fault, and no fall.
#![no_main]

use domain::id_card::{self, CARD_BYTES_MAX};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(card) = id_card::read(text) else { return };
    assert!(
        text.len() <= CARD_BYTES_MAX + 64,
        "a text without bounds was read"
    );
    assert!(
        !card.name.chars().any(char::is_control),
        "a name with control characters"
    );
    assert!(
        !card.address.chars().any(char::is_control),
        "an address with control characters"
    );
    assert_eq!(card.number.as_str().len(), 12, "a card without its twelve digits");
    assert_eq!(format!("{card:?}"), "IdCard(redacted)");
});
