//! TLS with a certificate made at start: for clients that speak to `https` alone.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::calendar;
use crate::settings::wall_clock;

const DAY_MS: i64 = 86_400_000;
/// How long a certificate is valid. Some clients refuse those of more than 825 days.
const VALID_DAYS: i64 = 365;

/// A certificate, and the root that it takes to trust it.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    /// In PEM.
    pub(crate) root: String,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// Makes a root and a certificate for this machine, the address at which the services listen, and further names.
    ///
    /// # Errors
    /// If a name cannot stand in a certificate.
    pub(crate) fn new(bind: IpAddr, names: &str) -> io::Result<Self> {
        let failed = |error: rcgen::Error| io::Error::new(io::ErrorKind::InvalidInput, format!("--tls: {error}"));
        let mut root = params(Vec::new(), "datto-sandbox root").map_err(failed)?;
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let root_key = KeyPair::generate().map_err(failed)?;
        let root_certificate = root.self_signed(&root_key).map_err(failed)?;

        let mut all = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned(), bind.to_string()];
        all.extend(names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned));
        let mut own = params(all, "datto-sandbox").map_err(failed)?;
        own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        own.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = own.signed_by(&key, &Issuer::new(root, root_key)).map_err(failed)?;

        let broken = |error: tokio_rustls::rustls::Error| io::Error::other(error);
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(broken)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .map_err(broken)?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), root: root_certificate.pem() })
    }
}

fn params(names: Vec<String>, about: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, about);
    // A day early, for machines whose clocks differ.
    let day = |moment: i64| {
        let (year, month, day) = calendar::civil(moment.div_euclid(DAY_MS));
        let part = |number| u8::try_from(number).unwrap_or(1);
        rcgen::date_time_ymd(i32::try_from(year).unwrap_or(1970), part(month), part(day))
    };
    params.not_before = day(wall_clock() - DAY_MS);
    params.not_after = day(wall_clock() + VALID_DAYS * DAY_MS);
    Ok(params)
}
