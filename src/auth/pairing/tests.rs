//! Pairing from both sides at once, with everything that may come in between.

use super::*;
use proptest::prelude::*;

const CODE: &str = "7-crossbow-lagoon";
const EXPORTED: [u8; EXPORTER] = [9; EXPORTER];

fn key(byte: u8) -> PublicKey {
    PublicKey::new([byte; 32])
}

const fn random(byte: u8) -> [u8; RANDOM] {
    [byte; RANDOM]
}

fn channel(peer: u8) -> Channel {
    Channel {
        peer: key(peer),
        exporter: EXPORTED,
    }
}

fn offer() -> Offer {
    Offer::new(CODE.parse().unwrap(), key(1), "desk", 1000)
}

fn join(code: &str, channel: Channel) -> (Joining, Message) {
    Joining::start(
        &code.parse().unwrap(),
        key(2),
        "Ann's laptop",
        channel,
        random(2),
    )
}

/// Both sides, honest but for what they were told: what either makes of it.
fn pair(
    offer: &mut Offer,
    code: &str,
    now_ms: u64,
) -> (Result<Paired, Refusal>, Result<Paired, Refusal>) {
    let (joining, start) = join(code, channel(1));
    let begun = offer.begin(&channel(2), start, random(1), now_ms);
    let (exchange, answer) = match begun {
        Ok(begun) => begun,
        Err(why) => {
            return (
                Err(why),
                joining
                    .answered(Message::Refused(why))
                    .map(|_| unreachable!()),
            );
        }
    };
    let (confirming, confirm) = joining.answered(answer).unwrap();
    match offer.finish(exchange, confirm, now_ms) {
        Ok((paired, done)) => (Ok(paired), confirming.done(done)),
        Err(why) => (Err(why), confirming.done(Message::Refused(why))),
    }
}

#[test]
fn the_right_code_makes_both_known_with_the_same_words() {
    let (server, client) = pair(&mut offer(), CODE, 1000);
    let (server, client) = (server.unwrap(), client.unwrap());
    assert_eq!(
        (server.key, server.name.as_deref()),
        (key(2), Some("Ann-s-laptop"))
    );
    assert_eq!((client.key, client.name.as_deref()), (key(1), Some("desk")));
    assert_eq!(server.words, client.words);
    insta::assert_snapshot!(server.words, @"ladder-donkey-golden-bison");
}

#[test]
fn a_wrong_code_burns_the_right_one() {
    let mut offer = offer();
    assert_eq!(
        pair(&mut offer, "7-crossbow-lantern", 1000),
        (Err(Refusal::Code), Err(Refusal::Code))
    );
    assert!(!offer.is_open());
    assert_eq!(
        pair(&mut offer, CODE, 1000),
        (Err(Refusal::Used), Err(Refusal::Used))
    );
}

#[test]
fn a_code_is_used_once() {
    let mut offer = offer();
    assert!(pair(&mut offer, CODE, 1000).0.is_ok());
    assert_eq!(pair(&mut offer, CODE, 1000).0, Err(Refusal::Used));
}

#[test]
fn another_number_is_no_try() {
    let mut offer = offer();
    assert_eq!(
        pair(&mut offer, "8-crossbow-lagoon", 1000).1,
        Err(Refusal::Number)
    );
    assert!(pair(&mut offer, CODE, 1000).0.is_ok());
}

#[test]
fn a_code_is_over_after_five_minutes_even_within_an_exchange() {
    let mut offer = offer();
    assert_eq!(pair(&mut offer, CODE, 1000 + LIFE_MS).0, Err(Refusal::Late));
    let (joining, start) = join(CODE, channel(1));
    let (exchange, answer) = offer.begin(&channel(2), start, random(1), LIFE_MS).unwrap();
    let (_, confirm) = joining.answered(answer).unwrap();
    assert_eq!(
        offer.finish(exchange, confirm, 1000 + LIFE_MS).unwrap_err(),
        Refusal::Late
    );
}

#[test]
fn of_many_guesses_at_once_only_the_first_counts() {
    let mut offer = offer();
    let guesses = [
        "7-crossbow-lantern",
        "7-crossbow-lagoon",
        "7-lantern-lagoon",
    ];
    let begun: Vec<_> = guesses
        .iter()
        .map(|code| {
            let (joining, start) = join(code, channel(1));
            let (exchange, answer) = offer.begin(&channel(2), start, random(1), 1000).unwrap();
            (exchange, joining.answered(answer).unwrap().1)
        })
        .collect();
    let outcomes: Vec<_> = begun
        .into_iter()
        .map(|(exchange, confirm)| offer.finish(exchange, confirm, 1000).map(|_| ()))
        .collect();
    assert_eq!(
        outcomes,
        [Err(Refusal::Code), Err(Refusal::Used), Err(Refusal::Used)]
    );
}

#[test]
fn beginnings_without_end_are_bounded_and_guess_nothing() {
    let mut offer = offer();
    let begin = |offer: &mut Offer| {
        let (_, start) = join("7-lantern-lantern", channel(1));
        offer.begin(&channel(2), start, random(1), 1000).map(|_| ())
    };
    let begun = (0..100).filter(|_| begin(&mut offer).is_ok()).count();
    assert_eq!(begun, 32);
    assert!(offer.is_open());
    assert_eq!(begin(&mut offer), Err(Refusal::Busy));
}

