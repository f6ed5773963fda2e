//! What a key can be bound to: a closed list, each with its name and a line for the help page.

mod list;

pub use list::{ACTIONS, WITH_ARGUMENT};

use crate::protocol::Direction;
use crate::protocol::command::{LayoutCommand, Opener, Which};
use crate::ui::selection::Unit;
use list::ALIASES;

/// Something that a key does, grouped by noun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// To the session.
    Session(SessionAction),
    /// To the sessions that the client holds side by side.
    Visit(VisitAction),
    /// To the tabs.
    Tab(TabAction),
    /// To the panes.
    Pane(PaneAction),
    /// To how the panes divide the tab.
    Layout(LayoutCommand),
    /// To the client itself.
    Client(ClientAction),
    /// To what the next key means.
    Keys(KeysAction),
    /// In copy mode alone.
    Copy(CopyAction),
}

/// What is done to the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionAction {
    /// Lists all sessions and tabs, to go to one.
    Choose,
    /// Goes to the next session.
    Next,
    /// Goes to the one before.
    Previous,
    /// Goes to the one that was looked at before.
    Last,
    /// Asks for a name, and makes one.
    New,
    /// Asks for another name.
    Rename,
    /// Ends all its programs, after a question if one runs.
    Kill,
}

/// What is done about the sessions that the client holds side by side, of one server or of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitAction {
    /// Asks for a target, and holds it too.
    Ask,
    /// Holds that target too, and shows it.
    Open(String),
    /// Shows the next one.
    Next,
    /// Shows the one before.
    Previous,
    /// Lets go of the one that is shown.
    Leave,
}

/// What is done to panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaneAction {
    /// Puts a new pane on that side.
    Split(Direction),
    /// Moves the focus.
    Focus(Which),
    /// Shows a number on each pane: the next key picks one.
    Pick,
    /// Moves the border that way by so many cells.
    Resize(Direction, u16),
    /// Changes places with another.
    Swap(Which),
    /// Shows the pane alone, or all again.
    Zoom,
    /// Moves the pane into a tab of its own.
    Break,
    /// Asks for the tab to move the pane to.
    Move,
    /// Asks for a title.
    Rename,
    /// Pastes what was copied last.
    Paste,
    /// Ends the pane's program, after a question if one runs.
    Close,
    /// Starts an ended program again.
    Restart,
    /// Runs again what ran in a restored pane.
    Rerun,
    /// Opens its history, in copy mode at the cursor's line.
    OpenHistory(Opener),
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
    /// Goes to the one that was looked at before.
    Last,
    /// Goes to that number, from 1.
    Select(u16),
    /// Asks for the number of the tab to go to.
    Ask,
    /// Moves it by so many places.
    Move(i16),
    /// Asks for a name.
    Rename,
    /// Ends all its panes, after a question if a program runs.
    Close,
}

/// What is done to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAction {
    /// Leaves; everything goes on.
    Detach,
    /// Enters copy mode.
    CopyMode,
    /// Enters copy mode a page up.
    CopyModePageUp,
    /// Enters copy mode and asks for a text to search for, towards the first line.
    Search,
    /// Enters copy mode and goes to another prompt, or does something with the last output.
    Output(OutputAction),
    /// Copies the output of the last command that has ended.
    CopyOutput,
    /// Draws the screen afresh.
    Redraw,
    /// Lists the keys.
    Help,
    /// Lists all that can be done, to do one.
    Palette,
    /// Lists the messages of this attachment.
    Messages,
    /// Opens the menu of the focused pane.
    Menu,
    /// Reads the configuration again; the server watches its own.
    Reload,
}

/// What the next key means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysAction {
    /// It comes from the prefix table.
    Prefix,
    /// It comes from that table.
    Table(String),
    /// All keys come from that table, until one of them says `mode root`.
    Mode(String),
    /// The key itself goes to the pane.
    SendKey,
    /// Nothing is done: what a keymap that this one is laid over bound is free.
    Nothing,
}

