//! What is read aloud of the citizen's screen, as a person would say it: dates in words, long numbers digit by digit.
//!
//! Pure. **Invariant:** only what stands on the citizen's screen is said.

use crate::aloud;
use crate::commands::assist::CoachTopic;
use crate::views::{CitizenAnswer, CitizenPage, CitizenPaper, CitizenView, Language};
use domain::ids::QuestionId;
use domain::procedure::PaperMark;
use domain::receipt::OriginalPlace;
use domain::roles::{CloseRelation, Standing};
use domain::text::Words;

/// Digits in a row from which a number is a number of something, and not an amount.
const DIGIT_BY_DIGIT_FROM: usize = 6;

fn of(words: &Words, language: Language) -> String {
    match language {
        Language::Vi => words.vi.clone(),
        Language::En => words.en.clone(),
    }
}

/// The sentences of a screen, or of one answer on it; empty where nothing is to be read.
#[must_use]
pub fn phrases(view: &CitizenView, only: Option<&QuestionId>, language: Language) -> Vec<String> {
    let say = |words: &Words| of(words, language);
    let aloud = |key: &str| aloud::words(key, language).to_owned();
    let said = match view {
        CitizenView::Welcome { .. } | CitizenView::Locked => Vec::new(),
        CitizenView::Coaching { topic, step, of } => coaching(*topic, *step, *of, language),
        CitizenView::Consent {
            procedure,
            offer,
            witness,
        } => {
            let mut all = vec![say(procedure)];
            if let Some(name) = witness {
                all.push(aloud::filled("c_witness_title", language, &[("name", name)]));
                all.push(aloud("c_witness_lead"));
            }
            all.push(say(&offer.notice));
            let costs = |fee: &Words, time: &Words| {
                [
                    format!("{}: {}", word(language, "Lệ phí", "Fee"), say(fee)),
                    format!("{}: {}", word(language, "Thời gian", "Time"), say(time)),
                ]
            };
            if offer.ways.is_empty() || offer.ways.iter().any(|way| way.chosen) {
                all.extend(costs(&offer.fee, &offer.time));
            } else {
                // As on the screen: each way with what it costs and takes.
                for way in &offer.ways {
                    all.push(say(&way.name));
                    all.extend(costs(&way.fee, &way.time));
                }
            }
            all.extend(offer.deadline.iter().map(say));
            all
        }
        CitizenView::Page { page, handed, .. } => {
            let step = handed.as_ref().filter(|_| only.is_none());
            let step = step.map(|step| [aloud("c_handed"), say(&step.words)]);
            let filled = only.is_none() && page.answers.iter().any(|answer| !answer.shown.is_empty());
            let wrong = page.answers.iter().any(|answer| answer.wrong);
            let touch = filled.then(|| aloud(if wrong { "c_touch_again" } else { "c_touch_wrong" }));
            let mut all = page_phrases(page, only, language);
            // As they stand: the heading and what is asked, the step in their own hands, how to say "Sai", the answers.
            let at = all.len().min(2);
            all.splice(at..at, step.into_iter().flatten().chain(touch));
            all
        }
        CitizenView::Papers { papers, .. } => match papers.iter().any(|paper| paper.files > 0) {
            true => std::iter::once(aloud("c_papers_title"))
                .chain(papers.iter().flat_map(|paper| paper_phrases(paper, language)))
                .collect(),
            false => vec![aloud("c_papers_title"), aloud("c_papers_none")],
        },
        CitizenView::Filing {
            procedure,
            standing,
            pages,
            papers,
            ..
        } => {
            let pages = pages.iter().flat_map(|page| page_phrases(page, only, language));
            let head = only
                .is_none()
                .then(|| [say(procedure), aloud("c_filing_title"), aloud("c_touch_wrong")]);
            let standing = standing.filter(|_| only.is_none());
            let standing = standing.map(|of| [aloud("c_standing"), aloud(standing_key(of))]);
            let papers = papers.iter().filter(|_| only.is_none());
            head.into_iter()
                .flatten()
                .chain(standing.into_iter().flatten())
                .chain(pages)
                .chain(papers.flat_map(|paper| paper_phrases(paper, language)))
                .collect()
        }
        CitizenView::Receipt {
            number,
            secret,
            word: state,
            lookup_site,
            withdrawn,
            ..
        } => {
            let title = if *withdrawn {
                "c_withdrawn_title"
            } else {
                "c_receipt_title"
            };
            vec![
                aloud(title),
                format!("{}: {number}", aloud("receipt_number")),
                format!("{}: {}", aloud("receipt_secret"), spaced(secret)),
                say(state),
                aloud::filled("receipt_site", language, &[("site", lookup_site)]),
                aloud("c_receipt_photo"),
                aloud("c_scam"),
            ]
        }
        CitizenView::Withdraw {
            number,
            procedure,
            word: state,
            witness,
        } => {
            let state = say(state);
            let holes = [("number", number.as_str()), ("word", state.as_str())];
            let mut all = vec![
                aloud("c_withdraw_title"),
                say(procedure),
                aloud::filled("c_withdraw_state", language, &holes),
            ];
            if let Some(name) = witness {
                all.push(aloud::filled("c_witness_title", language, &[("name", name)]));
                all.push(aloud("c_withdraw_witness_lead"));
            }
            all.extend(["c_withdraw_1", "c_withdraw_2", "c_withdraw_3"].map(aloud));
            all
        }
        CitizenView::Refused { procedure, papers } => {
            let wanted: Vec<String> = papers
                .iter()
                .filter(|paper| paper.required)
                .map(|paper| format!("{}, {}", say(&paper.name), aloud(mark(paper.mark))))
                .collect();
            let mut all = vec![say(procedure), aloud("c_refused"), aloud("c_refused_lead")];
            if !wanted.is_empty() {
                all.push(aloud("path_bring"));
                all.extend(wanted);
            }
            all
        }
    };
    said.iter()
        .map(|phrase| spoken(phrase, language))
        .filter(|phrase| !phrase.is_empty())
        .collect()
}

