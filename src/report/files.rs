//! The only part of the reports that touches the file system: a folder whose files are written
//! whole or not at all.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A folder that was found writable.
#[derive(Clone, Debug)]
pub struct OutputFolder {
    path: PathBuf,
}

/// Why a file or folder could not be written.
#[derive(Debug)]
pub struct WriteError {
    /// What was tried to be written.
    pub path: PathBuf,
    /// The system's reason.
    pub reason: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.reason)
    }
}

/// A temporary file that is gone unless it was renamed.
struct Temporary<'a>(&'a Path);

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        // After the rename there is nothing left to remove, and that is no error.
        let _ = fs::remove_file(self.0);
    }
}

impl OutputFolder {
    /// Creates the folder if need be, and makes sure a file can be written into it, so that a
    /// long run does not end with the news that it cannot be saved.
    ///
    /// # Errors
    /// The folder cannot be created or written to.
    pub fn create(path: &Path) -> Result<OutputFolder, WriteError> {
        let folder = OutputFolder { path: path.to_owned() };
        let failed = |reason| WriteError { path: path.to_owned(), reason };
        fs::create_dir_all(path).map_err(failed)?;
        let probe = folder.temporary("probe");
        let _cleanup = Temporary(&probe);
        File::create(&probe).map_err(failed)?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file: into a temporary one beside it, which then takes its name.
    ///
    /// # Errors
    /// The file cannot be written; what was there before is untouched.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        self.write_with(name, |file| file.write_all(bytes))
    }

    /// Writes a file as [`OutputFolder::write`] does, part by part.
    ///
    /// # Errors
    /// The file cannot be written; what was there before is untouched.
    pub fn write_with(
        &self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        let path = self.path.join(name);
        let temporary = self.temporary(name);
        let _cleanup = Temporary(&temporary);
        let attempt = || {
            let mut file = BufWriter::new(File::create(&temporary)?);
            content(&mut file)?;
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            fs::rename(&temporary, &path)
        };
        attempt().map_err(|reason| WriteError { path: path.clone(), reason })
    }

    /// A name beside `name` that no other process uses.
    fn temporary(&self, name: &str) -> PathBuf {
        self.path.join(format!(".{name}.{}.tmp", std::process::id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("stalelab-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    #[test]
    fn files_replace_older_ones_and_leave_nothing_else() {
        let path = scratch("files");
        let folder = OutputFolder::create(&path.join("a/b")).expect("writable");
        folder.write("x.csv", b"old").expect("writable");
        folder.write("x.csv", b"new").expect("writable");
        let names: Vec<_> =
            fs::read_dir(folder.path()).expect("there").flatten().map(|e| e.file_name()).collect();
        assert_eq!(names, ["x.csv"]);
        assert_eq!(fs::read(folder.path().join("x.csv")).expect("there"), b"new");
        fs::remove_dir_all(path).expect("ours");
    }

    #[test]
    fn a_failed_write_leaves_no_temporary_file() {
        let path = scratch("failed");
        let folder = OutputFolder::create(&path).expect("writable");
        fs::create_dir(path.join("x.csv")).expect("writable");
        let error = folder.write("x.csv", b"new").expect_err("a folder is in the way");
        assert!(error.to_string().contains("x.csv"), "{error}");
        assert_eq!(fs::read_dir(&path).expect("there").count(), 1);
        fs::remove_dir_all(path).expect("ours");
    }

    #[test]
    fn a_file_in_the_way_of_the_folder_is_named() {
        let path = scratch("in-the-way");
        fs::write(&path, b"").expect("writable");
        let error = OutputFolder::create(&path.join("output")).expect_err("a file is in the way");
        assert!(error.to_string().starts_with("cannot write "), "{error}");
        fs::remove_file(path).expect("ours");
    }
}
