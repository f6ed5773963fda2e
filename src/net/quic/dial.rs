//! Opens connections.

use super::connection::{Connection, Denied, lost};
use super::controller::Interactive;
use super::settings;
use super::talk::Talk;
use super::tls::{self, Expected};
use crate::auth::{DeviceKey, PublicKey};
use anyhow::{Context, Result, bail};
use quinn::{ConnectionError, Endpoint, TokioRuntime, TransportErrorCode};
use quinn_proto::Side;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long one address is tried alone before the next one is tried beside it (RFC 8305 §5 has 250 ms; what is tried
/// here costs less).
const HEAD_START: Duration = Duration::from_millis(100);

/// Connects to a server by whichever of its addresses answers first. Call within a runtime.
pub async fn dial(
    addresses: &[SocketAddr],
    own: &DeviceKey,
    expected: Vec<PublicKey>,
) -> Result<Connection> {
    dial_until(addresses, own, expected, latest(addresses)).await
}

/// As [`dial`], and gives up at `until`.
pub async fn dial_until(
    addresses: &[SocketAddr],
    own: &DeviceKey,
    expected: Vec<PublicKey>,
    until: Instant,
) -> Result<Connection> {
    let expected = Expected::OneOf(expected);
    let (connection, endpoint, controller) = race(addresses, own, expected, until).await?;
    Connection::dialled(connection, endpoint, controller)
}

/// Connects to a server that shows a code, whoever it is. Call within a runtime.
pub async fn dial_stranger(addresses: &[SocketAddr], own: &DeviceKey) -> Result<Talk> {
    let anybody = Expected::Anybody;
    let (connection, endpoint, _) = race(addresses, own, anybody, latest(addresses)).await?;
    Talk::begin(connection, endpoint).await
}

/// When all of the addresses have been tried for as long as they may take.
fn latest(addresses: &[SocketAddr]) -> Instant {
    let others = addresses.len().saturating_sub(1) as u32;
    Instant::now() + HEAD_START * others + PATIENCE
}

/// The first connection that stands, with its socket and what paces it.
///
/// # Errors
/// That another server answers is told before all else: it is no silence.
async fn race(
    addresses: &[SocketAddr],
    own: &DeviceKey,
    expected: Expected,
    until: Instant,
) -> Result<(quinn::Connection, Endpoint, Interactive)> {
    let mut config = tls::client(own, expected)?;
    let controller = Interactive::default();
    let transport = settings::transport(Side::Client, controller.clone());
    config.transport_config(Arc::new(transport));
    let endpoint = endpoint(addresses)?;
    let mut tries = JoinSet::new();
    for (n, address) in (0..).zip(addresses.iter().copied()) {
        let connecting = connect(endpoint.clone(), config.clone(), address);
        tries.spawn(async move {
            tokio::time::sleep(HEAD_START * n).await;
            let until = until.min(Instant::now() + PATIENCE);
            tokio::time::timeout_at(until.into(), connecting)
                .await
                .with_context(|| format!("{address} (UDP) does not answer"))?
        });
    }
    let mut failed: Option<anyhow::Error> = None;
    while let Some(tried) = tries.join_next().await {
        match tried.context("connecting")? {
            Ok(connection) => return Ok((connection, endpoint, controller)),
            Err(_) if failed.as_ref().is_some_and(anyhow::Error::is::<Denied>) => {}
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.context("there is no address to connect to")?)
}

async fn connect(
    endpoint: Endpoint,
    config: quinn::ClientConfig,
    address: SocketAddr,
) -> Result<quinn::Connection> {
    let connecting = endpoint.connect_with(config, address, tls::SERVER_NAME);
    let connecting = connecting.with_context(|| format!("cannot connect to {address}"))?;
    match connecting.await {
        Ok(connection) => Ok(connection),
        Err(ConnectionError::TransportError(error)) if is_refusal(error.code) => {
            Err(Denied::OtherKey(address).into())
        }
        // A guess, as anybody on the way may have said it: whoever listens there says no more before the handshake is done
        // (RFC 9000 §10.2.3).
        Err(ConnectionError::ConnectionClosed(close)) if turns_away(close.error_code) => {
            bail!("{address} (UDP) takes no more clients now, or is just ending: try again")
        }
        // Until both are known anybody on the way may have said that: it is nobody's word, and final for nobody.
        Err(ConnectionError::ApplicationClosed(_)) => {
            bail!("{address} (UDP) does not answer as a wt server does")
        }
        Err(error) => Err(lost(error).context(format!("cannot connect to {address}"))),
    }
}

/// Whether a server ends a handshake with that which has nothing against the client.
fn turns_away(code: TransportErrorCode) -> bool {
    [
        TransportErrorCode::CONNECTION_REFUSED,
        TransportErrorCode::APPLICATION_ERROR,
    ]
    .contains(&code)
}

/// Whether a handshake ended for the key of the other side (RFC 8446 §6.2: bad_certificate to certificate_unknown and
/// access_denied).
fn is_refusal(code: TransportErrorCode) -> bool {
    (42..=49).any(|alert| code == TransportErrorCode::crypto(alert))
}

/// A socket for connections to `addresses`, bound to no address of ours: whichever the system sends from will do.
pub(super) fn socket(addresses: &[SocketAddr]) -> io::Result<UdpSocket> {
    if addresses.iter().any(SocketAddr::is_ipv6)
        && let Ok(socket) = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))
    {
        return Ok(socket);
    }
    UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))
}

fn endpoint(addresses: &[SocketAddr]) -> Result<Endpoint> {
    let socket = socket(addresses).context("opening a UDP socket")?;
    let endpoint = Endpoint::new(
        settings::client_endpoint(),
        None,
        socket,
        Arc::new(TokioRuntime),
    );
    endpoint.context("opening a UDP socket")
}
