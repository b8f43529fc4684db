//! The one command list. From it come the router, the bindings of the windows, the command line's JSON-RPC
//! and `donghanh-cli schema`; a command exists when it stands here.

use crate::access::{Caller, Needs, Window, Windows, gate, volunteer_gate};
use crate::commands::{
    assist, card, citizen, citizen_writes, clock, consent, days, dossier, drill, enrolment, forms, hand_over,
    home, kiosk, lease, life_event, lists, look, lookup, outbox, paper_path, papers, people, practice,
    printers, quit, reading, receipt, recovery, scanner, sign_in, stick, tray, typing, upgrade, village,
    voice, waiting, withdrawal,
};
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::views::{
    CitizenView, ClosedDayView, CountersView, DaysView, DossierView, EnrolmentView, EventSheet, ExportView,
    FormView, FormsView, HomeView, ImportView, KioskView, LeaseView, LeavingView, LifeEventsView, ListView,
    LookUpView, LookView, MergedDayView, OutboxView, PaperPathView, PreparedDayView, PrintersView,
    ProcedureCard, ReadTextView, ReceiptView, RecoveryView, ScannersView, SticksView, TakenDayView, TrayView,
    WaitingOutView, WaitingSlipView,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A request with nothing in it: `{}`.
#[derive(
    Debug, Clone, Copy, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema, ts_rs::TS,
)]
pub struct Nothing {}

/// A request or an answer about one dossier.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize, schemars::JsonSchema, ts_rs::TS)]
pub struct OneDossier {
    pub dossier: domain::ids::DossierId,
}

