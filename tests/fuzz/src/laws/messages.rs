//! What clients and servers say to each other: streams of frames, packets, differences of views.

use super::bytes::Trial;
use wt::protocol::{FrameReader, InputReceiver, Message, View};
use wt::sync::{Endpoint, FrameNo, Reliability, Replica, Time};

/// A stream is cut into messages however it arrives, and each that is understood is written as it was read.
pub fn are_read(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let step = usize::from(trial.upto(40));
    let whole = messages(trial.0, trial.0.len().max(1));
    let cut = messages(trial.0, step);
    assert!(whole == cut, "{whole:?} {cut:?}");
    for message in whole.0 {
        let mut bytes = Vec::new();
        message.encode(&mut bytes);
        let again = messages(&bytes, bytes.len());
        assert!(
            again.0 == [message] && !again.1,
            "a message changes when it is written"
        );
    }
}

/// The messages of a stream, and whether it was refused.
fn messages(bytes: &[u8], step: usize) -> (Vec<Message>, bool) {
    let mut reader = FrameReader::default();
    let mut found = Vec::new();
    for part in bytes.chunks(step) {
        reader.push(part);
        loop {
            match reader.next_message() {
                Ok(Some(message)) => found.push(message),
                Ok(None) => break,
                Err(_) => return (found, true),
            }
        }
    }
    (found, false)
}

/// Packets are taken in or refused, in whatever order; what was received never goes back.
pub fn packets_are_read(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let mut endpoint = Endpoint::<u64>::new(match trial.byte() % 2 {
        0 => Reliability::Reliable,
        _ => Reliability::Lossy,
    });
    let (mut input, mut now) = (InputReceiver::default(), Time(0));
    while !trial.is_empty() {
        now = now.after(u64::from(trial.byte()));
        let before = endpoint.received();
        let handled = endpoint.handle(trial.piece(), &mut input, now);
        assert!(endpoint.received() >= before);
        assert!(
            handled.is_ok() || endpoint.received() == before,
            "a refused packet counts"
        );
        while input.next().is_some() {}
        assert!(
            endpoint
                .timeout()
                .is_none_or(|due| due.since(now) < 1 << 32)
        );
    }
}

/// Differences are applied or refused; a refused one changes nothing that is shown.
pub fn views_apply(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let mut view = View::default();
    let mut input = InputReceiver::default();
    for frame in 1.. {
        let base = FrameNo(u64::from(trial.byte()) % frame);
        let piece = trial.piece();
        let before = format!("{:?}", (&view.chrome, &view.surfaces));
        if view.apply(base, FrameNo(frame), piece).is_err() {
            assert_eq!(
                before,
                format!("{:?}", (&view.chrome, &view.surfaces)),
                "a refused difference shows"
            );
        }
        let rows: usize = view
            .surfaces
            .values()
            .map(|surface| surface.rows.len())
            .sum();
        assert!(rows <= 1 << 15, "a view without bound");
        let _ = input.apply(base, FrameNo(frame), piece);
        while input.next().is_some() {}
        if trial.is_empty() {
            break;
        }
    }
}
