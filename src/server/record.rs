//! What is told of each pane in its directory, for whoever meets the files without this server: written when it has
//! changed, together with the snapshots.

use super::foreground;
use super::hosted::Hosted;
use super::world::{World, unix_ms};
use crate::disk::key::Sealing;
use crate::disk::meta::{self, How, Meta};
use crate::disk::writer::Writer;
use crate::pane::{Ending, Recent, can_type, quote};
use crate::protocol::PaneId;
use crate::term::Emulator;
use std::collections::BTreeMap;

/// What is told of a pane.
#[derive(Default)]
pub(super) struct Record {
    meta: Meta,
    /// What stands on disk.
    written: Option<Meta>,
    /// Whether its program is to be looked at once more: what it printed last may have been the start of a command.
    is_stale: bool,
}

impl World {
    /// Writes down what has changed of the panes. Before their snapshots: those say that nothing is new.
    pub(super) fn save_records(&mut self) {
        self.note_places();
        for (id, hosted) in &mut self.panes {
            if hosted.dirty || hosted.record.is_stale {
                hosted.record.is_stale = hosted.dirty;
                hosted.look();
            }
            if let Some(meta) = hosted.record.news() {
                let file = Meta::file(&self.places.pane_dir(id.0));
                self.writer.replace(file, told(&self.writer, meta));
            }
        }
    }

    /// Writes down what is known of a pane of which nothing is told yet: commands of an unknown pane would seem to have
    /// died with it.
    pub(super) fn introduce(&mut self, id: PaneId) {
        if let Some(hosted) = self.panes.get_mut(&id)
            && hosted.record.written.is_none()
        {
            hosted.record.is_stale = true;
            self.save_records();
        }
    }

    /// Writes down all of a pane that has left the world. One that has printed nothing leaves nothing.
    pub(super) fn lay_to_rest(&mut self, id: PaneId, mut hosted: Hosted) {
        let (mut lines, mut times) = (Vec::new(), Vec::new());
        let recent = Recent::of(hosted.pane.emulator());
        let count = recent.count();
        recent.encode(0..count, &mut lines, &mut times);
        let is_silent = count == 0 && hosted.history.end_line() == 0;
        let is_locked = hosted.history.is_locked();
        if !is_locked && (is_silent || !hosted.started && hosted.revival.is_none()) {
            return hosted.history.remove();
        }
        hosted.history.append_timed(count, &lines, &times);
        hosted.look();
        let ending = hosted.ending.or(hosted.pane.ending());
        let at_ms = match hosted.ended_ms {
            0 => unix_ms(),
            at_ms => at_ms,
        };
        let meta = &mut hosted.record.meta;
        meta.end(how(ending.unwrap_or(Ending::Unseen)), at_ms);
        let dir = self.places.pane_dir(id.0);
        let screen = Emulator::new(hosted.pane.emulator().size());
        hosted.history.save();
        if !is_locked {
            self.writer.snapshot(&dir, hosted.snapshot(&screen));
        }
        let text = told(&self.writer, &hosted.record.meta);
        self.writer.replace(Meta::file(&dir), text);
    }

    /// Notes where each pane stands. One that is being closed stands nowhere: it is told where it stood last.
    pub(super) fn note_places(&mut self) {
        for (pane, place) in self.pane_places() {
            if let Some(hosted) = self.panes.get_mut(&pane) {
                hosted.record.meta.place = place;
            }
        }
    }

    /// Where each pane stands.
    fn pane_places(&self) -> BTreeMap<PaneId, meta::Place> {
        let mut places = BTreeMap::new();
        for session in self.sessions.iter() {
            for (number, tab) in (1..).zip(&session.tabs) {
                let tab_name = self.tab_name(tab);
                for (pane, id) in (1..).zip(tab.layout.panes()) {
                    let place = meta::Place {
                        session: session.name.clone(),
                        tab: number,
                        tab_name: tab_name.clone(),
                        pane,
                    };
                    places.insert(id, place);
                }
            }
        }
        places
    }
}

impl Record {
    /// What is to be written, if what is known differs from what stands on disk.
    fn news(&mut self) -> Option<&Meta> {
        let is_news = self.written.as_ref() != Some(&self.meta);
        is_news.then(|| &*self.written.insert(self.meta.clone()))
    }
}

impl Hosted {
    /// Notes what can be seen of the program now.
    fn look(&mut self) {
        let process = self.process.as_ref();
        let mut cwd = self.cwd();
        if process.is_none() && self.revival.is_none() && !self.record.meta.cwd.is_empty() {
            // It is not known any more: what was seen last counts.
            cwd.clone_from(&self.record.meta.cwd);
        }
        let command = self.command_line();
        let origin = &self.pane.origin;
        let meta = &mut self.record.meta;
        meta.origin = meta::Origin {
            argv: origin.argv.clone(),
            cwd: origin.cwd.clone(),
            started_ms: origin.started_ms,
        };
        meta.name.clone_from(&self.name);
        meta.title = self.pane.emulator().title().to_owned();
        (meta.cwd, meta.command) = (cwd, command);
        meta.process = process.map(|process| meta::Process {
            pid: process.pid,
            start_time: process.start_time,
        });
        meta.ended = None;
        if let Some(ending) = self.pane.ending() {
            meta.end(how(ending), self.ended_ms);
        }
    }

    /// The command in the foreground as one types it; empty while a shell waits for commands.
    fn command_line(&self) -> String {
        if let Some(revival) = &self.revival {
            return revival.command.clone();
        }
        let marked = self.pane.commands.running();
        if let Some(command) = marked.filter(|command| can_type(&command.text)) {
            return command.text.clone();
        }
        let Some(process) = self.process.as_ref().filter(|_| self.is_busy()) else {
            return String::new();
        };
        let argv = foreground::arguments(process.master.as_ref(), process.pid);
        quote(&argv).unwrap_or_default()
    }
}

/// The text of a pane's file, which is never sealed: it has no command lines then.
fn told(writer: &Writer, meta: &Meta) -> Vec<u8> {
    match writer.sealing() {
        Sealing::Plain => meta.text(),
        _ => meta.without_commands().text(),
    }
}

/// How a program ended, in the words of the files.
fn how(ending: Ending) -> How {
    match ending {
        Ending::Code(code) => How::Closed { code },
        Ending::Signal(signal) => How::Killed { signal },
        Ending::Unseen => How::Lost,
    }
}
