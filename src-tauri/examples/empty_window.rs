//! The other side of a measurement: a window of the same shell with nothing in it. Ends once it has painted; as
//! `empty_window two` there are two of them, and they stay; as `empty_window text N` its one text changes N times, and
//! it prints after how many milliseconds each change was painted.

use std::io::Write as _;
use tauri::{WebviewUrl, WebviewWindowBuilder};

const PAGE: &str = "<!doctype html><title>empty</title><script>
requestAnimationFrame(() => requestAnimationFrame(() => { document.title = 'painted'; }));</script>";

/// As the keys of the measurement come: a few frames apart, each watched to the frame that paints it.
const TEXT: &str = "<!doctype html><title>empty</title><p style='font-size: 40px'>.</p><script>
const [text, painted] = [document.querySelector('p'), {}];
const pressed = [];
new MutationObserver(() => {
  const key = text.textContent;
  requestAnimationFrame(() => { painted[key] ??= Date.now(); });
}).observe(text, { subtree: true, childList: true, characterData: true });
const press = () => {
  text.textContent = `Phím ${pressed.length}`;
  pressed.push(Date.now());
  if (pressed.length < KEYS) setTimeout(press, 60); else setTimeout(told, 1000);
};
const told = () => { document.title = `delays:${pressed.map((at, n) => painted[`Phím ${n}`] - at)}`; };
setTimeout(press, 500);</script>";

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let two = words.iter().any(|word| word == "two");
    let keys = words
        .iter()
        .position(|word| word == "text")
        .and_then(|at| words.get(at + 1));
    let page = keys.map_or_else(|| PAGE.to_owned(), |keys| TEXT.replace("KEYS", keys));
    let built = tauri::Builder::default()
        .register_uri_scheme_protocol("empty", move |_, _| {
            let mut page = tauri::http::Response::new(page.as_bytes().to_vec());
            let html = tauri::http::HeaderValue::from_static("text/html; charset=utf-8");
            page.headers_mut().insert("content-type", html);
            page
        })
        .setup(move |shell| {
            let handle = shell.handle().clone();
            let url = "empty://localhost/".parse()?;
            WebviewWindowBuilder::new(shell, "empty", WebviewUrl::CustomProtocol(url))
                .inner_size(1366.0, 768.0)
                .on_document_title_changed(move |_, title| {
                    if let Some(delays) = title.strip_prefix("delays:") {
                        let _ = writeln!(std::io::stdout(), "{delays}");
                        handle.exit(0);
                    } else if title == "painted" && !two {
                        handle.exit(0);
                    }
                })
                .build()?;
            if two {
                let url = "empty://localhost/".parse()?;
                WebviewWindowBuilder::new(shell, "second", WebviewUrl::CustomProtocol(url))
                    .inner_size(1366.0, 768.0)
                    .build()?;
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(shell) => shell.run(|_, _| {}),
        Err(error) => eprintln!("{error}"),
    }
}
