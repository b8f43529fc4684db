// Written from the command list in crates/app/src/schema.rs. Not edited by hand.
import type { AddCapture } from "./AddCapture";
import type { AddFile } from "./AddFile";
import type { AddOperator } from "./AddOperator";
import type { AskToWithdraw } from "./AskToWithdraw";
import type { AtFolder } from "./AtFolder";
import type { BeginEnrolment } from "./BeginEnrolment";
import type { BlankForm } from "./BlankForm";
import type { ChooseChannel } from "./ChooseChannel";
import type { ChoosePrinter } from "./ChoosePrinter";
import type { CitizenView } from "./CitizenView";
import type { CloseLease } from "./CloseLease";
import type { ClosedDayView } from "./ClosedDayView";
import type { CompareAnswer } from "./CompareAnswer";
import type { ConfirmAnswer } from "./ConfirmAnswer";
import type { ConfirmDate } from "./ConfirmDate";
import type { ConfirmFiling } from "./ConfirmFiling";
import type { ConfirmPage } from "./ConfirmPage";
import type { ConfirmWithdrawal } from "./ConfirmWithdrawal";
import type { CountersView } from "./CountersView";
import type { DaysView } from "./DaysView";
import type { DossierView } from "./DossierView";
import type { EnrolmentView } from "./EnrolmentView";
import type { EventSheet } from "./EventSheet";
import type { ExportView } from "./ExportView";
import type { FillFromCard } from "./FillFromCard";
import type { FindProcedures } from "./FindProcedures";
import type { FinishRecovery } from "./FinishRecovery";
import type { FormView } from "./FormView";
import type { FormsView } from "./FormsView";
import type { GetList } from "./GetList";
import type { GiveAnswer } from "./GiveAnswer";
import type { GiveConsent } from "./GiveConsent";
import type { GoTo } from "./GoTo";
import type { HandOver } from "./HandOver";
import type { HomeView } from "./HomeView";
import type { ImportView } from "./ImportView";
import type { KeepWriting } from "./KeepWriting";
import type { KioskView } from "./KioskView";
import type { LeaseView } from "./LeaseView";
import type { LeavingView } from "./LeavingView";
import type { LifeEventsView } from "./LifeEventsView";
import type { ListView } from "./ListView";
import type { LookUp } from "./LookUp";
import type { LookUpPicture } from "./LookUpPicture";
import type { LookUpView } from "./LookUpView";
import type { LookView } from "./LookView";
import type { MergedDayView } from "./MergedDayView";
import type { MoveFile } from "./MoveFile";
import type { NameWitness } from "./NameWitness";
import type { Nothing } from "./Nothing";
import type { OneDossier } from "./OneDossier";
import type { OneFile } from "./OneFile";
import type { OneForm } from "./OneForm";
import type { OneQuestion } from "./OneQuestion";
import type { OneSheet } from "./OneSheet";
import type { OpenLease } from "./OpenLease";
import type { OutboxView } from "./OutboxView";
import type { PaperPathView } from "./PaperPathView";
import type { PreparedDayView } from "./PreparedDayView";
import type { Printed } from "./Printed";
import type { PrintersView } from "./PrintersView";
import type { ProcedureCard } from "./ProcedureCard";
import type { QuitProgram } from "./QuitProgram";
import type { ReadAloud } from "./ReadAloud";
import type { ReadCardPicture } from "./ReadCardPicture";
import type { ReadTextView } from "./ReadTextView";
import type { ReceiptView } from "./ReceiptView";
import type { RecordAssist } from "./RecordAssist";
import type { RecoveryView } from "./RecoveryView";
import type { ResetPin } from "./ResetPin";
import type { ScanCard } from "./ScanCard";
import type { ScanPapers } from "./ScanPapers";
import type { ScannersView } from "./ScannersView";
import type { SealWithOfficer } from "./SealWithOfficer";
import type { SetIdleLock } from "./SetIdleLock";
import type { SetLanguage } from "./SetLanguage";
import type { SetOneScreen } from "./SetOneScreen";
import type { SetOriginal } from "./SetOriginal";
import type { SetPhone } from "./SetPhone";
import type { SetScanFolder } from "./SetScanFolder";
import type { SetStanding } from "./SetStanding";
import type { ShowCoach } from "./ShowCoach";
import type { SignIn } from "./SignIn";
import type { StartDossier } from "./StartDossier";
import type { StartLifeEvent } from "./StartLifeEvent";
import type { SticksView } from "./SticksView";
import type { SuggestAnswer } from "./SuggestAnswer";
import type { TakeFromTray } from "./TakeFromTray";
import type { TakeOver } from "./TakeOver";
import type { TakenDayView } from "./TakenDayView";
import type { TrayView } from "./TrayView";
import type { TriedStep } from "./TriedStep";
import type { TurnFile } from "./TurnFile";
import type { TurnScreen } from "./TurnScreen";
import type { Typing } from "./Typing";
import type { TypingHabits } from "./TypingHabits";
import type { UpgradeDossier } from "./UpgradeDossier";
import type { WaitingOutView } from "./WaitingOutView";
import type { WaitingSlipView } from "./WaitingSlipView";
import type { WriteAnswer } from "./WriteAnswer";

