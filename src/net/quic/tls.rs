//! TLS as wt speaks it: version 1.3, X25519, AES-256-GCM with SHA-384, and raw Ed25519 keys on both sides (RFC 7250)
//! instead of certificates. Nothing else is offered or taken, nothing is resumed, nothing is sent early.
//!
//! A client refuses a server whose key it does not expect before it says anything. A server lets whoever proves to hold
//! a key finish the handshake; who that is, and what they may do, is decided above, before a word of theirs is read.

use super::parameters::Unhurried;
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
    let config = client_with(own, expected, provider())?;
    let config = QuicClientConfig::with_initial(Arc::new(config), initial()?)?;
    let config = Unhurried(Arc::new(config));
    Ok(quinn::ClientConfig::new(Arc::new(config)))
}

fn client_with(
    own: &DeviceKey,
    expected: Expected,
    provider: Arc<CryptoProvider>,
) -> Result<ClientConfig> {
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
    Ok(config)
}

/// What a server needs to take connections.
pub(super) fn server(own: &DeviceKey) -> Result<quinn::ServerConfig> {
    let config = server_with(own, provider())?;
    let config = QuicServerConfig::with_initial(Arc::new(config), initial()?)?;
    let config = Unhurried(Arc::new(config));
    Ok(quinn::ServerConfig::with_crypto(Arc::new(config)))
}

