//! The one place that names the serialisation of what is not hot: `postcard`.

use crate::varint::Malformed;
use serde::{Serialize, de::DeserializeOwned};

/// The bytes of `value`.
pub(super) fn encode(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("strings, numbers, lists and enums have a form")
}

/// Reads a value off the front of `bytes`; what a newer version added behind it is left. Lists allocate only as
/// their items are found.
pub(super) fn decode<T: DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, Malformed> {
    postcard::from_bytes(bytes).map_err(|_| Malformed(what))
}
