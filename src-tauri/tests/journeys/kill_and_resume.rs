//! The plug is pulled in the middle of a page: the draft opens where it was, with what was answered.

use crate::kiosk::Side;
use crate::record::Record;
use crate::story::{self, Counter};

#[tokio::test(flavor = "multi_thread")]
async fn kill_and_resume() {
    let _alone = crate::alone().await;
    let counter = Counter::open().await;
    let mut record = Record::none();
    story::enrol(&counter, &mut record).await;
    story::sign_in(&counter.kiosk, &mut record).await;
    story::start_dossier(&counter.kiosk, &mut record).await;
    story::fill(&counter.kiosk, &mut record, Some("child")).await;
    story::on_page(&counter.kiosk, "child").await;
    let name = "Lê Trần Hương Sen";
    counter.kiosk.write(Side::Operator, "q-child_name", name).await;
    // The citizen reads a saved answer; a keystroke not saved yet is marked as being typed.
    let saved = format!(
        "const value = document.querySelector('[data-testid=\"answer-child_name\"]');
         return value?.textContent === '{name}' && !value.closest('li').classList.contains('typing')"
    );
    counter
        .kiosk
        .script(Side::Citizen, "the name is saved", &saved)
        .await;

    let counter = counter.pull_the_plug().await;
    let kiosk = &counter.kiosk;
    story::unlock(kiosk, story::OFFICER, story::PIN).await;
    story::on_page(kiosk, "child").await;
    kiosk.holds(Side::Operator, "q-child_name", name).await;
    kiosk
        .read(Side::Citizen, "answer-child_name", |text| text == name)
        .await;
    // An earlier page is as it was, too.
    for page in ["birth_case", "requester_home", "requester_papers", "requester"] {
        kiosk.press(Side::Operator, "back").await;
        story::on_page(kiosk, page).await;
    }
    kiosk
        .holds(Side::Operator, "q-requester_name", "Trần Thị Bông Súng")
        .await;
    counter.close().await;
}
