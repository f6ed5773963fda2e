//! What a key can be bound to: a closed list, each with its name and a line for the help page.

use crate::protocol::Direction;

/// Something that a key does, grouped by noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// To the panes.
    Pane(PaneAction),
    /// To the tabs.
    Tab(TabAction),
    /// To the client itself.
    Client(ClientAction),
    /// In copy mode alone.
    Copy(CopyAction),
}

/// What is done to panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaneAction {
    /// Puts a new pane on that side.
    Split(Direction),
    /// Moves the focus to that side.
    Focus(Direction),
    /// Moves the focus to the next pane.
    FocusNext,
    /// Shows the pane alone, or all again.
    Zoom,
    /// Ends the pane's program, after a question.
    Close,
    /// Starts an ended program again.
    Restart,
}

/// What is done to tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TabAction {
    /// Adds one.
    New,
    /// Goes to the next.
    Next,
    /// Goes to the one before.
    Previous,
    /// Goes to that number, from 1.
    Select(u16),
    /// Ends all its panes, after a question.
    Close,
}

/// What is done to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAction {
    /// The next key comes from the prefix table.
    Prefix,
    /// Sends the key itself to the pane.
    SendKey,
    /// Leaves; everything goes on.
    Detach,
    /// Enters copy mode.
    CopyMode,
    /// Enters copy mode a page up.
    CopyModePageUp,
    /// Draws the screen afresh.
    Redraw,
    /// Lists the keys.
    Help,
}

/// What is done in copy mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyAction {
    /// Moves the cursor within the shown rows, scrolling at their edges.
    Move(Motion),
    /// Scrolls, the cursor staying where it is on the screen.
    Scroll(Scroll),
    /// Asks for a text and searches towards the end.
    Search,
    /// Asks for a text and searches towards the beginning.
    SearchBack,
    /// To the next match.
    SearchNext,
    /// To the match before.
    SearchPrevious,
    /// Begins a selection, or ends it.
    Select,
    /// Begins a selection of whole rows, or ends it.
    SelectLine,
    /// Copies the selection and leaves.
    Yank,
    /// Goes back to the running screen.
    Leave,
}

/// Where the copy cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the list of names below says it of each")]
pub enum Motion {
    Left,
    Right,
    Up,
    Down,
    WordNext,
    WordBack,
    WordEnd,
    LineStart,
    LineText,
    LineEnd,
    ScreenTop,
    ScreenMiddle,
    ScreenBottom,
}

/// How copy mode scrolls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the list of names below says it of each")]
pub enum Scroll {
    Up,
    Down,
    HalfPageUp,
    HalfPageDown,
    PageUp,
    PageDown,
    Top,
    Bottom,
}

use Direction as D;

