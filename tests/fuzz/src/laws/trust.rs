//! What decides whom to trust: the messages of a pairing, and the files of grants and hosts.

use super::bytes::Trial;
use wt::auth::bootstrap::{Answer, Ask};
use wt::auth::pairing::{Channel, Code, EXPORTER, Joining, Message, Offer, RANDOM, lan};
use wt::auth::{Grants, Hosts, PublicKey};

/// Messages in any order pair nobody who does not know the code, and what is read is written as it was.
pub fn nobody_is_paired_by_chance(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let code = Code::of([1, 2, 3, 4]);
    let channel = |key| Channel {
        peer: PublicKey::new([key; 32]),
        exporter: [3; EXPORTER],
    };
    let mut offer = Offer::new(code.clone(), PublicKey::new([1; 32]), "desk", 0);
    let mut begun = None;
    while !trial.0.is_empty() {
        let piece = trial.piece();
        let _ = (lan::asked(piece), lan::Found::read(piece));
        let Ok(message) = Message::decode(piece) else {
            continue;
        };
        assert_eq!(Message::decode(&message.encode()), Ok(message.clone()));
        let (joining, _) = Joining::start(&code, PublicKey::new([2; 32]), "x", channel(1), [5; RANDOM]);
        if let Ok((confirming, _)) = joining.answered(message.clone()) {
            assert!(confirming.done(message.clone()).is_err());
        }
        match begun.take() {
            None => begun = offer.begin(&channel(2), message, [4; RANDOM], 0).ok(),
            Some((exchange, _)) => assert!(offer.finish(exchange, message, 0).is_err()),
        }
    }
}

/// Files come back as they were written, and lines from ssh are read or refused.
pub fn files_come_back(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let grants = Grants::parse(&text);
    assert_eq!(Grants::parse(&grants.text()), grants);
    for fault in grants.faults() {
        assert!(!fault.1.to_string().contains('\n'));
    }
    if let Ok(hosts) = Hosts::parse(&text) {
        hosts.all().for_each(drop);
        let again = Hosts::parse(&hosts.text()).expect("what was read can be read");
        assert_eq!(again.text(), hosts.text());
    }
    let _ = (Ask::parse(&text), Answer::parse(&text), text.parse::<Code>());
}
