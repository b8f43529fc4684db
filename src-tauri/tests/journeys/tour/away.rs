//! The stops of the tour for which another machine is needed: a volunteer's shift, and a day in a village.

use super::{Tour, begin, press, see};
use crate::kiosk::{Kiosk, Side};
use crate::neighbour::Neighbour;
use crate::people;
use crate::stage;
use crate::story::{self, Counter};
use serde_json::json;
use std::path::Path;

/// The folder that stands for the stick.
async fn village_at(kiosk: &Kiosk, stick: &Path) {
    kiosk
        .write(Side::Operator, "village-folder", &stick.to_string_lossy())
        .await;
}

impl Tour {
    /// A volunteer's shift: one dossier, sealed by an officer on the spot or packed for one who looks at it later.
    pub(super) async fn volunteer(&mut self, counter: &Counter) {
        let kiosk = &counter.kiosk;
        let (beside, stick) = (tempfile::tempdir().expect("a folder"), stage::stick());
        let name = "Phường Ninh Kiều, quầy 2";
        let other = Neighbour::enrolled(&counter.province, beside.path(), name, false).await;
        other.with_stick("export_sealed", stick.path()).await;
        other.close().await;
        let at = json!({ "folder": stick.path() });
        people::ok(kiosk, Side::Operator, "pair_counters", at).await;
        people::add(kiosk, people::VOLUNTEER, "volunteer").await;
        press(kiosk, &format!("lease-4-{}", people::VOLUNTEER)).await;
        kiosk
            .read(Side::Operator, &format!("lease-{}", people::VOLUNTEER), |text| {
                text.contains("đang trong ca")
            })
            .await;
        self.see(kiosk, "lease").await;
        press(kiosk, "lock").await;
        people::unlock(kiosk, people::VOLUNTEER, people::OTHER_PIN).await;
        see(kiosk, "volunteer-home").await;
        self.see(kiosk, "volunteer-home").await;
        begin(kiosk).await;
        self.see(kiosk, "volunteer-page").await;
        people::fill_quickly(kiosk).await;
        people::file(kiosk).await;
        self.see(kiosk, "volunteer-filing").await;
        press(kiosk, "seal-officer").await;
        press(kiosk, &format!("staff-{}", story::OFFICER)).await;
        see(kiosk, "pin-digit-1").await;
        self.see(kiosk, "seal-officer").await;
        press(kiosk, "cancel").await;
        press(kiosk, "pack").await;
        see(kiosk, "pack-yes").await;
        self.see(kiosk, "pack").await;
        press(kiosk, "pack-yes").await;
        see(kiosk, "pack-next").await;
        self.see(kiosk, "packed").await;
        press(kiosk, "pack-next").await;
        see(kiosk, "volunteer-home").await;
        press(kiosk, "pack-out").await;
        see(kiosk, "stick-close").await;
        self.see(kiosk, "pack-out").await;
        press(kiosk, "stick-close").await;
        press(kiosk, "lock").await;
        people::unlock(kiosk, story::OFFICER, story::PIN).await;
        see(kiosk, "screen-home").await;
        self.see(kiosk, "home-waits-for-officer").await;
        press(kiosk, "days").await;
        see(kiosk, "days-table").await;
        self.see(kiosk, "days").await;
        press(kiosk, "days-close").await;
    }

    /// A day in a village, from both ends: as the machine that goes, and as the counter that prepared it.
    pub(super) async fn village(&mut self, counter: &Counter) {
        let kiosk = &counter.kiosk;
        let beside = tempfile::tempdir().expect("a folder");
        let name = "Phường Ninh Kiều, máy xách tay";
        let other = Neighbour::enrolled(&counter.province, beside.path(), name, true).await;
        let (theirs, ours) = (stage::stick(), stage::stick());
        other.with_stick("prepare_day", theirs.path()).await;
        press(kiosk, "outbox").await;
        press(kiosk, "village").await;
        see(kiosk, "village-merge").await;
        self.see(kiosk, "village").await;
        press(kiosk, "village-stick-other").await;
        village_at(kiosk, ours.path()).await;
        press(kiosk, "village-close").await;
        see(kiosk, "village-hint").await;
        self.see(kiosk, "village-no-day").await;
        self.act_of_the_day(kiosk, "prepare", "village-prepared").await;
        village_at(kiosk, theirs.path()).await;
        self.act_of_the_day(kiosk, "take", "village-taken").await;
        self.act_of_the_day(kiosk, "close", "village-closed").await;
        other.with_stick("take_day", ours.path()).await;
        for (kind, outcome) in [
            ("account", "done"),
            ("scanned", "done"),
            ("advised", "not_finished"),
        ] {
            let told = json!({ "kind": kind, "outcome": outcome });
            other.ask("record_assist", told).await;
        }
        other.with_stick("close_day", ours.path()).await;
        other.close().await;
        village_at(kiosk, ours.path()).await;
        self.act_of_the_day(kiosk, "merge", "village-merged").await;
        press(kiosk, "village-leave").await;
        press(kiosk, "home").await;
    }

    /// One of the four, what came of it, and back to the four.
    async fn act_of_the_day(&mut self, kiosk: &Kiosk, act: &str, name: &str) {
        press(kiosk, &format!("village-{act}")).await;
        see(kiosk, "village-result").await;
        self.see(kiosk, name).await;
        press(kiosk, "village-back").await;
    }
}
