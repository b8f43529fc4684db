//! `cargo xtask gallery`: the screens of both windows, taken in the real windows, into `docs/gallery`.

use crate::run::{cargo, root, run};
use crate::{setup, ui};
use anyhow::Result;

/// Takes the pictures anew.
///
/// # Errors
/// Where something cannot be built, or the story fails.
pub fn gallery() -> Result<()> {
    setup()?;
    run(&mut cargo(&[
        "build", "-p", "donghanh", "-p", "service", "--bins",
    ]))?;
    let story = [
        "test",
        "-p",
        "donghanh",
        "--test",
        "journeys",
        "--",
        "--ignored",
        "--exact",
        "gallery::gallery",
    ];
    run(cargo(&story).env("DONGHANH_GALLERY_OUT", root().join("docs/gallery")))?;
    ui::npm(&["run", "smaller", "--", "../docs/gallery"])
}
