//! Notices under way and colours as bytes, for snapshots.

use super::super::effect::Urgency;
use super::super::limits::MAX_OPEN_NOTICES;
use super::super::palette::{Palette, put_color, read_color};
use super::color::{Colors, Defaults, Told};
use super::notice::{Notices, Part};
use crate::varint::{self, Malformed, Reader};

impl Notices {
    pub(in crate::term) fn put(&self, out: &mut Vec<u8>) {
        varint::put(out, self.open.len() as u64);
        for part in &self.open {
            varint::put_bytes(out, part.id.as_bytes());
            varint::put_bytes(out, &part.title);
            varint::put_bytes(out, &part.body);
            out.push(part.urgency as u8);
        }
    }

    pub(in crate::term) fn read(reader: &mut Reader) -> Result<Self, Malformed> {
        let count = reader.at_most(MAX_OPEN_NOTICES as u64)?;
        let part = |_| {
            Ok(Part {
                id: reader.str()?.to_owned(),
                title: reader.bytes()?.to_vec(),
                body: reader.bytes()?.to_vec(),
                urgency: match reader.u8()? {
                    0 => Urgency::Low,
                    1 => Urgency::Normal,
                    2 => Urgency::Critical,
                    _ => return Err(Malformed("urgency")),
                },
            })
        };
        let open = (0..count).map(part).collect::<Result<_, _>>()?;
        Ok(Self { open })
    }
}

impl Colors {
    pub(in crate::term) fn put(&self, out: &mut Vec<u8>) {
        self.palette.put(out);
        for color in self.special.iter().chain(&self.dynamic) {
            put_color(*color, out);
        }
        let Defaults {
            foreground,
            background,
        } = self.defaults;
        put_color(Some(foreground), out);
        put_color(Some(background), out);
        out.push(u8::from(self.told == Told::Always));
    }

    pub(in crate::term) fn read(reader: &mut Reader) -> Result<Self, Malformed> {
        let mut colors = Self {
            palette: Palette::read(reader)?,
            ..Self::default()
        };
        for color in colors.special.iter_mut().chain(&mut colors.dynamic) {
            *color = read_color(reader)?;
        }
        let missing = Malformed("colour");
        colors.defaults = Defaults {
            foreground: read_color(reader)?.ok_or(missing)?,
            background: read_color(reader)?.ok_or(missing)?,
        };
        if reader.at_most(1)? == 1 {
            colors.told = Told::Always;
        }
        Ok(colors)
    }
}
