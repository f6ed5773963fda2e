//! What the 256 colours look like where nobody has changed them.

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// xterm's palette of 256.
pub fn xterm(index: u8) -> Rgb {
    const BASE: [Rgb; 16] = [
        (0, 0, 0),
        (205, 0, 0),
        (0, 205, 0),
        (205, 205, 0),
        (0, 0, 238),
        (205, 0, 205),
        (0, 205, 205),
        (229, 229, 229),
        (127, 127, 127),
        (255, 0, 0),
        (0, 255, 0),
        (255, 255, 0),
        (92, 92, 255),
        (255, 0, 255),
        (0, 255, 255),
        (255, 255, 255),
    ];
    let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match index {
        0..=15 => BASE[usize::from(index)],
        16..=231 => {
            let n = index - 16;
            (level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        grey => {
            let n = 8 + 10 * (grey - 232);
            (n, n, n)
        }
    }
}

/// `rgb:r/g/b` with 1 to 4 digits each, or `#rgb` with as many (XParseColor): how terminals spell colours.
pub fn parse(text: &str) -> Option<Rgb> {
    let channel = |hex: &str| {
        let value = u32::from_str_radix(hex, 16).ok()?;
        let max = (1u32 << (4 * hex.len().min(4))) - 1;
        (1..=4)
            .contains(&hex.len())
            .then_some((value * 255 / max) as u8)
    };
    if let Some(hex) = text.strip_prefix('#') {
        let digits = hex.len() / 3;
        let part = |n: usize| channel(hex.get(n * digits..(n + 1) * digits)?);
        return (digits * 3 == hex.len())
            .then(|| Some((part(0)?, part(1)?, part(2)?)))
            .flatten();
    }
    let mut parts = text.strip_prefix("rgb:")?.split('/');
    let color = (
        channel(parts.next()?)?,
        channel(parts.next()?)?,
        channel(parts.next()?)?,
    );
    parts.next().is_none().then_some(color)
}
