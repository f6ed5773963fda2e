//! A copy of files and trees from one place to another, file by file, in the order of their names.

use super::glob;
use super::place::{Place, download, upload};
use super::transfer::Lost;
use super::tree::MAX_DEPTH;
use crate::protocol::files::{FileKind, FileName, FilePath, Keep, Meta};
use anyhow::{Context, Result, bail, ensure};

/// Most files that one pattern may mean.
const MAX_MATCHES: usize = 100_000;

/// What is told while it goes on.
pub trait Watcher {
    /// This file is next, with so many bytes.
    fn begin(&mut self, name: &str, bytes: u64);
    /// So many bytes of it are there.
    fn advance(&mut self, bytes: u64);
    /// It is there.
    fn end(&mut self);
    /// Something was left out, and the rest goes on.
    fn left_out(&mut self, line: &str);
}

/// Whether directories are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// With all that is in them.
    Trees,
    /// They are left out.
    Files,
}

/// A copy between two places.
pub struct Copy<'a> {
    /// Where from.
    pub from: &'a mut Place,
    /// Where to.
    pub to: &'a mut Place,
    /// Whether mode and time are kept.
    pub keep: Keep,
    /// Whether directories are copied.
    pub depth: Depth,
    /// Whom to tell.
    pub watcher: &'a mut dyn Watcher,
}

/// What a copy is to become.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its path as the user wrote it.
    pub path: FilePath,
    /// What is there already.
    pub found: Option<Meta>,
}

impl Target {
    /// Whether copies go into it under their own names.
    pub fn is_dir(&self) -> bool {
        self.found
            .is_some_and(|meta| meta.kind == FileKind::Directory)
    }

    /// Where a copy of a source with that name goes.
    fn of(&self, name: Option<FileName>) -> FilePath {
        let mut path = self.path.clone();
        if self.is_dir() {
            path.below.extend(name);
        }
        path
    }
}

/// What the user's source means: itself or, if there is no such thing, what it is a pattern of.
pub async fn meant(place: &mut Place, root: &[u8]) -> Result<Vec<(FilePath, Meta)>> {
    let itself = rooted(root.to_vec());
    if let Some(meta) = place.look(&itself).await? {
        return Ok(vec![(itself, meta)]);
    }
    let missing = || format!("{}: there is no such file", String::from_utf8_lossy(root));
    ensure!(
        glob::is_pattern(root) && matches!(place, Place::There(_)),
        missing()
    );
    let mut bases = vec![Vec::new()];
    for (index, part) in root.split(|byte| *byte == b'/').enumerate() {
        let mut next = Vec::new();
        for base in bases {
            let base: Vec<u8> = match index {
                0 => base,
                _ => [base.as_slice(), b"/"].concat(),
            };
            match glob::is_pattern(part) {
                false => next.push([base.as_slice(), part].concat()),
                true => next.extend(matching(place, &base, part).await?),
            }
            ensure!(
                next.len() <= MAX_MATCHES,
                "the pattern means too many files"
            );
        }
        bases = next;
    }
    let mut found = Vec::new();
    for path in bases.into_iter().map(rooted) {
        if let Some(meta) = place.look(&path).await? {
            found.push((path, meta));
        }
    }
    ensure!(!found.is_empty(), missing());
    Ok(found)
}

fn rooted(root: Vec<u8>) -> FilePath {
    FilePath {
        root,
        below: Vec::new(),
    }
}

/// The paths of what a pattern means in one directory.
async fn matching(place: &mut Place, base: &[u8], pattern: &[u8]) -> Result<Vec<Vec<u8>>> {
    let dir = rooted(match base {
        b"" => b".".to_vec(),
        base => base.to_vec(),
    });
    let is_dir = |meta: Meta| meta.kind == FileKind::Directory;
    if !place.look(&dir).await?.is_some_and(is_dir) {
        return Ok(Vec::new());
    }
    let names = place.list(&dir).await?.into_iter().map(|(name, _)| name);
    let names = names.filter(|name| glob::matches(pattern, name));
    Ok(names.map(|name| [base, &name].concat()).collect())
}