/// Every action but `tab select N`: its name, what it does, and itself.
pub const ACTIONS: [(&str, &str, Action); 56] = [
    (
        "split --right",
        "new pane to the right",
        Action::Pane(PaneAction::Split(D::Right)),
    ),
    (
        "split --down",
        "new pane below",
        Action::Pane(PaneAction::Split(D::Down)),
    ),
    (
        "split --left",
        "new pane to the left",
        Action::Pane(PaneAction::Split(D::Left)),
    ),
    (
        "split --up",
        "new pane above",
        Action::Pane(PaneAction::Split(D::Up)),
    ),
    (
        "focus next",
        "next pane",
        Action::Pane(PaneAction::FocusNext),
    ),
    (
        "focus left",
        "pane on the left",
        Action::Pane(PaneAction::Focus(D::Left)),
    ),
    (
        "focus down",
        "pane below",
        Action::Pane(PaneAction::Focus(D::Down)),
    ),
    (
        "focus up",
        "pane above",
        Action::Pane(PaneAction::Focus(D::Up)),
    ),
    (
        "focus right",
        "pane on the right",
        Action::Pane(PaneAction::Focus(D::Right)),
    ),
    (
        "zoom",
        "this pane alone, or all again",
        Action::Pane(PaneAction::Zoom),
    ),
    ("close", "close this pane", Action::Pane(PaneAction::Close)),
    (
        "restart",
        "start an ended program again",
        Action::Pane(PaneAction::Restart),
    ),
    ("tab new", "new tab", Action::Tab(TabAction::New)),
    ("tab next", "next tab", Action::Tab(TabAction::Next)),
    (
        "tab previous",
        "previous tab",
        Action::Tab(TabAction::Previous),
    ),
    ("tab close", "close this tab", Action::Tab(TabAction::Close)),
    (
        "detach",
        "detach; everything goes on running",
        Action::Client(ClientAction::Detach),
    ),
    (
        "copy-mode",
        "scroll back, search and copy",
        Action::Client(ClientAction::CopyMode),
    ),
    (
        "copy-mode page-up",
        "scroll back a page",
        Action::Client(ClientAction::CopyModePageUp),
    ),
    (
        "prefix",
        "the key before these",
        Action::Client(ClientAction::Prefix),
    ),
    (
        "send-key",
        "the key itself, to the pane",
        Action::Client(ClientAction::SendKey),
    ),
    (
        "redraw",
        "draw the screen afresh",
        Action::Client(ClientAction::Redraw),
    ),
    ("help", "this page", Action::Client(ClientAction::Help)),
    ("left", "left", Action::Copy(CopyAction::Move(Motion::Left))),
    ("down", "down", Action::Copy(CopyAction::Move(Motion::Down))),
    ("up", "up", Action::Copy(CopyAction::Move(Motion::Up))),
    (
        "right",
        "right",
        Action::Copy(CopyAction::Move(Motion::Right)),
    ),
    (
        "word-next",
        "next word",
        Action::Copy(CopyAction::Move(Motion::WordNext)),
    ),
    (
        "word-back",
        "word before",
        Action::Copy(CopyAction::Move(Motion::WordBack)),
    ),
    (
        "word-end",
        "end of the word",
        Action::Copy(CopyAction::Move(Motion::WordEnd)),
    ),
    (
        "line-start",
        "first column",
        Action::Copy(CopyAction::Move(Motion::LineStart)),
    ),
    (
        "line-text",
        "first letter of the row",
        Action::Copy(CopyAction::Move(Motion::LineText)),
    ),
    (
        "line-end",
        "end of the row",
        Action::Copy(CopyAction::Move(Motion::LineEnd)),
    ),
    (
        "screen-top",
        "top of the screen",
        Action::Copy(CopyAction::Move(Motion::ScreenTop)),
    ),
    (
        "screen-middle",
        "middle of the screen",
        Action::Copy(CopyAction::Move(Motion::ScreenMiddle)),
    ),
    (
        "screen-bottom",
        "bottom of the screen",
        Action::Copy(CopyAction::Move(Motion::ScreenBottom)),
    ),
    (
        "top",
        "first line",
        Action::Copy(CopyAction::Scroll(Scroll::Top)),
    ),
    (
        "bottom",
        "last line",
        Action::Copy(CopyAction::Scroll(Scroll::Bottom)),
    ),
    (
        "half-page-up",
        "half a page up",
        Action::Copy(CopyAction::Scroll(Scroll::HalfPageUp)),
    ),
    (
        "half-page-down",
        "half a page down",
        Action::Copy(CopyAction::Scroll(Scroll::HalfPageDown)),
    ),
    (
        "page-up",
        "a page up",
        Action::Copy(CopyAction::Scroll(Scroll::PageUp)),
    ),
    (
        "page-down",
        "a page down",
        Action::Copy(CopyAction::Scroll(Scroll::PageDown)),
    ),
    (
        "scroll-up",
        "a row up",
        Action::Copy(CopyAction::Scroll(Scroll::Up)),
    ),
    (
        "scroll-down",
        "a row down",
        Action::Copy(CopyAction::Scroll(Scroll::Down)),
    ),
    (
        "search",
        "search towards the end",
        Action::Copy(CopyAction::Search),
    ),
    (
        "search-back",
        "search towards the beginning",
        Action::Copy(CopyAction::SearchBack),
    ),
    (
        "search-next",
        "next match",
        Action::Copy(CopyAction::SearchNext),
    ),
    (
        "search-previous",
        "match before",
        Action::Copy(CopyAction::SearchPrevious),
    ),
    (
        "select",
        "begin or end a selection",
        Action::Copy(CopyAction::Select),
    ),
    (
        "select-line",
        "begin a selection of rows",
        Action::Copy(CopyAction::SelectLine),
    ),
    (
        "yank",
        "copy the selection and leave",
        Action::Copy(CopyAction::Yank),
    ),
    (
        "leave",
        "back to the running screen",
        Action::Copy(CopyAction::Leave),
    ),
    // What the command line says in full.
    (
        "pane close",
        "close this pane",
        Action::Pane(PaneAction::Close),
    ),
    (
        "pane restart",
        "start an ended program again",
        Action::Pane(PaneAction::Restart),
    ),
    (
        "pane zoom",
        "this pane alone, or all again",
        Action::Pane(PaneAction::Zoom),
    ),
    (
        "focus --next",
        "next pane",
        Action::Pane(PaneAction::FocusNext),
    ),
];

impl Action {
    /// The action of that name.
    pub fn parse(name: &str) -> Option<Self> {
        if let Some(number) = name.strip_prefix("tab select ") {
            let number = number.parse().ok().filter(|&number| number > 0)?;
            return Some(Action::Tab(TabAction::Select(number)));
        }
        let known = ACTIONS.iter().find(|(known, ..)| *known == name);
        known.map(|&(.., action)| action)
    }

    /// The known name that is most like `name`.
    pub fn nearest(name: &str) -> &'static str {
        let likeness = |known: &str| (strsim::jaro_winkler(known, name) * 1000.0) as u32;
        let names = ACTIONS.iter().map(|&(known, ..)| known);
        names
            .chain(["tab select 1"])
            .max_by_key(|known| likeness(known))
            .unwrap_or("help")
    }

    /// What it does, in a few words.
    pub fn description(self) -> &'static str {
        if let Action::Tab(TabAction::Select(_)) = self {
            return "tab by its number";
        }
        let known = ACTIONS.iter().find(|&&(.., action)| action == self);
        known.map_or("", |&(_, description, _)| description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_actions() {
        for (name, _, action) in ACTIONS {
            assert_eq!(Action::parse(name), Some(action), "{name}");
        }
        let select = Action::Tab(TabAction::Select(10));
        assert_eq!(Action::parse("tab select 10"), Some(select));
        assert_eq!(Action::parse("tab select 0"), None);
    }

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        assert_eq!(Action::nearest("splti --right"), "split --right");
        assert_eq!(Action::nearest("detatch"), "detach");
    }
}
