//! TLS as wt speaks it: version 1.3, X25519, AES-256-GCM with SHA-384, and raw Ed25519 keys on both sides (RFC 7250)
//! instead of certificates. Nothing else is offered or taken, nothing is resumed, nothing is sent early.
//!
//! A client refuses a server whose key it does not expect before it says anything. A server lets whoever proves to hold
//! a key finish the handshake; who that is, and what they may do, is decided above, before a word of theirs is read.

use crate::auth::{DeviceKey, PublicKey};
use anyhow::{Context, Result, anyhow};
use quinn::crypto::rustls::{HandshakeData, QuicClientConfig, QuicServerConfig};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::{
    CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureScheme,
};
use std::sync::Arc;

/// The protocol's name in the handshake (RFC 7301); its number changes when what follows can no longer be understood.
const ALPN: &[u8] = b"wt/1";

/// The same for strangers, who are about to be paired: nothing else is said over such a connection.
const PAIR_ALPN: &[u8] = b"wt-pair/1";

/// Every server is called this: names prove nothing here.
pub(super) const SERVER_NAME: &str = "wt";

/// Whose key a client expects of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// One of these.
    OneOf(Vec<PublicKey>),
    /// Anybody's: the two are about to be paired, and can do nothing else.
    Anybody,
}

impl Expected {
    fn protocol(&self) -> Vec<u8> {
        match self {
            Expected::OneOf(_) => ALPN.to_vec(),
            Expected::Anybody => PAIR_ALPN.to_vec(),
        }
    }
}

/// What a client needs to open connections.
pub(super) fn client(own: &DeviceKey, expected: Expected) -> Result<quinn::ClientConfig> {
    let provider = provider();
    let protocol = expected.protocol();
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Server {
            expected,
            schemes: provider.signature_verification_algorithms,
        }));
    let key = certified(own, &provider)?;
    let resolver = AlwaysResolvesClientRawPublicKeys::new(key);
    let mut config = config.with_client_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![protocol];
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    let config = QuicClientConfig::with_initial(Arc::new(config), initial()?)?;
    Ok(quinn::ClientConfig::new(Arc::new(config)))
}

/// What a server needs to take connections.
pub(super) fn server(own: &DeviceKey) -> Result<quinn::ServerConfig> {
    let provider = provider();
    let verifier = Client {
        schemes: provider.signature_verification_algorithms,
    };
    let config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(verifier));
    let key = certified(own, &provider)?;
    let resolver = AlwaysResolvesServerRawPublicKeys::new(key);
    let mut config = config.with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![ALPN.to_vec(), PAIR_ALPN.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    let config = QuicServerConfig::with_initial(Arc::new(config), initial()?)?;
    Ok(quinn::ServerConfig::with_crypto(Arc::new(config)))
}

/// Whether the other end is a stranger who wants to be paired.
pub(super) fn is_pairing(connection: &quinn::Connection) -> bool {
    let data = connection.handshake_data();
    let data = data.and_then(|data| data.downcast::<HandshakeData>().ok());
    // Without a word of the protocol there is nothing that may be done.
    data.is_none_or(|data| data.protocol.as_deref() != Some(ALPN))
}

/// The key that the other end of a connection has proved to hold.
pub(super) fn peer_key(connection: &quinn::Connection) -> Result<PublicKey> {
    let identity = connection.peer_identity().context("a peer without a key")?;
    let chain = identity.downcast::<Vec<CertificateDer>>();
    let chain = chain.map_err(|_| anyhow!("a peer without a key"))?;
    let key = chain.first().and_then(|key| PublicKey::from_spki(key));
    key.context("a peer whose key is no Ed25519 key")
}

/// Exactly one suite and one group.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        cipher_suites: vec![ring::cipher_suite::TLS13_AES_256_GCM_SHA384],
        kx_groups: vec![ring::kx_group::X25519],
        ..ring::default_provider()
    })
}

/// What protects the first packets, with keys that everybody can compute (RFC 9001 §5.2): it hides nothing and proves
/// nothing.
fn initial() -> Result<rustls::quic::Suite> {
    ring::cipher_suite::TLS13_AES_128_GCM_SHA256
        .tls13()
        .and_then(|suite| suite.quic_suite())
        .context("no suite for the first packets of a connection")
}

fn certified(own: &DeviceKey, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>> {
    let pkcs8 = PrivatePkcs8KeyDer::from(own.pkcs8());
    let key = provider.key_provider.load_private_key(pkcs8.into())?;
    let public = CertificateDer::from(own.public().spki().to_vec());
    Ok(Arc::new(CertifiedKey::new(vec![public], key)))
}

fn verify(
    message: &[u8],
    key: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    schemes: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    if signed.scheme != SignatureScheme::ED25519 {
        return Err(CertificateError::BadSignature.into());
    }
    let key = SubjectPublicKeyInfoDer::from(key.as_ref());
    rustls::crypto::verify_tls13_signature_with_raw_key(message, &key, signed, schemes)
}

fn never_older() -> Result<HandshakeSignatureValid, Error> {
    Err(Error::General("TLS 1.3 alone is spoken".into()))
}

/// What a client makes of a server's key.
#[derive(Debug)]
struct Server {
    expected: Expected,
    schemes: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Server {
    fn verify_server_cert(
        &self,
        key: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let key = PublicKey::from_spki(key).filter(|_| chain.is_empty());
        let key = key.ok_or(CertificateError::BadEncoding)?;
        match &self.expected {
            Expected::OneOf(known) if !known.contains(&key) => {
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        never_older()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify(message, key, signed, &self.schemes)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// What a server makes of a client's key: it has to be one, and the client has to hold it.
#[derive(Debug)]
struct Client {
    schemes: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for Client {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        key: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        match PublicKey::from_spki(key).filter(|_| chain.is_empty()) {
            Some(_) => Ok(ClientCertVerified::assertion()),
            None => Err(CertificateError::BadEncoding.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        never_older()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify(message, key, signed, &self.schemes)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
