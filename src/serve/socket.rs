//! The one socket: loopback, HTTP/1, slow heads cut off, a clean end.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// How long a request's head may take, and a connection may wait for its next request.
const HEAD: Duration = Duration::from_secs(15);
/// Largest head of a request, in bytes.
const HEAD_SIZE: usize = 32 << 10;
/// Connections at a time: a browser opens six.
const CONNECTIONS: usize = 64;
/// How long answers under way may take after the wish to end.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait after a connection that could not be taken (no file handles left).
const RETRY: Duration = Duration::from_millis(100);

/// A socket on this machine's loopback.
///
/// # Errors
///
/// What the system said: the port is taken, for one.
pub async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
}

/// Answers until `end`, then lets what is under way finish.
pub async fn serve(listener: TcpListener, app: Router, end: impl Future<Output = ()>) {
    let mut end = pin!(end);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let open = GracefulShutdown::new();
    loop {
        let place = places.clone().acquire_owned();
        let next = async { (place.await, listener.accept().await) };
        tokio::select! {
            (place, accepted) = next => match accepted {
                Ok((stream, _)) => { tokio::spawn(connection(stream, app.clone(), place.ok(), open.watcher())); }
                Err(_) => tokio::time::sleep(RETRY).await,
            },
            () = &mut end => break,
        }
    }
    drop(listener);
    // Answers that take longer are given up: nothing that they were to write is half there.
    let _ = tokio::time::timeout(PATIENCE, open.shutdown()).await;
}

/// One connection; `place` is its share of [`CONNECTIONS`].
async fn connection<P>(
    stream: TcpStream,
    app: Router,
    place: P,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_SIZE)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    // A browser that leaves ends its own connection alone.
    let _ = watcher.watch(http).await;
    drop(place);
}