/// The word for a dossier, as a receipt's screen says it.
pub(crate) fn state(words: &Words, language: Language) -> Option<String> {
    Some(spoken(&of(words, language), language)).filter(|said| !said.is_empty())
}

const fn word(language: Language, vi: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Vi => vi,
        Language::En => en,
    }
}

const fn mark(mark: PaperMark) -> &'static str {
    match mark {
        PaperMark::Original => "path_mark_original",
        PaperMark::Copy => "path_mark_copy",
        PaperMark::Shown => "path_mark_shown",
    }
}

/// In what standing somebody files.
const fn standing_key(of: Standing) -> &'static str {
    match of {
        Standing::Own => "c_standing_own",
        Standing::CloseRelative { relation } => match relation {
            CloseRelation::Grandparent => "c_standing_grandparent",
            CloseRelation::Parent => "c_standing_parent",
            CloseRelation::Child => "c_standing_child",
            CloseRelation::Spouse => "c_standing_spouse",
            CloseRelation::Sibling => "c_standing_sibling",
        },
        Standing::Authorised => "c_standing_authorised",
        Standing::Representative => "c_standing_representative",
    }
}

/// A step of the coaching: what the picture shows, and the rule that stands under each.
fn coaching(topic: CoachTopic, step: u32, of: u32, language: Language) -> Vec<String> {
    let topic = topic.key();
    let what = aloud::words(&format!("coach_{topic}"), language);
    let (number, all) = (step.to_string(), of.to_string());
    let holes = [("what", what), ("n", number.as_str()), ("of", all.as_str())];
    vec![
        aloud::filled("c_coach_over", language, &holes),
        aloud::words(&format!("coach_{topic}_{step}"), language).to_owned(),
        aloud::words("c_coach_lead", language).to_owned(),
        aloud::words("c_coach_rule", language).to_owned(),
    ]
}

