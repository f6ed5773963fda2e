//! Which server a target names: this machine's, one by the name of its host, `HOST/SESSION`, or one by where it is,
//! `wt://ADDR:PORT/SESSION`.

use crate::auth::address::Place;
use crate::client::Elsewhere;
use anyhow::{Result, bail};

/// Takes apart what a target says of its server, and the target there; `None` if it lies here. No target is the one used
/// last.
pub(super) fn split(target: Option<String>) -> Result<(Option<Elsewhere>, Option<String>)> {
    let Some(text) = target else {
        return Ok((None, None));
    };
    let (place, rest) = Place::split(&text)?;
    let elsewhere = match place {
        Place::Here => return Ok((None, Some(text))),
        Place::Host(name) => Elsewhere::Host(name),
        Place::Network(address) => Elsewhere::Network(address),
    };
    let rest = (!rest.is_empty()).then(|| rest.to_owned());
    Ok((Some(elsewhere), rest))
}

/// The server that is named without a target: `HOST`, `HOST/`, `wt://ADDR:PORT`.
pub(super) fn named(text: &str) -> Result<Elsewhere> {
    let whole = match text.contains('/') {
        true => text.to_owned(),
        false => format!("{text}/"),
    };
    match split(Some(whole))? {
        (Some(elsewhere), None) => Ok(elsewhere),
        _ => bail!("{text} is more than a host: write HOST/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_says_which_server_is_meant() {
        let split = |text: &str| split(Some(text.to_owned())).unwrap();
        let (place, rest) = split("desk/work:2");
        assert_eq!(place, Some(Elsewhere::Host("desk".into())));
        assert_eq!(rest.as_deref(), Some("work:2"));
        assert_eq!(split("desk/").1, None);
        assert_eq!(split("work:2"), (None, Some("work:2".into())));
        assert!(matches!(
            split("wt://[::1]:7/").0,
            Some(Elsewhere::Network(_))
        ));
        assert!(super::split(Some("a b/work".into())).is_err());
    }
}
