//! Does what the user interfaces of the sessions want done: what is sent, copied, rung and read again. Only the one that is
//! shown has the terminal painted, and leads the user away.

use super::attachment::Attachment;
use super::console::Paint;
use super::opening::Then;
use super::outer;
use super::visit::VisitId;
use crate::protocol::Input;
use crate::ui::{self, Visiting};

impl Attachment {
    /// Does what any ui wants done.
    pub(super) fn follow_all(&mut self) {
        let ids: Vec<VisitId> = self.visits.iter().map(|visit| visit.id).collect();
        for id in ids {
            self.follow(id);
        }
    }

    /// Does what the ui of that session wants done.
    pub(super) fn follow(&mut self, id: VisitId) {
        while let Some(visit) = self.visits.get_mut(id)
            && let Some(effect) = visit.ui.poll()
        {
            self.perform(id, effect);
        }
    }

    fn perform(&mut self, id: VisitId, effect: ui::Effect) {
        let (is_shown, now) = (self.visits.is_shown(id), self.now());
        let console = &mut self.console;
        match effect {
            ui::Effect::Send(input) => self.push(id, input),
            ui::Effect::Clipboard { selection, bytes } => {
                if let Err(error) = console.copier.set(selection, bytes) {
                    self.say(error.to_string());
                }
            }
            ui::Effect::GiveClipboard {
                id: question,
                selection,
            } => {
                let out = console.terminal.buffer();
                console.paster.read((id, question), &selection, now, out);
            }
            ui::Effect::KeepClipboard(question) => console.paster.refuse((id, question)),
            ui::Effect::Open(url) => console.opener.open(url),
            ui::Effect::Bell => outer::bell(console.terminal.buffer()),
            ui::Effect::Notify(notice) => console.way.show(&notice, console.terminal.buffer()),
            ui::Effect::AskColors => console.terminal.ask_colors(),
            ui::Effect::Reload => self.reload_as_asked(),
            ui::Effect::Visit(visiting) if is_shown => self.go(visiting),
            // It waited for the server until the user had gone elsewhere.
            ui::Effect::Visit(Visiting::Open(target)) => self.open(target, Then::Wait),
            ui::Effect::Detach if is_shown => self.detach(),
            ui::Effect::Repaint if is_shown => console.paint = console.paint.max(Paint::Changes),
            ui::Effect::RepaintWhole if is_shown => console.paint = Paint::Whole,
            // Only what the user looks at is painted, and left.
            ui::Effect::Repaint
            | ui::Effect::RepaintWhole
            | ui::Effect::Detach
            | ui::Effect::Visit(_) => {}
        }
    }

    fn push(&mut self, id: VisitId, input: Input) {
        if let Some(visit) = self.visits.get_mut(id) {
            visit.push(input);
        }
    }

    /// A file of configuration may have changed.
    pub(super) fn configuration_changed(&mut self) {
        if let Some(settings) = self.console.reread() {
            self.configure(&settings);
            self.follow_all();
        }
    }

    /// The user wants the configuration read again, and to know how that went.
    fn reload_as_asked(&mut self) {
        self.console.configuration.reread();
        let settings = self.console.configure();
        self.configure(&settings);
        if self.console.configuration.problem().is_none() {
            self.say("the configuration was read".to_owned());
        }
    }

    /// Lets what was read hold.
    fn configure(&mut self, settings: &ui::Settings) {
        for visit in self.visits.iter_mut() {
            visit.ui.configure(settings.clone());
        }
        if let Some(problem) = self.console.configuration.problem() {
            self.say(problem);
        }
    }
}
