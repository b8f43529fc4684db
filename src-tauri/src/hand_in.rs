//! Bytes from the operator's page: a picture of the camera, a dropped file. They pass as they are, never as JSON.
//!
//! **Invariant:** only the operator's window hands in; what comes is kept in the kiosk's memory under a handle until a
//! command uses it, and is judged by the core like any file.

use crate::opening::Door;
use crate::windows::OPERATOR;
use app::{Problem, ProblemCode};
use tauri::ipc::{InvokeBody, Request};
use tauri::webview::{PermissionKind, PermissionResponse};
use tauri::{State, WebviewWindow};

/// Keeps the body; answers its handle.
#[tauri::command]
pub async fn hand_in(
    window: WebviewWindow,
    door: State<'_, Door>,
    request: Request<'_>,
) -> Result<String, Problem> {
    if window.label() != OPERATOR {
        return Err(Problem::new(ProblemCode::NotForThisWindow));
    }
    match request.body() {
        InvokeBody::Raw(bytes) => Ok(door.kiosk().await?.hand_in(bytes.clone())?.to_string()),
        InvokeBody::Json(_) => Err(Problem::new(ProblemCode::BadRequest)),
    }
}

/// The camera is for the operator's page alone; nothing else is ever allowed to a page.
pub fn permission(label: &str, kind: PermissionKind) -> PermissionResponse {
    if label == OPERATOR && matches!(kind, PermissionKind::Camera) {
        PermissionResponse::Allow
    } else {
        PermissionResponse::Deny
    }
}

#[cfg(test)]
mod tests {
    use super::permission;
    use crate::windows::{CITIZEN, OPERATOR};
    use tauri::webview::{PermissionKind, PermissionResponse};

    #[test]
    fn only_the_operators_page_sees_through_the_camera_and_no_page_hears() {
        let allowed = |label, kind| matches!(permission(label, kind), PermissionResponse::Allow);
        assert!(allowed(OPERATOR, PermissionKind::Camera));
        assert!(!allowed(CITIZEN, PermissionKind::Camera));
        assert!(!allowed(OPERATOR, PermissionKind::Microphone));
        assert!(!allowed(OPERATOR, PermissionKind::Geolocation));
    }
}