fn server_with(own: &DeviceKey, provider: Arc<CryptoProvider>) -> Result<ServerConfig> {
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
    Ok(config)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Seed;
    use rustls::crypto::SupportedKxGroup;
    use rustls::quic::{ClientConnection, Connection, ServerConnection, Version};
    use rustls::{CipherSuite, NamedGroup, ProtocolVersion, SupportedCipherSuite};

    fn key(n: u8) -> DeviceKey {
        DeviceKey::of(&Seed::new([n; 32]))
    }

    const CLIENT: u8 = 1;
    const SERVER: u8 = 2;

    fn expected() -> Expected {
        Expected::OneOf(vec![key(9).public(), key(SERVER).public()])
    }

    fn with(
        suite: SupportedCipherSuite,
        group: &'static dyn SupportedKxGroup,
    ) -> Arc<CryptoProvider> {
        Arc::new(CryptoProvider {
            cipher_suites: vec![suite],
            kx_groups: vec![group],
            ..ring::default_provider()
        })
    }

    fn usual_client() -> ClientConfig {
        client_with(&key(CLIENT), expected(), provider()).expect("a client")
    }

    fn usual_server() -> ServerConfig {
        server_with(&key(SERVER), provider()).expect("a server")
    }

    /// Both ends after the handshake.
    fn shake(
        client: ClientConfig,
        server: ServerConfig,
    ) -> Result<(ClientConnection, ServerConnection), Error> {
        let name = ServerName::try_from(SERVER_NAME).expect("a name");
        let (client, server) = (Arc::new(client), Arc::new(server));
        let client = ClientConnection::new(client, Version::V1, name, vec![]);
        let server = ServerConnection::new(server, Version::V1, vec![]);
        let (mut client, mut server) = (Connection::Client(client?), Connection::Server(server?));
        for _ in 0..10 {
            hand_over(&mut client, &mut server)?;
            hand_over(&mut server, &mut client)?;
        }
        match (client, server) {
            (Connection::Client(client), Connection::Server(server)) => Ok((client, server)),
            _ => unreachable!("they are what they were"),
        }
    }

    fn hand_over(from: &mut Connection, to: &mut Connection) -> Result<(), Error> {
        loop {
            let mut bytes = Vec::new();
            let change = from.write_hs(&mut bytes);
            if bytes.is_empty() && change.is_none() {
                return Ok(());
            }
            to.read_hs(&bytes)?;
        }
    }

    #[test]
    fn both_ends_agree_on_what_is_spoken_and_know_each_other() {
        let (client, server) = shake(usual_client(), usual_server()).expect("a handshake");
        let suite = |suite: Option<SupportedCipherSuite>| suite.map(|suite| suite.suite());
        let aes_256 = Some(CipherSuite::TLS13_AES_256_GCM_SHA384);
        assert_eq!(suite(client.negotiated_cipher_suite()), aes_256);
        assert_eq!(suite(server.negotiated_cipher_suite()), aes_256);
        let group = |group: Option<&dyn SupportedKxGroup>| group.map(|group| group.name());
        let x25519 = Some(NamedGroup::X25519);
        assert_eq!(group(client.negotiated_key_exchange_group()), x25519);
        assert_eq!(group(server.negotiated_key_exchange_group()), x25519);
        assert_eq!(client.alpn_protocol(), Some(ALPN));
        assert_eq!(server.alpn_protocol(), Some(ALPN));
        let version = Some(ProtocolVersion::TLSv1_3);
        assert_eq!(
            (client.protocol_version(), server.protocol_version()),
            (version, version)
        );
        let known = |chain: Option<&[CertificateDer<'static>]>| {
            let [key] = chain.unwrap_or_default() else {
                panic!("one key, and nothing else");
            };
            PublicKey::from_spki(key)
        };
        assert_eq!(
            known(client.peer_certificates()),
            Some(key(SERVER).public())
        );
        assert_eq!(
            known(server.peer_certificates()),
            Some(key(CLIENT).public())
        );
        assert!(!client.is_early_data_accepted());
    }

    #[test]
    fn nothing_is_said_before_both_are_known_and_nothing_is_resumed() {
        let (client, server) = (usual_client(), usual_server());
        assert!(!client.enable_early_data);
        assert_eq!(
            (server.max_early_data_size, server.send_tls13_tickets),
            (0, 0)
        );
        // The same configuration twice, as of a client that comes again.
        let name = || ServerName::try_from(SERVER_NAME).expect("a name");
        let (client, server) = (Arc::new(client), Arc::new(server));
        for _ in 0..2 {
            let one = ClientConnection::new(client.clone(), Version::V1, name(), vec![]);
            let one = one.expect("a client");
            assert!(one.zero_rtt_keys().is_none());
            let other = ServerConnection::new(server.clone(), Version::V1, vec![]);
            let (mut one, mut other) = (
                Connection::Client(one),
                Connection::Server(other.expect("a server")),
            );
            for _ in 0..10 {
                hand_over(&mut one, &mut other).expect("a handshake");
                hand_over(&mut other, &mut one).expect("a handshake");
            }
            let kinds = [one.handshake_kind(), other.handshake_kind()];
            assert_eq!(kinds, [Some(rustls::HandshakeKind::Full); 2]);
        }
    }

    #[test]
    fn no_other_suite_or_group_is_spoken() {
        let aes_256 = ring::cipher_suite::TLS13_AES_256_GCM_SHA384;
        let others = [
            with(
                ring::cipher_suite::TLS13_AES_128_GCM_SHA256,
                ring::kx_group::X25519,
            ),
            with(
                ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
                ring::kx_group::X25519,
            ),
            with(aes_256, ring::kx_group::SECP256R1),
            with(aes_256, ring::kx_group::SECP384R1),
        ];
        for other in others {
            let client = client_with(&key(CLIENT), expected(), other.clone()).expect("a client");
            assert!(shake(client, usual_server()).is_err(), "{other:?}");
            let server = server_with(&key(SERVER), other.clone()).expect("a server");
            assert!(shake(usual_client(), server).is_err(), "{other:?}");
        }
    }

    #[test]
    fn no_other_protocol_is_spoken() {
        for other in [vec![], vec![b"wt/2".to_vec()], vec![b"h3".to_vec()]] {
            let mut client = usual_client();
            client.alpn_protocols = other.clone();
            assert!(shake(client, usual_server()).is_err(), "{other:?}");
            let mut server = usual_server();
            server.alpn_protocols = other.clone();
            assert!(shake(usual_client(), server).is_err(), "{other:?}");
        }
    }

    #[test]
    fn a_server_with_another_key_is_refused() {
        let server = server_with(&key(3), provider()).expect("a server");
        let refused = shake(usual_client(), server).map(|_| ());
        let unexpected = CertificateError::ApplicationVerificationFailure;
        assert_eq!(refused, Err(unexpected.into()));
        let nobody = Expected::OneOf(vec![]);
        let client = client_with(&key(CLIENT), nobody, provider()).expect("a client");
        assert!(shake(client, usual_server()).is_err());
        let client = client_with(&key(CLIENT), Expected::Anybody, provider());
        assert!(shake(client.expect("a client"), usual_server()).is_ok());
    }

    #[test]
    fn who_does_not_hold_the_key_that_it_shows_is_refused() {
        let false_key = || {
            let pkcs8 = PrivatePkcs8KeyDer::from(key(7).pkcs8());
            let own = provider().key_provider.load_private_key(pkcs8.into());
            let claimed = |n| CertificateDer::from(key(n).public().spki().to_vec());
            move |n| {
                Arc::new(CertifiedKey::new(
                    vec![claimed(n)],
                    own.clone().expect("a key"),
                ))
            }
        };
        let mut client = usual_client();
        let resolver = AlwaysResolvesClientRawPublicKeys::new(false_key()(CLIENT));
        client.client_auth_cert_resolver = Arc::new(resolver);
        assert!(shake(client, usual_server()).is_err());
        let mut server = usual_server();
        let resolver = AlwaysResolvesServerRawPublicKeys::new(false_key()(SERVER));
        server.cert_resolver = Arc::new(resolver);
        assert!(shake(usual_client(), server).is_err());
    }

    #[test]
    fn who_shows_no_key_is_refused() {
        let mut client = usual_client();
        client.client_auth_cert_resolver = Arc::new(Keyless);
        assert!(shake(client, usual_server()).is_err());
    }

    #[derive(Debug)]
    struct Keyless;

    impl rustls::client::ResolvesClientCert for Keyless {
        fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
            None
        }

        fn only_raw_public_keys(&self) -> bool {
            true
        }

        fn has_certs(&self) -> bool {
            false
        }
    }
}
