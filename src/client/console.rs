//! The user's end of a client: the terminal, the clipboards, the configuration. There is one, however many sessions the
//! client holds.

use super::clipboard::Copier;
use super::clock::{self, Clock};
use super::configuration::{Configuration, Reread};
use super::notices::Way;
use super::open::Opener;
use super::outer::{self, Title};
use super::paste::Paster;
use super::terminal::Terminal;
use crate::protocol::View;
use crate::sync::Time;
use crate::term::Size;
use crate::term::input::{Decoder, InputEvent, TerminalReply};
use crate::ui::{self, MousePrecision, Options, Settings, Ui};
use anyhow::Result;
use std::io;
use std::mem::discriminant;
use std::time::Instant;

/// Milliseconds between two sizes told to the servers while a window is being dragged.
const RESIZE_INTERVAL: u64 = 30;

/// What the terminal should be shown, once it is clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Paint {
    Nothing,
    Changes,
    Whole,
}

/// What the user's end has to be told by, and is told by.
#[derive(Debug)]
pub(super) struct Console {
    pub(super) terminal: Terminal,
    pub(super) decoder: Decoder,
    pub(super) copier: Copier,
    pub(super) paster: Paster,
    pub(super) opener: Opener,
    pub(super) clock: Clock,
    pub(super) configuration: Configuration,
    pub(super) way: Way,
    pub(super) paint: Paint,
    pub(super) resize: Resize,
    title: Title,
    known: Known,
}

/// What the terminal has told and every session's server should know.
#[derive(Debug, Default)]
struct Known {
    /// What it said of its colours, each once.
    colors: Vec<TerminalReply>,
    /// Whether it has lost the focus.
    is_aside: bool,
}

impl Console {
    pub(super) fn new(mut terminal: Terminal, configuration: Configuration) -> Self {
        let settings = configuration.settings();
        Self {
            resize: Resize::at(terminal.size()),
            decoder: Decoder::new(),
            copier: Copier::new(settings.clipboard.clone()),
            paster: Paster::new(settings.clipboard.clone()),
            opener: Opener::new(settings.open.clone()),
            clock: Clock::new(settings.look.clock),
            configuration,
            terminal,
            way: Way::from_env(),
            paint: Paint::Whole,
            title: Title::default(),
            known: Known::default(),
        }
    }

    /// A user interface for one more session.
    pub(super) fn ui(&mut self) -> Ui {
        Ui::new(Options {
            size: self.terminal.size(),
            settings: self.configuration.settings().clone(),
            colors: outer::color_depth(),
        })
    }

    /// What a session's user interface that comes later has missed.
    pub(super) fn missed(&self) -> Vec<ui::Event> {
        let replies = self.known.colors.iter().cloned().map(InputEvent::Reply);
        let mut missed: Vec<ui::Event> = replies.map(ui::Event::Input).collect();
        missed.push(ui::Event::Clock(clock::now(), self.clock.text()));
        if self.known.is_aside {
            missed.push(ui::Event::Input(InputEvent::FocusLost));
        }
        missed
    }

    /// Takes note of what the terminal says of itself.
    pub(super) fn hear(&mut self, event: &InputEvent) {
        match event {
            InputEvent::Reply(TerminalReply::Clipboard(contents)) => self.paster.hear(contents),
            InputEvent::Reply(reply) => {
                self.terminal.hear(reply);
                self.note_color(reply);
            }
            InputEvent::FocusGained => self.known.is_aside = false,
            InputEvent::FocusLost => self.known.is_aside = true,
            _ => {}
        }
    }

    fn note_color(&mut self, reply: &TerminalReply) {
        if matches!(
            reply,
            TerminalReply::Foreground(_) | TerminalReply::Background(_)
        ) {
            let colors = &mut self.known.colors;
            colors.retain(|known| discriminant(known) != discriminant(reply));
            colors.push(reply.clone());
        }
    }

    /// Whether it has the focus.
    pub(super) fn has_focus(&self) -> bool {
        !self.known.is_aside
    }

    /// Reads the configuration again; what it says now, if it may be something else.
    pub(super) fn reread(&mut self) -> Option<Settings> {
        (self.configuration.reread() == Reread::Changed).then(|| self.configure())
    }

    /// Lets the configuration hold as it was read last, and hands it on.
    pub(super) fn configure(&mut self) -> Settings {
        let settings = self.configuration.settings().clone();
        self.copier.follow(&settings.clipboard);
        self.paster.follow(&settings.clipboard);
        self.opener.follow(settings.open.clone());
        self.clock = Clock::new(settings.look.clock);
        settings
    }

