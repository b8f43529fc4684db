//! Every sentence that the citizen's screens say aloud and that is nobody's own: what a person can sit down and record.
//!
//! **Invariant:** they are made by what speaks them (`speech::phrases` on the screens themselves), so that a recording of
//! one is found when its screen is read. Absent on purpose: answers, numbers and names, which are the machine's to read,
//! and fees and times that follow only from answers.

use crate::card;
use crate::catalogue::{Catalogue, Entry};
use crate::commands::assist::{Coach, CoachTopic};
use crate::seen::Seen;
use crate::speech;
use crate::views::{CitizenPage, CitizenPaper, CitizenView, Language};
use domain::answer::Answers;
use domain::delivery::{Delivery, one_word, one_word_of_gone};
use domain::interview::{self, Facts, InterviewView, Lists};
use domain::procedure::Channel;
use domain::province::CaseStatus;
use domain::roles::{CloseRelation, Standing};
use domain::text::Words;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The sentences of every offered procedure, each once, in the order in which they first come.
#[must_use]
pub fn sentences(catalogue: &Catalogue, language: Language, now: Timestamp) -> Vec<String> {
    let offered = catalogue.find("");
    let said = offered
        .into_iter()
        .flat_map(|entry| screens(entry, &catalogue.lists, now))
        .chain(coaching())
        .chain(reviews())
        .flat_map(|screen| speech::phrases(&screen, None, language));
    let mut seen = BTreeSet::new();
    said.chain(states().iter().flat_map(|words| speech::state(words, language)))
        .filter(|sentence| seen.insert(sentence.clone()))
        .collect()
}

/// The citizen's screens of one procedure with no answer on them.
fn screens(entry: &Entry, lists: &Lists, now: Timestamp) -> Vec<CitizenView> {
    let procedure = &entry.procedure;
    let channels = procedure.channels.iter().map(|rule| Some(rule.channel));
    let consent = std::iter::once(None).chain(channels).flat_map(|channel| {
        let view = unanswered(entry, lists, channel, now);
        [true, false].map(|keeps_copy| CitizenView::Consent {
            procedure: procedure.name.clone(),
            offer: card::offer(procedure, &view, channel, keeps_copy),
            witness: None,
        })
    });
    let pages = procedure.pages.iter().map(|page| CitizenView::Page {
        page: CitizenPage {
            page: page.id.clone(),
            title: page.title.clone(),
            say: page.say.clone(),
            answers: Vec::new(),
            confirmed: false,
            seen: Seen::page(page.id.as_str(), &[]),
        },
        number: 1,
        of: 1,
        handed: None,
        half_written: None,
    });
    let papers = procedure.papers.iter().map(|paper| CitizenPaper {
        name: paper.name.clone(),
        pictures: Vec::new(),
        files: 1,
        original: None,
    });
    let papers: Vec<CitizenPaper> = papers.collect();
    let papers = CitizenView::Papers {
        seen: Seen::papers(&papers),
        papers,
        confirmed: false,
        number: 1,
        of: 1,
    };
    let refused = CitizenView::Refused {
        procedure: procedure.name.clone(),
        papers: Vec::new(),
    };
    consent.chain(pages).chain([papers, refused]).collect()
}

/// Every step of the coaching, which belongs to no procedure.
fn coaching() -> impl Iterator<Item = CitizenView> {
    CoachTopic::ALL
        .into_iter()
        .flat_map(|topic| (1..=topic.steps()).map(move |step| Coach { topic, step }.view()))
}

/// What is said of every review: its head, and in what standing somebody files.
fn reviews() -> impl Iterator<Item = CitizenView> {
    let close = CloseRelation::ALL.map(|relation| Standing::CloseRelative { relation });
    let others = [Standing::Own, Standing::Authorised, Standing::Representative];
    close
        .into_iter()
        .chain(others)
        .map(|standing| CitizenView::Filing {
            procedure: Words {
                vi: String::new(),
                en: String::new(),
            },
            standing: Some(standing),
            pages: Vec::new(),
            papers: Vec::new(),
            asked: true,
            confirmed: false,
            seen: Seen::filing(&[], &[], Some(standing)),
        })
}

fn unanswered(entry: &Entry, lists: &Lists, channel: Option<Channel>, now: Timestamp) -> InterviewView {
    let (today, now_time) = crate::clock::at_counter(now);
    let facts = Facts {
        today,
        now_time,
        files: &BTreeMap::new(),
        channel: card::channel_chosen(&entry.procedure, channel),
        lists,
    };
    interview::view(&entry.procedure, &Answers::default(), &facts)
}

/// The words of a receipt that hold no code.
fn states() -> Vec<Words> {
    let at = domain::delivery::Watermark { epoch: 0, lsn: 0 };
    let deliveries = [Delivery::Sealed, Delivery::Durable { at }];
    let deliveries = deliveries.iter().map(|d| one_word(d, CaseStatus::New, None));
    let cases = [
        CaseStatus::NotAccepted,
        CaseStatus::SupplementWanted,
        CaseStatus::Withdrawn,
    ];
    let gone = one_word_of_gone(one_word(&Delivery::Sealed, CaseStatus::New, None));
    deliveries
        .chain([gone])
        .chain(cases.iter().map(|case| one_word(&Delivery::Sealed, *case, None)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_no_way_is_chosen_each_is_said_with_what_it_costs() {
        let (_, said) = all();
        for way in [
            "Nộp giấy trực tiếp",
            "Nộp trên mạng, tại quầy này",
            "Gửi qua bưu điện",
        ] {
            assert!(said.iter().any(|s| s == way), "{way} is not said");
        }
    }

    fn all() -> (Catalogue, Vec<String>) {
        let catalogue = ::catalogue::built_in::catalogue().unwrap();
        let said = sentences(&catalogue, Language::Vi, Timestamp::UNIX_EPOCH);
        (catalogue, said)
    }

    #[test]
    fn the_notice_and_the_head_of_every_page_are_there_once() {
        let (catalogue, said) = all();
        let birth = catalogue.get(&"1.001193".into()).unwrap();
        for page in &birth.procedure.pages {
            assert!(said.contains(&page.title.vi), "{}", page.title.vi);
        }
        let notice = domain::consent::notice(false);
        assert_eq!(said.iter().filter(|one| **one == notice.vi).count(), 1);
        assert!(said.iter().any(|one| one == "Lệ phí: Không mất tiền"));
        assert!(said.iter().any(|one| one == "tỉnh đã nhận bản điện tử"));
        for said_everywhere in [
            "Ông/bà không đồng ý",
            "Mở ứng dụng VNeID trên điện thoại của mình.",
            "Ông/bà xem lại toàn bộ hồ sơ",
            "Là con của người đứng tên hồ sơ",
        ] {
            assert!(said.iter().any(|one| one == said_everywhere), "{said_everywhere}");
        }
        assert!(said.len() > 200, "{}", said.len());
    }

    /// The control: what stands on a screen because of an answer is not in the list.
    #[test]
    fn nothing_of_an_answer_is_there() {
        let (_, said) = all();
        for one in ["Họ tên: ", "Số phiếu: ", "Mã tra cứu: "] {
            assert!(said.iter().all(|sentence| !sentence.starts_with(one)), "{one}");
        }
    }
}
