//! TLS 1.3 with one trust anchor, the province's own root, that works on a machine whose clock is dead.
//!
//! **Invariant:** [`pinned`] takes no certificate that does not lead to the pinned root; only [`first_contact`]
//! takes any, for the one request whose answer a person checks by six words.

use crate::failure::Failure;
use crate::time::{Floor, LocalClock};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use std::time::Duration;

/// Times that a chain may be judged at before it is refused.
const JUDGED_AT_MAX: u8 = 4;

/// The counter's clock, lifted to the floor.
#[derive(Clone)]
pub(crate) struct Now {
    pub clock: LocalClock,
    pub floor: Floor,
}

impl std::fmt::Debug for Now {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Now")
            .field("floor", &self.floor)
            .finish_non_exhaustive()
    }
}

impl Now {
    /// For enrolment, before anything is known: the machine's clock.
    pub(crate) fn of_machine() -> Self {
        Self {
            clock: Arc::new(jiff::Timestamp::now),
            floor: Floor::new(0),
        }
    }
}

impl rustls::time_provider::TimeProvider for Now {
    fn current_time(&self) -> Option<UnixTime> {
        unix(self.floor.lift((self.clock)().as_millisecond()))
    }
}

fn unix(ms: i64) -> Option<UnixTime> {
    u64::try_from(ms)
        .ok()
        .map(|ms| UnixTime::since_unix_epoch(Duration::from_millis(ms)))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn config(verifier: Arc<dyn ServerCertVerifier>, now: Now) -> Result<ClientConfig, Failure> {
    // reqwest asks for a process-wide provider in places; a second installation answers an error and is right.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = ClientConfig::builder_with_details(provider(), Arc::new(now))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| Failure::Certificate)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Trusts `root_der` and nothing else.
pub(crate) fn pinned(root_der: &[u8], now: Now) -> Result<ClientConfig, Failure> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(root_der.to_vec()))
        .map_err(|_| Failure::Certificate)?;
    let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|_| Failure::Certificate)?;
    config(
        Arc::new(AnyClock {
            chain,
            floor: now.floor.clone(),
        }),
        now,
    )
}

/// Trusts anybody, for `POST /v1/enrol` only.
pub(crate) fn first_contact() -> Result<ClientConfig, Failure> {
    config(Arc::new(Anybody(provider())), Now::of_machine())
}

/// The ordinary chain check, with a clock that may be wrong in either direction.
#[derive(Debug)]
struct AnyClock {
    chain: Arc<WebPkiServerVerifier>,
    floor: Floor,
}

impl ServerCertVerifier for AnyClock {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let floor = unix(self.floor.ms()).unwrap_or(now);
        let mut at = now;
        for _ in 0..JUDGED_AT_MAX {
            at = match self.chain.verify_server_cert(leaf, between, name, ocsp, at) {
                // Our own root vouches for it, so a certificate from the future means that this clock is behind.
                Err(Error::InvalidCertificate(CertificateError::NotValidYetContext {
                    not_before, ..
                })) => not_before,
                // This clock may be ahead: what counts is whether it had run out when the province last signed.
                Err(Error::InvalidCertificate(CertificateError::ExpiredContext { .. })) if at > floor => {
                    floor
                }
                verdict => return verdict,
            };
        }
        Err(Error::InvalidCertificate(CertificateError::Expired))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
