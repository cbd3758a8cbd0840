//! Texts that must not change unnoticed: files in `tests/it/cases/`.

use std::fs;
use std::path::Path;

/// Compares with the file of this name in `tests/it/cases/`. To accept a change, copy the file
/// the message names over the old one.
pub(crate) fn assert_golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases").join(name);
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected == actual {
        return;
    }
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&kept, actual).expect("the target folder is writable");
    panic!(
        "{name} changed; it is now:\n{actual}\nto accept: cp {} {}",
        kept.display(),
        path.display()
    );
}
