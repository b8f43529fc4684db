//! JSON-RPC 2.0 (jsonrpc.org/specification), one message a line, in order.
//!
//! A message may carry `"from": "citizen"` beside `"method"`: the window that it stands for. A problem of the
//! kiosk is the error -32000 with the whole [`Problem`] as its data. Absent on purpose: batches.

use app::{App, AppEvent, Caller, Problem, ProblemCode, Window, dispatch};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{self, BufRead, Read, Write};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// One message, bytes: far above the longest answer that a field keeps.
const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;
/// The specification leaves -32000 to -32099 to the application.
const PROBLEM: i32 = -32000;

#[derive(Deserialize)]
struct Message {
    jsonrpc: String,
    /// Absent in a notification: it is done and not answered.
    #[serde(default, deserialize_with = "present")]
    id: Option<Value>,
    method: String,
    #[serde(default)]
    params: Value,
    #[serde(default)]
    from: Option<Window>,
}

/// `"id": null` is an id; no `id` at all is none.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

fn error(id: &Value, code: i32, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

/// A problem of the kiosk as an error; its message is the Vietnamese sentence.
pub fn refusal(id: &Value, problem: &Problem) -> Value {
    // Everything else is the kiosk's own problem, told by its code in the data.
    let code = if problem.code == ProblemCode::UnknownCommand {
        METHOD_NOT_FOUND
    } else if problem.code == ProblemCode::BadRequest {
        INVALID_PARAMS
    } else {
        PROBLEM
    };
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": problem.words.vi, "data": problem } })
}

fn say(message: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{message}")?;
    out.flush()
}

/// Answers messages until the input ends.
pub fn answer_lines(kiosk: &App, default: Caller, mut input: impl BufRead) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        let whole = line.ends_with(b"\n") || u64::try_from(read).is_ok_and(|n| n < LINE_BYTES_MAX);
        if !whole {
            skip_line(&mut input)?;
            say(&error(&Value::Null, PARSE_ERROR, "the message is too long"))?;
            continue;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if let Some(answer) = answer(
            &line,
            |caller, method, params| dispatch(kiosk, caller, method, params),
            default,
        ) {
            say(&answer)?;
        }
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let piece = input.fill_buf()?;
        let end = piece.iter().position(|b| *b == b'\n');
        let (len, done) = (
            end.map_or(piece.len(), |at| at + 1),
            end.is_some() || piece.is_empty(),
        );
        input.consume(len);
        if done {
            return Ok(());
        }
    }
}

/// One message in, at most one out.
fn answer(
    line: &[u8],
    act: impl FnOnce(Caller, &str, Value) -> Result<Value, Problem>,
    default: Caller,
) -> Option<Value> {
    let Ok(value) = serde_json::from_slice::<Value>(line) else {
        return Some(error(&Value::Null, PARSE_ERROR, "the message is not JSON"));
    };
    let id = value.get("id").cloned().unwrap_or(Value::Null);
    let message = match serde_json::from_value::<Message>(value) {
        Ok(message) if message.jsonrpc == "2.0" => message,
        Ok(_) | Err(_) => {
            return Some(error(
                &id,
                INVALID_REQUEST,
                "the message is not a JSON-RPC 2.0 request",
            ));
        }
    };
    let caller = message.from.map_or(default, |window| Caller { window });
    let result = act(caller, &message.method, message.params);
    let id = message.id?;
    Some(match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(problem) => refusal(&id, &problem),
    })
}

/// Sends on what the kiosk tells its windows.
pub async fn forward(mut told: Receiver<AppEvent>) {
    loop {
        match told.recv().await {
            Ok(event) => {
                let line = json!({ "jsonrpc": "2.0", "method": "event", "params": event });
                if say(&line).is_err() {
                    return;
                }
            }
            // Who fell behind asks for the whole view; the events themselves carry whole views.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(line: &str) -> Option<Value> {
        let act = |caller: Caller, method: &str, params: Value| match method {
            "echo" => Ok(json!({ "window": caller.window, "params": params })),
            "bad" => Err(Problem::new(ProblemCode::BadRequest)),
            "pin" => Err(Problem::new(ProblemCode::WrongPin)),
            _ => Err(Problem::new(ProblemCode::UnknownCommand)),
        };
        answer(line.as_bytes(), act, Caller::OPERATOR)
    }

    #[test]
    fn every_failure_has_the_code_of_the_specification() {
        let table = [
            ("{", PARSE_ERROR),
            ("[]", INVALID_REQUEST),
            (r#"{"jsonrpc":"1.0","id":1,"method":"echo"}"#, INVALID_REQUEST),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"echo","from":"nobody"}"#,
                INVALID_REQUEST,
            ),
            (r#"{"jsonrpc":"2.0","id":1,"method":"nothing"}"#, METHOD_NOT_FOUND),
            (r#"{"jsonrpc":"2.0","id":1,"method":"bad"}"#, INVALID_PARAMS),
            (r#"{"jsonrpc":"2.0","id":1,"method":"pin"}"#, PROBLEM),
        ];
        for (line, code) in table {
            assert_eq!(ask(line).unwrap()["error"]["code"], code, "{line}");
        }
        let wrong_pin = ask(r#"{"jsonrpc":"2.0","id":7,"method":"pin"}"#).unwrap();
        assert_eq!(wrong_pin["error"]["data"]["code"], "wrong_pin");
        assert_eq!(
            wrong_pin["error"]["message"],
            wrong_pin["error"]["data"]["words"]["vi"]
        );
    }

    #[test]
    fn the_window_is_told_beside_the_method_and_a_notification_is_not_answered() {
        let own =
            ask(r#"{"jsonrpc":"2.0","id":"a","method":"echo","params":{"x":1},"from":"citizen"}"#).unwrap();
        assert_eq!(
            own["result"],
            json!({ "window": "citizen", "params": { "x": 1 } })
        );
        assert_eq!(own["id"], "a");
        assert_eq!(
            ask(r#"{"jsonrpc":"2.0","id":null,"method":"echo"}"#).unwrap()["result"]["window"],
            "operator"
        );
        assert_eq!(ask(r#"{"jsonrpc":"2.0","method":"echo"}"#), None);
    }

    #[test]
    fn a_line_without_end_is_skipped_and_the_next_one_is_read() {
        let mut input = io::BufReader::new(&b"xxxxxxxx\nnext\n"[..]);
        skip_line(&mut input).unwrap();
        let mut rest = String::new();
        input.read_line(&mut rest).unwrap();
        assert_eq!(rest, "next\n");
    }
}
