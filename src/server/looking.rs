//! Viewers whose users look elsewhere: a client may hold several sessions and shows one. Whoever looks elsewhere is told
//! what becomes of the tabs and hears bells, and is sent nothing of what panes print; nothing waits for it, and it has no
//! say in the size of anything.

use super::world::World;
use crate::protocol::ViewerId;

impl World {
    /// The viewer's user looks at the session now, or no longer.
    pub fn turn(&mut self, id: ViewerId, looking: bool) {
        let Some(viewer) = self.viewers.get_mut(&id) else {
            return;
        };
        if std::mem::replace(&mut viewer.looking, looking) == looking {
            return;
        }
        let (session, tab) = (viewer.at.session(), viewer.at.tab());
        let focused = viewer.focused().filter(|_| viewer.attentive);
        viewer.renew();
        if looking {
            self.sessions.latest = Some(session);
            self.look_at(session, tab);
        } else {
            viewer.search.begin();
            self.drop_keys(id);
        }
        if let Some(pane) = focused {
            self.tell_focus(id, pane, looking);
        }
        self.fit_all(session);
        self.arrange(session);
        self.touch_session(session);
    }
}
