//! Two clients at one session: one does something, the other looks on.

use super::listing::Listing;
use super::{Home, Outer, wait_for};

/// The clients, 81 columns and 24 rows each.
pub struct Pair {
    pub home: Home,
    /// The one that acts.
    pub one: Outer,
    /// The one that looks on.
    pub other: Outer,
}

impl Pair {
    /// Attaches both to a new session, `work`, of a home with that configuration.
    pub fn open(config: &str) -> Self {
        let home = Home::new();
        home.configure(config);
        let one = home.open(&["new", "-s", "work"], 81, 24);
        one.wait_prompt();
        let other = home.open(&["attach", "work"], 81, 24);
        other.wait_prompt();
        Self { home, one, other }
    }

    /// Splits twice: one pane on the left, two on the right, the lower one with the focus of the first client. The
    /// other one stays on the left.
    pub fn three(&mut self) {
        self.one.send("\x02%\x02\"");
        self.until("three panes", |listing| listing.panes(1).len() == 3);
        self.looks_at(3);
        self.other
            .wait("three panes", |rows| rows[0].contains("─ 2 "));
        self.both("three prompts", |rows| {
            rows.iter().flat_map(|row| row.matches('$')).count() == 3
        });
    }

    /// Waits until both screens are so.
    pub fn both(&self, what: &str, is_so: impl Fn(&[String]) -> bool) {
        self.one.wait(what, &is_so);
        self.other.wait(what, &is_so);
    }

    /// Waits until both screens show `text`.
    pub fn both_show(&self, text: &str) {
        self.one.wait_text(text);
        self.other.wait_text(text);
    }

    /// Waits until `wt ls` says so.
    pub fn until(&self, what: &str, is_so: impl Fn(&Listing) -> bool) {
        wait_for(what, || is_so(&Listing::of(&self.home)).then_some(()));
    }

    /// What `wt ls` says now.
    pub fn listing(&self) -> Listing {
        Listing::of(&self.home)
    }

    /// Waits until the first client's focus is on that pane of [`Pair::three`], by its cursor.
    pub fn looks_at(&self, pane: usize) {
        wait_for(&format!("the focus on pane {pane}"), || {
            (pane_under_cursor(&self.one) == pane).then_some(())
        });
    }
}

/// The pane of [`Pair::three`] in which a client's cursor is.
pub fn pane_under_cursor(outer: &Outer) -> usize {
    let rows = outer.rows();
    let line = rows.iter().skip(1).position(|row| row.contains('─'));
    let (row, col) = outer.cursor();
    match line {
        _ if col < 40 => 1,
        Some(line) if usize::from(row) <= line => 2,
        Some(_) => 3,
        None => 0,
    }
}

/// Types a command whose output, `NAME-2`, names the place, and waits for it.
pub fn mark(outer: &mut Outer, name: &str) {
    outer.send(format!("echo {name}-$((1+1))\r"));
    outer.wait_text(&format!("{name}-2"));
}

/// Column and row, 0-based, where the screen first shows `text`.
pub fn find(outer: &Outer, text: &str) -> Option<(u16, u16)> {
    let rows = outer.rows();
    { rows.iter().enumerate() }.find_map(|(row, shown)| {
        let before = shown.split_once(text)?.0;
        Some((before.chars().count() as u16, row as u16))
    })
}
