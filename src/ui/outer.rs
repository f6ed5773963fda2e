//! The user's terminal as far as it is known, and what is drawn on it.

use super::compose::{Composer, Continuity, Scene};
use super::offset::Offset;
use super::paint::Painter;
use super::pen::ColorDepth;
use super::picture::Picture;
use super::settings::Settings;
use super::theme::{Scheme, Theme};
use crate::term::Size;
use crate::term::palette::Rgb;

/// The user's terminal.
#[derive(Debug)]
pub(super) struct Outer {
    pub(super) size: Size,
    /// The part of the panes that it shows.
    pub(super) offset: Offset,
    /// The settings' theme for its scheme, in the colours that it has.
    pub(super) theme: Theme,
    /// Its letters, once it has told.
    pub(super) foreground: Option<Rgb>,
    pub(super) canvas: Canvas,
    colors: ColorDepth,
    scheme: Scheme,
}

/// What it shows.
#[derive(Debug)]
pub(super) struct Canvas {
    composer: Composer,
    painter: Painter,
}

impl Outer {
    /// A terminal of that size and so many colours; dark until it says otherwise.
    pub(super) fn new(size: Size, colors: ColorDepth, settings: &Settings) -> Self {
        Self {
            size,
            offset: Offset::default(),
            theme: settings.dark.clone().for_depth(colors),
            foreground: None,
            canvas: Canvas {
                composer: Composer::new(size),
                painter: Painter::new(colors),
            },
            colors,
            scheme: Scheme::Dark,
        }
    }

    /// Takes note that it has light letters on dark, or dark ones on light; whether that is another scheme than before.
    pub(super) fn adapt(&mut self, scheme: Scheme) -> bool {
        std::mem::replace(&mut self.scheme, scheme) != scheme
    }

    /// Takes the theme that the settings have for it; all is drawn afresh.
    pub(super) fn dress(&mut self, settings: &Settings) {
        self.theme = settings.theme(self.scheme).clone().for_depth(self.colors);
        self.resize(self.size);
    }

    /// It has this size now; all is drawn afresh.
    pub(super) fn resize(&mut self, size: Size) {
        self.size = size;
        self.canvas.composer.resize(size);
        self.canvas.painter.forget();
    }
}

impl Canvas {
    /// Appends the bytes that lead from what was painted last to the scene.
    pub(super) fn paint(&mut self, scene: &Scene, out: &mut Vec<u8>) {
        if self.composer.compose(scene) == Continuity::Lost {
            self.painter.forget();
        }
        self.painter.paint(self.composer.picture(), out);
    }

    /// Forgets what the terminal shows: the next paint is a whole one.
    pub(super) fn forget(&mut self) {
        self.painter.forget();
    }

    /// What the terminal shows after the last paint.
    pub(super) fn picture(&self) -> &Picture {
        self.composer.picture()
    }
}
