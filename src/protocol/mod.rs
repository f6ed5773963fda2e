//! What client and server say to each other, as values and bytes.
//!
//! A connection opens with [`hello`]; then requests and replies ([`request`]) or, once attached, sync packets that
//! carry [`input`] up and the [`view`] down, and [`event`]s beside them.

pub mod command;
pub mod count;
pub mod echo;
pub mod errand;
pub mod event;
pub mod extent;
pub mod files;
pub mod frame;
pub mod geometry;
pub mod held;
pub mod hello;
pub mod id;
pub mod input;
#[cfg(test)]
mod joined;
mod kin;
mod likeness;
mod patch;
mod postcard;
pub mod recent;
pub mod request;
pub mod returning;
#[cfg(test)]
mod scripted;
pub mod scrolled;
pub mod side;
#[cfg(test)]
mod simulation;
pub mod surface;
pub mod trust;
pub mod view;
pub mod words;

pub use command::{Command, On};
pub use echo::{Echo, Ground, Guesses, Tty};
pub use event::Event;
pub use extent::{Extent, Shape, Spot};
pub use frame::{Frame, FrameReader, Message};
pub use geometry::{Direction, Rect};
pub use id::{PaneId, SessionId, SurfaceId, TabId, ViewerId};
pub use input::{Input, InputLog, InputReceiver};
pub use returning::{Token, Undelivered};
pub use side::Side;
pub use surface::{Header, Surface, SurfaceSource};
pub use view::{Chrome, View, ViewMark, ViewSource};
