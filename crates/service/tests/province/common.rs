//! A real province on free ports, and kiosks that speak to it through TLS with the pinned root alone.

use domain::ids::{DeviceId, DeviceNo, DossierId};
use domain::receipt_number::ReceiptNumber;
use domain::sealed_form::SealedForm;
use domain::withdrawal::{Ground, SealedWithdrawal, WITHDRAWAL_VERSION};
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use seal::certificate::{DeviceCertificate, DeviceClass};
use seal::envelope::SealedDossier;
use seal::keys::{Context, SigningKey};
use seal::manifest::{BlobRecord, CapturedAt, Kind, Manifest};
use seal::signed::Signed;
use service::admin::Admin;
use service::{Clock, Running, ServeOptions, Service};
use sha2::Digest;
use std::sync::{Arc, Mutex};
use wire::dossier::DossierAnswer;
use wire::enrol::{EnrolOffer, EnrolRequest, EnrolState};
use wire::session::{ChallengeAnswer, SessionAnswer, SessionRequest};
use wire::{Nonce, Problem, ProblemCode, Sha256, header, path};

/// A clock that a test sets.
#[derive(Clone)]
pub struct TestClock(Arc<Mutex<Timestamp>>);

impl TestClock {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new("2026-11-22T02:00:00Z".parse().unwrap())))
    }

    pub fn clock(&self) -> Clock {
        let time = Arc::clone(&self.0);
        Arc::new(move || *time.lock().unwrap())
    }

    pub fn forward(&self, by: jiff::SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }
}

pub struct Province {
    pub dir: tempfile::TempDir,
    pub clock: TestClock,
    pub running: Running,
    pub client: Client,
}

pub fn client(root_der: &[u8]) -> Client {
    // A second installation in the same process changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let root = reqwest::Certificate::from_der(root_der).unwrap();
    Client::builder()
        .tls_certs_only([root])
        .no_proxy()
        .build()
        .unwrap()
}

impl Province {
    pub async fn start() -> Self {
        Self::on(tempfile::tempdir().unwrap(), TestClock::new()).await
    }

    async fn serve(dir: &tempfile::TempDir, clock: &TestClock) -> Running {
        let mut options = ServeOptions::local(dir.path().join("data"));
        options.clock = clock.clock();
        options.init.counter_phone = Some("0219 386 0000".into());
        Service::start(options).await.unwrap()
    }

    /// Serves a directory that is there already.
    pub async fn on(dir: tempfile::TempDir, clock: TestClock) -> Self {
        let running = Self::serve(&dir, &clock).await;
        let client = client(&running.root_der);
        Self {
            dir,
            clock,
            running,
            client,
        }
    }

    /// Stops and starts again on the same directory, on new ports.
    pub async fn restart(self) -> Self {
        self.running.stop().await;
        let running = Self::serve(&self.dir, &self.clock).await;
        Self { running, ..self }
    }

