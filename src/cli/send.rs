//! `wt send`: types into a pane from outside.

use super::args::Send;
use super::control;
use crate::disk::places::Places;
use crate::protocol::request::{Request, Typed};
use crate::term::Key;
use anyhow::{Context, Result};
use std::process::ExitCode;

/// Does what was asked for. What is repeated is sent again and again: no request grows with the count.
pub(super) fn run(places: &Places, send: Send) -> Result<ExitCode> {
    let keys = typed(&send)?;
    let aim = send.at.aim(places)?;
    let mut link = aim.connect(places)?;
    let target = aim.target;
    for _ in 0..send.repeat {
        let (target, keys) = (target.clone(), keys.clone());
        control::ask(&mut link, Request::Send { target, keys })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the arguments say: keys by their names, and everything else as text.
fn typed(send: &Send) -> Result<Vec<Typed>> {
    send.keys
        .iter()
        .filter(|argument| !argument.is_empty())
        .map(|argument| {
            if send.hex {
                character(argument).map(|c| Typed::Text(c.into()))
            } else if send.literal || !is_key(argument) {
                Ok(Typed::Text(argument.clone()))
            } else {
                Ok(Typed::Key(argument.clone()))
            }
        })
        .collect()
}

/// Whether an argument is a key's name. A single character is text all the same: it comes as what it is in any mode of
/// the pane, and so does a character that no keyboard has.
fn is_key(argument: &str) -> bool {
    argument.chars().nth(1).is_some() && argument.parse::<Key>().is_ok()
}

fn character(code: &str) -> Result<char> {
    u32::from_str_radix(code, 16)
        .ok()
        .and_then(char::from_u32)
        .with_context(|| {
            format!("-H {code}: write the code of a character in hexadecimal, such as 1b")
        })
}

#[cfg(test)]
mod tests {
    use super::super::args::{Cli, Command};
    use super::*;
    use clap::Parser;

    fn keys(args: &[&str]) -> Vec<Typed> {
        let argv = ["wt", "send", "-t", "work"].iter().chain(args);
        match Cli::parse_from(argv).command {
            Some(Command::Send(send)) => typed(&send).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn key(name: &str) -> Typed {
        Typed::Key(name.into())
    }

    fn text(text: &str) -> Typed {
        Typed::Text(text.into())
    }

    #[test]
    fn what_is_no_name_of_a_key_is_text() {
        assert_eq!(
            keys(&["make test", "Enter", "C-c", "M-x", "a", "F5", "Foo", ""]),
            [
                text("make test"),
                key("Enter"),
                key("C-c"),
                key("M-x"),
                text("a"),
                key("F5"),
                text("Foo"),
            ]
        );
        assert_eq!(
            keys(&["BSpace", "NPage", "^c"]),
            ["BSpace", "NPage", "^c"].map(key)
        );
        assert_eq!(keys(&["--", "-v", "%"]), [text("-v"), text("%")]);
    }

    #[test]
    fn literal_is_text_and_hex_is_characters() {
        assert_eq!(keys(&["-l", "Enter", "x"]), [text("Enter"), text("x")]);
        assert_eq!(
            keys(&["-H", "1b", "e9", "1F980"]),
            ["\u{1b}", "é", "🦀"].map(text)
        );
        assert!(character("zz").is_err() && character("d800").is_err());
    }
}
