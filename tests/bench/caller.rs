//! A kiosk that is nothing but a line: one kept TLS connection with a device session, whose requests lie ready before a
//! clock runs and whose answers are only kept while it does. For figures about the service, where a whole kiosk on the
//! same two cores would be measured with it.

use crate::questions::{Answer, answer};
use anyhow::{Context as _, Result};
use domain::ids::DossierId;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::sync::Arc;
use sync::Link;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wire::session::{ChallengeAnswer, ChallengeRequest, SessionAnswer, SessionRequest};
use wire::{Nonce, header, path};

pub struct Caller {
    line: TlsStream<TcpStream>,
    token: Nonce,
}

impl Caller {
    /// Connects and signs in.
    pub async fn sign_in(at: SocketAddr, link: &Link) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(link.root_der.clone()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let plain = TcpStream::connect(at).await?;
        plain.set_nodelay(true)?;
        let name = ServerName::IpAddress(at.ip().into());
        let mut line = TlsConnector::from(Arc::new(config)).connect(name, plain).await?;
        let device_id = link.device;
        let challenge: ChallengeAnswer =
            post(&mut line, path::CHALLENGE, &ChallengeRequest { device_id }).await?;
        let request = SessionRequest::sign(device_id, challenge.nonce, &link.device_key);
        let session: SessionAnswer = post(&mut line, path::SESSION, &request).await?;
        Ok(Self {
            line,
            token: session.token,
        })
    }

    /// The request that brings one dossier, ready to be written.
    pub fn put(&self, dossier: &DossierId, envelope: &[u8]) -> Vec<u8> {
        let head = format!(
            "PUT {} HTTP/1.1\r\nHost: tinh\r\nAuthorization: Bearer {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            path::dossier(dossier),
            self.token,
            header::CBOR,
            envelope.len()
        );
        [head.as_bytes(), envelope].concat()
    }

    /// Writes a request and keeps its answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        self.line.write_all(request).await?;
        self.line.flush().await?;
        answer(&mut self.line).await
    }
}

async fn post<A: DeserializeOwned>(
    line: &mut TlsStream<TcpStream>,
    path: &str,
    content: &impl Serialize,
) -> Result<A> {
    let body = serde_json::to_string(content)?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: tinh\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    line.write_all(request.as_bytes()).await?;
    line.flush().await?;
    let answer = answer(line).await?;
    serde_json::from_slice(answer.body()).context("the answer is not what was asked for")
}