    pub fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    pub fn admin(&self) -> Admin {
        Admin::open_at(self.data(), self.clock.clock()).unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.kiosk_url)
    }

    pub async fn enrol(&self, request: &EnrolRequest) -> Response {
        self.client
            .post(self.url(path::ENROL))
            .json(request)
            .send()
            .await
            .unwrap()
    }

    /// A kiosk from code to session. All of them stand at one counter.
    pub async fn kiosk(&self, seed: u8) -> Kiosk {
        self.kiosk_of(seed, COUNTER).await
    }

    pub async fn kiosk_of(&self, seed: u8, counter: &str) -> Kiosk {
        let code = self.admin().new_code().unwrap().code;
        let key = SigningKey::from_seed(&[seed; 32]);
        let id = DeviceId(uuid::Uuid::from_bytes([seed; 16]));
        let asked = EnrolRequest {
            counter_name: counter.into(),
            ..request(&code, &key, id)
        };
        let response = self.enrol(&asked).await;
        assert_eq!(response.status(), StatusCode::OK);
        let offer: EnrolOffer = response.json().await.unwrap();
        self.admin().approve_device(&id).unwrap();
        let state = self
            .client
            .get(self.url(&path::enrol_state(&offer.ticket)))
            .send()
            .await
            .unwrap();
        let EnrolState::Approved {
            certificate,
            device_epoch,
        } = state.json().await.unwrap()
        else {
            panic!("approved")
        };
        let certificate: DeviceCertificate = certificate
            .open(&offer.signing_key, Context::DeviceCertificate)
            .unwrap();
        assert_eq!(certificate.key, key.verify_key());
        let token = self.sign_in(&key, id).await.unwrap();
        Kiosk {
            key,
            id,
            number: certificate.number,
            offer,
            device_epoch,
            token,
        }
    }

    pub async fn challenge(&self, id: DeviceId) -> Nonce {
        let body = wire::session::ChallengeRequest { device_id: id };
        let response = self
            .client
            .post(self.url(path::CHALLENGE))
            .json(&body)
            .send()
            .await
            .unwrap();
        response.json::<ChallengeAnswer>().await.unwrap().nonce
    }

    pub async fn sign_in(&self, key: &SigningKey, id: DeviceId) -> Result<Nonce, Problem> {
        let body = SessionRequest::sign(id, self.challenge(id).await, key);
        let response = self
            .client
            .post(self.url(path::SESSION))
            .json(&body)
            .send()
            .await
            .unwrap();
        match response.status() {
            StatusCode::OK => Ok(response.json::<SessionAnswer>().await.unwrap().token),
            _ => Err(problem(response).await),
        }
    }

    pub async fn put(&self, kiosk: &Kiosk, id: &DossierId, body: Vec<u8>) -> Response {
        let request = self
            .client
            .put(self.url(&path::dossier(id)))
            .header("content-type", header::CBOR);
        request.bearer_auth(kiosk.token).body(body).send().await.unwrap()
    }

    /// PUTs a dossier and opens the signed answer.
    pub async fn put_dossier(&self, kiosk: &Kiosk, dossier: &Sealed) -> (StatusCode, DossierAnswer) {
        let response = self
            .put(kiosk, &dossier.id(), dossier.envelope.to_bytes().unwrap())
            .await;
        (response.status(), kiosk.answer(response).await)
    }

    pub fn blob(&self, kiosk: &Kiosk, method: &str, dossier: &Sealed, at: usize) -> RequestBuilder {
        let path = path::blob(&dossier.id(), &Sha256(dossier.blobs[at].1.sha256));
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self
            .client
            .request(method, self.url(&path))
            .bearer_auth(kiosk.token);
        request.header(header::UPLOAD_INTEROP, header::UPLOAD_INTEROP_VERSION)
    }

    pub async fn offset(&self, kiosk: &Kiosk, dossier: &Sealed, at: usize) -> (u64, bool) {
        let response = self.blob(kiosk, "HEAD", dossier, at).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(
            response.headers()[header::UPLOAD_LENGTH],
            dossier.blobs[at].1.len.to_string()
        );
        (
            offset_of(&response),
            response.headers()[header::UPLOAD_COMPLETE] == header::TRUE,
        )
    }

    pub async fn patch(
        &self,
        kiosk: &Kiosk,
        dossier: &Sealed,
        at: usize,
        offset: u64,
        complete: bool,
        body: impl Into<reqwest::Body>,
    ) -> reqwest::Result<Response> {
        self.blob(kiosk, "PATCH", dossier, at)
            .header("content-type", header::PARTIAL_UPLOAD)
            .header(header::UPLOAD_OFFSET, offset)
            .header(
                header::UPLOAD_COMPLETE,
                if complete { header::TRUE } else { header::FALSE },
            )
            .body(body)
            .send()
            .await
    }

    /// Everything at once, to the acknowledgement.
    pub async fn deliver(&self, kiosk: &Kiosk, dossier: &Sealed) -> DossierAnswer {
        let mut last = self.put_dossier(kiosk, dossier).await.1;
        for (at, (bytes, _)) in dossier.blobs.iter().enumerate() {
            let response = self
                .patch(kiosk, dossier, at, 0, true, bytes.clone())
                .await
                .unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            last = kiosk.answer(response).await;
        }
        assert!(last.acknowledgement.is_some());
        last
    }
}

