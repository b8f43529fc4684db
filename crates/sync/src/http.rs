//! HTTP as it is spoken with the province: one connection setup, bounded answers, refusals read, signatures opened.
//!
//! **Invariant:** a 200 that is not signed where a signature is due is [`Failure::NotTheService`].

use crate::failure::{Call, Failure, Refused, of_refusal, of_transport};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use seal::keys::{Context, VerifyKey};
use seal::signed::Signed;
use serde::de::DeserializeOwned;
use std::time::Duration;
use wire::time::{TimeAnswer, TimeRequest};
use wire::{Nonce, Problem, header, path};

/// A connection stands within this.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(15);
/// Any call but an upload is answered within this.
pub(crate) const CALL_TIME_MAX: Duration = Duration::from_secs(30);
/// A dead HTTP/2 connection is found within this.
const PING_EVERY: Duration = Duration::from_secs(10);
/// The longest answer that is read, bytes: a hundred events with their notes, in base64, and room.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// A service's wish to be left alone binds for at most this long.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60 * 60);

/// Builds the HTTP side for any TLS configuration.
pub(crate) fn http(tls: rustls::ClientConfig) -> Result<reqwest::Client, Failure> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(true)
        // A portal redirects; the province never does.
        .redirect(reqwest::redirect::Policy::none())
        // The pinned root would refuse any proxy that opens TLS; one that does not is the network's business.
        .no_proxy()
        .connect_timeout(CONNECT_TIME_MAX)
        .http2_keep_alive_interval(PING_EVERY)
        .http2_keep_alive_timeout(PING_EVERY)
        .pool_idle_timeout(CALL_TIME_MAX)
        .tcp_nodelay(true)
        .build()
        .map_err(|_| Failure::Certificate)
}

/// `https://province:8443/` and `https://province:8443` are the same.
pub(crate) fn address(base: &str, path: &str) -> String {
    format!("{}{path}", base.trim_end_matches('/'))
}

/// Sends a small call and reads its refusal, if it is one.
pub(crate) async fn small(request: RequestBuilder, call: Call) -> Result<Response, Failure> {
    let response = request
        .timeout(CALL_TIME_MAX)
        .send()
        .await
        .map_err(|e| of_transport(&e))?;
    accepted(response, call).await
}

pub(crate) async fn accepted(response: Response, call: Call) -> Result<Response, Failure> {
    // 304 answers a question with an entity tag, and there is no other such question.
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        return Ok(response);
    }
    let status = response.status();
    let retry_after = retry_after(response.headers());
    let is_problem = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|t| t.as_bytes().starts_with(header::PROBLEM_JSON.as_bytes()));
    let body = if is_problem {
        body(response, ANSWER_BYTES_MAX).await.unwrap_or_default()
    } else {
        Vec::new()
    };
    let code = serde_json::from_slice::<Problem>(&body).ok().map(|p| p.code);
    Err(of_refusal(
        Refused {
            status,
            code,
            retry_after,
        },
        call,
    ))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// The body, up to a limit.
pub(crate) async fn body(mut response: Response, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    let mut all = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|e| of_transport(&e))? {
        all.extend_from_slice(&piece);
        if all.len() > bytes_max {
            return Err(Failure::NotTheService);
        }
    }
    Ok(all)
}

/// Reads plain JSON: only where nothing is asserted that needs a signature.
pub(crate) async fn plain<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    serde_json::from_slice(&body(response, ANSWER_BYTES_MAX).await?).map_err(|_| Failure::NotTheService)
}

/// Opens what the province signed.
pub(crate) async fn signed<T: DeserializeOwned>(
    response: Response,
    key: &VerifyKey,
    context: Context,
) -> Result<T, Failure> {
    let signed: Signed = plain(response).await?;
    signed.open(key, context).map_err(|_| Failure::NotTheService)
}

pub(crate) fn nonce() -> Result<Nonce, Failure> {
    // Without randomness nothing may be asked; the machine itself is unwell.
    Nonce::random().map_err(|_| Failure::Disk)
}

/// `POST /v1/time`: the smallest question that only the province can answer.
pub(crate) async fn ask_time(
    http: &reqwest::Client,
    base: &str,
    key: &VerifyKey,
) -> Result<TimeAnswer, Failure> {
    let nonce = nonce()?;
    let response = small(
        http.post(address(base, path::TIME)).json(&TimeRequest { nonce }),
        Call::Link,
    )
    .await?;
    let answer: TimeAnswer = signed(response, key, Context::Time).await?;
    if answer.nonce == nonce {
        Ok(answer)
    } else {
        Err(Failure::NotTheService)
    }
}