export interface Commands {
  /** The machine at a glance: enrolled, who can sign in, network. */
  kiosk_status: { request: Nothing; response: KioskView };
  /** Asks the province to enrol this machine; answers with the six words. */
  begin_enrolment: { request: BeginEnrolment; response: EnrolmentView };
  /** Asks whether the province has approved. */
  check_enrolment: { request: Nothing; response: EnrolmentView };
  /** Adds a name to this counter; the first becomes the head, later ones need the head. */
  add_operator: { request: AddOperator; response: KioskView };
  /** Gives an operator a new PIN and lifts a lock. */
  reset_pin: { request: ResetPin; response: KioskView };
  /** Signs in for the shift. */
  sign_in: { request: SignIn; response: KioskView };
  /** Locks both screens; nothing is lost. */
  sign_out: { request: Nothing; response: KioskView };
  /** After how many seconds without a touch the machine locks. */
  set_idle_lock: { request: SetIdleLock; response: KioskView };
  /** What is asked before the program ends: on a machine that is carried, about dossiers that lie on it alone. */
  leaving: { request: Nothing; response: LeavingView };
  /** Ends the program: an officer's PIN, and a second copy or a reason where one is asked for. */
  quit_program: { request: QuitProgram; response: LeavingView };
  /** Opens a shift for a volunteer at this counter. */
  open_lease: { request: OpenLease; response: Array<LeaseView> };
  /** Ends a volunteer's shift at once. */
  close_lease: { request: CloseLease; response: Array<LeaseView> };
  /** The volunteers' shifts. */
  leases: { request: Nothing; response: Array<LeaseView> };
  /** Starts a drill: another store, no engine; nothing in it is real. */
  start_drill: { request: Nothing; response: KioskView };
  /** Ends the drill and destroys everything in it. */
  end_drill: { request: Nothing; response: KioskView };
  /** The date and time as a person says them, where the machine's clock stands before the province's last word. */
  confirm_date: { request: ConfirmDate; response: KioskView };
  /** Vietnamese or English on this window's side. */
  set_language: { request: SetLanguage; response: KioskView };
  /** Works with one monitor. */
  set_one_screen: { request: SetOneScreen; response: KioskView };
  /** Contrast and motion of both windows, kept over a restart. */
  set_look: { request: LookView; response: KioskView };
  /** How this machine helps with typing. */
  typing_habits: { request: Nothing; response: TypingHabits };
  /** Telex, VNI or neither, and the keyboard on the screen; kept over a restart. */
  set_typing_habits: { request: TypingHabits; response: TypingHabits };
  /** Turns the operator's screen to the citizen; turning it back needs the PIN of whoever is signed in. */
  turn_screen: { request: TurnScreen; response: KioskView };
  /** A receipt by its number or either of its codes, from this kiosk's own outbox; names nobody. */
  look_up: { request: LookUp; response: LookUpView };
  /** The same from a picture of the slip. */
  look_up_picture: { request: LookUpPicture; response: LookUpView };
  /** Procedures, drafts, today, network. */
  home: { request: Nothing; response: HomeView };
  /** The last month's days in numbers: dossiers, and apart from them help that ended in none. */
  days: { request: Nothing; response: DaysView };
  /** Procedures by words, with or without accents. */
  find_procedures: { request: FindProcedures; response: Array<ProcedureCard> };
  /** Happenings in a life that ask for several procedures. */
  life_events: { request: Nothing; response: LifeEventsView };
  /** Starts the chosen procedures of a life event, each a dossier of its own. */
  start_life_event: { request: StartLifeEvent; response: DossierView };
  /** Which dossiers belong to the same event, and which answer goes where. */
  event_sheet: { request: OneDossier; response: EventSheet };
  /** Starts a dossier: its id is final from here on. */
  start_dossier: { request: StartDossier; response: DossierView };
  /** Opens a draft where it was. */
  open_dossier: { request: OneDossier; response: DossierView };
  /** One of the lists that questions name, for the open dossier; the same for as long as its view names the same lists. */
  get_list: { request: GetList; response: ListView };
  /** Destroys a draft and everything captured for it. */
  discard_dossier: { request: OneDossier; response: HomeView };
  /** Moves a draft to the current version of its procedure, as its `upgrade` says. */
  upgrade_dossier: { request: UpgradeDossier; response: DossierView };
  /** Goes on with what a colleague left on the screens, for a reason that is written down. */
  take_over: { request: TakeOver; response: DossierView };
  /** Leaves it: it waits among the counter's drafts. */
  leave_it: { request: Nothing; response: HomeView };
  /** Leaves the open draft to the counter, with a word for whoever goes on. */
  hand_over: { request: HandOver; response: HomeView };
  /** How the dossier is handed in: online at the counter, on paper, by post. Fee and time follow. */
  choose_channel: { request: ChooseChannel; response: DossierView };
  /** For whom the person at the counter files. */
  set_standing: { request: SetStanding; response: DossierView };
  /** Who stands by where the person cannot sign; nobody takes it back. */
  name_witness: { request: NameWitness; response: DossierView };
  /** Whether they have a telephone and an e-ID: only then is there a practice slip. */
  set_phone: { request: SetPhone; response: DossierView };
  /** Moves both screens to a place in the walk. */
  go_to: { request: GoTo; response: DossierView };
  /** Saves one answer, encrypted, before it answers. */
  give_answer: { request: GiveAnswer; response: DossierView };
  /** Fills one person's part of the form from the code of their identity card. */
  fill_from_card: { request: FillFromCard; response: DossierView };
  /** The same, from the card that is held to the serial scanner within twenty seconds. */
  scan_card: { request: ScanCard; response: DossierView };
  /** An identity card from a picture fills one person's part of the form. */
  read_card_picture: { request: ReadCardPicture; response: DossierView };
  /** Mirrors a keystroke; saves nothing. */
  typing: { request: Typing; response: Nothing };
  /** Takes a file from disk as one of the papers. */
  add_file: { request: AddFile; response: DossierView };
  /** Takes what the window handed in (camera, dropped file) as one of the papers. */
  add_capture: { request: AddCapture; response: DossierView };
  /** Removes a captured page. */
  remove_file: { request: OneFile; response: DossierView };
  /** Turns a page by quarters of a circle. */
  turn_file: { request: TurnFile; response: DossierView };
  /** Gives a page another place among the pages of its paper. */
  move_file: { request: MoveFile; response: DossierView };
  /** The scanners that answer now. */
  scanners: { request: Nothing; response: ScannersView };
  /** Scans the sheet on the glass, or all sheets of the feeder, as pages of one paper. */
  scan_papers: { request: ScanPapers; response: DossierView };
  /** Stops the scanner after the sheet that it is at. */
  stop_scanning: { request: Nothing; response: Nothing };
  /** Sheets from the scanner's folder that belong to no paper yet. */
  tray: { request: Nothing; response: TrayView };
  /** Sets the folder where the office scanner delivers. */
  set_scan_folder: { request: SetScanFolder; response: TrayView };
  /** Makes sheets of the tray pages of one paper. */
  take_from_tray: { request: TakeFromTray; response: DossierView };
  /** Throws a sheet of the tray away. */
  discard_from_tray: { request: OneSheet; response: TrayView };
  /** Says where a paper original is when the citizen leaves. */
  set_original: { request: SetOriginal; response: DossierView };
  /** The print on one captured page, line by line, as the machine reads it; stores nothing. */
  read_text: { request: OneFile; response: ReadTextView };
  /** Puts a line of print into a field as a suggestion: it is marked, and the citizen confirms it. */
  suggest_answer: { request: SuggestAnswer; response: DossierView };
  /** What the machine read was held against the paper and is the same. */
  compare_answer: { request: CompareAnswer; response: DossierView };
  /** The official forms that this dossier's answers fill. */
  list_forms: { request: OneDossier; response: FormsView };
  /** A form as a picture, for the operator's screen. */
  show_form: { request: OneForm; response: FormView };
  /** Prints a form; with no printer nothing is saved. */
  print_form: { request: OneForm; response: FormView };
  /** The printers of this counter and which prints what. */
  printers: { request: Nothing; response: PrintersView };
  /** Chooses the printer for receipts or for forms. */
  choose_printer: { request: ChoosePrinter; response: PrintersView };
  /** Seals the dossier to the province: durable before it answers. */
  seal_dossier: { request: OneDossier; response: ReceiptView };
  /** Seals a volunteer's dossier with an officer's PIN on the spot. */
  seal_with_officer: { request: SealWithOfficer; response: ReceiptView };
  /** Consent taken back after sealing: what has not gone is not sent; for what may have gone a withdrawal goes. */
  withdraw_consent: { request: OneDossier; response: OutboxView };
  /** Asks the citizen on their screen whether they take their dossier back. */
  ask_to_withdraw: { request: AskToWithdraw; response: ReceiptView };
  /** The receipt of a sealed dossier. */
  show_receipt: { request: OneDossier; response: ReceiptView };
  /** Prints, or saves where there is no printer; a re-print is marked. */
  print_receipt: { request: OneDossier; response: ReceiptView };
  /** Prints the void slip of a dossier that its owner withdrew. */
  print_void: { request: OneDossier; response: ReceiptView };
  /** What the person saw at the printer. */
  printed: { request: Printed; response: ReceiptView };
  /** Clears both screens for the next citizen. */
  finish_visit: { request: Nothing; response: HomeView };
  /** Every sealed dossier with its state and reason. */
  outbox: { request: Nothing; response: OutboxView };
  /** Tries now; tells what came of each item. */
  send_now: { request: Nothing; response: OutboxView };
  /** Sends a held item again. */
  release_held: { request: OneDossier; response: OutboxView };
  /** Every PIN is forgotten: writes this machine's request for its drafts key to a stick. */
  ask_recovery: { request: AtFolder; response: RecoveryView };
  /** Takes the province's answer from the stick and gives a head of the counter a new PIN. */
  finish_recovery: { request: FinishRecovery; response: KioskView };
  /** Packs a finished dossier for an officer on another machine of the counter; prints its slip. */
  pack_for_officer: { request: OneDossier; response: WaitingSlipView };
  /** Takes a packed dossier back to this machine's drafts. */
  take_back: { request: OneDossier; response: HomeView };
  /** Takes the keys of the counter's machines from a stick: from then on dossiers can be packed to them. */
  pair_counters: { request: AtFolder; response: CountersView };
  /** Writes the packed dossiers, and nothing else, to a stick. */
  export_waiting: { request: AtFolder; response: WaitingOutView };
  /** Sticks and other disks that are plugged in. */
  sticks: { request: Nothing; response: SticksView };
  /** Copies every sealed dossier that is not safe at the province to a stick, and reads each copy back. */
  export_sealed: { request: AtFolder; response: ExportView };
  /** Takes in what other machines sealed, and the province's acknowledgements, from a stick. Twice is once. */
  import_sealed: { request: AtFolder; response: ImportView };
  /** Prepares a day away from the counter on a stick: catalogue, this counter's key, the province's words. No dossier. */
  prepare_day: { request: AtFolder; response: PreparedDayView };
  /** On the machine that goes: takes the day from the stick, and the counter's key with it. */
  take_day: { request: AtFolder; response: TakenDayView };
  /** Ends the day: sealed dossiers, packed ones, and what was done, onto the stick. Again tells the same again. */
  close_day: { request: AtFolder; response: ClosedDayView };
  /** At the counter: takes all of it in, and counts everything once. Twice is once. */
  merge_day: { request: AtFolder; response: MergedDayView };
  /** Writes down help that ended in no dossier. */
  record_assist: { request: RecordAssist; response: HomeView };
  /** Shows a step of the account coaching on both screens; none ends it. */
  coach: { request: ShowCoach; response: Nothing };
  /** After a consent that was refused: what to bring on paper, and which forms can be printed empty. */
  paper_path: { request: Nothing; response: PaperPathView };
  /** Prints an empty form of the procedure that was refused. */
  print_blank_form: { request: BlankForm; response: Nothing };
  /** Somebody is at the citizen's screen: the operator's does not lock meanwhile. */
  i_am_here: { request: Nothing; response: Nothing };
  /** What the citizen's screen shows now. */
  citizen_screen: { request: Nothing; response: CitizenView };
  /** Consent, in one act; refusing destroys what was captured. */
  give_consent: { request: GiveConsent; response: CitizenView };
  /** Stops, at any moment before the seal, and destroys what was captured. */
  stop_and_destroy: { request: Nothing; response: CitizenView };
  /** What came of the step that the person tried with their own hand. */
  tried_step: { request: TriedStep; response: CitizenView };
  /** "Đúng hết" for the page on screen. */
  confirm_page: { request: ConfirmPage; response: CitizenView };
  /** One answer is right. */
  confirm_answer: { request: ConfirmAnswer; response: CitizenView };
  /** The citizen writes an answer of the page on screen with their own hand. */
  write_answer: { request: WriteAnswer; response: CitizenView };
  /** What the citizen has written so far, kept in memory over a lock; none once they leave it. */
  keep_writing: { request: KeepWriting; response: Nothing };
  /** "Sai": the operator is taken to that field. */
  say_wrong: { request: OneQuestion; response: CitizenView };
  /** "Sai" after all not meant. */
  take_back_wrong: { request: OneQuestion; response: CitizenView };
  /** The second act: this is what I file. */
  confirm_filing: { request: ConfirmFiling; response: CitizenView };
  /** "I take this dossier back", or not after all. */
  confirm_withdrawal: { request: ConfirmWithdrawal; response: CitizenView };
  /** Reads the citizen's screen aloud, or one answer on it. */
  read_aloud: { request: ReadAloud; response: Nothing };
  /** Silence. */
  stop_reading: { request: Nothing; response: Nothing };
}
