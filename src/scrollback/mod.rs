//! The lines that left the top of a screen: numbered from 0, never renumbered, on disk in compressed blocks with the
//! newest in memory. Bytes in, effects out; files are the business of `disk::history`.
//!
//! ```text
//! panes/ID/
//! ├─ scrollback/
//! │  ├─ 00000000.seg   block block block …         16 MiB at most, only ever added to       `recovery` scans it
//! │  ├─ 00000000.idx   head, one entry a block     which lines, where, how late              `index`
//! │  ├─ 00000001.seg   …
//! │  └─ 00000002.seg   block block                 the last one has no index: its heads are read
//! ├─ journal           record record …             what is in memory alone                   `journal`
//! └─ journal.old       record …                    until the blocks of its lines are synced
//!
//! block   = head (64) │ filter (≤ 2 KiB) │ body: zstd of columns of 128 KiB of lines, then their times
//!           `block`     `filter`           `columns`, `lines`, `term::codec`           `times`
//! sealed  = key id (8) │ nonce (12) │ AES-256-GCM of any filter, body, record's lines │ tag (16)      `seal`
//! ```
//!
//! Where history is encrypted filters, bodies and what records hold are sealed, each by itself and bound to its pane and its
//! place there. Heads, indexes and the numbers of records stay plain: without the key nothing is read, and nothing is
//! taken for damage either.
//!
//! A line goes from the tail to the lines that wait, to a block, and is in the journal until it gets there (`store`). Each
//! block, filter, index and record has a sum of its own, so that damage costs what it hits and no more. Every format has
//! a version; integers of heads are little-endian, all others `varint`s.

pub mod block;
mod columns;
pub mod filter;
pub mod index;
pub mod journal;
pub mod lines;
pub mod recovery;
pub mod seal;
pub mod search;
pub mod store;
pub mod times;
