//! Files that nobody sees before they are whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file in the making. It has another name until it is whole, and goes away when it never is; a
/// file that had its name before is replaced then.
#[derive(Debug)]
pub(crate) struct WholeFile {
    path: PathBuf,
    /// `None` for what is no file, such as a pipe or a link, which is written as it is; and for a
    /// file that is whole.
    unfinished: Option<PathBuf>,
    file: File,
}

impl WholeFile {
    /// Begins a file, without touching one that may stand at the path.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let is_other = std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file());
        let unfinished = (!is_other).then(|| beside(path, ".unfinished"));
        let file = match &unfinished {
            Some(unfinished) => File::create(unfinished),
            None => File::options().write(true).truncate(true).open(path),
        };
        let file = file.map_err(|error| failure(path, error))?;
        Ok(Self { path: path.into(), unfinished, file })
    }

    /// What is written to.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// The name of the file for now.
    pub(crate) fn unfinished(&self) -> &Path {
        self.unfinished.as_ref().unwrap_or(&self.path)
    }

    /// Gives the file its name.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let Some(unfinished) = &self.unfinished else { return Ok(()) };
        let done = self.file.sync_all().and_then(|()| std::fs::rename(unfinished, &self.path));
        done.map_err(|error| failure(&self.path, error))?;
        self.unfinished = None;
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(unfinished) = &self.unfinished {
            let _ = std::fs::remove_file(unfinished);
        }
    }
}

/// The path with something behind its name.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    [path.as_os_str(), ending.as_ref()].join("".as_ref()).into()
}

fn failure(path: &Path, error: std::io::Error) -> Failure {
    Failure::because(format!("cannot write `{}`", path.display()), error)
}