/// Whoever stands between has a connection to each side, with another key or another secret, and passes on all messages.
#[test]
fn whoever_stands_between_two_connections_proves_nothing() {
    let other_secret = Channel {
        exporter: [8; EXPORTER],
        ..channel(1)
    };
    for (to_server, to_client) in [
        (channel(2), other_secret),
        (channel(2), channel(3)),
        (channel(3), channel(1)),
    ] {
        let mut offer = offer();
        let (joining, start) = join(CODE, to_client);
        let (exchange, answer) = offer.begin(&to_server, start, random(1), 1000).unwrap();
        let (confirming, confirm) = joining.answered(answer).unwrap();
        assert_eq!(
            offer.finish(exchange, confirm, 1000).unwrap_err(),
            Refusal::Code
        );
        assert_eq!(
            confirming.done(Message::Done([0; PROOF])),
            Err(Refusal::Code)
        );
    }
}

#[test]
fn a_proof_cannot_be_given_back_to_whoever_made_it() {
    let (joining, start) = join(CODE, channel(1));
    let (_, answer) = offer()
        .begin(&channel(2), start.clone(), random(1), 1000)
        .unwrap();
    let (confirming, confirm) = joining.answered(answer).unwrap();
    let Message::Confirm(proof) = confirm else {
        panic!("{confirm:?}")
    };
    assert_eq!(confirming.done(Message::Done(proof)), Err(Refusal::Code));
    // Nor its half.
    let Message::Start(start) = start else {
        panic!("{start:?}")
    };
    let reflected = Message::Answer {
        pake: start.pake,
        name: "desk".into(),
    };
    let (joining, _) = join(CODE, channel(1));
    assert_eq!(joining.answered(reflected).err(), Some(Refusal::Nonsense));
}

#[test]
fn messages_of_another_order_or_version_are_refused() {
    let (joining, start) = join(CODE, channel(1));
    let Message::Start(first) = start.clone() else {
        panic!("{start:?}")
    };
    let newer = Message::Start(Start {
        version: VERSION + 1,
        ..first
    });
    let mut offer = offer();
    assert_eq!(
        offer.begin(&channel(2), newer, random(1), 1000).err(),
        Some(Refusal::Version)
    );
    for other in [
        Message::Confirm([0; PROOF]),
        Message::Done([0; PROOF]),
        Message::Refused(Refusal::Code),
    ] {
        let begun = offer.begin(&channel(2), other, random(1), 1000);
        assert_eq!(begun.err(), Some(Refusal::Nonsense));
    }
    let (exchange, answer) = offer
        .begin(&channel(2), start.clone(), random(1), 1000)
        .unwrap();
    assert_eq!(
        offer.finish(exchange, start.clone(), 1000).unwrap_err(),
        Refusal::Nonsense
    );
    assert!(offer.is_open(), "who proves nothing uses nothing up");
    let (confirming, _) = joining.answered(answer.clone()).unwrap();
    assert_eq!(confirming.done(answer), Err(Refusal::Nonsense));
    assert_eq!(
        join(CODE, channel(1)).0.answered(start).err(),
        Some(Refusal::Nonsense)
    );
}

#[test]
fn what_is_refused_is_said_in_one_line_each() {
    for refusal in Refusal::ALL {
        let message = Message::Refused(refusal);
        assert_eq!(Message::decode(&message.encode()), Ok(message));
        assert!(!refusal.to_string().contains('\n'));
    }
    assert_eq!(
        Message::decode(&[5, 99]),
        Ok(Message::Refused(Refusal::Nonsense))
    );
}

proptest! {
    #[test]
    fn messages_come_back_and_any_bytes_are_read_or_refused(
        number: u16,
        pake: [u8; 32],
        proof: [u8; PROOF],
        name in "[ -~]{0,64}",
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut half = [b'A'; PAKE];
        half[1..].copy_from_slice(&pake);
        let start = Start { version: VERSION, number, pake: half, name: name.clone() };
        for message in [
            Message::Start(start),
            Message::Answer { pake: half, name },
            Message::Confirm(proof),
            Message::Done(proof),
        ] {
            let encoded = message.encode();
            prop_assert!(encoded.len() <= MAX_MESSAGE);
            prop_assert_eq!(Message::decode(&encoded), Ok(message));
            for len in 0..encoded.len() {
                prop_assert!(Message::decode(&encoded[..len]).is_err());
            }
        }
        let _ = Message::decode(&bytes);
    }

    /// A flipped bit anywhere makes it come to nothing, and never to a pairing with another key or name.
    #[test]
    fn a_message_that_was_altered_pairs_nobody(which in 0usize..4, at in 0usize..200, bit in 0u8..8) {
        let mut offer = offer();
        let alter = |nth: usize, message: Message| {
            let mut bytes = message.encode();
            if nth == which {
                let len = bytes.len();
                bytes[at % len] ^= 1 << bit;
            }
            Message::decode(&bytes)
        };
        let (joining, start) = join(CODE, channel(1));
        let outcome = (|| {
            let start = alter(0, start).ok()?;
            let (exchange, answer) = offer.begin(&channel(2), start, random(1), 1000).ok()?;
            let (confirming, confirm) = joining.answered(alter(1, answer).ok()?).ok()?;
            let (paired, done) = offer.finish(exchange, alter(2, confirm).ok()?, 1000).ok()?;
            Some((paired, confirming.done(alter(3, done).ok()?).ok()))
        })();
        if let Some((_, client)) = outcome {
            prop_assert!(which == 3 && client.is_none());
        }
    }
}
