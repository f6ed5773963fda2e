//! Colours and attributes of what stands around the panes. A theme is a stack of TOML files: each may name colours in
//! `[palette]`, and give faces in them; a later file changes what it says and nothing else.

mod contrast;
mod read;

pub use contrast::{contrast, legible};

use super::pen::{self, ColorDepth};
use crate::config::faults::no_such;
use crate::config::sources::{BuiltIn, Ground, Shelf, Text};
use crate::config::{ConfigError, Source};
use crate::term::palette::{self, Rgb};
use crate::term::{Attrs, Color, Style};
use read::Layer;
use std::collections::BTreeMap;

/// The themes that are built in; the first is what others are laid on.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: "default",
        text: include_str!("../../../themes/default.toml"),
    },
    BuiltIn {
        name: "light",
        text: include_str!("../../../themes/light.toml"),
    },
    BuiltIn {
        name: "dusk",
        text: include_str!("../../../themes/dusk.toml"),
    },
    BuiltIn {
        name: "paper",
        text: include_str!("../../../themes/paper.toml"),
    },
    BuiltIn {
        name: "ansi16",
        text: include_str!("../../../themes/ansi16.toml"),
    },
    BuiltIn {
        name: "colourblind",
        text: include_str!("../../../themes/colourblind.toml"),
    },
    BuiltIn {
        name: "mono",
        text: include_str!("../../../themes/mono.toml"),
    },
];

/// One look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Face(pub Style);

/// Whether a terminal, or a theme, has light letters on dark or dark ones on light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

impl Scheme {
    /// What a terminal is that has this background.
    pub fn of_background(color: Rgb) -> Self {
        match palette::is_dark(color) {
            true => Self::Dark,
            false => Self::Light,
        }
    }

    /// The terminal's own colours, as far as a theme can know them: letters, and what is behind them.
    pub fn defaults(self) -> (Rgb, Rgb) {
        match self {
            Self::Dark => ((229, 229, 229), (0, 0, 0)),
            Self::Light => ((0, 0, 0), (255, 255, 255)),
        }
    }
}

/// What a face is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// Text, which has to be read.
    Text,
    /// Lines and patterns, which have to be seen.
    Lines,
}

/// A face, as it is explained.
#[derive(Debug, Clone, Copy)]
pub struct FaceDoc {
    /// As themes write it.
    pub name: &'static str,
    /// What it is for.
    pub shows: Shows,
    /// What it looks like there.
    pub doc: &'static str,
}

/// Makes [`Theme`] and the list of its faces from one line each.
macro_rules! faces {
    ($($field:ident $name:literal $shows:ident $doc:literal;)*) => {
        /// How the chrome looks.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct Theme {
            /// What terminals it is for.
            pub kind: Scheme,
            $(#[doc = $doc] pub $field: Face,)*
        }

        /// Every face of a theme.
        pub const FACES: &[FaceDoc] =
            &[$(FaceDoc { name: $name, shows: Shows::$shows, doc: $doc },)*];

        impl Theme {
            /// The faces, in the order of [`FACES`].
            pub fn faces(&self) -> [Face; FACES.len()] {
                [$(self.$field,)*]
            }

            fn faces_mut(&mut self) -> [&mut Face; FACES.len()] {
                [$(&mut self.$field,)*]
            }
        }
    };
}

