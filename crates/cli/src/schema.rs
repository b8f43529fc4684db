//! The command list as JSON, with a JSON Schema (draft 2020-12) of every request and answer.

use serde_json::{Value, json};

/// One entry a command, in the order of the list.
pub fn all() -> Value {
    let one = |command: &app::schema::CommandInfo| {
        json!({
            "name": command.name,
            "about": command.about.trim(),
            "windows": command.windows,
            "needs": command.needs,
            "request": (command.request_schema)(),
            "response": (command.response_schema)(),
        })
    };
    Value::Array(app::COMMANDS.iter().map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::all;
    use std::collections::BTreeSet;

    #[test]
    fn every_command_stands_there_once_with_both_shapes() {
        let all = all();
        let commands = all.as_array().unwrap();
        let names: BTreeSet<&str> = commands.iter().filter_map(|c| c["name"].as_str()).collect();
        assert_eq!(
            names.len(),
            app::COMMANDS.len(),
            "a name stands twice or is missing"
        );
        for command in commands {
            for shape in ["request", "response"] {
                assert!(
                    command[shape].is_object() || command[shape].is_boolean(),
                    "{}: {shape}",
                    command["name"]
                );
            }
            assert!(
                command["windows"].is_string()
                    && command["needs"].is_string()
                    && command["about"].is_string(),
                "{command}"
            );
        }
    }
}