    /// When [`Console::tick`] is due, or a selection, or a size.
    pub(super) fn timeout(&self) -> Option<Time> {
        let decoder = self.decoder.timeout().map(Time);
        let copy = self.copier.due().filter(|_| self.terminal.is_clear());
        let all = [decoder, self.resize.due, copy, self.paster.due()];
        all.into_iter().flatten().min()
    }

    /// Gives up on what has not come.
    pub(super) fn tick(&mut self, now: Time) {
        self.decoder.tick(now.0);
        self.paster.tick(now);
    }

    /// The time of day, if it is to be told.
    pub(super) fn time(&mut self) -> Option<ui::Event> {
        self.clock.due.filter(|due| *due <= Instant::now())?;
        let text = self.clock.tell();
        Some(ui::Event::Clock(clock::now(), text))
    }

    /// The size that is to be told, if it is time for that.
    pub(super) fn resized(&mut self, now: Time) -> Option<Size> {
        if !self.resize.may_happen(now) {
            return None;
        }
        self.resize.told = self.terminal.size();
        self.paint = Paint::Whole;
        Some(self.resize.told)
    }

    /// The client was stopped; the terminal may be in any state.
    pub(super) fn resume(&mut self) -> Result<()> {
        self.terminal.enter()?;
        self.title = Title::default();
        self.resize = Resize::at(self.resize.told);
        Ok(())
    }

    /// Another session is to be shown in place of `before`, which may have left something that no picture paints over.
    pub(super) fn turn_from(&mut self, before: &Ui) {
        if before.picture().cursor_color.is_some() {
            outer::usual_cursor(self.terminal.buffer());
        }
        self.paint = Paint::Whole;
    }

    /// Shows what there is to be shown, as far as the terminal takes it.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn show(&mut self, ui: &mut Ui, view: &View, now: Time) -> io::Result<()> {
        // What waits goes first: only a clear terminal is painted, and nothing else would bring us back here.
        self.terminal.try_flush()?;
        if self.paint != Paint::Nothing && self.terminal.is_clear() {
            if self.paint == Paint::Whole {
                ui.forget_painted();
            }
            self.follow(ui, view);
            let out = self.terminal.buffer();
            ui.paint(view, now, out);
            self.title.show(view, out);
            if ui.picture().cursor_color.is_some() {
                self.terminal.cursor_is_colored();
            }
            self.paint = Paint::Nothing;
        }
        if self.terminal.try_flush().is_ok() && self.terminal.is_clear() {
            self.copier.tell(now, self.terminal.buffer());
        }
        self.terminal.try_flush()
    }

    /// Asks the terminal for what the programs and the ui want to know of keys and mouse.
    fn follow(&mut self, ui: &Ui, view: &View) {
        self.terminal.use_mouse(ui.mouse_use(view));
        self.terminal.use_keyboard(ui.keyboard_use(view));
        let mut precision = ui.mouse_precision(view);
        if precision == MousePrecision::Pixels {
            let cell = self.terminal.cell();
            self.decoder.set_cell(cell);
            precision = cell.map_or(MousePrecision::Cells, |_| precision);
        }
        self.terminal.use_precision(precision);
    }
}

/// Keeps a window that is being dragged from resizing every program at every pixel.
#[derive(Debug)]
pub(super) struct Resize {
    last: Option<Time>,
    pub(super) due: Option<Time>,
    /// The size that was told last.
    pub(super) told: Size,
}

impl Resize {
    /// The terminal has that size.
    pub(super) fn at(told: Size) -> Self {
        Self {
            last: None,
            due: None,
            told,
        }
    }

    /// Whether a resize may happen at `now`; if not, it is due later.
    fn may_happen(&mut self, now: Time) -> bool {
        let next = self.last.map(|last| last.after(RESIZE_INTERVAL));
        self.due = next.filter(|next| *next > now);
        if self.due.is_none() {
            self.last = Some(now);
        }
        self.due.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dragged_window_resizes_now_and_then_and_at_the_end() {
        let mut resize = Resize::at(Size::new(80, 24));
        let happens: Vec<u64> = (0..100)
            .step_by(10)
            .filter(|at| resize.may_happen(Time(*at)))
            .collect();
        assert_eq!(happens, [0, 30, 60, 90]);
        assert_eq!(resize.due, None);
        assert!(!resize.may_happen(Time(100)));
        assert_eq!(resize.due, Some(Time(120)));
        assert!(resize.may_happen(Time(120)));
    }
}