/// What is done in copy mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyAction {
    /// Moves the cursor within the shown rows, scrolling at their edges.
    Move(Motion),
    /// Moves it to a character in its row.
    Jump(Jump),
    /// Scrolls, the cursor staying where it is on the screen.
    Scroll(Scroll),
    /// Asks for a text and searches towards the end.
    Search,
    /// Asks for a text and searches towards the beginning.
    SearchBack,
    /// Searches for the word under the cursor, towards the end.
    SearchWord,
    /// Searches for it towards the beginning.
    SearchWordBack,
    /// To the next match.
    SearchNext,
    /// To the match before.
    SearchPrevious,
    /// Begins a selection of such units, or ends it; one of other units becomes one of these.
    Select(Unit),
    /// Does something with the output of the command under the cursor, or goes to another.
    Output(OutputAction),
    /// Puts the cursor at the other end of the selection.
    OtherEnd,
    /// Gives the selection up.
    ClearSelection,
    /// Copies the selection and leaves.
    Yank,
    /// Copies the selection and stays.
    YankStay,
    /// Copies what is left of the line and leaves.
    YankRest,
    /// Gives up what was typed of a count, else the selection; leaves if there is neither.
    Back,
    /// Goes back to the running screen.
    Leave,
}

/// What is done with the output of the commands that ran in the pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputAction {
    /// To the prompt above.
    Previous,
    /// To the prompt below.
    Next,
    /// Selects the output of the command under the cursor.
    Select,
    /// Folds it into one row, or shows it again.
    Fold,
    /// Folds the output of all commands.
    FoldAll,
    /// Shows all output again.
    UnfoldAll,
    /// Shows failed commands alone, or all again.
    OnlyFailed,
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
    WideWordNext,
    WideWordBack,
    WideWordEnd,
    ParagraphNext,
    ParagraphBack,
    Bracket,
    ScreenTop,
    ScreenMiddle,
    ScreenBottom,
}

/// How the copy cursor goes to a character in its row, which the next key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// To the next one.
    To,
    /// To the one before.
    BackTo,
    /// To the cell before the next one.
    Before,
    /// To the cell behind the one before.
    BackBehind,
    /// As the last time.
    Again,
    /// As the last time, the other way.
    Reverse,
}

impl Jump {
    /// The same the other way.
    pub fn reversed(self) -> Self {
        match self {
            Jump::To => Jump::BackTo,
            Jump::BackTo => Jump::To,
            Jump::Before => Jump::BackBehind,
            Jump::BackBehind => Jump::Before,
            Jump::Again => Jump::Reverse,
            Jump::Reverse => Jump::Again,
        }
    }
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
    Ask,
}

const SIDES: [(&str, Direction); 4] = [
    ("left", Direction::Left),
    ("down", Direction::Down),
    ("up", Direction::Up),
    ("right", Direction::Right),
];

