//! Texts that must not change unnoticed: files in `tests/it/cases/`.

use std::fs;
use std::path::Path;

/// Compares with the file of this name in `tests/it/cases/`. To accept a change, copy the file
/// the message names over the old one.
pub(crate) fn assert_golden(name: &str, actual: &str) {
    if let Some(change) = change(name, actual) {
        panic!("{change}");
    }
}

/// What has changed and how to accept it, if the file of this name in `tests/it/cases/` holds
/// another text.
pub(crate) fn change(name: &str, actual: &str) -> Option<String> {
    change_of(&format!("tests/it/cases/{name}"), actual)
}

/// The same for a file named by its path from the root.
pub(crate) fn change_of(path: &str, actual: &str) -> Option<String> {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(path);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected == actual {
        return None;
    }
    let folder = kept.parent().expect("a file is in a folder");
    fs::create_dir_all(folder).expect("the target folder is writable");
    fs::write(&kept, actual).expect("the target folder is writable");
    let (kept, path) = (kept.display(), path.display());
    Some(format!("{path} changed; it is now:\n{actual}\nto accept: cp {kept} {path}"))
}
