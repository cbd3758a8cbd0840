//! The fingerprint of a run's files: FNV-1a with 128 bits, the same on every machine. It finds
//! accidental differences; it is no protection against a forger.

/// The digests of this version, as `stalelab digests` prints them.
pub const PROMISED: &str = include_str!("digests.txt");

/// The digest that is promised of a built-in scenario's files, made as
/// [`builtin::shortened`](crate::scenario::builtin::shortened) says.
pub fn promised(scenario: &str) -> Option<&'static str> {
    let lines = PROMISED.lines().filter_map(|line| line.split_once("  "));
    lines.into_iter().find(|(_, name)| *name == scenario).map(|(digest, _)| digest)
}

/// Offset basis of 128-bit FNV-1a (draft-eastlake-fnv, section 5).
const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
/// Prime of 128-bit FNV-1a.
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// The fingerprint of these files, names and sizes included, as 32 hexadecimal digits.
pub fn digest<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut state = BASIS;
    for (name, bytes) in files {
        state = feed(state, &(name.len() as u64).to_le_bytes());
        state = feed(state, name.as_bytes());
        state = feed(state, &(bytes.len() as u64).to_le_bytes());
        state = feed(state, bytes);
    }
    format!("{state:032x}")
}

fn feed(state: u128, bytes: &[u8]) -> u128 {
    bytes.iter().fold(state, |state, &byte| (state ^ u128::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        // Test vectors of draft-eastlake-fnv: the empty string and "a".
        assert_eq!(feed(BASIS, b""), BASIS);
        assert_eq!(feed(BASIS, b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }

    #[test]
    fn moving_a_byte_between_name_and_content_changes_the_digest() {
        let one = digest([("ab", b"c".as_slice())]);
        let other = digest([("a", b"bc".as_slice())]);
        assert_ne!(one, other);
        assert_eq!(one.len(), 32);
    }
}
