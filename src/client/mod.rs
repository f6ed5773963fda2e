//! The program at the user's terminal: reaches the server, takes the terminal, and runs between both.

mod again;
mod attachment;
mod clipboard;
pub mod clock;
mod configuration;
mod elsewhere;
mod errand;
mod keyboard;
mod notices;
mod open;
mod outage;
mod outcome;
mod outer;
mod pairing;
mod paste;
mod reach;
mod run;
mod signals;
mod terminal;
mod tie;
mod uplink;
mod vigil;

pub use again::{Again, Reaching};
pub use clipboard::tool_for;
pub use configuration::Configuration;
pub use elsewhere::{Elsewhere, Road, connect, resolve};
pub use errand::{ErrandEnd, errand};
pub use keyboard::has_other_keys;
pub use outage::{Loss, Try};
pub use outcome::Outcome;
pub use outer::color_depth;
pub use pairing::pair;
pub use reach::AgentWish;
pub use run::run;
pub use terminal::{Terminal, require_terminal, say_last, terminal_size};