faces! {
    status "status" Text "The status line.";
    tab "tab" Text "The tab in use.";
    tab_bell "tab_bell" Text "A tab in which a pane rang.";
    tab_activity "tab_activity" Text "A tab with new output.";
    tab_silence "tab_silence" Text "A tab that has been silent for a while.";
    tab_failed "tab_failed" Text "A tab in which a program failed.";
    indicator "indicator" Text "The prefix, and the place in scrollback.";
    mode "mode" Text "The table that all keys come from.";
    clock "clock" Text "The clock.";
    message "message" Text "Messages, questions and prompts.";
    hint "hint" Text "What is said beside.";
    title "title" Text "The title of a pane.";
    title_focused "title_focused" Text "The title of the pane that has the focus.";
    border "border" Lines "Lines between panes.";
    border_focused "border_focused" Lines "Lines around the pane that has the focus.";
    fill "fill" Lines "What no pane fills because another client is smaller.";
    scroll "scroll" Lines "The thumb beside a pane that is scrolled.";
    failed "failed" Text "The first cell of a command that failed.";
    fate "fate" Text "How a program ended.";
    menu "menu" Text "Menus and lists.";
    menu_selected "menu_selected" Text "What is chosen in a menu.";
    dialog "dialog" Text "Pages and dialogs.";
    pick "pick" Text "The numbers of panes.";
    selection "selection" Text "Selected text.";
    found "match" Text "Text that the search found.";
    found_first "match_first" Text "The match in use.";
}

/// Faces that mean two things and so may never look the same: the second is the more striking one.
const TWINS: [(&str, &str); 6] = [
    ("border", "border_focused"),
    ("title", "title_focused"),
    ("status", "tab"),
    ("status", "tab_bell"),
    ("menu", "menu_selected"),
    ("match", "match_first"),
];

impl Theme {
    /// The theme `name` of the user's own or the built-in ones; `None` if it cannot be used. `asked` words a problem
    /// with the name where it was asked for. What cannot be read on the screen is a problem, but no reason not to use
    /// it.
    pub fn load(
        name: &str,
        own: &[Source],
        asked: impl Fn(String) -> ConfigError,
    ) -> (Option<Self>, Vec<ConfigError>) {
        let texts = match shelf(own).stack(name, asked) {
            Ok(texts) => texts,
            Err(error) => return (None, vec![error]),
        };
        let (mut layers, mut problems): (Vec<_>, Vec<_>) = texts.iter().map(Layer::read).unzip();
        if texts
            .first()
            .is_some_and(|text| text.ground == Ground::BuiltIn)
        {
            let kind = layers.iter().rev().find_map(|layer| layer.kind);
            layers.splice(0..0, ground(kind.unwrap_or_default()));
        }
        let (theme, wrong) = laid(&layers);
        problems.push(wrong);
        let mut problems: Vec<ConfigError> = problems.into_iter().flatten().collect();
        if !problems.is_empty() {
            ConfigError::sort(&mut problems);
            return (None, problems);
        }
        let illegible =
            theme.illegible(name, layers.last().map_or("", |layer| &layer.file), &layers);
        (Some(theme), illegible)
    }

    /// A theme that is built in; the default one for a name that is none of theirs.
    pub fn built_in(name: &str) -> Self {
        let asked = |message| ConfigError {
            file: String::new(),
            line: 0,
            message,
        };
        Self::load(name, &[], asked).0.unwrap_or_default()
    }

    /// The theme for a terminal of that many colours. Colours become those that there are, letters that could no longer
    /// be read become black or white, and what would look like its twin becomes more striking. Without any colours, what
    /// has a background is inverse.
    ///
    /// Law: messages and dialogs can be read whatever the theme, for it is they that say what is wrong with it.
    pub fn for_depth(mut self, depth: ColorDepth) -> Self {
        let kind = self.kind;
        for face in [&mut self.message, &mut self.dialog] {
            face.0 = legible(face.0, kind);
        }
        if depth == ColorDepth::True {
            return self;
        }
        for (face, doc) in self.faces_mut().into_iter().zip(FACES) {
            let style = &mut face.0;
            if depth == ColorDepth::Mono && style.bg != Color::Default {
                style.attrs.set(Attrs::INVERSE, true);
            }
            style.fg = pen::degraded(style.fg, depth);
            style.bg = pen::degraded(style.bg, depth);
            if depth != ColorDepth::Mono && doc.shows == Shows::Text {
                *style = legible(*style, kind);
            }
        }
        self.tell_twins_apart();
        self
    }