/// A paper that was captured: how much of it, and where the original is. Nothing of one that was not.
fn paper_phrases(paper: &CitizenPaper, language: Language) -> Vec<String> {
    if paper.files == 0 {
        return Vec::new();
    }
    let files = paper.files.to_string();
    let original = paper.original.map(|place| match place {
        OriginalPlace::Returned => "c_original_returned",
        OriginalPlace::KeptByCounter => "c_original_kept_by_counter",
        OriginalPlace::CopyKept => "c_original_copy_kept",
        OriginalPlace::ShownOnly => "c_original_shown_only",
        OriginalPlace::None => "c_original_none",
    });
    let head = [
        of(&paper.name, language),
        aloud::filled("c_files", language, &[("n", &files)]),
    ];
    head.into_iter()
        .chain(original.map(|key| aloud::words(key, language).to_owned()))
        .collect()
}

fn page_phrases(page: &CitizenPage, only: Option<&QuestionId>, language: Language) -> Vec<String> {
    let wanted = |answer: &&CitizenAnswer| only.is_none_or(|question| question == &answer.question);
    let answers = page
        .answers
        .iter()
        .filter(wanted)
        .filter(|answer| only.is_some() || !answer.shown.is_empty())
        .map(|answer| answer_phrase(answer, language));
    let head = [of(&page.title, language), of(&page.say, language)];
    head.into_iter()
        .filter(|_| only.is_none())
        .chain(answers)
        .collect()
}

fn answer_phrase(answer: &CitizenAnswer, language: Language) -> String {
    let shown = match language {
        Language::Vi => &answer.shown,
        Language::En => &answer.shown_en,
    };
    let value = if shown.is_empty() {
        word(language, "chưa ghi", "not given")
    } else {
        shown
    };
    format!("{}: {value}", of(&answer.label, language))
}

