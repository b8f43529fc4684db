//! The citizens' look-up page, on a listener of its own: receipt number and six digits in, one word of state out.
//!
//! **Invariants:** an unknown number and a wrong secret get the same bytes after the same work; no answer holds a
//! name; the secret stands in a body only, never in an address or a log. Plain HTTP: a reverse proxy on this
//! machine brings TLS.

mod compare;
mod page;

use crate::ServiceError;
use crate::app::App;
use crate::bucket::{Bucket, Buckets};
use crate::limits::{
    LOOKUP_ADDRESS_BURST_MAX, LOOKUP_ADDRESS_REFILL, LOOKUP_ADDRESSES_MAX, LOOKUP_ALL_BURST_MAX,
    LOOKUP_ALL_REFILL, LOOKUP_BYTES_MAX, LOOKUP_STRETCHING_MAX,
};
use crate::routes::{in_time, log};
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Form, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use domain::receipt_number::ReceiptNumber;
use page::Page;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::Semaphore;

/// Who may ask how often, beside the tries of each number that the database counts.
pub struct LookupLimits {
    addresses: Mutex<Buckets<IpAddr>>,
    all: Mutex<Bucket>,
    stretching: Semaphore,
}

impl Default for LookupLimits {
    fn default() -> Self {
        let addresses = Buckets::new(
            LOOKUP_ADDRESS_BURST_MAX,
            LOOKUP_ADDRESS_REFILL,
            LOOKUP_ADDRESSES_MAX,
        );
        let all = Bucket::new(LOOKUP_ALL_BURST_MAX, LOOKUP_ALL_REFILL, Instant::now());
        Self {
            addresses: Mutex::new(addresses),
            all: Mutex::new(all),
            stretching: Semaphore::new(LOOKUP_STRETCHING_MAX),
        }
    }
}

impl LookupLimits {
    fn allow(&self, address: IpAddr) -> bool {
        let now = Instant::now();
        let one = self
            .addresses
            .lock()
            .is_ok_and(|mut buckets| buckets.take(address, now));
        one && self.all.lock().is_ok_and(|mut bucket| bucket.take(now))
    }
}

/// Everything on the citizens' listener. Paths are in both cases: QR codes are shorter in capitals.
pub fn public(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(ask).post(answer))
        .route("/T", get(ask).post(answer))
        .route("/t", get(ask).post(answer))
        .route(wire::path::LOOKUP, get(ask_for).post(answer))
        .route("/t/{number}", get(ask_for).post(answer))
        .route(page::STYLE_PATH, get(style))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(LOOKUP_BYTES_MAX))
        .layer(from_fn(in_time))
        .layer(from_fn(protect))
        .layer(from_fn(log))
        .with_state(app)
}

/// Nothing is run, framed, kept, guessed or passed on.
async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy =
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE).into_response()
}

async fn nothing(State(app): State<Arc<App>>) -> Response {
    show(
        &app,
        StatusCode::NOT_FOUND,
        &Page::Ask {
            number: None,
            hint: None,
        },
    )
}

fn show(app: &App, status: StatusCode, page: &Page) -> Response {
    (
        status,
        Html(page.html(&app.settings.name, app.settings.counter_phone.as_deref())),
    )
        .into_response()
}

async fn ask(State(app): State<Arc<App>>) -> Response {
    show(
        &app,
        StatusCode::OK,
        &Page::Ask {
            number: None,
            hint: None,
        },
    )
}

async fn ask_for(State(app): State<Arc<App>>, Path(number): Path<String>) -> Response {
    let page = match number.parse() {
        Ok(number) => Page::Ask {
            number: Some(number),
            hint: None,
        },
        Err(_) => Page::Ask {
            number: None,
            hint: Some(page::Hint::Number),
        },
    };
    show(&app, StatusCode::OK, &page)
}

/// What the form sends. No `Debug`: it holds the secret.
#[derive(serde::Deserialize)]
struct Asked {
    number: String,
    secret: String,
}

/// Whose request it is. The last hop is believed only where it is this machine's own proxy.
fn address(peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let forwarded = || {
        headers
            .get("x-forwarded-for")?
            .to_str()
            .ok()?
            .rsplit(',')
            .next()?
            .trim()
            .parse()
            .ok()
    };
    if peer.ip().is_loopback() {
        forwarded().unwrap_or(peer.ip())
    } else {
        peer.ip()
    }
}

async fn answer(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    form: Result<Form<Asked>, FormRejection>,
) -> Result<Response, ServiceError> {
    if !app.lookups.allow(address(peer, &headers)) {
        return Ok(show(&app, StatusCode::TOO_MANY_REQUESTS, &Page::TooMany));
    }
    let hinted = |number, hint| {
        Ok(show(
            &app,
            StatusCode::OK,
            &Page::Ask {
                number,
                hint: Some(hint),
            },
        ))
    };
    let Ok(Form(asked)) = form else {
        return hinted(None, page::Hint::Number);
    };
    let Ok(number) = asked.number.parse::<ReceiptNumber>() else {
        return hinted(None, page::Hint::Number);
    };
    let secret: String = asked.secret.chars().filter(|c| !c.is_whitespace()).collect();
    if secret.len() != seal::lookup::SECRET_DIGITS || !secret.bytes().all(|b| b.is_ascii_digit()) {
        return hinted(Some(number), page::Hint::Secret);
    }
    let (status, page) = match compare::compare(&app, number, secret).await? {
        compare::Found::State(state) => (StatusCode::OK, Page::State(state)),
        compare::Found::Nothing => (StatusCode::OK, Page::NotFound),
        compare::Found::TooMany => (StatusCode::TOO_MANY_REQUESTS, Page::TooMany),
    };
    Ok(show(&app, status, &page))
}