/// One line of the list.
pub struct CommandInfo {
    pub name: &'static str,
    pub about: &'static str,
    pub windows: Windows,
    pub needs: Needs,
    pub request_ts: fn(&ts_rs::Config) -> String,
    pub response_ts: fn(&ts_rs::Config) -> String,
    pub request_schema: fn() -> schemars::Schema,
    pub response_schema: fn() -> schemars::Schema,
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Problem> {
    // No parameters at all is the empty object: kind to a person at a terminal.
    let params = if params.is_null() {
        Value::Object(serde_json::Map::new())
    } else {
        params
    };
    serde_json::from_value(params).map_err(|_| Problem::new(ProblemCode::BadRequest))
}

/// A problem in the words of whoever reads it: a citizen's act is read by the citizen, on a turned screen too.
fn read_by(windows: Windows, caller: Caller, problem: Problem) -> Problem {
    if windows == Windows::CitizenActs || caller.window == Window::Citizen {
        problem.for_citizen()
    } else {
        problem
    }
}

/// A list of a type has no file of its own; its type has, through the views that hold it.
fn named(exported: Result<(), ts_rs::ExportError>) -> Result<(), ts_rs::ExportError> {
    match exported {
        Err(ts_rs::ExportError::CannotBeExported(_)) => Ok(()),
        other => other,
    }
}

macro_rules! commands {
    ($($(#[doc = $about:literal])+ $name:ident($request:ty) -> $response:ty, $windows:ident, $needs:ident => $handler:path;)*) => {
        /// Every command there is.
        pub const COMMANDS: &[CommandInfo] = &[$(CommandInfo {
            name: stringify!($name),
            about: concat!($($about),+),
            windows: Windows::$windows,
            needs: Needs::$needs,
            request_ts: <$request as ts_rs::TS>::name,
            response_ts: <$response as ts_rs::TS>::name,
            request_schema: || schemars::schema_for!($request),
            response_schema: || schemars::schema_for!($response),
        },)*];

        /// Checks the caller, reads the request, does it, and writes the answer.
        ///
        /// # Errors
        /// Any [`Problem`]; `unknown_command` and `bad_request` before anything is done.
        pub fn dispatch(app: &App, caller: Caller, name: &str, params: Value) -> Result<Value, Problem> {
            // While a drill is on every command is the drill's, but for those that end it.
            let drill = app.drill().filter(|_| !drill::STAY_OUTSIDE.contains(&name));
            let app = drill.as_deref().unwrap_or(app);
            match name {
                $(stringify!($name) => {
                    app.lease_holds(Needs::$needs)?;
                    gate(Windows::$windows, Needs::$needs, caller, app.role(), app.is_turned())?;
                    volunteer_gate(name, Needs::$needs, app.role())?;
                    let request: $request = read(params)?;
                    let came: Result<$response, Problem> = $handler(app, caller, request);
                    let response = came.map_err(|problem| read_by(Windows::$windows, caller, problem))?;
                    serde_json::to_value(response).map_err(|_| Problem::new(ProblemCode::Internal))
                })*
                _ => Err(Problem::new(ProblemCode::UnknownCommand)),
            }
        }

        /// Exports every request, answer and event type for the windows.
        ///
        /// # Errors
        /// Where a file cannot be written.
        pub fn export_types(config: &ts_rs::Config) -> Result<(), ts_rs::ExportError> {
            $(named(<$request as ts_rs::TS>::export_all(config))?;)*
            $(named(<$response as ts_rs::TS>::export_all(config))?;)*
            <crate::events::AppEvent as ts_rs::TS>::export_all(config)?;
            <Problem as ts_rs::TS>::export_all(config)
        }
    };
}

commands! {
    /// The machine at a glance: enrolled, who can sign in, network.
    kiosk_status(Nothing) -> KioskView, Either, Nobody => kiosk::kiosk_status;
    /// Asks the province to enrol this machine; answers with the six words.
    begin_enrolment(enrolment::BeginEnrolment) -> EnrolmentView, Operator, Nobody => enrolment::begin_enrolment;
    /// Asks whether the province has approved.
    check_enrolment(Nothing) -> EnrolmentView, Operator, Nobody => enrolment::check_enrolment;
    /// Adds a name to this counter; the first becomes the head, later ones need the head.
    add_operator(people::AddOperator) -> KioskView, Operator, Nobody => people::add_operator;
    /// Gives an operator a new PIN and lifts a lock.
    reset_pin(people::ResetPin) -> KioskView, Operator, Head => people::reset_pin;
    /// Signs in for the shift.
    sign_in(sign_in::SignIn) -> KioskView, OperatorAlways, Nobody => sign_in::sign_in;
    /// Locks both screens; nothing is lost.
    sign_out(Nothing) -> KioskView, OperatorAlways, Nobody => sign_in::sign_out;
    /// After how many seconds without a touch the machine locks.
    set_idle_lock(kiosk::SetIdleLock) -> KioskView, Operator, Head => kiosk::set_idle_lock;
    /// What is asked before the program ends: on a machine that is carried, about dossiers that lie on it alone.
    leaving(Nothing) -> LeavingView, OperatorAlways, Nobody => quit::leaving;
    /// Ends the program: an officer's PIN, and a second copy or a reason where one is asked for.
    quit_program(quit::QuitProgram) -> LeavingView, OperatorAlways, Nobody => quit::quit_program;
    /// Opens a shift for a volunteer at this counter.
    open_lease(lease::OpenLease) -> Vec<LeaseView>, Operator, Sealer => lease::open_lease;
    /// Ends a volunteer's shift at once.
    close_lease(lease::CloseLease) -> Vec<LeaseView>, Operator, Sealer => lease::close_lease;
    /// The volunteers' shifts.
    leases(Nothing) -> Vec<LeaseView>, Operator, Sealer => lease::leases;
    /// Starts a drill: another store, no engine; nothing in it is real.
    start_drill(Nothing) -> KioskView, Operator, Operator => drill::start_drill;
    /// Ends the drill and destroys everything in it.
    end_drill(Nothing) -> KioskView, OperatorAlways, Operator => drill::end_drill;
    /// The date and time as a person says them, where the machine's clock stands before the province's last word.
    confirm_date(clock::ConfirmDate) -> KioskView, Operator, Operator => clock::confirm_date;
    /// Vietnamese or English on this window's side.
    set_language(kiosk::SetLanguage) -> KioskView, Either, Nobody => kiosk::set_language;
    /// Works with one monitor.
    set_one_screen(kiosk::SetOneScreen) -> KioskView, Operator, Nobody => kiosk::set_one_screen;
    /// Contrast and motion of both windows, kept over a restart.
    set_look(LookView) -> KioskView, Operator, Nobody => look::set_look;
    /// How this machine helps with typing.
    typing_habits(Nothing) -> typing::TypingHabits, Operator, Nobody => typing::typing_habits;
    /// Telex, VNI or neither, and the keyboard on the screen; kept over a restart.
    set_typing_habits(typing::TypingHabits) -> typing::TypingHabits, Operator, Nobody => typing::set_typing_habits;
    /// Turns the operator's screen to the citizen; turning it back needs the PIN of whoever is signed in.
    turn_screen(kiosk::TurnScreen) -> KioskView, OperatorAlways, Operator => kiosk::turn_screen;

    /// A receipt by its number or either of its codes, from this kiosk's own outbox; names nobody.
    look_up(lookup::LookUp) -> LookUpView, Operator, Sealer => lookup::look_up;
    /// The same from a picture of the slip.
    look_up_picture(lookup::LookUpPicture) -> LookUpView, Operator, Sealer => lookup::look_up_picture;
    /// Procedures, drafts, today, network.
    home(Nothing) -> HomeView, Operator, Operator => home::home;
    /// The last month's days in numbers: dossiers, and apart from them help that ended in none.
    days(Nothing) -> DaysView, Operator, Sealer => days::days;
    /// Procedures by words, with or without accents.
    find_procedures(home::FindProcedures) -> Vec<ProcedureCard>, Operator, Operator => home::find_procedures;

    /// Happenings in a life that ask for several procedures.
    life_events(Nothing) -> LifeEventsView, Operator, Operator => life_event::life_events;
    /// Starts the chosen procedures of a life event, each a dossier of its own.
    start_life_event(life_event::StartLifeEvent) -> DossierView, Operator, Operator => life_event::start_life_event;
    /// Which dossiers belong to the same event, and which answer goes where.
    event_sheet(OneDossier) -> EventSheet, Operator, Operator => life_event::event_sheet;
    /// Starts a dossier: its id is final from here on.
    start_dossier(dossier::StartDossier) -> DossierView, Operator, Operator => dossier::start_dossier;
    /// Opens a draft where it was.
    open_dossier(OneDossier) -> DossierView, Operator, Operator => dossier::open_dossier;
    /// One of the lists that questions name, for the open dossier; the same for as long as its view names the same lists.
    get_list(lists::GetList) -> ListView, Operator, Operator => lists::get_list;
    /// Destroys a draft and everything captured for it.
    discard_dossier(OneDossier) -> HomeView, Operator, Operator => dossier::discard_dossier;
    /// Moves a draft to the current version of its procedure, as its `upgrade` says.
    upgrade_dossier(upgrade::UpgradeDossier) -> DossierView, Operator, Operator => upgrade::upgrade_dossier;
    /// Goes on with what a colleague left on the screens, for a reason that is written down.
    take_over(hand_over::TakeOver) -> DossierView, Operator, Sealer => hand_over::take_over;
    /// Leaves it: it waits among the counter's drafts.
    leave_it(Nothing) -> HomeView, Operator, Sealer => hand_over::leave_it;
    /// Leaves the open draft to the counter, with a word for whoever goes on.
    hand_over(hand_over::HandOver) -> HomeView, Operator, Operator => hand_over::hand_over;
    /// How the dossier is handed in: online at the counter, on paper, by post. Fee and time follow.
    choose_channel(dossier::ChooseChannel) -> DossierView, Operator, Operator => dossier::choose_channel;
    /// For whom the person at the counter files.
    set_standing(consent::SetStanding) -> DossierView, Operator, Operator => consent::set_standing;
    /// Who stands by where the person cannot sign; nobody takes it back.
    name_witness(consent::NameWitness) -> DossierView, Operator, Operator => consent::name_witness;
    /// Whether they have a telephone and an e-ID: only then is there a practice slip.
    set_phone(practice::SetPhone) -> DossierView, Operator, Operator => practice::set_phone;
    /// Moves both screens to a place in the walk.
    go_to(dossier::GoTo) -> DossierView, Operator, Operator => dossier::go_to;
    /// Saves one answer, encrypted, before it answers.
    give_answer(dossier::GiveAnswer) -> DossierView, Operator, Operator => dossier::give_answer;
    /// Fills one person's part of the form from the code of their identity card.
    fill_from_card(card::FillFromCard) -> DossierView, Operator, Operator => card::fill_from_card;
    /// The same, from the card that is held to the serial scanner within twenty seconds.
    scan_card(card::ScanCard) -> DossierView, Operator, Operator => card::scan_card;
    /// An identity card from a picture fills one person's part of the form.
    read_card_picture(card::ReadCardPicture) -> DossierView, Operator, Operator => card::read_card_picture;
    /// Mirrors a keystroke; saves nothing.
    typing(dossier::Typing) -> Nothing, Operator, Operator => dossier::typing;

    /// Takes a file from disk as one of the papers.
    add_file(papers::AddFile) -> DossierView, Operator, Operator => papers::add_file;
    /// Takes what the window handed in (camera, dropped file) as one of the papers.
    add_capture(papers::AddCapture) -> DossierView, Operator, Operator => papers::add_capture;
    /// Removes a captured page.
    remove_file(papers::OneFile) -> DossierView, Operator, Operator => papers::remove_file;
    /// Turns a page by quarters of a circle.
    turn_file(papers::TurnFile) -> DossierView, Operator, Operator => papers::turn_file;
    /// Gives a page another place among the pages of its paper.
    move_file(papers::MoveFile) -> DossierView, Operator, Operator => papers::move_file;
    /// The scanners that answer now.
    scanners(Nothing) -> ScannersView, Operator, Operator => scanner::scanners;
    /// Scans the sheet on the glass, or all sheets of the feeder, as pages of one paper.
    scan_papers(scanner::ScanPapers) -> DossierView, Operator, Operator => scanner::scan_papers;
    /// Stops the scanner after the sheet that it is at.
    stop_scanning(Nothing) -> Nothing, Operator, Operator => scanner::stop_scanning;
    /// Sheets from the scanner's folder that belong to no paper yet.
    tray(Nothing) -> TrayView, Operator, Operator => tray::tray;
    /// Sets the folder where the office scanner delivers.
    set_scan_folder(tray::SetScanFolder) -> TrayView, Operator, Head => tray::set_scan_folder;
    /// Makes sheets of the tray pages of one paper.
    take_from_tray(tray::TakeFromTray) -> DossierView, Operator, Operator => tray::take_from_tray;
    /// Throws a sheet of the tray away.
    discard_from_tray(tray::OneSheet) -> TrayView, Operator, Operator => tray::discard_from_tray;
    /// Says where a paper original is when the citizen leaves.
    set_original(papers::SetOriginal) -> DossierView, Operator, Operator => papers::set_original;
    /// The print on one captured page, line by line, as the machine reads it; stores nothing.
    read_text(papers::OneFile) -> ReadTextView, Operator, Operator => reading::read_text;
    /// Puts a line of print into a field as a suggestion: it is marked, and the citizen confirms it.
    suggest_answer(reading::SuggestAnswer) -> DossierView, Operator, Operator => reading::suggest_answer;
    /// What the machine read was held against the paper and is the same.
    compare_answer(reading::CompareAnswer) -> DossierView, Operator, Operator => reading::compare_answer;

    /// The official forms that this dossier's answers fill.
    list_forms(OneDossier) -> FormsView, Operator, Operator => forms::list_forms;
    /// A form as a picture, for the operator's screen.
    show_form(forms::OneForm) -> FormView, Operator, Operator => forms::show_form;
    /// Prints a form; with no printer nothing is saved.
    print_form(forms::OneForm) -> FormView, Operator, Operator => forms::print_form;
    /// The printers of this counter and which prints what.
    printers(Nothing) -> PrintersView, Operator, Operator => printers::printers;
    /// Chooses the printer for receipts or for forms.
    choose_printer(printers::ChoosePrinter) -> PrintersView, Operator, Sealer => printers::choose_printer;

    /// Seals the dossier to the province: durable before it answers.
    seal_dossier(OneDossier) -> ReceiptView, Operator, Sealer => receipt::seal_dossier;
    /// Seals a volunteer's dossier with an officer's PIN on the spot.
    seal_with_officer(receipt::SealWithOfficer) -> ReceiptView, Operator, Operator => receipt::seal_with_officer;
    /// Consent taken back after sealing: what has not gone is not sent; for what may have gone a withdrawal goes.
    withdraw_consent(OneDossier) -> OutboxView, Operator, Sealer => withdrawal::withdraw_consent;
    /// Asks the citizen on their screen whether they take their dossier back.
    ask_to_withdraw(withdrawal::AskToWithdraw) -> ReceiptView, Operator, Sealer => withdrawal::ask_to_withdraw;
    /// The receipt of a sealed dossier.
    show_receipt(OneDossier) -> ReceiptView, Operator, Sealer => receipt::show_receipt;
    /// Prints, or saves where there is no printer; a re-print is marked.
    print_receipt(OneDossier) -> ReceiptView, Operator, Operator => receipt::print_receipt;
    /// Prints the void slip of a dossier that its owner withdrew.
    print_void(OneDossier) -> ReceiptView, Operator, Sealer => receipt::print_void;
    /// What the person saw at the printer.
    printed(receipt::Printed) -> ReceiptView, Operator, Operator => receipt::printed;
    /// Clears both screens for the next citizen.
    finish_visit(Nothing) -> HomeView, Operator, Operator => receipt::finish_visit;

    /// Every sealed dossier with its state and reason.
    outbox(Nothing) -> OutboxView, Operator, Operator => outbox::outbox;
    /// Tries now; tells what came of each item.
    send_now(Nothing) -> OutboxView, Operator, Operator => outbox::send_now;
    /// Sends a held item again.
    release_held(OneDossier) -> OutboxView, Operator, Sealer => outbox::release_held;

    /// Every PIN is forgotten: writes this machine's request for its drafts key to a stick.
    ask_recovery(stick::AtFolder) -> RecoveryView, Operator, Nobody => recovery::ask_recovery;
    /// Takes the province's answer from the stick and gives a head of the counter a new PIN.
    finish_recovery(recovery::FinishRecovery) -> KioskView, Operator, Nobody => recovery::finish_recovery;
    /// Packs a finished dossier for an officer on another machine of the counter; prints its slip.
    pack_for_officer(OneDossier) -> WaitingSlipView, Operator, Operator => waiting::pack_for_officer;
    /// Takes a packed dossier back to this machine's drafts.
    take_back(OneDossier) -> HomeView, Operator, Sealer => waiting::take_back;
    /// Takes the keys of the counter's machines from a stick: from then on dossiers can be packed to them.
    pair_counters(stick::AtFolder) -> CountersView, Operator, Sealer => waiting::pair_counters;
    /// Writes the packed dossiers, and nothing else, to a stick.
    export_waiting(stick::AtFolder) -> WaitingOutView, Operator, Operator => waiting::export_waiting;
    /// Sticks and other disks that are plugged in.
    sticks(Nothing) -> SticksView, Operator, Nobody => stick::sticks;
    /// Copies every sealed dossier that is not safe at the province to a stick, and reads each copy back.
    export_sealed(stick::AtFolder) -> ExportView, Operator, Sealer => stick::export_sealed;
    /// Takes in what other machines sealed, and the province's acknowledgements, from a stick. Twice is once.
    import_sealed(stick::AtFolder) -> ImportView, Operator, Sealer => stick::import_sealed;

    /// Prepares a day away from the counter on a stick: catalogue, this counter's key, the province's words. No dossier.
    prepare_day(stick::AtFolder) -> PreparedDayView, Operator, Sealer => village::prepare_day;
    /// On the machine that goes: takes the day from the stick, and the counter's key with it.
    take_day(stick::AtFolder) -> TakenDayView, Operator, Sealer => village::take_day;
    /// Ends the day: sealed dossiers, packed ones, and what was done, onto the stick. Again tells the same again.
    close_day(stick::AtFolder) -> ClosedDayView, Operator, Sealer => village::close_day;
    /// At the counter: takes all of it in, and counts everything once. Twice is once.
    merge_day(stick::AtFolder) -> MergedDayView, Operator, Sealer => village::merge_day;

    /// Writes down help that ended in no dossier.
    record_assist(assist::RecordAssist) -> HomeView, Operator, Operator => assist::record_assist;
    /// Shows a step of the account coaching on both screens; none ends it.
    coach(assist::ShowCoach) -> Nothing, Operator, Operator => assist::coach;

    /// After a consent that was refused: what to bring on paper, and which forms can be printed empty.
    paper_path(Nothing) -> PaperPathView, Operator, Operator => paper_path::paper_path;
    /// Prints an empty form of the procedure that was refused.
    print_blank_form(paper_path::BlankForm) -> Nothing, Operator, Operator => paper_path::print_blank_form;

    /// Somebody is at the citizen's screen: the operator's does not lock meanwhile.
    i_am_here(Nothing) -> Nothing, Either, Nobody => citizen::i_am_here;
    /// What the citizen's screen shows now.
    citizen_screen(Nothing) -> CitizenView, Either, Nobody => citizen::citizen_screen;
    /// Consent, in one act; refusing destroys what was captured.
    give_consent(citizen::GiveConsent) -> CitizenView, CitizenActs, Nobody => citizen::give_consent;
    /// Stops, at any moment before the seal, and destroys what was captured.
    stop_and_destroy(Nothing) -> CitizenView, CitizenActs, Nobody => citizen::stop_and_destroy;
    /// What came of the step that the person tried with their own hand.
    tried_step(practice::TriedStep) -> CitizenView, CitizenActs, Nobody => practice::tried_step;
    /// "Đúng hết" for the page on screen.
    confirm_page(citizen::ConfirmPage) -> CitizenView, CitizenActs, Nobody => citizen::confirm_page;
    /// One answer is right.
    confirm_answer(citizen::ConfirmAnswer) -> CitizenView, CitizenActs, Nobody => citizen::confirm_answer;
    /// The citizen writes an answer of the page on screen with their own hand.
    write_answer(citizen_writes::WriteAnswer) -> CitizenView, CitizenActs, Nobody => citizen_writes::write_answer;
    /// What the citizen has written so far, kept in memory over a lock; none once they leave it.
    keep_writing(citizen_writes::KeepWriting) -> Nothing, CitizenActs, Nobody => citizen_writes::keep_writing;
    /// "Sai": the operator is taken to that field.
    say_wrong(citizen::OneQuestion) -> CitizenView, CitizenActs, Nobody => citizen::say_wrong;
    /// "Sai" after all not meant.
    take_back_wrong(citizen::OneQuestion) -> CitizenView, CitizenActs, Nobody => citizen::take_back_wrong;
    /// The second act: this is what I file.
    confirm_filing(citizen::ConfirmFiling) -> CitizenView, CitizenActs, Nobody => citizen::confirm_filing;
    /// "I take this dossier back", or not after all.
    confirm_withdrawal(withdrawal::ConfirmWithdrawal) -> CitizenView, CitizenActs, Nobody => withdrawal::confirm_withdrawal;
    /// Reads the citizen's screen aloud, or one answer on it.
    read_aloud(voice::ReadAloud) -> Nothing, Either, Nobody => voice::read_aloud;
    /// Silence.
    stop_reading(Nothing) -> Nothing, Either, Nobody => voice::stop_reading;
}
