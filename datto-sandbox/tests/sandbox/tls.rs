//! HTTPS with the sandbox's own certificate.

use std::sync::Arc;

use datto_sandbox::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Asks as somebody who trusts a root and looks for a name.
async fn ask(sandbox: &Sandbox, root: &str, name: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(sandbox.rmm_url().strip_prefix("https://").unwrap()).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream.write_all(b"GET /api/v2/system/status HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

#[tokio::test]
async fn who_trusts_the_root_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("root.pem");
    let builder =
        Sandbox::builder().devices(20).tls(true).tls_root(file.to_str().unwrap()).tls_names("sandbox, box.example.com");
    let sandbox = builder.start().await.expect("free ports");
    let root = std::fs::read_to_string(&file).unwrap();
    assert_eq!(Some(&root), sandbox.root_certificate().as_ref());
    for name in ["localhost", "127.0.0.1", "sandbox", "box.example.com"] {
        assert!(ask(&sandbox, &root, name).await.unwrap().starts_with("HTTP/1.1 200"), "{name}");
    }
    assert!(ask(&sandbox, &root, "elsewhere.example.com").await.is_err());
    let other = Sandbox::builder().devices(20).tls(true).start().await.expect("free ports");
    assert!(ask(&other, &root, "localhost").await.is_err(), "each has a root of its own");
    assert!(other.bcdr_url().starts_with("https://") && other.workplace_url().starts_with("https://"));
}

#[tokio::test]
async fn it_has_no_root_without_tls() {
    assert_eq!(Sandbox::builder().devices(20).start().await.expect("free ports").root_certificate(), None);
}
