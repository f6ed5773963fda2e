//! What typed bytes are to whoever edits a line.

/// One thing that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A character that is printed.
    Print(char),
    /// Backspace, as DEL or BS.
    Erase,
    /// The cursor key.
    Left,
    /// The cursor key.
    Right,
    /// Ctrl-U.
    KillLine,
    /// Ctrl-W.
    KillWord,
    /// What else a program does that edits lines.
    Edit(Edit),
    /// Tab, or a way through what was typed before: another line may take the place of this one.
    Recall,
    /// Escape alone: letters may be commands from now on.
    Escape,
    /// Return.
    Return,
    /// Something that nobody can foresee.
    Other,
}

impl Key {
    /// Whether it is a key of line editors that does one thing in most of them, and has to be seen to do it.
    pub fn is_edit(self) -> bool {
        matches!(self, Key::Edit(_) | Key::KillLine | Key::KillWord)
    }
}

/// Keys of line editors, as readline, zsh and fish have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// Home, or Ctrl-A.
    Home,
    /// End, or Ctrl-E.
    End,
    /// Alt-B.
    WordBack,
    /// Alt-F.
    WordForward,
    /// Ctrl-K.
    KillRest,
    /// Delete.
    Delete,
}

/// Bytes sent at once from which on they were not typed (mosh's choice).
const MAX_TYPED: usize = 100;

/// Takes bytes that were sent at once apart: each key, and how many bytes it has.
pub(super) fn keys(bytes: &[u8]) -> Vec<(Key, usize)> {
    let whole = |key| vec![(key, bytes.len())];
    // CSI and SS3 (ECMA-48 §5.4; DECCKM).
    match bytes {
        [0x1b, b'[' | b'O', b'C'] => return whole(Key::Right),
        [0x1b, b'[' | b'O', b'D'] => return whole(Key::Left),
        [0x1b, b'[' | b'O', b'A' | b'B'] => return whole(Key::Recall),
        [0x1b, b'[' | b'O', b'H'] | b"\x1b[1~" => return whole(Key::Edit(Edit::Home)),
        [0x1b, b'[' | b'O', b'F'] | b"\x1b[4~" => return whole(Key::Edit(Edit::End)),
        b"\x1b[3~" => return whole(Key::Edit(Edit::Delete)),
        b"\x1bb" => return whole(Key::Edit(Edit::WordBack)),
        b"\x1bf" => return whole(Key::Edit(Edit::WordForward)),
        [0x1b] => return whole(Key::Escape),
        [0x1b, ..] => return whole(Key::Other),
        _ if bytes.len() > MAX_TYPED => return whole(Key::Other),
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\x1b') => {
            text.chars().map(|c| (key(c), c.len_utf8())).collect()
        }
        _ => whole(Key::Other),
    }
}

fn key(c: char) -> Key {
    match c {
        '\x7f' | '\x08' => Key::Erase,
        '\x15' => Key::KillLine,
        '\x17' => Key::KillWord,
        '\x01' => Key::Edit(Edit::Home),
        '\x05' => Key::Edit(Edit::End),
        '\x0b' => Key::Edit(Edit::KillRest),
        '\t' | '\x0e' | '\x10' => Key::Recall,
        '\r' | '\n' => Key::Return,
        c if c.is_control() => Key::Other,
        c => Key::Print(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_keys() {
        let one = |bytes: &[u8]| {
            keys(bytes)
                .into_iter()
                .map(|(key, _)| key)
                .collect::<Vec<_>>()
        };
        assert_eq!(one("aé".as_bytes()), [Key::Print('a'), Key::Print('é')]);
        assert_eq!(one(b"\x7f\x08"), [Key::Erase, Key::Erase]);
        assert_eq!(
            (one(b"\x1b[C"), one(b"\x1bOD")),
            (vec![Key::Right], vec![Key::Left])
        );
        assert_eq!(
            one(b"\x15\x17\r"),
            [Key::KillLine, Key::KillWord, Key::Return]
        );
        for (bytes, edit) in [
            (&b"\x01"[..], Edit::Home),
            (b"\x1bOH", Edit::Home),
            (b"\x1b[4~", Edit::End),
            (b"\x1bb", Edit::WordBack),
            (b"\x0b", Edit::KillRest),
            (b"\x1b[3~", Edit::Delete),
        ] {
            assert_eq!(one(bytes), [Key::Edit(edit)]);
        }
        assert_eq!(
            (one(b"\x1b"), one(b"\x1b[A")),
            (vec![Key::Escape], vec![Key::Recall])
        );
        for other in [
            &b"\x1b[5~"[..],
            b"\x12",
            b"\xff",
            b"\x1b[<0;1;1M",
            &[b'a'; 101],
        ] {
            assert_eq!(one(other), [Key::Other]);
        }
        assert_eq!(keys("界".as_bytes()), [(Key::Print('界'), 3)]);
        assert_eq!(keys(b""), []);
    }
}
