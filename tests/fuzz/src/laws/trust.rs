//! What decides whom to trust: the messages of a pairing, and the files of grants and hosts.

use super::bytes::Trial;
use wt::auth::bootstrap::{Answer, Ask};
use wt::auth::pairing::{Channel, Code, EXPORTER, Joining, Message, Offer, RANDOM, lan};
use wt::auth::{Address, Grant, Grants, Host, Hosts, PublicKey, Role};

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
        is_changed_in_its_own_lines(hosts);
    }
    is_granted_in_its_own_line(grants);
    let _ = (Ask::parse(&text), Answer::parse(&text), text.parse::<Code>());
}

/// A host that is put in is found as it was put, another one stays as it was, and both can be taken out again.
fn is_changed_in_its_own_lines(mut hosts: Hosts) {
    let others = |hosts: &Hosts| -> Vec<_> {
        let all = hosts.all().flatten();
        all.filter(|host| host.name != "desk").collect()
    };
    let before = others(&hosts);
    let key = hosts.find("desk").map_or(PublicKey::new([7; 32]), |host| host.key);
    let host = Host {
        name: "desk".into(),
        key,
        addresses: vec![Address::new("fd00::7", 60001)],
        last: None,
        used: Some(60),
        ssh: Some("ann@desk".into()),
        agent: hosts.find("desk").ok().and_then(|host| host.agent),
    };
    if hosts.put(&host).is_ok() {
        // What its user wrote beside it may be wrong all the same.
        if let Ok(found) = hosts.find("desk") {
            assert_eq!(found, host);
        }
        let again = Hosts::parse(&hosts.text()).expect("what was changed can be read");
        assert_eq!(others(&again), before);
        assert!(hosts.forget("desk"));
        assert_eq!(others(&hosts), before);
    }
}

/// A key that is granted something has that, whatever else the file says, until it is taken away.
fn is_granted_in_its_own_line(mut grants: Grants) {
    let key = PublicKey::new([7; 32]);
    grants.put(Grant {
        key,
        role: Role::Owner,
        name: grants.free_name("desk", key),
        added: None,
        until: Some(100),
    });
    let mut again = Grants::parse(&grants.text());
    assert!(again.check(key, 99).is_ok() && again.check(key, 100).is_err());
    again.revoke(&key.to_string());
    assert!(Grants::parse(&again.text()).check(key, 99).is_err());
}
