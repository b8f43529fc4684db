//! The windows' types and command map, written from the one command list; a test fails when they are stale.

use crate::schema::{COMMANDS, export_types};
use std::fmt::Write;
use std::path::Path;

/// Writes every type and `commands.ts` into a folder.
///
/// # Errors
/// Where a file cannot be written.
pub fn export(to: &Path) -> Result<(), ts_rs::ExportError> {
    std::fs::create_dir_all(to).map_err(ts_rs::ExportError::Io)?;
    let config = ts_rs::Config::new().with_out_dir(to).with_large_int("number");
    export_types(&config)?;
    std::fs::write(to.join("commands.ts"), commands_ts(&config)).map_err(ts_rs::ExportError::Io)
}

fn names(types: &str) -> impl Iterator<Item = &str> {
    types
        .split(|c: char| !c.is_alphanumeric())
        .filter(|n| n.starts_with(char::is_uppercase) && *n != "Array")
}

fn commands_ts(config: &ts_rs::Config) -> String {
    let mut imports = std::collections::BTreeSet::new();
    let mut lines = String::new();
    for command in COMMANDS {
        let (request, response) = ((command.request_ts)(config), (command.response_ts)(config));
        imports.extend(names(&request).chain(names(&response)).map(str::to_owned));
        let _ = writeln!(
            lines,
            "  /**{} */\n  {}: {{ request: {request}; response: {response} }};",
            command.about, command.name
        );
    }
    let mut out =
        String::from("// Written from the command list in crates/app/src/schema.rs. Not edited by hand.\n");
    for name in imports {
        let _ = writeln!(out, "import type {{ {name} }} from \"./{name}\";");
    }
    let _ = write!(out, "\nexport interface Commands {{\n{lines}}}\n");
    out
}