    fn tell_twins_apart(&mut self) {
        let place = |name: &str| FACES.iter().position(|face| face.name == name);
        for (quiet, striking) in TWINS {
            let (Some(quiet), Some(striking)) = (place(quiet), place(striking)) else {
                continue;
            };
            if self.faces()[quiet] == self.faces()[striking] {
                let style = &mut self.faces_mut()[striking].0;
                style.attrs.set(Attrs::BOLD, true);
                match FACES[striking].shows {
                    Shows::Lines => style.fg = Color::Default,
                    Shows::Text => style.attrs.0 ^= Attrs::INVERSE.0,
                }
            }
        }
    }

    /// What of the theme cannot be read, or seen, on the terminals that it is for.
    fn illegible(&self, name: &str, file: &str, layers: &[Layer]) -> Vec<ConfigError> {
        let mut found = Vec::new();
        for (doc, face) in FACES.iter().zip(self.faces()) {
            let contrast = contrast(face.0, self.kind);
            let (least, what) = match doc.shows {
                Shows::Text => (contrast::LEAST_TEXT, "text cannot be read"),
                Shows::Lines => (contrast::LEAST_LINES, "lines cannot be seen"),
            };
            if contrast >= least {
                continue;
            }
            let entry = layers.iter().rev().find_map(|layer| layer.entry(doc.name));
            let (file, line) = entry.unwrap_or((file, 0));
            found.push(ConfigError {
                file: file.to_owned(),
                line,
                message: format!(
                    "theme {name}: `{}`: {what} (contrast {contrast:.1}, at least {least} is needed)",
                    doc.name
                ),
            });
        }
        found
    }
}

/// All themes that can be named.
pub fn shelf(own: &[Source]) -> Shelf<'_> {
    Shelf {
        what: "theme",
        built_in: BUILT_IN,
        own,
    }
}

/// The built-in layers that a theme of that kind is laid on.
fn ground(kind: Scheme) -> Vec<Layer> {
    let texts = BUILT_IN.iter().take(match kind {
        Scheme::Dark => 1,
        Scheme::Light => 2,
    });
    texts
        .map(|known| {
            let (file, text) = (known.name, known.text);
            Layer::read(&Text {
                file,
                text,
                ground: Ground::Nothing,
            })
            .0
        })
        .collect()
}

/// Puts layers on each other, and says which of their colours nobody has named.
fn laid(layers: &[Layer]) -> (Theme, Vec<ConfigError>) {
    let mut palette = BTreeMap::new();
    let mut faces = BTreeMap::new();
    let mut theme = Theme::default();
    for layer in layers {
        let colors = layer.palette.iter();
        palette.extend(colors.map(|(name, color)| (name.as_str(), *color)));
        let written = layer.faces.iter();
        faces.extend(written.map(|face| (face.name, (face, &layer.file))));
        theme.kind = layer.kind.unwrap_or(theme.kind);
    }
    let mut problems = Vec::new();
    for (doc, slot) in FACES.iter().zip(theme.faces_mut()) {
        let Some((face, file)) = faces.get(doc.name) else {
            continue;
        };
        let mut color = |name: &str| {
            let named = read::color(name).or_else(|| palette.get(name).copied());
            named.unwrap_or_else(|| {
                problems.push(ConfigError {
                    file: (*file).clone(),
                    line: face.line,
                    message: no_color(doc.name, name, &palette),
                });
                Color::Default
            })
        };
        *slot = Face(Style {
            fg: color(&face.fg),
            bg: color(&face.bg),
            attrs: face.attrs,
            ..Style::default()
        });
    }
    (theme, problems)
}

fn no_color(face: &str, name: &str, palette: &BTreeMap<&str, Color>) -> String {
    let known = palette.keys().copied().chain(read::NAMES);
    format!(
        "`{face}`: {}; a colour is also a name such as \"red\", 0 to 255, \"#rrggbb\" or \"default\"",
        no_such("colour", name, known)
    )
}

#[cfg(test)]
mod tests;