pub fn offset_of(response: &Response) -> u64 {
    response.headers()[header::UPLOAD_OFFSET]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

pub async fn problem(response: Response) -> Problem {
    assert_eq!(response.headers()["content-type"], header::PROBLEM_JSON);
    let status = response.status().as_u16();
    let problem: Problem = response.json().await.unwrap();
    assert_eq!(problem.status, status);
    problem
}

pub async fn code_of(response: Response) -> ProblemCode {
    problem(response).await.code
}

pub fn request(code: &str, key: &SigningKey, id: DeviceId) -> EnrolRequest {
    EnrolRequest {
        code: code.into(),
        device_key: key.verify_key(),
        device_id: id,
        class: DeviceClass::CounterSoftware,
        counter_name: COUNTER.into(),
        hostname_hint: Some("quay-2".into()),
    }
}

pub struct Kiosk {
    pub key: SigningKey,
    pub id: DeviceId,
    pub number: DeviceNo,
    pub offer: EnrolOffer,
    pub device_epoch: u64,
    pub token: Nonce,
}

impl Kiosk {
    pub async fn answer(&self, response: Response) -> DossierAnswer {
        let signed: Signed = response.json().await.unwrap();
        signed.open(&self.offer.signing_key, Context::Events).unwrap()
    }

    /// A sealed dossier with files of these lengths; `count` is the receipt's.
    pub fn seal(&self, count: u32, lengths: &[usize]) -> Sealed {
        self.seal_as(DossierId(seal::random::uuid().unwrap()), count, lengths)
    }

    /// A withdrawal of a dossier, sealed by this kiosk at this place of its chain.
    pub fn withdraw(&self, place: u32, dossier: &Sealed) -> Sealed {
        self.withdraw_as(place, dossier, |_| {})
    }

    /// With the manifest spoilt by `change`.
    pub fn withdraw_as(&self, place: u32, dossier: &Sealed, change: impl FnOnce(&mut Manifest)) -> Sealed {
        let id = DossierId(seal::random::uuid().unwrap());
        let inside = SealedWithdrawal {
            version: WITHDRAWAL_VERSION,
            withdrawal: id,
            takes_back: dossier.id(),
            manifest_sha256: data_encoding::HEXLOWER.encode(&dossier.envelope.sha256()),
            receipt_number: dossier.manifest.receipt_number.clone(),
            ground: Ground::Asked,
            act: Some(domain::consent::ConsentAct::OwnScreen),
            witness: None,
            by: domain::roles::Helper {
                operator: domain::ids::OperatorId(uuid::Uuid::from_bytes([5; 16])),
                role: domain::roles::OperatorRole::Officer,
            },
            at: "2026-11-22T02:00:00Z".parse().unwrap(),
        };
        let operator = SigningKey::from_seed(&[77; 32]);
        let mut manifest = Manifest {
            dossier: *id.as_bytes(),
            device: *self.id.as_bytes(),
            device_epoch: self.device_epoch,
            device_seq: u64::from(place),
            kind: Kind::Void,
            sealed_form: seal::form::seal_withdrawal(&inside, &self.offer.recipients).unwrap(),
            blobs: Vec::new(),
            lookup_tag: [0; 32],
            parent: Some(*dossier.id().as_bytes()),
            ..dossier.manifest.clone()
        };
        change(&mut manifest);
        let envelope = SealedDossier::sign(&manifest, &self.key, &operator).unwrap();
        Sealed {
            manifest,
            envelope,
            blobs: Vec::new(),
            readable: Vec::new(),
        }
    }

    pub fn seal_as(&self, id: DossierId, count: u32, lengths: &[usize]) -> Sealed {
        self.seal_form(id, count, lengths, |_| {})
    }

    /// With another form inside.
    pub fn seal_form(
        &self,
        id: DossierId,
        count: u32,
        lengths: &[usize],
        change: impl FnOnce(&mut SealedForm),
    ) -> Sealed {
        let readable: Vec<Vec<u8>> = lengths
            .iter()
            .map(|len| vec![u8::try_from(len % 251).unwrap(); *len])
            .collect();
        let blobs: Vec<(Vec<u8>, BlobRecord)> = readable
            .iter()
            .map(|bytes| {
                let (record, sealed) = seal::blob::seal(bytes, &self.offer.recipients, Vec::new()).unwrap();
                (sealed, record)
            })
            .collect();
        let mut form = form(id, &readable, &blobs);
        change(&mut form);
        let operator = SigningKey::from_seed(&[77; 32]);
        let manifest = Manifest {
            version: 1,
            dossier: *id.as_bytes(),
            device: *self.id.as_bytes(),
            device_epoch: self.device_epoch,
            device_seq: u64::from(count),
            previous: [0; 32],
            receipt_number: ReceiptNumber::new(self.number, count).unwrap().to_string(),
            procedure_code: form.procedure.as_str().into(),
            procedure_version: "2026-11".into(),
            procedure_sha256: [3; 32],
            captured_at: CapturedAt {
                wall_ms: 1_230_768_000_000,
                last_province_ms: 0,
                low_trust: true,
            },
            kind: Kind::New,
            sealed_form: seal::form::seal(&form, &self.offer.recipients).unwrap(),
            blobs: blobs.iter().map(|(_, record)| record.clone()).collect(),
            lookup_tag: seal::lookup::tag(SECRET, &id).unwrap(),
            operator: [5; 16],
            operator_key: *operator.verify_key().as_bytes(),
            parent: None,
            catalogue_sha256: None,
        };
        let envelope = SealedDossier::sign(&manifest, &self.key, &operator).unwrap();
        Sealed {
            manifest,
            envelope,
            blobs,
            readable,
        }
    }
}

/// Where every kiosk stands that is not asked to stand elsewhere.
pub const COUNTER: &str = "Bộ phận Một cửa phường An Bình, quầy 2";

/// The look-up secret of every dossier here.
pub const SECRET: &str = "135790";

pub struct Sealed {
    pub manifest: Manifest,
    pub envelope: SealedDossier,
    /// Encrypted bytes and their record.
    pub blobs: Vec<(Vec<u8>, BlobRecord)>,
    pub readable: Vec<Vec<u8>>,
}

impl Sealed {
    pub fn id(&self) -> DossierId {
        self.manifest.dossier_id()
    }

    pub fn sha256(&self) -> Sha256 {
        Sha256(self.envelope.sha256())
    }
}

fn form(id: DossierId, readable: &[Vec<u8>], blobs: &[(Vec<u8>, BlobRecord)]) -> SealedForm {
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes));
    let files: Vec<_> = readable
        .iter()
        .zip(blobs)
        .map(|(bytes, (_, record))| {
            serde_json::json!({ "id": seal::random::uuid().unwrap(), "blob": record.name(), "readable_sha256": hex(bytes),
                "media": "image/jpeg", "bytes": bytes.len(), "pages": 1 })
        })
        .collect();
    let helper = serde_json::json!({ "operator": uuid::Uuid::from_bytes([5; 16]), "role": "officer" });
    serde_json::from_value(serde_json::json!({
        "version": 1, "dossier": id, "procedure": "1.001193", "procedure_version": "2026-11",
        "procedure_sha256": "03".repeat(32),
        "roles": { "subject": { "name": "Lò Thị Bông", "id_number": null },
            "filer": { "name": "Lò Văn Pản", "id_number": "001099000000" }, "relation": "father",
            "helpers": [], "receiver": helper },
        "consent": { "notice_version": "2026-11-1", "notice": "…", "scope": "this dossier", "act": "own_screen",
            "given_at": "2026-11-22T01:50:00Z" },
        "filing_confirmed": { "act": "own_screen", "at": "2026-11-22T01:58:00Z" },
        "answers": [{ "question": "child_name", "kind": "text", "value": "Lò Thị Bông", "source": "typed",
            "confirmed": true, "upstream": null }],
        "components": [{ "component": "birth_paper", "name": "Giấy chứng sinh", "original": "returned", "files": files }],
        "ledger": []
    }))
    .unwrap()
}
