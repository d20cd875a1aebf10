//! Cells as files: one a finished run, there whole or not at all, whoever is killed when.
//!
//! A cell is written under a name of its own and renamed. A claim is a lock that the operating system
//! holds for a process and drops with it, so nobody waits for the dead.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
use scenarios::study::{Cell, CellName, Claim, Store};

/// The folder of finished runs within a study's folder.
const FOLDER: &str = "cells";
/// The ending of finished runs.
const ENDING: &str = "cell";

/// The finished runs of a study.
#[derive(Debug)]
pub(crate) struct Cells {
    folder: PathBuf,
}

impl Cells {
    /// The cells kept in the study's folder `place`.
    pub(crate) fn open(place: &Path) -> anyhow::Result<Cells> {
        let folder = place.join(FOLDER);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Cells { folder })
    }

    fn path(&self, name: CellName) -> PathBuf {
        self.folder.join(format!("{name}.{ENDING}"))
    }

    /// Takes over the cells of another folder that are not here yet.
    pub(crate) fn take_from(&self, other: &Path) -> anyhow::Result<()> {
        let folder = other.join(FOLDER);
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
            let (Some(name), true) = (path.file_name(), path.extension() == Some(OsStr::new(ENDING))) else { continue };
            let here = self.folder.join(name);
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            if !here.exists() && Cell::parse(&text).is_some() {
                write_whole(&here, &text).with_context(|| format!("cannot write {}", here.display()))?;
            }
        }
        Ok(())
    }

    /// Forgets all cells.
    pub(crate) fn clear(&self) -> anyhow::Result<()> {
        let cleared = fs::remove_dir_all(&self.folder).and_then(|()| fs::create_dir_all(&self.folder));
        cleared.with_context(|| format!("cannot clear {}", self.folder.display()))
    }

    /// Removes what a process has left that was killed; not while others are at work here.
    pub(crate) fn tidy(&self) -> anyhow::Result<()> {
        let entries = fs::read_dir(&self.folder).with_context(|| format!("cannot read {}", self.folder.display()))?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        for path in paths.filter(|path| path.extension() != Some(OsStr::new(ENDING))) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(())
    }

    /// Whether there is any cell.
    pub(crate) fn is_empty(&self) -> bool {
        fs::read_dir(&self.folder).is_ok_and(|mut entries| entries.next().is_none())
    }
}

impl Store for Cells {
    fn load(&self, name: CellName) -> Option<Cell> {
        Cell::parse(&fs::read_to_string(self.path(name)).ok()?)
    }

    fn claim(&self, name: CellName) -> io::Result<Option<Claim>> {
        let path = self.folder.join(format!("{name}.lock"));
        let file = File::create(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(Lock { _file: file, path }))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn save(&self, name: CellName, cell: &Cell) -> io::Result<()> {
        write_whole(&self.path(name), cell.text())
    }
}

/// A claim; its file goes with it. Should two processes claim one cell in the very moment in which a
/// third lets it go, they write the same bytes.
struct Lock {
    _file: File,
    path: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What stays behind is an empty file that nobody holds.
        let _ = fs::remove_file(&self.path);
    }
}

/// Writes a file that is there whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}.partial", std::process::id()));
    fs::write(&aside, bytes)?;
    fs::rename(&aside, path)
}
