//! `dh://localhost/file/{id}`: the picture of a captured paper, by its handle. Bytes never pass through JSON.
//!
//! **Invariant:** nothing is kept by the web view, and a handle that is not one is not looked up.

use crate::opening::Door;
use serde::de::DeserializeOwned;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager as _, Runtime, UriSchemeContext, UriSchemeResponder};

/// The scheme of the handles.
pub const SCHEME: &str = "dh";

/// Answers one request off the window's own thread.
pub fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    // A picture is asked for by a screen that the kiosk answered with: it is open.
    let kiosk = context
        .app_handle()
        .try_state::<Door>()
        .and_then(|door| door.now());
    let handle = handle_of(request.uri().path());
    tauri::async_runtime::spawn_blocking(move || {
        let found = kiosk
            .zip(handle)
            .and_then(|(kiosk, id)| kiosk.file_bytes(id).ok());
        responder.respond(answer(found));
    });
}

/// The handle in a path, where it is one. Which type of handle, the core says.
fn handle_of<Id: DeserializeOwned>(path: &str) -> Option<Id> {
    let text = path.strip_prefix("/file/")?;
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

fn answer(found: Option<(String, Vec<u8>)>) -> Response<Vec<u8>> {
    let (status, media, bytes) = match found {
        Some((media, bytes)) => (StatusCode::OK, media, bytes),
        None => (StatusCode::NOT_FOUND, "text/plain".to_owned(), Vec::new()),
    };
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Ok(media) = header::HeaderValue::from_str(&media) {
        headers.insert(header::CONTENT_TYPE, media);
    }
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        header::HeaderValue::from_static("nosniff"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::{answer, handle_of};
    use tauri::http::header;

    #[test]
    fn only_a_handle_is_looked_up() {
        let cases = [
            ("/file/7c9e6679-7425-40de-944b-e07fc1f90ae7", true),
            ("/file/", false),
            ("/file/../outbox.db", false),
            ("/file/7c9e6679-7425-40de-944b-e07fc1f90ae7/x", false),
            ("/other/7c9e6679-7425-40de-944b-e07fc1f90ae7", false),
        ];
        for (path, is_handle) in cases {
            assert_eq!(
                handle_of::<domain::ids::PaperFileId>(path).is_some(),
                is_handle,
                "{path}"
            );
        }
    }

    #[test]
    fn nothing_is_kept_by_the_web_view() {
        for found in [None, Some(("image/jpeg".to_owned(), vec![1, 2, 3]))] {
            let response = answer(found);
            assert_eq!(
                response.headers()[header::CACHE_CONTROL],
                "no-store",
                "{}",
                response.status()
            );
        }
    }
}
