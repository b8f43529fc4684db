//! Six words that two people read to each other at enrolment: the same on both screens, or somebody sits
//! in between. Sixty bits of a hash over everything that enrolment hands over.

use sha2::{Digest, Sha256};

const NOUNS: [&str; 32] = [
    "trâu", "bò", "gà", "vịt", "cá", "chim", "mèo", "voi", "hổ", "ngựa", "thuyền", "cầu", "nhà", "cửa",
    "bàn", "ghế", "nón", "áo", "khăn", "giày", "sông", "núi", "biển", "rừng", "ruộng", "trăng", "sao", "mây",
    "lúa", "sen", "tre", "dừa",
];
const QUALITIES: [&str; 32] = [
    "xanh", "đỏ", "vàng", "trắng", "đen", "tím", "hồng", "nâu", "cao", "thấp", "to", "nhỏ", "dài", "ngắn",
    "rộng", "hẹp", "cũ", "mới", "già", "trẻ", "nhanh", "chậm", "nặng", "nhẹ", "nóng", "lạnh", "ngọt", "chua",
    "tròn", "vuông", "sâu", "xa",
];

/// Six pairs such as "trâu xanh", from the device's key and everything that the province sent.
#[must_use]
pub fn six_words(parts: &[&[u8]]) -> [String; 6] {
    let mut hash = Sha256::new();
    hash.update(b"donghanh/enrolment-words/1\0");
    for part in parts {
        // Lengths go in, so that no two splits of the same bytes read alike.
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    std::array::from_fn(|i| {
        let pick = |at: usize, list: &[&'static str; 32]| {
            let byte = digest.get(at).copied().unwrap_or_default();
            list.get(usize::from(byte % 32)).copied().unwrap_or_default()
        };
        format!("{} {}", pick(2 * i, &NOUNS), pick(2 * i + 1, &QUALITIES))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_depend_on_every_part_and_its_border() {
        let words = six_words(&[b"device", b"root"]);
        assert_eq!(words, six_words(&[b"device", b"root"]));
        assert_ne!(words, six_words(&[b"device", b"rooT"]));
        assert_ne!(words, six_words(&[b"devicer", b"oot"]));
    }

    #[test]
    fn no_word_stands_twice() {
        for list in [NOUNS, QUALITIES] {
            let set: std::collections::BTreeSet<_> = list.into_iter().collect();
            assert_eq!(set.len(), 32);
        }
    }
}
