//! `wt pane …`, `wt split` and `wt layout` as they are typed.

use super::{At, Run};
use crate::protocol::Direction;
use crate::protocol::command::{LayoutCommand, Preset, Which};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

/// Work with panes.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum PaneCommand {
    /// Split a pane, as `wt split` does (tmux: split-window)
    Split(Split),
    /// Move the focus to a pane: `wt pane focus -t %3`, or from it: `wt pane focus left` (tmux: select-pane)
    Focus(FocusOn),
    /// Change a pane's size: `wt pane resize right 5`, `wt pane resize --cols 80` (tmux: resize-pane)
    Resize(Resized),
    /// Show a pane alone, or all again (tmux: resize-pane -Z)
    Zoom(At),
    /// Let two panes change places: `wt pane swap left`, `wt pane swap --with %3` (tmux: swap-pane)
    Swap(SwapWith),
    /// Move a pane into a tab of its own (tmux: break-pane)
    Break(At),
    /// Move a pane beside another, in any tab: `wt pane move --to work:2 --down` (tmux: join-pane, move-pane)
    Move(MoveTo),
    /// Give a pane a title; an empty one lets its program choose again (tmux: select-pane -T)
    Rename {
        /// Which pane.
        #[command(flatten)]
        at: At,
        /// Its new title
        name: String,
    },
    /// Paste what was copied last (tmux: paste-buffer)
    Paste(At),
    /// Start the command of a pane whose program has ended again (tmux: respawn-pane)
    Restart(At),
    /// Run again what ran in a restored pane, whose process is gone; `restart` starts its shell
    Rerun(At),
    /// End a pane's program, without a question (tmux: kill-pane)
    Close(At),
}

// A new pane beside another.
#[derive(Debug, Args)]
pub struct Split {
    /// Beside which pane.
    #[command(flatten)]
    pub at: At,
    /// Where the new one stands.
    #[command(flatten)]
    pub side: Side,
    /// What runs in it.
    #[command(flatten)]
    pub run: Run,
}

// One side of a pane.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Side {
    /// To the right of it (the default; tmux: -h)
    #[arg(long)]
    right: bool,
    /// Below it (tmux: -v)
    #[arg(long)]
    down: bool,
    /// To the left of it
    #[arg(long)]
    left: bool,
    /// Above it
    #[arg(long)]
    up: bool,
}

impl Side {
    /// The side that was said; to the right if none was.
    pub fn direction(&self) -> Direction {
        match self {
            Self { down: true, .. } => Direction::Down,
            Self { left: true, .. } => Direction::Left,
            Self { up: true, .. } => Direction::Up,
            _ => Direction::Right,
        }
    }
}

// Where the focus goes.
#[derive(Debug, Args)]
pub struct FocusOn {
    /// Which pane, or from which.
    #[command(flatten)]
    pub at: At,
    /// left, right, up, down, next, previous, last, or a number from 1; none: the target itself
    #[arg(value_name = "WHICH", value_parser = which)]
    pub which: Option<Which>,
}

// Which panes change places.
#[derive(Debug, Args)]
pub struct SwapWith {
    /// Which pane.
    #[command(flatten)]
    pub at: At,
    /// With the one that is: left, right, up, down, next (the default), previous, last, or a number from 1
    #[arg(value_name = "WHICH", value_parser = which)]
    pub which: Option<Which>,
    /// With this pane, in any tab
    #[arg(long, value_name = "TARGET", conflicts_with = "which")]
    pub with: Option<String>,
}

// Where a pane goes.
#[derive(Debug, Args)]
pub struct MoveTo {
    /// Which pane.
    #[command(flatten)]
    pub at: At,
    /// Beside which pane
    #[arg(long, value_name = "TARGET")]
    pub to: String,
    /// On which side of that.
    #[command(flatten)]
    pub side: Side,
}

// A pane's new size.
#[derive(Debug, Args)]
pub struct Resized {
    /// Which pane.
    #[command(flatten)]
    pub at: At,
    /// Which way its border moves: left, right, up or down
    #[arg(value_name = "SIDE", value_parser = side, required_unless_present_any = ["cols", "rows"])]
    pub side: Option<Direction>,
    /// By how many cells
    #[arg(default_value_t = 1, value_name = "CELLS")]
    pub cells: u16,
    /// To so many columns
    #[arg(long, value_name = "N", conflicts_with = "side", value_parser = clap::value_parser!(u16).range(1..))]
    pub cols: Option<u16>,
    /// To so many rows
    #[arg(long, value_name = "N", conflicts_with_all = ["side", "cols"], value_parser = clap::value_parser!(u16).range(1..))]
    pub rows: Option<u16>,
}

/// Reads a preset's name, or one of the ways to go on from what is there.
pub(super) fn layout_parser() -> impl TypedValueParser<Value = LayoutCommand> {
    let others = ["next", "rotate", "rotate-back"];
    let names = Preset::ALL.iter().map(|(_, name)| *name).chain(others);
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        "rotate" => LayoutCommand::Rotate,
        "rotate-back" => LayoutCommand::RotateBack,
        name => Preset::named(name).map_or(LayoutCommand::NextPreset, LayoutCommand::Preset),
    })
}

fn side(text: &str) -> Result<Direction, String> {
    Ok(match text {
        "left" => Direction::Left,
        "right" => Direction::Right,
        "up" => Direction::Up,
        "down" => Direction::Down,
        _ => return Err("say left, right, up or down".into()),
    })
}

fn which(text: &str) -> Result<Which, String> {
    let named = match text {
        "next" => Some(Which::Next),
        "previous" => Some(Which::Previous),
        "last" => Some(Which::Last),
        _ => side(text).map(Which::Towards).ok(),
    };
    let number = || text.parse().ok().filter(|&number| number > 0);
    named
        .or_else(|| number().map(Which::Number))
        .ok_or_else(|| "say left, right, up, down, next, previous, last or a number from 1".into())
}
