use super::*;

const CARD: &str = "011190003456|040123456|Lò Thị Mây|05081990|Nữ|Bản Nà Tông, Xã Nà Tấu, Huyện Điện Biên, Tỉnh Điện Biên|15082021";

fn with(field: usize, text: &str) -> String {
    let mut fields: Vec<&str> = CARD.split('|').collect();
    fields[field] = text;
    fields.join("|")
}

#[test]
fn a_card_is_read() {
    let card = read(CARD).unwrap();
    assert_eq!(card.number.as_str(), "011190003456");
    assert_eq!(card.old_number.unwrap().as_str(), "040123456");
    assert_eq!(card.name, "Lò Thị Mây");
    assert_eq!(card.born.whole().unwrap().to_string(), "1990-08-05");
    assert_eq!(card.sex, Sex::Female);
    assert!(card.address.starts_with("Bản Nà Tông"));
    assert_eq!(card.issued.unwrap().to_string(), "2021-08-15");
}

#[test]
fn newer_cards_have_more_fields_and_older_ones_empty_ones() {
    let newer = format!("{CARD}||Lò Văn Pâng|Quàng Thị Inh\r\n");
    assert_eq!(
        read(&newer).unwrap(),
        read(CARD).unwrap(),
        "fields after the seventh are left alone"
    );
    assert_eq!(read(&with(1, "")).unwrap().old_number, None);
    assert_eq!(
        read(&with(6, "")).unwrap().issued,
        None,
        "a day of issue is not needed"
    );
}

#[test]
fn composed_and_decomposed_names_are_one() {
    let decomposed: String = unicode_normalization::UnicodeNormalization::nfd("Lò Thị Mây").collect();
    assert_eq!(read(&with(2, &decomposed)).unwrap().name, "Lò Thị Mây");
}

#[test]
fn names_of_every_people_pass() {
    for name in [
        "NGUYỄN THỊ HƯƠNG",
        "Y Ku'Ênuôl",
        "H’Mông Niê",
        "K' Brửu",
        "Giàng A Páo",
        "Ksor H' Bia",
        "Rơ Châm Y Thương",
        "Sùng Thị Dợ",
        "Trần Lê-Hà",
        "Ôn Á Ưng",
        "Tôn Nữ Thị Ninh",
        "Hoàng Ngọc Sỹ",
    ] {
        assert_eq!(read(&with(2, name)).map(|c| c.name).as_deref(), Ok(name));
    }
}

#[test]
fn a_name_that_a_keyboard_changed_is_refused() {
    for name in [
        "",
        "Nguyá»…n VÄƒn A",
        "Nguy?n V?n A",
        "Nguyễn Vn Tnh",
        "NguyễN Văn A",
        "L2 Th5 M6y",
        "Lò_Thị_Mây",
        "Nguy\u{fffd}n",
    ] {
        assert_eq!(read(&with(2, name)), Err(CardFault::Garbled), "{name}");
    }
}

#[test]
fn hostile_codes_are_refused_each_for_its_reason() {
    let long = with(5, &"a".repeat(10_000));
    let many = format!("{CARD}{}", "|x".repeat(60));
    for (text, fault) in [
        ("", CardFault::Fields),
        ("011190003456|Lò Thị Mây|05081990", CardFault::Fields),
        ("https://example.org/khuyen-mai", CardFault::Fields),
        (long.as_str(), CardFault::TooLong),
        (many.as_str(), CardFault::Fields),
        (
            "011190003456|\u{1b}[2J|Lò|05081990|Nữ|x|15082021",
            CardFault::Control,
        ),
        (&with(2, "Lò\0Thị"), CardFault::Control),
        (&with(0, "11190003456"), CardFault::Number),
        (&with(0, "040123456"), CardFault::Number),
        (&with(3, "31021990"), CardFault::Born),
        (&with(3, "5081990"), CardFault::Born),
        (&with(4, "?"), CardFault::Sex),
    ] {
        assert_eq!(read(text), Err(fault), "{fault:?}");
    }
}

#[test]
fn debug_and_faults_say_nothing_of_the_holder() {
    let printed = format!("{:?} {:?}", read(CARD), read(&with(2, "L?")));
    assert!(!printed.contains("Mây") && !printed.contains("0111"), "{printed}");
}
