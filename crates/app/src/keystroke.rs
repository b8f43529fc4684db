//! The operator's last keystroke, while it is newer than what was saved.
//!
//! **Invariant:** a save that took its time shows the citizen what it saved, and the key that came meanwhile stays what
//! they see; nothing stays marked as being typed once its answer is saved or its page has gone.

use crate::events::AppEvent;
use crate::views::CitizenView;
use domain::ids::QuestionId;

#[derive(Default)]
pub(crate) struct Keystroke(Option<(QuestionId, String)>);

impl Keystroke {
    /// A key came: what the citizen's window is told.
    pub fn press(&mut self, question: QuestionId, text: String) -> AppEvent {
        event(self.0.insert((question, text)))
    }

    /// An answer came to be saved: the keys before it are in it, those that come from now on are newer.
    pub fn is_in(&mut self, question: &QuestionId) {
        self.0.take_if(|(typed, _)| typed == question);
    }

    /// Another view is shown: the key to show again after it. A keystroke ends with the page that it belongs to.
    pub fn after(&mut self, view: &CitizenView) -> Option<AppEvent> {
        self.0.take_if(|(typed, _)| !view.asks(typed));
        self.0.as_ref().map(event)
    }
}

fn event((question, text): &(QuestionId, String)) -> AppEvent {
    AppEvent::Typing {
        question: question.clone(),
        text: text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::Keystroke;
    use crate::events::AppEvent;
    use crate::views::CitizenView;
    use domain::ids::QuestionId;

    fn id(text: &str) -> QuestionId {
        serde_json::from_value(serde_json::json!(text)).unwrap()
    }

    fn page(question: &str) -> CitizenView {
        let words = serde_json::json!({ "vi": "Tên", "en": "Name" });
        serde_json::from_value(serde_json::json!({
            "screen": "page", "number": 1, "of": 1, "handed": null,
            "page": { "page": "child", "title": words, "say": words, "confirmed": false, "seen": "", "answers": [{
                "question": question, "label": words, "shown": "Lò", "shown_en": "Lò", "fault": null,
                "confirm_each": false, "confirmed": false, "wrong": false, "writes": null, "seen": "",
            }]},
        }))
        .unwrap()
    }

    fn text(event: Option<AppEvent>) -> Option<String> {
        match event {
            Some(AppEvent::Typing { text, .. }) => Some(text),
            _ => None,
        }
    }

    #[test]
    fn a_key_that_came_while_a_save_was_under_way_stays() {
        let mut keystroke = Keystroke::default();
        keystroke.press(id("name"), "Lò".to_owned());
        keystroke.is_in(&id("name"));
        keystroke.press(id("name"), "Lò M".to_owned());
        assert_eq!(
            text(keystroke.after(&page("name"))).as_deref(),
            Some("Lò M"),
            "the view of the save is older"
        );
    }

    #[test]
    fn what_was_saved_or_left_is_typed_no_more() {
        let mut keystroke = Keystroke::default();
        keystroke.press(id("name"), "Lò".to_owned());
        keystroke.is_in(&id("name"));
        assert!(keystroke.after(&page("name")).is_none(), "it is saved");
        keystroke.press(id("name"), "Lò".to_owned());
        assert!(keystroke.after(&CitizenView::Locked).is_none(), "nobody's page");
        assert!(
            keystroke.after(&page("name")).is_none(),
            "and it does not come back"
        );
    }
}
