//! Scrolling back over links that take their time: what lies around the place has come before it is wanted.

use super::support::pager::{Ahead, Pager};
use proptest::prelude::*;
use wt::sync::wire::{Conditions, Order};
use wt::term::Size;

const SIZE: Size = Size { rows: 24, cols: 80 };
const COPY_MODE: &[u8] = b"\x02[";
const PAGE_UP: &[u8] = b"\x1b[5~";
const WHEEL_UP: &[u8] = b"\x1b[<64;5;5M";

fn link(round_trip: u64, loss: u32) -> Conditions {
    Conditions {
        delay: round_trip / 2,
        loss,
        ..Conditions::default()
    }
}

/// How many of a thousand presses of `key`, one each `gap` ms, show at once, and the bytes that each cost.
fn pressed(link: &Conditions, (key, presses, gap): (&[u8], u64, u64), ahead: Ahead) -> (u64, u64) {
    let (mut at_once, mut all, mut bytes) = (0, 0, 0);
    for seed in 0..5 {
        let mut pager = Pager::new(link, SIZE, ahead, seed);
        pager.press(COPY_MODE);
        pager.wait(1000);
        let before = pager.bytes();
        for _ in 0..presses {
            pager.press(key);
            all += 1;
            at_once += u64::from(pager.is_there());
            pager.assert_right();
            pager.wait(gap);
            pager.assert_right();
        }
        pager.wait(3000);
        assert!(pager.is_there());
        pager.assert_right();
        bytes += pager.bytes() - before;
    }
    (at_once * 1000 / all, bytes / all)
}

#[test]
fn pages_show_at_once_over_a_slow_link_that_loses_some() {
    let link = link(200, 50);
    let hand = (PAGE_UP, 40, 150);
    let (without, _) = pressed(&link, hand, Ahead::Never);
    let (with, bytes) = pressed(&link, hand, Ahead::Sent);
    eprintln!("shown at once: {without} of a thousand without, {with} with; {bytes} bytes a page");
    assert_eq!(without, 0);
    assert!(with >= 950, "{with}");
}

#[test]
fn a_page_costs_what_it_shows_and_nothing_twice() {
    let link = link(100, 0);
    let hand = (PAGE_UP, 40, 400);
    let (_, without) = pressed(&link, hand, Ahead::Never);
    let (at_once, with) = pressed(&link, hand, Ahead::Sent);
    // What was fetched before the first press is not counted, what is left over after the last one is.
    eprintln!("{without} bytes a page without, {with} with");
    // It comes in a packet of its own, behind the one that answers the key.
    assert!(
        at_once == 1000 && with <= without + 150,
        "{at_once} {with} {without}"
    );
}

#[test]
fn the_wheel_turns_at_once_and_back() {
    for (link, least) in [
        (link(50, 0), 990),
        (link(200, 200), 900),
        (link(500, 20), 900),
    ] {
        let (at_once, _) = pressed(&link, (WHEEL_UP, 60, 60), Ahead::Sent);
        eprintln!(
            "{} ms, {} ‰: {at_once} of a thousand turns at once",
            2 * link.delay,
            link.loss
        );
        assert!(at_once >= least, "{link:?}: {at_once}");
    }
}

#[test]
fn what_is_held_stays_small() {
    let mut pager = Pager::new(
        &link(500, 0),
        Size {
            rows: 80,
            cols: 200,
        },
        Ahead::Sent,
        1,
    );
    pager.press(COPY_MODE);
    for _ in 0..30 {
        pager.press(PAGE_UP);
        pager.wait(300);
    }
    assert!((300..=512).contains(&pager.held), "{}", pager.held);
}

#[test]
fn a_program_that_prints_carries_nothing_along_again_and_again() {
    let bytes = |ahead| {
        let mut pager = Pager::new(&link(200, 50), SIZE, ahead, 3);
        pager.press(COPY_MODE);
        pager.wait(1000);
        for line in 0..300 {
            if line % 50 == 0 {
                pager.press(PAGE_UP);
            }
            pager.print(format!("line {line} of a flood\r\n").as_bytes());
            pager.wait(10);
        }
        let bytes = pager.bytes();
        pager.wait(3000);
        pager.assert_right();
        bytes
    };
    let (without, with) = (bytes(Ahead::Never), bytes(Ahead::Sent));
    assert!(with < without + 20_000, "{with} {without}");
}

#[test]
fn nothing_is_blank_on_the_way_and_nothing_is_sent_to_who_has_left() {
    let mut pager = Pager::new(&link(300, 100), SIZE, Ahead::Sent, 2);
    for key in [WHEEL_UP, PAGE_UP, PAGE_UP] {
        pager.press(key);
        for _ in 0..200 {
            pager.wait(1);
            assert_eq!(pager.rows(), 24);
        }
    }
    pager.press(COPY_MODE);
    pager.press(b"q");
    pager.wait(1000);
    let before = pager.bytes();
    pager.wait(3000);
    assert!(pager.bytes() < before + 200, "{}", pager.bytes() - before);
}

/// What the user may do in copy mode, and how long it takes until the next.
fn acts() -> impl Strategy<Value = Vec<(&'static [u8], u64)>> {
    let key = prop_oneof![
        6 => Just(PAGE_UP),
        4 => Just(b"\x1b[6~".as_slice()),
        3 => Just(b"\x15".as_slice()),
        3 => Just(b"\x04".as_slice()),
        4 => Just(WHEEL_UP),
        3 => Just(b"\x1b[<65;5;5M".as_slice()),
        2 => Just(b"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk".as_slice()),
        2 => Just(b"jjjjjjjjjjjjjjjjjjjjjjjjjjjjjj".as_slice()),
        1 => Just(b"{".as_slice()),
        1 => Just(b"}".as_slice()),
        1 => Just(b"g".as_slice()),
        1 => Just(b"G".as_slice()),
        1 => Just(b"50%".as_slice()),
        1 => Just(b"/0x1f\r".as_slice()),
    ];
    prop::collection::vec((key, 0..400u64), 1..40)
}

fn links() -> impl Strategy<Value = Conditions> {
    (
        0..300u64,
        0..100u64,
        0..300u32,
        0..200u32,
        any::<bool>(),
        0..4u64,
    )
        .prop_map(
            |(delay, jitter, loss, holding, is_slow, outage)| Conditions {
                delay,
                jitter,
                loss,
                holding,
                hold: 300,
                order: Order::Free,
                rate: if is_slow { 20_000 } else { 0 },
                queue: 30_000,
                outages: vec![wt::sync::Time(4000)..wt::sync::Time(4000 + outage * 500)],
                ..Conditions::default()
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_shows_is_what_the_server_shows(
        link in links(), acts in acts(), seed in 0..1000u64, cols in 20..120u16, rows in 3..40u16,
    ) {
        let mut pager = Pager::new(&link, Size { rows, cols }, Ahead::Sent, seed);
        pager.press(COPY_MODE);
        for (keys, wait) in acts {
            pager.press(keys);
            pager.assert_right();
            for _ in 0..wait.div_ceil(9) {
                pager.wait(9);
                pager.assert_right();
            }
        }
        for _ in 0..200 {
            pager.wait(300);
            if pager.is_there() {
                break;
            }
        }
        prop_assert!(pager.is_there());
        pager.assert_right();
    }
}
