//! How long a key takes to its echo, and what that costs, over the links on which mosh was measured: both without
//! prediction, wt in virtual time. Each figure of mosh's is one of mosh 1.4 over the same link, emulated on one machine.

use super::support::trial::{Hand, Outcome, Program, type_at};
use wt::sync::wire::{Conditions, Order};

/// A key every 80 to 250 ms, as when mosh was measured.
const UNHURRIED: Hand = Hand {
    keys: 250,
    gap: (80, 250),
    rest: 0,
};

/// 500 keys with a rest after each Return.
const LINES: Hand = Hand {
    keys: 500,
    gap: (60, 180),
    rest: 1500,
};

/// Ten lines a second.
const SCROLLING: Hand = Hand {
    keys: 40,
    gap: (100, 101),
    rest: 0,
};

fn link(round_trip: u64, loss: u32) -> Conditions {
    Conditions {
        delay: round_trip / 2,
        loss,
        ..Conditions::default()
    }
}

fn trials(program: Program, link: &Conditions, hand: Hand) -> Outcome {
    let mut all = Outcome::default();
    for seed in 0..3 {
        all.add(type_at(program, link, hand, seed));
    }
    all
}

/// Median and 95th percentile in ms.
fn echo(link: &Conditions) -> (u64, u64) {
    let took = trials(Program::Shell, link, UNHURRIED);
    (took.percentile(50), took.percentile(95))
}

#[track_caller]
fn assert_within(echo: (u64, u64), limit: (u64, u64)) {
    assert!(echo.0 <= limit.0 && echo.1 <= limit.1, "{echo:?}");
}

#[test]
fn clean_links_cost_one_round_trip() {
    // mosh: 114 and 154; 388 and 461.
    assert_within(echo(&link(100, 0)), (104, 104));
    let far = Conditions {
        jitter: 9,
        ..link(272, 0)
    };
    assert_within(echo(&far), (285, 292));
}

#[test]
fn loss_delays_a_key_by_little() {
    // mosh: 117 and 198; 273 and 426.
    assert_within(echo(&link(100, 50)), (105, 150));
    assert_within(echo(&link(200, 100)), (205, 260));
}

/// The bad link of mosh's paper (Winstein & Balakrishnan, USENIX ATC 2012), and the same at a shorter distance.
#[test]
fn a_link_that_loses_half_of_all_round_trips_is_usable() {
    // mosh: 162 and 406; 66 and 270.
    assert_within(echo(&link(100, 290)), (115, 250));
    assert_within(echo(&link(30, 290)), (40, 110));
}

#[test]
fn bursts_of_losses_and_jitter_are_borne() {
    let bursts = Conditions {
        burst: 3,
        ..link(100, 290)
    };
    assert_within(echo(&bursts), (130, 420));
    let jitter = Conditions {
        jitter: 40,
        ..link(160, 200)
    };
    assert_within(echo(&jitter), (210, 300));
}

#[test]
fn a_program_that_redraws_much_is_usable_over_a_modem() {
    // mosh: 214 and 287; 185 and 497.
    let modem = Conditions {
        rate: 8_000,
        queue: 64_000,
        ..link(50, 0)
    };
    let took = trials(Program::Redraw, &modem, UNHURRIED);
    assert_within((took.percentile(50), took.percentile(95)), (200, 287));
    let took = trials(Program::Redraw, &link(100, 290), UNHURRIED);
    assert_within((took.percentile(50), took.percentile(95)), (130, 400));
}

#[test]
fn a_flood_ends_when_it_is_interrupted() {
    let interrupt = Hand {
        keys: 1,
        gap: (80, 81),
        rest: 0,
    };
    let slow = Conditions {
        rate: 125_000,
        queue: 128_000,
        ..link(100, 0)
    };
    let modem = Conditions {
        rate: 8_000,
        queue: 64_000,
        ..link(50, 0)
    };
    for (link, limits) in [
        (slow, (120, 125)),
        (modem, (200, 300)),
        (link(100, 290), (150, 250)),
    ] {
        let link = Conditions { jitter: 9, ..link };
        let mut all = Outcome::default();
        for seed in 0..20 {
            all.add(type_at(Program::Flood, &link, interrupt, seed));
        }
        assert_within((all.percentile(50), all.percentile(90)), limits);
    }
}

/// At 100 ms, with losses as they are usual: mosh takes 160 ms, and a key lost by itself takes a resend.
#[test]
fn a_flood_holds_no_key_up_where_hardly_anything_is_lost() {
    let interrupt = Hand {
        keys: 1,
        gap: (80, 81),
        rest: 0,
    };
    let usual = Conditions {
        jitter: 5,
        order: Order::Kept,
        ..link(100, 10)
    };
    let mut all = Outcome::default();
    for seed in 0..30 {
        all.add(type_at(Program::Flood, &usual, interrupt, seed));
    }
    assert_within((all.percentile(50), all.percentile(90)), (120, 150));
}

#[test]
fn typing_costs_little_on_the_wire() {
    let usual = Conditions {
        jitter: 5,
        order: Order::Kept,
        ..link(100, 10)
    };
    for seed in 0..20 {
        let (up, down) = type_at(Program::Shell, &usual, LINES, seed).bytes;
        assert!(up <= 52_000 && down <= 52_000, "{up} up, {down} down");
    }
}

#[test]
fn scrolling_costs_the_new_line_also_under_a_header() {
    for header in [0, 1] {
        let pager = type_at(Program::Pager(header), &link(100, 0), SCROLLING, 1);
        let press = (pager.bytes.0 + pager.bytes.1) / SCROLLING.keys as u64;
        assert!(press <= 250, "{press} bytes");
    }
}
