//! Alternative text in a PNG: chunks of international text, as the PNG specification (W3C, third
//! edition, 11.3.3.4) has them, with the keywords it registers. Nothing here draws.

/// The signature, and the header chunk that must come first.
const HEAD: usize = 8 + 25;

/// A PNG with a title and a description, right after its header. What is no PNG stays as it is.
pub(super) fn described(png: Vec<u8>, title: &str, description: &str) -> Vec<u8> {
    if png.len() < HEAD {
        return png;
    }
    let (head, rest) = png.split_at(HEAD);
    let texts = [text("Title", title), text("Description", description)].concat();
    [head, &texts, rest].concat()
}

/// A chunk with a text of this keyword.
fn text(keyword: &str, text: &str) -> Vec<u8> {
    let mut typed = b"iTXt".to_vec();
    typed.extend(keyword.bytes());
    // The keyword ends; not compressed; English; no keyword in another language.
    typed.extend(b"\0\0\0en\0\0");
    typed.extend(text.bytes());
    let length = u32::try_from(typed.len() - 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], &typed, &check(&typed).to_be_bytes()].concat()
}

/// The cyclic redundancy check of ISO 3309, which PNG's annex on it spells out.
fn check(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { 0xEDB8_8320 ^ (sum >> 1) } else { sum >> 1 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_is_the_standard_one() {
        // The check value that catalogues of such checks give for CRC-32.
        assert_eq!(check(b"123456789"), 0xCBF4_3926);
        // The last chunk of every PNG.
        assert_eq!(check(b"IEND"), 0xAE42_6082);
    }

    #[test]
    fn what_is_no_png_stays() {
        assert_eq!(described(vec![1, 2], "a", "b"), [1, 2]);
    }
}
