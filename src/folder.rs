//! The results folder: written aside under another name, and moved into place once it is whole.
//!
//! So a folder that looks whole is whole, whatever happens on the way.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// The file that marks a folder as one of ours.
pub(crate) const MANIFEST: &str = "manifest.json";

/// A results folder in the making.
#[derive(Debug)]
pub(crate) struct Folder {
    place: PathBuf,
    aside: PathBuf,
    files: usize,
}

impl Folder {
    /// Begins a folder that will stand at `place`.
    ///
    /// # Errors
    ///
    /// If something else than earlier results stands there, or nothing can be written.
    pub(crate) fn begin(place: &Path) -> anyhow::Result<Folder> {
        check_free(place)?;
        let mut name = place.file_name().map_or_else(|| OsString::from("results"), OsString::from);
        name.push(".partial");
        let aside = place.with_file_name(name);
        if aside.exists() {
            fs::remove_dir_all(&aside).with_context(|| format!("cannot remove the unfinished {}", aside.display()))?;
        }
        fs::create_dir_all(&aside).with_context(|| format!("cannot create {}", aside.display()))?;
        Ok(Folder { place: place.to_owned(), aside, files: 0 })
    }

    /// Writes the file `name`, in which folders are separated by `/`.
    pub(crate) fn write(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
        let path = self.aside.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        self.files += 1;
        Ok(())
    }

    /// Puts the folder in its place, where earlier results make way; returns the number of files.
    pub(crate) fn finish(self) -> anyhow::Result<usize> {
        check_free(&self.place)?;
        if self.place.exists() {
            fs::remove_dir_all(&self.place).with_context(|| format!("cannot replace {}", self.place.display()))?;
        }
        fs::rename(&self.aside, &self.place).with_context(|| format!("cannot create {}", self.place.display()))?;
        Ok(self.files)
    }
}

/// Refuses to write over what is not ours.
pub(crate) fn check_free(place: &Path) -> anyhow::Result<()> {
    let Ok(metadata) = fs::metadata(place) else { return Ok(()) };
    if !metadata.is_dir() {
        bail!("{} is a file; --out wants a folder", place.display());
    }
    let mut entries = fs::read_dir(place).with_context(|| format!("cannot read {}", place.display()))?;
    if entries.next().is_some() && !place.join(MANIFEST).exists() {
        bail!("{} holds other files; --out wants a new folder, or one with earlier results", place.display());
    }
    Ok(())
}
