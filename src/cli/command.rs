//! The commands that do something to a session, tab, pane or layout: what was typed, as what is sent.

use super::args::{At, PaneCommand, Resized, Run, Sideways, Split, SwapWith, TabCommand};
use super::{control, enter};
use crate::disk::places::Places;
use crate::protocol::Direction;
use crate::protocol::command::{
    Asking, Command, LayoutCommand, PaneCommand as Pane, Resize, SessionCommand as Session, Spawn,
    TabCommand as Tab, Which,
};
use crate::protocol::request::Request;
use anyhow::Result;
use std::process::ExitCode;

/// Does `command` to what `at` names.
pub(super) fn run(places: &Places, at: At, command: Command) -> Result<ExitCode> {
    run_then(places, at, command, Then::Nothing)
}

/// `wt rename`.
pub(super) fn rename(places: &Places, at: At, name: String) -> Result<ExitCode> {
    run(places, at, Command::Session(Session::Rename(name)))
}

/// `wt switch`.
pub(super) fn switch(places: &Places, at: At, to: String) -> Result<ExitCode> {
    run(places, at, Command::Session(Session::Switch(to)))
}

/// `wt layout`.
pub(super) fn layout(places: &Places, at: At, layout: LayoutCommand) -> Result<ExitCode> {
    run(places, at, Command::Layout(layout))
}

/// `wt split`.
pub(super) fn split(places: &Places, split: Split) -> Result<ExitCode> {
    let side = split.side.direction();
    let then = Then::of(&split.run);
    let spawn = spawn(split.run)?;
    let command = Command::Pane(Pane::Split { side, spawn });
    run_then(places, split.at, command, then)
}

/// What is done with the pane that a command makes.
enum Then {
    Nothing,
    /// Its id is printed.
    Print,
}

impl Then {
    fn of(run: &Run) -> Self {
        match run.print {
            true => Self::Print,
            false => Self::Nothing,
        }
    }
}

fn run_then(places: &Places, at: At, command: Command, then: Then) -> Result<ExitCode> {
    let aim = at.aim(places)?;
    let mut link = aim.connect(places)?;
    let target = aim.target;
    let request = Request::Run { target, command };
    match then {
        Then::Nothing => control::order(&mut link, request),
        Then::Print => control::order_pane(&mut link, request),
    }
}

/// `wt tab …`.
pub(super) fn tab(places: &Places, command: TabCommand) -> Result<ExitCode> {
    let (at, command) = match command {
        TabCommand::New { at, run } => {
            let then = Then::of(&run);
            let command = Command::Tab(Tab::New(spawn(run)?));
            return run_then(places, at, command, then);
        }
        TabCommand::Rename { at, name } => (at, Tab::Rename(name)),
        TabCommand::Next(at) => (at, Tab::Next),
        TabCommand::Previous(at) => (at, Tab::Previous),
        TabCommand::Last(at) => (at, Tab::Last),
        TabCommand::Select { at, number } => (at, Tab::Select(number)),
        TabCommand::Move { at, to, places } => (at, Tab::Move(towards(to, places))),
        TabCommand::Close(at) => (at, Tab::Close(Asking::Never)),
    };
    run(places, at, Command::Tab(command))
}

/// `wt pane …`.
pub(super) fn pane(places: &Places, command: PaneCommand) -> Result<ExitCode> {
    let (at, command) = match command {
        PaneCommand::Split(typed) => return split(places, typed),
        PaneCommand::Focus(focus) => (focus.at, Pane::Focus(focus.which.unwrap_or(Which::Here))),
        PaneCommand::Resize(resized) => {
            let size = resize(&resized);
            (resized.at, Pane::Resize(size))
        }
        PaneCommand::Zoom(at) => (at, Pane::Zoom),
        PaneCommand::Swap(SwapWith { at, which, with }) => match with {
            Some(with) => (at, Pane::SwapWith(with)),
            None => (at, Pane::Swap(which.unwrap_or(Which::Next))),
        },
        PaneCommand::Break(at) => (at, Pane::Break),
        PaneCommand::Move(to) => {
            let side = to.side.direction();
            (to.at, Pane::Move { to: to.to, side })
        }
        PaneCommand::Rename { at, name } => (at, Pane::Rename(name)),
        PaneCommand::Paste(at) => (at, Pane::Paste),
        PaneCommand::Restart(at) => (at, Pane::Restart),
        PaneCommand::Rerun(at) => (at, Pane::Rerun),
        PaneCommand::Close(at) => (at, Pane::Close(Asking::Never)),
    };
    run(places, at, Command::Pane(command))
}

fn resize(resized: &Resized) -> Resize {
    match (resized.side, resized.cols, resized.rows) {
        (_, Some(cols), _) => Resize::Cols(cols),
        (_, None, Some(rows)) => Resize::Rows(rows),
        (side, None, None) => Resize::By(side.unwrap_or(Direction::Right), resized.cells),
    }
}

fn towards(to: Sideways, places: i16) -> i16 {
    match to {
        Sideways::Left => -places,
        Sideways::Right => places,
    }
}

fn spawn(run: Run) -> Result<Spawn> {
    Ok(Spawn {
        argv: run.argv,
        cwd: run.cwd.map(|dir| enter::directory(&dir)).transpose()?,
        keep_focus: run.no_focus,
    })
}

#[cfg(test)]
mod tests {
    use super::super::args::{Cli, Command as Typed};
    use super::*;
    use clap::Parser;

    fn resized(args: &str) -> Option<Resize> {
        let argv = "wt pane resize".split(' ').chain(args.split(' '));
        match Cli::try_parse_from(argv).ok()?.command? {
            Typed::Pane(PaneCommand::Resize(resized)) => Some(resize(&resized)),
            _ => None,
        }
    }

    #[test]
    fn a_size_is_a_way_or_a_number_of_cells() {
        assert_eq!(resized("left"), Some(Resize::By(Direction::Left, 1)));
        assert_eq!(resized("down 5"), Some(Resize::By(Direction::Down, 5)));
        assert_eq!(resized("--cols 80"), Some(Resize::Cols(80)));
        assert_eq!(resized("--rows 7"), Some(Resize::Rows(7)));
        for wrong in [
            "5",
            "left --cols 3",
            "--cols 0",
            "--cols 3 --rows 3",
            "aside",
        ] {
            assert_eq!(resized(wrong), None, "{wrong}");
        }
    }
}
