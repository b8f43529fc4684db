//! Answers: signed JSON, problem documents, and JSON bodies that are refused with a problem.

use crate::ServiceError;
use crate::app::App;
use crate::limits::AWAY_SECONDS_MIN;
use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use seal::keys::Context;
use seal::signed::Signed;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use wire::header::PROBLEM_JSON;
use wire::{Problem, ProblemCode};

impl App {
    /// The province's word: JSON bytes with a signature.
    pub(super) fn signed<T: Serialize>(
        &self,
        context: Context,
        content: &T,
    ) -> Result<Json<Signed>, ServiceError> {
        Ok(Json(Signed::seal(&self.signing_key, context, content)?))
    }
}

impl IntoResponse for ServiceError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let away = match &self {
            Self::SentAway { seconds } => Some(*seconds),
            _ => None,
        };
        // Being full is no fault, and would fill the log on the very day on which it is read.
        if problem.status >= 500 && away.is_none() {
            tracing::error!(error = %self, "a request failed");
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if matches!(problem.code, ProblemCode::Busy | ProblemCode::TooManyRequests) {
            headers.insert(
                header::RETRY_AFTER,
                HeaderValue::from(away.unwrap_or(AWAY_SECONDS_MIN)),
            );
        }
        response
    }
}

/// What axum says of a body that it could not read, as a problem.
pub(super) fn unreadable(status: StatusCode) -> ServiceError {
    let code = if status == StatusCode::PAYLOAD_TOO_LARGE {
        ProblemCode::TooLarge
    } else {
        ProblemCode::Malformed
    };
    code.into()
}

impl From<JsonRejection> for ServiceError {
    fn from(rejection: JsonRejection) -> Self {
        // The rejection's text may quote the body: only its status is passed on.
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => unreadable(StatusCode::PAYLOAD_TOO_LARGE),
            _ => Self::Problem(Problem::because(
                ProblemCode::Malformed,
                "not the JSON that this path takes",
            )),
        }
    }
}

impl From<BytesRejection> for ServiceError {
    fn from(rejection: BytesRejection) -> Self {
        unreadable(rejection.status())
    }
}

/// A JSON body.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = ServiceError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let Json(body) = Json::<T>::from_request(request, app).await?;
        Ok(Self(body))
    }
}
