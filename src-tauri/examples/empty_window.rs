//! The other side of a measurement: a window of the same shell with nothing in it. Ends once it has painted; as
//! `empty_window two` there are two of them, and they stay.

use tauri::{WebviewUrl, WebviewWindowBuilder};

const PAGE: &str = "<!doctype html><title>empty</title><script>
requestAnimationFrame(() => requestAnimationFrame(() => { document.title = 'painted'; }));</script>";

fn main() {
    let two = std::env::args().any(|word| word == "two");
    let built = tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, _| {
            let mut page = tauri::http::Response::new(PAGE.as_bytes().to_vec());
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
                    if title == "painted" && !two {
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
