//! The whole of a short dossier in English: no Vietnamese word in any heading, button or label of either window.

use crate::hands::Hands;
use crate::kiosk::{Kiosk, Side};
use crate::record::Record;
use crate::short;
use crate::story::{self, Counter};
use serde_json::json;

/// Watches every heading, button and label that is ever shown, and keeps those with Vietnamese letters. Names, places
/// and the law's own titles stay as they are: they are data.
const WATCH: &str = r#"
    const letters = /[ăâđêôơưĂÂĐÊÔƠƯạảãàáằắẳẵặầấẩẫậẹẻẽèéềếểễệỉĩịìíỏõọòóồốổỗộờớởỡợủũụùúừứửữựỳýỷỹỵ]/i;
    const data = ['Phạm Thị Hoa Giấy', 'Phường Ninh Kiều', 'Tiếng Việt', 'Đồng Hành', 'Ngân hàng', 'Trần Thị', 'Bến Sông'];
    window.vietnamese ??= new Set();
    const look = () => {
        if (document.documentElement.lang !== 'en') return;
        for (const one of document.querySelectorAll('h1, h2, h3, button, label, dt, [role=status], .hint, .over')) {
            const text = (one.innerText ?? '').trim();
            if (!letters.test(text) || one.closest('[role=listbox], [data-keyboard], nav, [data-card], .names')) continue;
            if (!data.some((known) => text.includes(known))) window.vietnamese.add(text);
        }
    };
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    return true;"#;

#[tokio::test(flavor = "multi_thread")]
async fn english() {
    let _alone = crate::alone().await;
    let counter = Counter::open().await;
    let kiosk = &counter.kiosk;
    let mut record = Record::none();
    story::enrol(&counter, &mut record).await;
    story::sign_in(kiosk, &mut record).await;
    kiosk.press(Side::Operator, "settings").await;
    kiosk.press(Side::Operator, "language-en").await;
    for side in [Side::Operator, Side::Citizen] {
        kiosk
            .script(side, "English", "return document.documentElement.lang === 'en'")
            .await;
        kiosk.script(side, "watch", WATCH).await;
    }
    kiosk.press(Side::Operator, "back").await;
    short::walk(kiosk, Hands::Mouse).await;
    rooms(kiosk).await;
    for side in [Side::Operator, Side::Citizen] {
        assert_eq!(
            left(kiosk, side).await,
            Vec::<String>::new(),
            "{}: left in Vietnamese",
            side.name()
        );
    }

    // The control: in Vietnamese the same watch finds plenty.
    kiosk.script(Side::Operator, "planted", "const h = document.createElement('h1'); h.textContent = 'Hồ sơ'; document.body.append(h); return true").await;
    kiosk
        .script(Side::Operator, "found", "return window.vietnamese.size === 1")
        .await;
    counter.close().await;
}

/// The rooms beside a dossier are watched as well.
async fn rooms(kiosk: &Kiosk) {
    for (button, screen, back) in [
        ("outbox", "screen-outbox", "home"),
        ("lookup", "screen-lookup", "home"),
        ("settings", "screen-settings", "home"),
        ("help", "help-close", "help-close"),
    ] {
        kiosk.press(Side::Operator, button).await;
        kiosk.see(Side::Operator, screen).await;
        kiosk.press(Side::Operator, back).await;
    }
}

async fn left(kiosk: &Kiosk, side: Side) -> Vec<String> {
    let found = kiosk.ask(side, "return [...window.vietnamese]", vec![]).await;
    serde_json::from_value(found).unwrap_or_else(|_| vec![json!("not watched").to_string()])
}
