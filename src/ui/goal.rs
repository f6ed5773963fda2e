//! Where a viewer wants to be, as it is typed: `1204`, `50%`, `10 min ago`, `yesterday 9:00`.

use crate::protocol::command::Goal;
use crate::when::{Now, When};

/// The goal that `text` names, or in words why it names none. Without the time of day no time can be named.
pub fn parse(text: &str, now: Option<&Now>) -> Result<Goal, String> {
    let text = text.trim();
    match text.to_ascii_lowercase().as_str() {
        "top" | "start" | "beginning" => return Ok(Goal::Line(1)),
        "end" | "bottom" => return Ok(Goal::Percent(100)),
        _ => {}
    }
    if let Some(number) = number(text) {
        return match number {
            0 => Err("lines are counted from 1".to_owned()),
            number => Ok(Goal::Line(number)),
        };
    }
    if let Some(percent) = text.strip_suffix('%').and_then(number) {
        return match u8::try_from(percent) {
            Ok(percent @ 0..=100) => Ok(Goal::Percent(percent)),
            _ => Err(format!("no {percent}%: the last line is 100%")),
        };
    }
    let when = text.strip_prefix('-').unwrap_or(text);
    let when: When = when
        .parse()
        .map_err(|_| format!("{text:?} is no place: try 1204, 50%, -2h, 14:30"))?;
    let found = now.and_then(|now| now.find(when));
    found
        .map(Goal::Time)
        .ok_or_else(|| format!("there is no such time as {text:?} here"))
}

/// A number of digits, perhaps in groups as the status line writes it; the largest there is if it is larger.
fn number(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|c| *c != ',').collect();
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn parsed(text: &str) -> Result<Goal, String> {
        parse(text, Some(&Now::new(10_000_000_000, TimeZone::UTC)))
    }

    #[test]
    fn numbers_shares_and_times_are_goals() {
        assert_eq!(parsed(" 1204 "), Ok(Goal::Line(1204)));
        assert_eq!(parsed("1,204"), Ok(Goal::Line(1204)));
        assert_eq!(parsed("Top"), Ok(Goal::Line(1)));
        assert_eq!(parsed("end"), Ok(Goal::Percent(100)));
        assert_eq!(parsed("99999999999999999999"), Ok(Goal::Line(u64::MAX)));
        assert_eq!(parsed("50%"), Ok(Goal::Percent(50)));
        assert_eq!(parsed("10 minutes ago"), Ok(Goal::Time(9_999_400_000)));
        assert_eq!(parsed("-2h"), Ok(Goal::Time(9_992_800_000)));
        // 10⁷ seconds are 1970-04-26 17:46:40.
        assert_eq!(parsed("17:46"), Ok(Goal::Time(9_999_960_000)));
        assert_eq!(parsed("yesterday 17:46"), Ok(Goal::Time(9_913_560_000)));
    }

    #[test]
    fn a_slip_is_told_in_one_line() {
        assert_eq!(parsed("0"), Err("lines are counted from 1".to_owned()));
        assert_eq!(
            parsed("150%"),
            Err("no 150%: the last line is 100%".to_owned())
        );
        let slip = parsed("soon").expect_err("no place");
        assert!(slip.starts_with("\"soon\" is no place: try "), "{slip}");
        assert!(parse("-2h", None).is_err());
    }
}
