//! The mark of a paper that is printed again.

use super::entered::{BIRTH, CT01, filled, members};
use super::{NOW, piped};
use crate::press::Drawn;
use crate::samples::{content, handed_over, reception};
use crate::{AgencyForm, PaperError, Print, Templates, draw_agency_form, draw_form, draw_handed_over};

type Draw = Box<dyn Fn(Print) -> Result<Drawn, PaperError>>;

/// Everything on A4.
fn papers() -> Vec<(String, Draw)> {
    let set = Templates::built_in();
    let receipt = content().unwrap();
    let mut all: Vec<(String, Draw)> = Vec::new();
    for form in set.forms() {
        let (fields, rows) = match form.id.as_str() {
            "birth_declaration" => (BIRTH, vec![]),
            "ct01" => (CT01, members(40)),
            _ => (&[] as &[_], vec![]),
        };
        let (set, one) = (set.clone(), filled(&form.id, fields, rows));
        all.push((
            form.id.clone(),
            Box::new(move |print| draw_form(&set, &one, print)),
        ));
    }
    for form in AgencyForm::ALL {
        let (set, slip) = (set.clone(), reception(receipt.clone()));
        let draw: Draw = Box::new(move |print| draw_agency_form(&set, form, &slip, print));
        all.push((form.id().to_owned(), draw));
    }
    let list = handed_over(&receipt);
    let draw: Draw = Box::new(move |print| draw_handed_over(&set, &list, print));
    all.push(("papers_handed_over".to_owned(), draw));
    all
}

/// How many pages say it.
fn pages_with(drawn: &Drawn, words: &str) -> usize {
    let (_, raw) = piped("pdftotext", &["-", "-"], &drawn.pdf);
    raw.split('\u{c}').filter(|page| page.contains(words)).count()
}

#[test]
fn a_second_print_says_so_on_every_page_and_needs_no_more_of_them() {
    let mut longest = 0;
    for (name, draw) in papers() {
        let first = draw(NOW.into()).unwrap();
        assert_eq!(
            pages_with(&first, "In lại"),
            0,
            "{name}: the first print is no re-print"
        );
        for copy_no in [1, 12] {
            let again = draw(Print { now: NOW, copy_no }).unwrap();
            let words = format!("In lại lần {copy_no}");
            assert_eq!(pages_with(&again, &words), again.pages(), "{name}");
            assert_eq!(again.pages(), first.pages(), "{name}: the mark takes a page more");
            assert_ne!(again.pdf, first.pdf);
        }
        longest = longest.max(first.pages());
    }
    assert!(longest > 1, "no paper of several pages was tried");
}