impl Action {
    /// The action of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let name = alias.map_or(name, |&(_, name)| name);
        let known = ACTIONS.iter().find(|(known, ..)| *known == name);
        match known {
            Some((.., action)) => Some(action.clone()),
            None => Self::with_argument(name),
        }
    }

    fn with_argument(name: &str) -> Option<Self> {
        let words: Vec<&str> = name.split_ascii_whitespace().collect();
        let number = |word: &str| word.parse().ok().filter(|&number: &u16| number > 0);
        let side = |word: &str| SIDES.iter().find(|(side, _)| *side == word);
        match words[..] {
            ["tab", "select", word] => Some(Action::Tab(TabAction::Select(number(word)?))),
            ["focus", word] => Some(Action::Pane(PaneAction::Focus(Which::Number(number(
                word,
            )?)))),
            ["resize", way] => Some(Action::Pane(PaneAction::Resize(side(way)?.1, 1))),
            ["resize", way, word] => Some(Action::Pane(PaneAction::Resize(
                side(way)?.1,
                number(word)?,
            ))),
            ["visit", target] => Some(Action::Visit(VisitAction::Open(target.to_owned()))),
            ["table", name] => Some(Action::Keys(KeysAction::Table(name.to_owned()))),
            ["mode", name] => Some(Action::Keys(KeysAction::Mode(name.to_owned()))),
            _ => None,
        }
    }

    /// The known name that is most like `name`.
    pub fn nearest(name: &str) -> &'static str {
        let likeness = |known: &str| (strsim::jaro_winkler(known, name) * 1000.0) as u32;
        let names = ACTIONS.iter().map(|&(known, ..)| known);
        names
            .chain(["tab select 1", "resize left", "mode root"])
            .max_by_key(|known| likeness(known))
            .unwrap_or("help")
    }

    /// Its name, as a keymap writes it.
    pub fn name(&self) -> String {
        let side = |way: Direction| {
            SIDES
                .iter()
                .find(|(_, side)| *side == way)
                .map_or("", |it| it.0)
        };
        match self {
            Action::Tab(TabAction::Select(number)) => format!("tab select {number}"),
            Action::Pane(PaneAction::Focus(Which::Number(number))) => format!("focus {number}"),
            Action::Pane(PaneAction::Resize(way, 1)) => format!("resize {}", side(*way)),
            Action::Pane(PaneAction::Resize(way, by)) => format!("resize {} {by}", side(*way)),
            Action::Visit(VisitAction::Open(target)) => format!("visit {target}"),
            Action::Keys(KeysAction::Table(name)) => format!("table {name}"),
            Action::Keys(KeysAction::Mode(name)) => format!("mode {name}"),
            _ => self.known().map_or("", |(name, ..)| name).to_owned(),
        }
    }

    /// What lists group actions by, in their order.
    pub const NOUNS: [&str; 7] = [
        "panes",
        "tabs",
        "layouts",
        "sessions",
        "client",
        "keys",
        "copy mode",
    ];

    /// What it is done to: one of [`Action::NOUNS`].
    pub fn noun(&self) -> &'static str {
        match self {
            Action::Pane(_) => "panes",
            Action::Tab(_) => "tabs",
            Action::Layout(_) => "layouts",
            Action::Session(_) | Action::Visit(_) => "sessions",
            Action::Client(_) => "client",
            Action::Keys(_) => "keys",
            Action::Copy(_) => "copy mode",
        }
    }

    /// What it does, in a few words.
    pub fn description(&self) -> String {
        match self {
            Action::Tab(TabAction::Select(_)) => "tab by its number".to_owned(),
            Action::Pane(PaneAction::Focus(Which::Number(_))) => "pane by its number".to_owned(),
            Action::Pane(PaneAction::Resize(way, by)) => {
                let side = SIDES
                    .iter()
                    .find(|(_, side)| side == way)
                    .map_or("", |it| it.0);
                let cells = if *by == 1 { "" } else { " further" };
                format!("move the pane's border {side}{cells}")
            }
            Action::Visit(VisitAction::Open(target)) => format!("{target} beside this session"),
            Action::Keys(KeysAction::Table(name)) => format!("keys of [{name}], once"),
            Action::Keys(KeysAction::Mode(name)) if name == "root" => {
                "back to normal keys".to_owned()
            }
            Action::Keys(KeysAction::Mode(name)) => format!("keys of [{name}]"),
            _ => self.known().map_or("", |(_, what, _)| what).to_owned(),
        }
    }

    fn known(&self) -> Option<&'static (&'static str, &'static str, Action)> {
        ACTIONS.iter().find(|(.., action)| action == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_actions_and_back() {
        for (name, _, action) in &ACTIONS {
            assert_eq!(Action::parse(name).as_ref(), Some(action), "{name}");
            assert_eq!(action.name(), *name);
            assert!(Action::NOUNS.contains(&action.noun()));
        }
        for name in [
            "tab select 10",
            "focus 3",
            "resize up",
            "resize left 5",
            "mode resize",
            "table more",
            "visit desk/work",
        ] {
            let action = Action::parse(name).expect(name);
            assert_eq!(action.name(), name);
            assert_ne!(action.description(), "");
        }
        for name in [
            "tab select 0",
            "resize",
            "resize left 0",
            "focus 99999",
            "mode",
        ] {
            assert_eq!(Action::parse(name), None, "{name}");
        }
    }

    #[test]
    fn an_alias_is_the_same() {
        for (alias, name) in ALIASES {
            assert_eq!(Action::parse(alias), Action::parse(name));
            assert!(Action::parse(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        assert_eq!(Action::nearest("splti --right"), "split --right");
        assert_eq!(Action::nearest("detatch"), "detach");
    }
}
