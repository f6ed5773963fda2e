//! Themes and keymaps as files: the user's own beside those that are built in, and which of them lie on which.
//!
//! A file may `include` another, which then lies under it. One that is named as a built-in one is laid over that, unless
//! it says `fresh = true`.

use super::faults::{ConfigError, Faults, no_such, shown};

/// Most files that may lie on each other.
const MAX_DEPTH: usize = 8;

/// The user's own files, read whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// `themes/*.toml`, by name.
    pub themes: Vec<Source>,
    /// `keymaps/*.toml`, by name.
    pub keymaps: Vec<Source>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What it is called by: its name without `.toml`.
    pub name: String,
    /// Where it is, as problems name it.
    pub file: String,
    /// What it says, or why that could not be read.
    pub text: Result<String, String>,
}

/// A text that is built in.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// What it is called by.
    pub name: &'static str,
    /// What it says.
    pub text: &'static str,
}

/// Everything of a kind that can be named.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// "theme" or "keymap".
    pub what: &'static str,
    /// What comes with wt.
    pub built_in: &'static [BuiltIn],
    /// The user's.
    pub own: &'a [Source],
}

/// One text of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    /// The file, as problems name it.
    pub file: &'a str,
    /// What it says.
    pub text: &'a str,
    /// What it is laid on if it stands at the bottom.
    pub ground: Ground,
}

/// What lies under the lowest text of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// What wt has of its own.
    BuiltIn,
    /// Nothing: it is built in, or says `fresh = true`.
    Nothing,
}

/// What the top of a file says of others.
struct Header {
    include: Option<(String, usize)>,
    fresh: bool,
}

impl<'a> Shelf<'a> {
    /// The texts that make up `name`, the lowest first. `asked` words a problem with the name itself, where it was asked
    /// for.
    ///
    /// # Errors
    /// If a name is nobody's, a file cannot be read, or files include each other in a circle.
    pub fn stack(
        &self,
        name: &str,
        asked: impl Fn(String) -> ConfigError,
    ) -> Result<Vec<Text<'a>>, ConfigError> {
        let mut texts = Vec::new();
        self.climb(name, &asked, &mut Vec::new(), &mut texts)?;
        Ok(texts)
    }

    /// Every name, the built-in ones first.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + Clone {
        let built_in = self.built_in;
        let own = self.own.iter().map(|source| source.name.as_str());
        let own = own.filter(move |name| !built_in.iter().any(|known| known.name == *name));
        built_in.iter().map(|known| known.name).chain(own)
    }

    fn climb(
        &self,
        name: &str,
        asked: &dyn Fn(String) -> ConfigError,
        chain: &mut Vec<String>,
        texts: &mut Vec<Text<'a>>,
    ) -> Result<(), ConfigError> {
        let own = self.own.iter().find(|source| source.name == name);
        let is_within_itself = chain.last().is_some_and(|above| above == name);
        let Some(source) = own.filter(|_| !is_within_itself || self.built_in(name).is_none())
        else {
            if !self.lay_built_in(name, texts) {
                return Err(asked(no_such(self.what, name, self.names())));
            }
            return Ok(());
        };
        lengthen(chain, name).map_err(asked)?;
        let (text, header) = opened(source)?;
        if !header.fresh {
            self.lay_built_in(name, texts);
        }
        if let Some((below, line)) = &header.include {
            let file = &source.file;
            self.climb(
                below,
                &|message| problem(file, *line, message),
                chain,
                texts,
            )?;
        }
        chain.pop();
        texts.push(Text {
            file: &source.file,
            text,
            ground: if header.fresh {
                Ground::Nothing
            } else {
                Ground::BuiltIn
            },
        });
        Ok(())
    }

    fn built_in(&self, name: &str) -> Option<&'static BuiltIn> {
        self.built_in.iter().find(|known| known.name == name)
    }

    /// Lays a built-in text, and what it includes of its kind, unless it lies there already. Whether there is one.
    fn lay_built_in(&self, name: &str, texts: &mut Vec<Text<'a>>) -> bool {
        let Some(known) = self.built_in(name) else {
            return false;
        };
        let (file, text) = (known.name, known.text);
        let ground = Ground::Nothing;
        let laid = Text { file, text, ground };
        if texts.contains(&laid) {
            return true;
        }
        if let Some((below, _)) = Header::read(top(text), file).include {
            self.lay_built_in(&below, texts);
        }
        texts.push(laid);
        true
    }
}

impl Header {
    /// What is wrong in a file is said by who reads the whole of it.
    fn read(text: &str, file: &str) -> Self {
        let (table, faults) = Faults::read(text, file);
        let mut header = Self {
            include: None,
            fresh: false,
        };
        for entry in faults.entries(&table) {
            match entry.name {
                "include" => {
                    let name = entry.value.as_str();
                    header.include = name.map(|name| (name.to_owned(), entry.line));
                }
                "fresh" => header.fresh = entry.value.as_bool() == Some(true),
                _ => {}
            }
        }
        header
    }
}

