//! What the windows are shown: whole values, made here, rendered there. Windows hold no state of their own.

mod capture;
mod citizen;
mod dossier;
mod event;
mod forms;
mod home;
mod kiosk;
mod leaving;
mod lookup;
mod outbox;
mod receipt;
mod stick;
mod village;

pub use capture::{
    CodeView, PageWarning, ReadTextView, ScannerView, ScannersView, TextLineView, TraySheetView, TrayView,
};
pub use citizen::{CitizenAnswer, CitizenPage, CitizenPaper, CitizenView, CitizenWrites, HalfWritten};
pub use dossier::{
    DossierView, FileView, FoundAtView, HandedOverView, HandedStepView, ListView, OfferView, OpeningView,
    PeopleView, Place, PracticeView, WayView,
};
pub use event::{
    EventAnswerView, EventDossierState, EventDossierView, EventSheet, EventView, LifeEventCard,
    LifeEventStep, LifeEventsView,
};
pub use forms::{FormCard, FormView, FormsView, PaperPathView, PaperToBring, PrinterCard, PrintersView};
pub use home::{DayView, DaysView, DraftCard, HomeView, ProcedureCard, ReturnedCard, TodayView};
pub use kiosk::{
    CatalogueSource, CatalogueView, ClockView, EnrolmentStage, EnrolmentView, KioskView, Language, LeaseView,
    LeftByView, LookView, OperatorCard,
};
pub use leaving::LeavingView;
pub use lookup::{LookUpOutcome, LookUpView, ProofVerdict, ProofView};
pub use outbox::{CopiesView, NetworkView, OutboxItemView, OutboxView};
pub use receipt::{PrintOutcome, ReceiptView};
pub use stick::{
    CountersView, ExportView, ImportView, ParcelFault, RecoveryView, StickView, SticksView, WaitingOutView,
    WaitingSlipView,
};
pub use village::{ClosedDayView, MergedDayView, PreparedDayView, TakenDayView, VillageMachineView};