/// The name under which a source goes into a directory; `None` if it is that directory's contents that are meant.
fn name_of(path: &FilePath) -> Option<FileName> {
    let mut parts = path.root.split(|byte| *byte == b'/');
    let last = parts.rfind(|part| !part.is_empty())?;
    (!matches!(last, b"." | b".." | b"~")).then(|| last.to_vec())
}

impl Copy<'_> {
    /// Copies one source, a file or a tree.
    ///
    /// # Errors
    /// [`Lost`] if nothing more can be copied; what else goes wrong concerns this source.
    pub async fn source(&mut self, from: &FilePath, meta: Meta, target: &Target) -> Result<()> {
        let to = target.of(name_of(from));
        match (meta.kind, self.depth) {
            (FileKind::File, _) => {
                let ends_open = target.path.root.ends_with(b"/") && !target.is_dir();
                ensure!(
                    !ends_open,
                    "{}: there is no such directory",
                    self.to.shown(&to)
                );
                self.file(from, &to, meta).await
            }
            (FileKind::Directory, Depth::Trees) => self.tree(from, to, meta).await,
            (FileKind::Directory, Depth::Files) => {
                bail!("{} is a directory: -r copies it", self.from.shown(from))
            }
            (FileKind::Other, _) => bail!("{} is no regular file", self.from.shown(from)),
        }
    }

    async fn file(&mut self, from: &FilePath, to: &FilePath, meta: Meta) -> Result<()> {
        self.watcher.begin(&self.from.shown(from), meta.size);
        let keep = self.keep;
        let told = &mut |bytes| self.watcher.advance(bytes);
        let copied = match (&mut *self.from, &mut *self.to) {
            (Place::Here, Place::There(link)) => upload(link, from, to.clone(), keep, told).await,
            (Place::There(link), Place::Here) => {
                download(link, from.clone(), to, (meta, keep), told).await
            }
            _ => bail!("one of the two has to be here, and the other on a host"),
        };
        self.watcher.end();
        copied
    }

    async fn tree(&mut self, from: &FilePath, to: FilePath, meta: Meta) -> Result<()> {
        let mut waiting = vec![(from.clone(), to, meta)];
        let mut filled = Vec::new();
        while let Some((from, to, meta)) = waiting.pop() {
            if let Err(error) = self.dir((&from, &to, meta), &mut waiting).await {
                self.bear(error)?;
                continue;
            }
            filled.push((to, meta));
        }
        if self.keep == Keep::ModeAndTime {
            // What is in a directory changes its time: the deepest come first.
            for (to, meta) in filled.into_iter().rev() {
                self.to.finish(&to, meta).await?;
            }
        }
        Ok(())
    }

    /// Makes a directory and copies the files in it; the directories in it wait.
    async fn dir(
        &mut self,
        (from, to, meta): (&FilePath, &FilePath, Meta),
        waiting: &mut Vec<(FilePath, FilePath, Meta)>,
    ) -> Result<()> {
        let shown = self.from.shown(from);
        ensure!(
            from.below.len() < MAX_DEPTH,
            "{shown}: the tree is too deep"
        );
        self.to.make_dir(to, meta.mode).await?;
        let entries = self.from.list(from).await?;
        for (name, meta) in entries {
            let within = |path: &FilePath| {
                let mut path = path.clone();
                path.below.push(name.clone());
                path
            };
            let (from, to) = (within(from), within(to));
            let copied = match meta.kind {
                FileKind::Directory => {
                    waiting.push((from, to, meta));
                    continue;
                }
                FileKind::File => self.file(&from, &to, meta).await,
                FileKind::Other => {
                    let shown = self.from.shown(&from);
                    Err(anyhow::anyhow!(
                        "{shown} is left out: it is no regular file, or a link to a directory"
                    ))
                }
            };
            copied.or_else(|error| self.bear(error))?;
        }
        Ok(())
    }

    /// Goes on after what concerns one file alone.
    ///
    /// # Errors
    /// [`Lost`] is handed on.
    pub fn bear(&mut self, error: anyhow::Error) -> Result<()> {
        if error.is::<Lost>() {
            return Err(error);
        }
        self.watcher.left_out(&format!("{error:#}"));
        Ok(())
    }
}

/// Looks at where copies go.
pub async fn target(place: &mut Place, path: FilePath) -> Result<Target> {
    let found = place.look(&path).await.context("looking at the target")?;
    Ok(Target { path, found })
}
