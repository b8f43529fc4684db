//! The kiosk's side of the wire: one connection, pinned to the province's root, and a device session.
//!
//! **Invariant:** every 2xx that matters is opened as signed bytes under the province's key, and a
//! nonce that was asked with comes back with its answer. Absent on purpose: retries (the pass decides), the database.

use crate::body::FileBody;
use crate::failure::{Call, Failure, Refused, of_refusal, of_transport};
use crate::http::{CALL_TIME_MAX, accepted, address, ask_time, body, http, nonce, plain, signed, small};
use crate::state::Link;
use crate::tls::{self, Now};
use bytes::Bytes;
use domain::ids::{DeviceId, DossierId};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, IF_NONE_MATCH};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use seal::keys::{Context, SigningKey, VerifyKey};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};
use wire::batch::{self, BatchAnswer, BatchItem};
use wire::dossier::DossierAnswer;
use wire::inventory::{InventoryAnswer, InventoryItem, InventoryRequest};
use wire::limits::CATALOGUE_BYTES_MAX;
use wire::session::{ChallengeAnswer, ChallengeRequest, SessionAnswer, SessionRequest};
use wire::sync::{SyncAnswer, SyncRequest};
use wire::time::TimeAnswer;
use wire::{ProblemCode, Sha256, header, path};

/// A catalogue comes within this, over the weakest of links that is still one.
const CATALOGUE_TIME_MAX: Duration = Duration::from_secs(5 * 60);

/// One of several forms is told "busy" without saying for how long: the least that it would have heard alone.
const BUSY_REST: Duration = Duration::from_secs(2);

struct Session {
    token: String,
    ends: Instant,
}

/// The rest of one file, to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub dossier: DossierId,
    pub sha256: Sha256,
    pub file: &'a Path,
    pub offset: u64,
    pub len: u64,
}

pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    key: VerifyKey,
    device: DeviceId,
    device_key: Arc<SigningKey>,
    session: Option<Session>,
}

fn cbor(request: RequestBuilder, body: Bytes) -> RequestBuilder {
    request
        .header(CONTENT_TYPE, header::CBOR)
        .timeout(CALL_TIME_MAX)
        .body(body)
}

impl Client {
    pub(crate) fn new(link: &Link, now: Now) -> Result<Self, Failure> {
        Ok(Self {
            http: http(tls::pinned(&link.root_der, now)?)?,
            base: link.service_url.clone(),
            key: link.signing_key,
            device: link.device,
            device_key: Arc::clone(&link.device_key),
            session: None,
        })
    }

    pub(crate) async fn time(&self) -> Result<TimeAnswer, Failure> {
        ask_time(&self.http, &self.base, &self.key).await
    }

    pub(crate) async fn sync(&mut self, request: &SyncRequest) -> Result<SyncAnswer, Failure> {
        let response = self.post(path::SYNC, request).await?;
        let answer: SyncAnswer = signed(response, &self.key, Context::Events).await?;
        if answer.nonce == request.nonce {
            Ok(answer)
        } else {
            Err(Failure::NotTheService)
        }
    }

    pub(crate) async fn inventory(&mut self, items: Vec<InventoryItem>) -> Result<InventoryAnswer, Failure> {
        let request = InventoryRequest {
            nonce: nonce()?,
            items,
        };
        let response = self.post(path::INVENTORY, &request).await?;
        let answer: InventoryAnswer = signed(response, &self.key, Context::Events).await?;
        if answer.nonce == request.nonce {
            Ok(answer)
        } else {
            Err(Failure::NotTheService)
        }
    }

    /// The province's catalogue, where it is another than the one that is held.
    pub(crate) async fn catalogue(&mut self, held: Option<Sha256>) -> Result<Option<Vec<u8>>, Failure> {
        let url = address(&self.base, path::CATALOGUE);
        let build = |http: &reqwest::Client| {
            let ask = http.get(&url).timeout(CATALOGUE_TIME_MAX);
            match held {
                Some(held) => ask.header(IF_NONE_MATCH, format!("\"{held}\"")),
                None => ask,
            }
        };
        match self.authorized(Call::Link, build).await? {
            answer if answer.status() == StatusCode::NOT_MODIFIED => Ok(None),
            answer => body(answer, CATALOGUE_BYTES_MAX).await.map(Some),
        }
    }

    /// Registers dossiers, or asks how far they are; the same any number of times. One word for each, in their order; the
    /// error is the request's own. One alone goes as a PUT.
    pub(crate) async fn put_all(
        &mut self,
        items: &[(DossierId, Bytes)],
    ) -> Result<Vec<Result<DossierAnswer, Failure>>, Failure> {
        if let [(dossier, envelope)] = items {
            return self.put(dossier, envelope).await.map(|answer| vec![Ok(answer)]);
        }
        let url = address(&self.base, path::DOSSIERS);
        let envelopes: Vec<_> = items.iter().map(|(_, envelope)| envelope).collect();
        let body = Bytes::from(batch::body(&envelopes));
        let build = |http: &reqwest::Client| cbor(http.post(&url), body.clone());
        let response = self.authorized(Call::Item, build).await?;
        let answer: BatchAnswer = plain(response).await?;
        if answer.items.len() == items.len() {
            Ok(answer.items.into_iter().map(|item| self.one_of(item)).collect())
        } else {
            Err(Failure::NotTheService)
        }
    }

