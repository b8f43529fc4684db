//! The province's own certificate authority and the server's certificate under it.
//!
//! Kiosks trust this one root and no other. Validity starts in 2000 and ends late on purpose: a kiosk with a dead
//! battery believes that it is 2009, and freshness comes from nonces, not from dates.

use crate::ServiceError;
use crate::limits::RESUMPTIONS_MAX;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ServerSessionMemoryCache;
use std::path::Path;
use std::sync::Arc;

/// What a new province gets.
pub struct Certificates {
    pub root_der: Vec<u8>,
    pub root_pem: String,
    pub root_key_pem: String,
    pub server_pem: String,
    pub server_key_pem: String,
}

fn params(common_name: &str, hosts: &[String], last_year: i32) -> Result<CertificateParams, ServiceError> {
    let mut params = CertificateParams::new(hosts.to_vec())?;
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = rcgen::date_time_ymd(2000, 1, 1);
    params.not_after = rcgen::date_time_ymd(last_year, 12, 31);
    Ok(params)
}

/// # Errors
/// [`ServiceError::Certificate`] where a host is no name or address.
pub fn make(name: &str, hosts: &[String]) -> Result<Certificates, ServiceError> {
    let root_key = KeyPair::generate()?;
    let mut root_params = params(&format!("Đồng Hành: {name}"), &[], 2120)?;
    root_params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root_params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root = root_params.self_signed(&root_key)?;
    let issuer = Issuer::from_params(&root_params, &root_key);

    let server_key = KeyPair::generate()?;
    let mut server_params = params("donghanh-province", hosts, 2060)?;
    server_params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server_params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server_params.use_authority_key_identifier_extension = true;
    let server = server_params.signed_by(&server_key, &issuer)?;
    Ok(Certificates {
        root_der: root.der().to_vec(),
        root_pem: root.pem(),
        root_key_pem: root_key.serialize_pem(),
        // The root goes along: a kiosk that enrols has nothing else to read it from.
        server_pem: format!("{}{}", server.pem(), root.pem()),
        server_key_pem: server_key.serialize_pem(),
    })
}

/// TLS 1.3 and nothing older, HTTP/2 before HTTP/1.1, no client certificates.
///
/// # Errors
/// [`ServiceError::Damaged`], [`ServiceError::Tls`].
pub fn server_config(certificate: &Path, key: &Path) -> Result<Arc<rustls::ServerConfig>, ServiceError> {
    let damaged = |_| ServiceError::Damaged("server certificate");
    let chain = CertificateDer::pem_file_iter(certificate)
        .map_err(damaged)?
        .collect::<Result<Vec<_>, _>>();
    let key = PrivateKeyDer::from_pem_file(key).map_err(damaged)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain.map_err(damaged)?, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A kiosk polls over a new connection each time, and has one connection: one ticket is used, the second would be
    // bytes on a commune's line.
    config.session_storage = ServerSessionMemoryCache::new(RESUMPTIONS_MAX);
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}