/// What stands before the first table. Only for texts of ours: in a user's file a line within a list may look like one.
fn top(text: &str) -> &str {
    text.split("\n[").next().unwrap_or_default()
}

/// What a file says, and what its top says of others.
fn opened(source: &Source) -> Result<(&str, Header), ConfigError> {
    match &source.text {
        Ok(text) => Ok((text, Header::read(text, &source.file))),
        Err(why) => Err(problem(&source.file, 0, format!("cannot be read: {why}"))),
    }
}

/// Adds a name to those that include each other; says what is wrong with that, and names them all.
fn lengthen(chain: &mut Vec<String>, name: &str) -> Result<(), String> {
    let is_circle = chain.iter().any(|above| above == name);
    chain.push(name.to_owned());
    let fault = match is_circle {
        true => "goes in a circle",
        false if chain.len() > MAX_DEPTH => "is too deep",
        false => return Ok(()),
    };
    let chain: Vec<String> = chain.iter().map(|name| shown(name)).collect();
    Err(format!("`include` {fault}: {}", chain.join(" → ")))
}

fn problem(file: &str, line: usize, message: String) -> ConfigError {
    ConfigError {
        file: file.to_owned(),
        line,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT_IN: &[BuiltIn] = &[
        BuiltIn {
            name: "base",
            text: "",
        },
        BuiltIn {
            name: "upper",
            text: "include = 'base'",
        },
    ];

    /// The files of which `name` is made up, or what is wrong.
    fn stack(name: &str, own: &[(&str, &str)]) -> Result<String, String> {
        let own: Vec<Source> = own
            .iter()
            .map(|(name, text)| Source {
                name: (*name).to_owned(),
                file: format!("{name}.toml"),
                text: Ok((*text).to_owned()),
            })
            .collect();
        let shelf = Shelf {
            what: "theme",
            built_in: BUILT_IN,
            own: &own,
        };
        let texts = shelf.stack(name, |message| problem("config.toml", 1, message));
        let files = |texts: Vec<Text>| texts.iter().map(|t| t.file.to_owned()).collect::<Vec<_>>();
        texts.map(|t| files(t).join(" ")).map_err(|e| e.to_string())
    }

    #[test]
    fn what_is_included_lies_below() {
        assert_eq!(stack("upper", &[]), Ok("base upper".into()));
        let own = [("mine", "include = 'upper'"), ("base", "")];
        assert_eq!(stack("mine", &own), Ok("base upper mine.toml".into()));
    }

    #[test]
    fn a_file_named_as_a_built_in_one_lies_on_it_unless_it_is_fresh() {
        assert_eq!(
            stack("upper", &[("upper", "")]),
            Ok("base upper upper.toml".into())
        );
        let named = [("upper", "include = 'upper'")];
        assert_eq!(stack("upper", &named), Ok("base upper upper.toml".into()));
        assert_eq!(
            stack("upper", &[("upper", "fresh = true")]),
            Ok("upper.toml".into())
        );
    }

    #[test]
    fn a_circle_is_named_as_it_goes() {
        let own = [("a", "include = 'b'"), ("b", "x = 1\ninclude = 'a'")];
        assert_eq!(
            stack("a", &own),
            Err("b.toml:2: `include` goes in a circle: a → b → a".into())
        );
        let own = [("a", "include = 'a'")];
        assert_eq!(
            stack("a", &own),
            Err("a.toml:1: `include` goes in a circle: a → a".into())
        );
    }

    #[test]
    fn a_tower_has_an_end() {
        let names: Vec<String> = (0..20).map(|n| format!("n{n}")).collect();
        let texts: Vec<String> = (1..21).map(|n| format!("include = 'n{n}'")).collect();
        let own: Vec<(&str, &str)> = names
            .iter()
            .zip(&texts)
            .map(|(n, t)| (&**n, &**t))
            .collect();
        let error = stack("n0", &own).expect_err("too deep");
        assert!(
            error.starts_with("n7.toml:1: `include` is too deep: n0 → n1"),
            "{error}"
        );
    }

    #[test]
    fn a_name_that_is_nobodys_is_said_where_it_stands() {
        assert_eq!(
            stack("uper", &[]),
            Err("config.toml:1: there is no theme `uper`; is `upper` meant?".into())
        );
        assert_eq!(
            stack("mine", &[("mine", "\ninclude = 'other thing'")]),
            Err("mine.toml:2: there is no theme `other thing`; there are base, upper, mine".into())
        );
    }
}