/// Text as it is said.
fn spoken(text: &str, language: Language) -> String {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let grouped = |token: &&str| token.chars().all(|c| c.is_ascii_digit());
    tokens
        .chunk_by(|a, b| grouped(a) && grouped(b))
        .map(|chunk| match chunk {
            [token] => date(token, language).unwrap_or_else(|| numbers(token)),
            // "011 192 004 321": one number, written in groups.
            groups => numbers(&groups.concat()),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// `03/11/2026` as "ngày 3 tháng 11 năm 2026"; what follows the date stays.
fn date(token: &str, language: Language) -> Option<String> {
    let end = token.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (bare, after) = token.split_at_checked(end)?;
    let parts: Vec<&str> = bare.split('/').collect();
    let [day, month, year] = parts.as_slice() else {
        return None;
    };
    let (day, month, year): (u8, u8, u16) = (day.parse().ok()?, month.parse().ok()?, year.parse().ok()?);
    let said = match language {
        Language::Vi => format!("ngày {day} tháng {month} năm {year}"),
        Language::En => format!("day {day}, month {month}, year {year}"),
    };
    (year >= 1000).then(|| said + after)
}

/// Long numbers one digit at a time: nobody checks "eleven billion" against a card.
fn numbers(token: &str) -> String {
    let digits = token.chars().filter(char::is_ascii_digit).count();
    let other = token.chars().any(|c| c == '.' || c == ',');
    let leading_zero = token.starts_with('0') && digits > 1;
    if (digits >= DIGIT_BY_DIGIT_FROM && !other) || leading_zero {
        spaced(token)
    } else {
        token.to_owned()
    }
}

fn spaced(text: &str) -> String {
    let apart: Vec<String> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(String::from)
        .collect();
    apart.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(question: &str, label: &str, shown: &str) -> CitizenAnswer {
        serde_json::from_value(serde_json::json!({
            "question": question, "label": { "vi": label, "en": label }, "shown": shown, "shown_en": shown,
            "confirm_each": true, "confirmed": false, "wrong": false, "writes": null, "fault": null, "seen": "",
        }))
        .unwrap()
    }

    fn page() -> CitizenView {
        CitizenView::Page {
            page: CitizenPage {
                page: "child".into(),
                title: Words::new("Cháu được khai sinh", "The child"),
                say: Words::new("Xin ông/bà nghe.", "Please listen."),
                answers: vec![
                    answer("name", "Họ tên", "Lò Thị Mây"),
                    answer("birth", "Ngày sinh", "03/11/2026"),
                    answer("id", "Số định danh", "011192004321"),
                    answer("phone", "Điện thoại", ""),
                ],
                confirmed: false,
                seen: crate::seen::Seen::page("child", &[]),
            },
            number: 2,
            of: 6,
            handed: None,
            half_written: None,
        }
    }

    #[test]
    fn a_page_is_said_as_a_person_would() {
        assert_eq!(
            phrases(&page(), None, Language::Vi),
            [
                "Cháu được khai sinh",
                "Xin ông/bà nghe.",
                "Chỗ nào sai, xin chạm vào chỗ ấy.",
                "Họ tên: Lò Thị Mây",
                "Ngày sinh: ngày 3 tháng 11 năm 2026",
                "Số định danh: 0 1 1 1 9 2 0 0 4 3 2 1",
            ]
        );
    }

    #[test]
    fn the_review_says_in_what_standing_they_file_before_its_answers() {
        let CitizenView::Page { page, .. } = page() else {
            panic!("a page")
        };
        let review = |standing| CitizenView::Filing {
            procedure: Words::new("Khai sinh", "Birth"),
            standing,
            seen: crate::seen::Seen::filing(&[], &[], standing),
            pages: vec![page.clone()],
            papers: Vec::new(),
            asked: true,
            confirmed: false,
        };
        let parent = Standing::CloseRelative {
            relation: CloseRelation::Parent,
        };
        let said = phrases(&review(Some(parent)), None, Language::Vi);
        let wanted = ["Ông/bà nộp hồ sơ này", "Là cha, mẹ của người đứng tên hồ sơ"];
        assert_eq!(
            said.get(3..5),
            Some(wanted.map(String::from).as_slice()),
            "{said:?}"
        );
        // The control: where nobody said it, and where one answer alone is asked for.
        let name = QuestionId::from("name");
        for said in [
            phrases(&review(None), None, Language::Vi),
            phrases(&review(Some(parent)), Some(&name), Language::Vi),
        ] {
            assert!(said.iter().all(|one| !one.contains("đứng tên")), "{said:?}");
        }
    }

    #[test]
    fn a_step_in_their_own_hands_is_said_before_the_answers() {
        let mut view = page();
        if let CitizenView::Page { handed, .. } = &mut view {
            *handed = Some(crate::views::HandedStepView {
                words: Words::new("Chụp rõ giấy chứng sinh.", "Photograph the certificate."),
                number: 1,
                of: 3,
                outcome: None,
            });
        }
        let said = phrases(&view, None, Language::Vi);
        let at = |sentence: &str| said.iter().position(|one| one == sentence);
        let step = at("Chụp rõ giấy chứng sinh.").unwrap();
        assert_eq!(at("Lần này ông/bà tự làm bước này nhé"), Some(step - 1));
        assert!(at("Họ tên: Lò Thị Mây").unwrap() > step, "{said:?}");
        let one = phrases(&view, Some(&"name".into()), Language::Vi);
        assert_eq!(one, ["Họ tên: Lò Thị Mây"], "one answer is one answer");
    }

    #[test]
    fn papers_are_said_with_how_much_and_where_the_original_is() {
        let paper = |files, original| CitizenPaper {
            name: Words::new("Giấy chứng sinh", "Birth certificate"),
            pictures: Vec::new(),
            files,
            original,
        };
        let of = |papers: Vec<CitizenPaper>| {
            let seen = crate::seen::Seen::papers(&papers);
            let view = CitizenView::Papers {
                papers,
                confirmed: false,
                number: 6,
                of: 6,
                seen,
            };
            phrases(&view, None, Language::Vi)
        };
        assert_eq!(
            of(vec![paper(2, Some(OriginalPlace::KeptByCounter)), paper(0, None)]),
            ["Giấy tờ đã chụp", "Giấy chứng sinh", "2 tệp", "Quầy giữ bản giấy"]
        );
        assert_eq!(
            of(vec![paper(0, None)]),
            ["Giấy tờ đã chụp", "Chưa chụp giấy tờ nào."]
        );
    }

    #[test]
    fn one_answer_alone_even_when_it_is_empty() {
        let only = |question: &str| phrases(&page(), Some(&question.into()), Language::Vi);
        assert_eq!(only("birth"), ["Ngày sinh: ngày 3 tháng 11 năm 2026"]);
        assert_eq!(only("phone"), ["Điện thoại: chưa ghi"]);
        assert_eq!(only("somewhere_else"), Vec::<String>::new());
    }

    #[test]
    fn amounts_are_amounts_and_numbers_are_digits() {
        for (written, said) in [
            ("Nộp 1.500.000 đồng", "Nộp 1.500.000 đồng"),
            ("Nhà số 12, xóm 3", "Nhà số 12, xóm 3"),
            ("011 192 004 321", "0 1 1 1 9 2 0 0 4 3 2 1"),
            ("từ 01/02/2026, ở đây", "từ ngày 1 tháng 2 năm 2026, ở đây"),
            ("ông/bà", "ông/bà"),
        ] {
            assert_eq!(spoken(written, Language::Vi), said);
        }
    }

    #[test]
    fn every_screen_says_the_words_that_stand_on_it() {
        let refused = CitizenView::Refused {
            procedure: Words::new("Đăng ký khai sinh", "Birth registration"),
            papers: vec![crate::views::PaperToBring {
                name: Words::new("Giấy chứng sinh", "Birth certificate of the hospital"),
                mark: PaperMark::Original,
                required: true,
            }],
        };
        let withdraw = |witness: Option<&str>| CitizenView::Withdraw {
            number: "DH-00001-00002-55".into(),
            procedure: Words::new("Đăng ký khai sinh", "Birth registration"),
            word: Words::new("đã lưu ở máy quầy", "kept at the counter"),
            witness: witness.map(str::to_owned),
        };
        let receipt = CitizenView::Receipt {
            number: "DH-00001-00002-55".into(),
            secret: "7K2M".into(),
            word: Words::new("đã lưu ở máy quầy", "kept at the counter"),
            qr_svg: String::new(),
            lookup_site: "tra-cuu.vn".into(),
            withdrawn: false,
        };
        let coach = CitizenView::Coaching {
            topic: CoachTopic::Eid,
            step: 2,
            of: 5,
        };
        for (view, said) in [
            (&refused, "Giấy chứng sinh, bản chính"),
            (&withdraw(None), "Rút rồi thì không ai giải quyết hồ sơ này nữa."),
            (&withdraw(Some("Lò Văn Inh")), "Người làm chứng: Lò Văn Inh"),
            (&receipt, "Không ai gọi điện hỏi mã này hay mã OTP."),
            (&receipt, "Mã tra cứu: 7 K 2 M"),
            (&coach, "Tự gõ mật khẩu của mình. Không đọc cho ai nghe."),
            (&coach, "Ứng dụng VNeID, bước 2 / 5"),
        ] {
            let all = phrases(view, None, Language::Vi);
            assert!(all.iter().any(|one| one == said), "{said}: {all:?}");
            let english = phrases(view, None, Language::En);
            assert_eq!(english.len(), all.len(), "another number of sentences in English");
            assert!(
                all.iter().chain(&english).all(|one| !one.contains('{')),
                "{all:?}"
            );
        }
        let quiet = phrases(&withdraw(None), None, Language::Vi);
        assert!(
            quiet.iter().all(|one| !one.contains("làm chứng")),
            "a witness who is not there"
        );
    }

    #[test]
    fn nothing_is_said_behind_a_lock() {
        assert!(phrases(&CitizenView::Locked, None, Language::Vi).is_empty());
    }
}
