//! Puts the shell together: the kiosk is opened while the windows come up, the windows follow the monitors, calls and
//! events are carried.

use crate::events::{self, Listeners};
use crate::opening::{Coming, Door};
use crate::options::Options;
use crate::pick::{self, Rehearsal};
use crate::platform::{Current, Platform as _};
use crate::rpc::{self, Started};
use crate::windows::{self, CITIZEN, OPERATOR, Placed};
use crate::{files, hand_in, lockdown, logging, preview, watch};
use app::{App, KioskOptions, Problem};
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tauri::{AppHandle, Manager as _, RunEvent, Window, WindowEvent};

/// The kiosk could not be opened; the reason was told.
pub(crate) const EXIT_NOT_OPENED: u8 = 2;
/// The windows could not be opened.
const EXIT_NO_WINDOWS: u8 = 3;

/// Runs until the operator's window is closed.
pub fn run(options: Options) -> ExitCode {
    let started = Instant::now();
    if let Some(file) = options.preview.clone() {
        return preview::run(options, &file, started);
    }
    if let Err(error) = logging::start(&options.data) {
        let _ = writeln!(io::stderr(), "no log: {error}");
    }
    // A second start on the same data ends here, before any window flashes up.
    match App::claim(KioskOptions::new(options.data.clone())) {
        Ok(claimed) => show(options, Coming::begin(move || claimed.open()), started),
        Err(problem) => {
            tell(&problem, &options);
            ExitCode::from(EXIT_NOT_OPENED)
        }
    }
}

pub(crate) fn show(options: Options, coming: Coming, started: Instant) -> ExitCode {
    let rehearsal = Rehearsal::new(options.pick_from.clone());
    let placed = Placed::new(
        &options.data,
        options.layout,
        rehearsal.is_on(),
        lockdown::automation_wanted(&options),
    );
    let watched = options.clone();
    let built = tauri::Builder::default()
        .manage(Door::closed())
        .manage(Started(started))
        .manage(Listeners::default())
        .manage(rehearsal)
        .manage(placed)
        .register_asynchronous_uri_scheme_protocol(files::SCHEME, files::serve)
        .invoke_handler(tauri::generate_handler![
            rpc::rpc,
            rpc::shell_ready,
            hand_in::hand_in,
            events::subscribe,
            pick::pick_files,
            pick::pick_folder,
            windows::swap_screens
        ])
        .on_window_event(on_window_event)
        .setup(move |shell| {
            let handle = shell.handle().clone();
            windows::settle(&handle)?;
            let ending = handle.clone();
            watch::end_with_parent(&watched, move || ending.exit(0));
            let behind = handle.clone();
            std::thread::spawn(move || begin(&behind, coming.wait()));
            tauri::async_runtime::spawn(windows::follow(handle));
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(shell) => run_windows(shell, &options),
        Err(error) => {
            tracing::error!(%error, "windows");
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(EXIT_NO_WINDOWS)
        }
    }
}

/// Puts the kiosk to work and lets the windows in, in this order; without a kiosk the windows go again.
fn begin(shell: &AppHandle, opened: Result<Arc<App>, Problem>) {
    if let Ok(kiosk) = &opened {
        let heard = kiosk.subscribe();
        // Without its key the kiosk cannot send; what is captured is safe, and its own screen says what to do.
        if let Err(problem) = kiosk.start(tauri::async_runtime::handle().inner()) {
            tracing::error!(code = ?problem.code, "not sending");
        }
        tauri::async_runtime::spawn(events::carry(shell.clone(), Arc::clone(kiosk), heard));
    }
    let refused = opened.is_err();
    tracing::info!(
        milliseconds = shell.state::<Started>().milliseconds(),
        "kiosk open"
    );
    windows::let_in(shell, opened);
    if refused {
        shell.exit(0);
    }
}

/// Runs the windows to their end; then says why there was no kiosk, where that is why they ended.
fn run_windows(shell: tauri::App, options: &Options) -> ExitCode {
    let handle = shell.handle().clone();
    shell.run_return(move |shell, event| {
        if matches!(event, RunEvent::Exit)
            && let Some(kiosk) = shell.state::<Door>().now()
        {
            kiosk.close();
        }
    });
    match handle.state::<Door>().refused() {
        Some(problem) => {
            tell(&problem, options);
            ExitCode::from(EXIT_NOT_OPENED)
        }
        None => ExitCode::SUCCESS,
    }
}

/// The operator's window is the program: at a counter an officer's PIN closes it, nothing else. The citizen's is taken
/// down only with its monitor.
fn on_window_event(window: &Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event {
        let kiosk = window.state::<Door>().now();
        let freely = kiosk.as_ref().is_some_and(|kiosk| kiosk.closes_freely());
        if window.label() == CITIZEN {
            api.prevent_close();
        } else if window.state::<Placed>().is_counter() && !freely {
            api.prevent_close();
            if let Some(kiosk) = kiosk {
                kiosk.ask_to_close();
            }
        }
    }
    if matches!(event, WindowEvent::Destroyed) && window.label() == OPERATOR {
        window.app_handle().exit(0);
    }
}

/// Without a window of our own: the system's own message, and the terminal.
pub(crate) fn tell(problem: &Problem, options: &Options) {
    tracing::error!(code = ?problem.code, "not opened");
    let _ = writeln!(io::stderr(), "{}", problem.words.vi);
    if Current.has_display() && !lockdown::automation_wanted(options) {
        rfd::MessageDialog::new()
            .set_level(rfd::MessageLevel::Error)
            .set_title("Đồng Hành")
            .set_description(format!("{}\n\n{}", problem.words.vi, problem.words.en))
            .show();
    }
}
