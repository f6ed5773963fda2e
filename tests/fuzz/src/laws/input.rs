//! The input decoder: what the user's terminal sends.

use super::bytes::Trial;
use wt::term::input::{Decoder, InputEvent, PASTE_CHUNK};

/// How the input is cut changes nothing, pastes come in small parts, and what is not a reply is kept byte by byte.
pub fn decodes(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let step = usize::from(trial.upto(9));
    let whole = joined(events(trial.0, trial.0.len().max(1)));
    assert_eq!(whole, joined(events(trial.0, step)));
}

fn events(bytes: &[u8], step: usize) -> Vec<InputEvent> {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for part in bytes.chunks(step) {
        decoder.feed(part, 0);
        events.extend(std::iter::from_fn(|| decoder.poll()));
    }
    let mut now = 0;
    while let Some(due) = decoder.timeout() {
        assert!(due > now, "a wait that is over");
        now = due;
        decoder.tick(now);
        events.extend(std::iter::from_fn(|| decoder.poll()));
    }
    events
}

/// Parts of one paste, and unknown bytes in a row, become one event.
fn joined(events: Vec<InputEvent>) -> Vec<InputEvent> {
    let mut whole: Vec<InputEvent> = Vec::new();
    for event in events {
        match (whole.last_mut(), event) {
            (Some(InputEvent::Unknown(held)), InputEvent::Unknown(more)) => held.extend(more),
            (
                Some(InputEvent::Paste {
                    bytes: held,
                    last: held_last,
                    ..
                }),
                InputEvent::Paste {
                    bytes,
                    first: false,
                    last,
                },
            ) => {
                assert!(bytes.len() <= PASTE_CHUNK, "a long part of a paste");
                held.extend(bytes);
                *held_last = last;
            }
            (_, event) => whole.push(event),
        }
    }
    whole
}
