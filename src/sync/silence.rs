//! What happens after which silence: all that anybody does because nothing is heard, in one place.
//!
//! "Owed" is a silence in which the other side has to answer something: it begins when that was sent. A path on which
//! nobody does anything is silent by itself, and only a silence that outlasts [`KEEP_ALIVE`] says something about it.
//!
//! | after | counted | who | what |
//! |---|---|---|---|
//! | [`UNSPOKEN`] | without a link | `ui/contact` | "reconnecting" stands in the status line, and nothing else of the path |
//! | [`SUSPECT`] | owed | `net/quic/path` | padding goes out now and then: the path may be another one |
//! | [`UNACKNOWLEDGED`] | owed | `net/quic/controller` | the window grows slowly: what was sent is most likely gone |
//! | [`AWAITED`] | owed | `ui/reach` | "last heard" stands in the status line |
//! | [`PROBE`] | owed | `client/tie` | another link is tried beside this one |
//! | [`UNSEEN`] | owed | `server/returning` | the viewer has no say in the size of anything |
//! | [`KEEP_ALIVE`] | idle | `net/quic/settings` | a client shows that it is there, and is answered |
//! | [`LATE`] | at all | `ui/reach` | "last heard" stands in the status line |
//! | [`REBIND`] | owed | `net/quic/path` | another port is taken |
//! | [`UNANSWERED`] | at all | `client/errand` | a command whose end is awaited fails |
//! | [`ABSENT`] | at all | `server/absence` | the connection makes room where there are too many |
//! | [`UNWANTED`] | at all | `server/errand` | what the client had run here is ended |
//! | [`FORGOTTEN`] | without a link | `server/returning` | the viewer is forgotten |
//! | [`ENDED`] | at all | `server/absence` | the connection is ended |
//!
//! Meanwhile all that is tried again is tried as often as [`longest_wait`] says: packets (`sync/resend`) and links
//! (`client/outage`) alike.
//!
//! All in milliseconds.

/// How long a client without a link says nothing of it: a restart is over before.
pub const UNSPOKEN: u64 = 400;

/// From when a path that owes an answer may be another one; see [`SUSPECT_ROUNDS`].
pub const SUSPECT: u64 = 600;

/// So many round trips have to pass, too, before a path is suspect.
pub const SUSPECT_ROUNDS: u32 = 3;

/// From when a window counts its packets as gone.
pub const UNACKNOWLEDGED: u64 = 1_000;

/// From when the user is told that an answer is awaited; see [`LATE_ROUNDS`].
pub const AWAITED: u64 = 2_000;

/// From when a server that owes an answer is tried over another link. A link that is alive answers sooner once the path
/// is there again, and stays.
pub const PROBE: u64 = 3_000;

/// From when a viewer that owes an answer is as good as gone, until it is heard again.
pub const UNSEEN: u64 = 6_000;

/// How often an idle client shows that it is there: translators of addresses forget an idle path after 30 s (RFC 4787
/// §4.3). The answer shows that the path still is.
pub const KEEP_ALIVE: u64 = 8_000;

/// From when the user is told of any silence: longer than [`KEEP_ALIVE`]. See [`LATE_ROUNDS`].
pub const LATE: u64 = 10_000;

/// So many round trips have to pass, too, before the user is told of a silence.
pub const LATE_ROUNDS: u64 = 4;

/// From when a translator of addresses may have lost our place: another port is taken, and so often again.
pub const REBIND: u64 = 10_000;

/// From when a command fails that waits for its end at a server of which nothing is heard.
pub const UNANSWERED: u64 = 60_000;

/// From when a connection makes room for a new one where there are too many.
pub const ABSENT: u64 = 60_000;

/// After how long a command is ended that runs for a client of which nothing is heard.
pub const UNWANTED: u64 = 3600 * 1000;

/// How long a viewer without a link is kept: who is away for longer finds that some keys were lost.
pub const FORGOTTEN: u64 = 24 * 3600 * 1000;

/// After how long a connection is ended of which nothing is heard.
pub const ENDED: u64 = 7 * 24 * 3600 * 1000;

/// The longest waits, each until the silence has lasted for so long.
const WAITS: [(u64, u64); 3] = [(60_000, 250), (600_000, 1_000), (u64::MAX, 5_000)];

/// How long to wait at most before something is tried again, nothing having been heard for `silent`: whoever looks at the
/// screen wants an outage to end at once, and a machine that is away for the night asks for little.
pub fn longest_wait(silent: u64) -> u64 {
    let found = WAITS.iter().find(|(until, _)| silent < *until);
    found.map_or(WAITS[WAITS.len() - 1].1, |(_, wait)| *wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_grow_seldom_and_never_end() {
        let waits = [0, 59_999, 60_000, 599_999, 600_000, u64::MAX].map(longest_wait);
        assert_eq!(waits, [250, 250, 1_000, 1_000, 5_000, 5_000]);
    }

    #[test]
    fn the_table_is_in_order() {
        let table = [
            UNSPOKEN,
            SUSPECT,
            UNACKNOWLEDGED,
            AWAITED,
            PROBE,
            UNSEEN,
            KEEP_ALIVE,
            LATE,
            REBIND,
            UNANSWERED,
            ABSENT,
            UNWANTED,
            FORGOTTEN,
            ENDED,
        ];
        assert!(table.is_sorted(), "{table:?}");
        // The answer to a sign of life is heard before a silence is told of.
        const { assert!(KEEP_ALIVE + AWAITED <= LATE) };
    }
}