    fn one_of(&self, item: BatchItem) -> Result<DossierAnswer, Failure> {
        match item {
            BatchItem::Taken(signed) => signed
                .open(&self.key, Context::Events)
                .map_err(|_| Failure::NotTheService),
            BatchItem::Refused(problem) => Err(of_refusal(
                Refused {
                    status: StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                    code: Some(problem.code),
                    // A province that is busy is so for all, and none of them is to blame.
                    retry_after: matches!(problem.code, ProblemCode::Busy | ProblemCode::TooManyRequests)
                        .then_some(BUSY_REST),
                },
                Call::Item,
            )),
        }
    }

    async fn put(&mut self, dossier: &DossierId, envelope: &Bytes) -> Result<DossierAnswer, Failure> {
        let url = address(&self.base, &path::dossier(dossier));
        let build = |http: &reqwest::Client| cbor(http.put(&url), envelope.clone());
        let response = self.authorized(Call::Item, build).await?;
        signed(response, &self.key, Context::Events).await
    }

    /// Bytes of a file that the province holds and has fsynced.
    pub(crate) async fn offset(&mut self, dossier: &DossierId, sha256: &Sha256) -> Result<u64, Failure> {
        let url = address(&self.base, &path::blob(dossier, sha256));
        let build = |http: &reqwest::Client| {
            http.head(&url)
                .header(header::UPLOAD_INTEROP, header::UPLOAD_INTEROP_VERSION)
                .timeout(CALL_TIME_MAX)
        };
        let response = self.authorized(Call::Upload, build).await?;
        let held = response
            .headers()
            .get(header::UPLOAD_OFFSET)
            .and_then(|v| v.to_str().ok()?.parse().ok());
        held.ok_or(Failure::NotTheService)
    }

    /// Streams the rest of a file. `None` where the province took it and said nothing signed: ask with a PUT.
    /// No time limit of its own: the caller watches `handed`.
    pub(crate) async fn patch(
        &mut self,
        piece: Piece<'_>,
        handed: &Arc<AtomicU64>,
    ) -> Result<Option<DossierAnswer>, Failure> {
        let url = address(&self.base, &path::blob(&piece.dossier, &piece.sha256));
        let rest = piece.len.saturating_sub(piece.offset);
        let build = |http: &reqwest::Client| {
            let body = FileBody::open(piece.file.to_owned(), piece.offset, rest, Arc::clone(handed));
            http.request(Method::PATCH, &url)
                .header(header::UPLOAD_INTEROP, header::UPLOAD_INTEROP_VERSION)
                .header(header::UPLOAD_OFFSET, piece.offset)
                .header(header::UPLOAD_COMPLETE, header::TRUE)
                .header(CONTENT_TYPE, header::PARTIAL_UPLOAD)
                .header(CONTENT_LENGTH, rest)
                .body(reqwest::Body::wrap_stream(body))
        };
        let response = self.authorized(Call::Upload, build).await?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        signed(response, &self.key, Context::Events).await.map(Some)
    }

    async fn post<T: Serialize + Sync>(&mut self, path: &str, request: &T) -> Result<Response, Failure> {
        let url = address(&self.base, path);
        self.authorized(Call::Link, |http| {
            http.post(&url).timeout(CALL_TIME_MAX).json(request)
        })
        .await
    }

    /// With the session's token; where that is refused, once more with a new one.
    async fn authorized(
        &mut self,
        call: Call,
        build: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Response, Failure> {
        let fresh = self.open_session().await?;
        let first = self.bearing(call, &build).await;
        if fresh || !matches!(first, Err(Failure::Session)) {
            return first;
        }
        self.session = None;
        self.open_session().await?;
        self.bearing(call, &build).await
    }

    async fn bearing(
        &self,
        call: Call,
        build: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Response, Failure> {
        let token = self
            .session
            .as_ref()
            .map(|s| s.token.as_str())
            .unwrap_or_default();
        let response = build(&self.http)
            .bearer_auth(token)
            .send()
            .await
            .map_err(|e| of_transport(&e))?;
        accepted(response, call).await
    }

    /// Answers whether the session is new.
    async fn open_session(&mut self) -> Result<bool, Failure> {
        if self.session.as_ref().is_some_and(|s| Instant::now() < s.ends) {
            return Ok(false);
        }
        let ask = self
            .http
            .post(address(&self.base, path::CHALLENGE))
            .json(&ChallengeRequest {
                device_id: self.device,
            });
        let challenge: ChallengeAnswer = plain(small(ask, Call::Link).await?).await?;
        let request = SessionRequest::sign(self.device, challenge.nonce, &self.device_key);
        let ask = self.http.post(address(&self.base, path::SESSION)).json(&request);
        let answer: SessionAnswer = plain(small(ask, Call::Link).await?).await?;
        let ends = Instant::now() + Duration::from_secs(answer.expires_in_s.min(24 * 60 * 60));
        self.session = Some(Session {
            token: answer.token.to_string(),
            ends,
        });
        Ok(true)
    }
}
