//! The `admin` commands: words in, words out. With `--json` one JSON document, otherwise text for a person.

mod arguments;
mod run;
mod said;

pub use arguments::{
    AdminArgs, ClerkCommand, CodeCommand, Command, DeviceCommand, DossierCommand, DurableMeans,
};
pub use run::run;
