//! The printers of this counter: which there are, how they are, and which prints what.

use crate::access::Caller;
use crate::kiosk::App;
use crate::printing::{self, Chosen};
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::views::{PrinterCard, PrintersView};
use paper::{PrinterAddress, PrinterState, Stock};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::setting;
use ts_rs::TS;

/// Characters of an address.
const ADDRESS_MAX: usize = 200;

/// What a printer is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum PrintedWhat {
    Receipt,
    Forms,
}

/// `address` as the list gives it, `host:9100` for a printer on the network, or nothing for the machine's default.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ChoosePrinter {
    pub what: PrintedWhat,
    pub address: Option<String>,
}

pub fn printers(app: &App, _: Caller, _: Nothing) -> Result<PrintersView, Problem> {
    let chosen = printing::chosen(app)?;
    let mut all = paper::all_printers();
    // One that was chosen stays in the list while it is switched off.
    for address in [&chosen.receipt, &chosen.forms].into_iter().flatten() {
        if !all.contains(address) {
            all.push(address.clone());
        }
    }
    Ok(PrintersView {
        printers: all.iter().map(card).collect(),
        receipt: chosen.receipt.as_ref().map(key),
        forms: chosen.forms.as_ref().map(key),
        has_default: paper::find_printer().is_some(),
    })
}

fn card(address: &PrinterAddress) -> PrinterCard {
    let printer = address.printer();
    let state = printer.as_ref().map_or(PrinterState::Gone, |p| p.state());
    PrinterCard {
        address: key(address),
        name: printing::words(address),
        roll: printer.is_some_and(|p| p.stock() == Stock::Roll),
        trouble: state.trouble().map(|e| Problem::from(e).words),
    }
}

/// One text for an address, as the window hands it back.
fn key(address: &PrinterAddress) -> String {
    match address {
        PrinterAddress::Queue { name } => format!("queue:{name}"),
        PrinterAddress::Device { path } => format!("device:{path}"),
        PrinterAddress::Socket { address } => format!("socket:{address}"),
    }
}

fn address(text: &str) -> Result<PrinterAddress, Problem> {
    let text = text.trim();
    let bad = || Problem::new(ProblemCode::PrinterAddress);
    if text.is_empty() || text.len() > ADDRESS_MAX || text.chars().any(char::is_control) {
        return Err(bad());
    }
    match text.split_once(':') {
        Some(("queue", name)) if !name.is_empty() => Ok(PrinterAddress::Queue { name: name.into() }),
        // A device file and nothing else: a slip must not be written over a file of the machine.
        Some(("device", path)) if path.starts_with("/dev/") && !path.contains("..") => {
            Ok(PrinterAddress::Device { path: path.into() })
        }
        Some(("socket", rest)) => socket(rest).ok_or_else(bad),
        _ => socket(text).ok_or_else(bad),
    }
}

/// `host` or `host:port`; 9100 where none is given.
fn socket(text: &str) -> Option<PrinterAddress> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port.parse::<u16>().ok()?),
        None => (text, 9100),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    (!host.is_empty() && host.chars().all(plain) && port > 0).then(|| PrinterAddress::Socket {
        address: format!("{host}:{port}"),
    })
}

pub fn choose_printer(app: &App, caller: Caller, request: ChoosePrinter) -> Result<PrintersView, Problem> {
    let given = request.address.as_deref().map(address).transpose()?;
    let mut chosen: Chosen = printing::chosen(app)?;
    match request.what {
        PrintedWhat::Receipt => chosen.receipt = given,
        // A roll is too narrow for an official form.
        PrintedWhat::Forms if given.as_ref().is_some_and(is_roll) => {
            return Err(ProblemCode::PrinterTooNarrow.into());
        }
        PrintedWhat::Forms => chosen.forms = given,
    }
    setting::set(app.outbox().db(), setting::Name::Printers, &chosen)?;
    printers(app, caller, Nothing {})
}

fn is_roll(address: &PrinterAddress) -> bool {
    !matches!(address, PrinterAddress::Queue { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_printer_and_no_file_of_the_machine() {
        for (typed, read) in [
            ("192.168.1.50", Some("socket:192.168.1.50:9100")),
            ("192.168.1.50:9101", Some("socket:192.168.1.50:9101")),
            ("may-in-3.local", Some("socket:may-in-3.local:9100")),
            ("queue:office", Some("queue:office")),
            ("device:/dev/usb/lp0", Some("device:/dev/usb/lp0")),
            ("device:/etc/passwd", None),
            ("device:/dev/../etc/passwd", None),
            ("queue:", None),
            ("a b", None),
            ("host:99999", None),
            ("http://x", None),
            ("", None),
        ] {
            let found = address(typed).ok().map(|a| key(&a));
            assert_eq!(found.as_deref(), read, "{typed:?}");
        }
    }
}
