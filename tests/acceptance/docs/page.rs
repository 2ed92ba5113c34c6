//! The pages of the documentation: their blocks, links and headings. Knows as much of Markdown as
//! they use.

use std::fs;
use std::path::{Path, PathBuf};

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// A fenced block.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// The language, such as `console`.
    pub(super) language: &'a str,
    /// The name of the file that it is; stands behind the language.
    pub(super) file: Option<&'a str>,
    /// The number of its first line in the page.
    pub(super) line: usize,
    pub(super) lines: Vec<&'a str>,
}

/// The folder of the repository.
pub(super) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the repository is there")
}

/// All pages of the repository, in the order of their paths.
pub(super) fn pages() -> Vec<Page> {
    let mut found = Vec::new();
    walk(&root(), &mut |path| {
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(path).expect("a page is text");
            found.push(Page { path: path.to_owned(), text });
        }
    });
    assert!(found.len() > 10, "{} pages", found.len());
    found
}

/// Visits the files of a folder, but for what is built and what is hidden.
pub(super) fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_made = ["target", "terrier-data", "terrier-demo"].contains(&&*name);
        if path.is_dir() && !is_made && !name.starts_with('.') {
            walk(&path, visit);
        } else if path.is_file() {
            visit(&path);
        }
    }
}

impl Page {
    /// The path as it is told to a reader.
    pub(super) fn name(&self) -> String {
        self.path.strip_prefix(root()).unwrap_or(&self.path).display().to_string()
    }

    /// The fenced blocks.
    pub(super) fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut open: Option<Block<'_>> = None;
        for (number, line) in (1..).zip(self.text.lines()) {
            match (line.strip_prefix("```"), open.take()) {
                (Some(_), Some(block)) => blocks.push(block),
                (Some(info), None) => {
                    let mut words = info.split(' ');
                    let language = words.next().unwrap_or_default();
                    let (file, lines) = (words.next(), Vec::new());
                    open = Some(Block { language, file, line: number + 1, lines });
                }
                (None, Some(mut block)) => {
                    block.lines.push(line);
                    open = Some(block);
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a block does not end", self.name());
        blocks
    }

    /// The lines outside of blocks.
    fn prose(&self) -> impl Iterator<Item = &str> {
        let mut inside = false;
        self.text.lines().filter(move |line| {
            let is_fence = line.starts_with("```");
            inside ^= is_fence;
            !inside && !is_fence
        })
    }

    /// Where the links and pictures lead.
    pub(super) fn links(&self) -> Vec<&str> {
        let ends = |line| str::split(line, "](").skip(1);
        self.prose().flat_map(ends).filter_map(|rest| Some(rest.split_once(')')?.0)).collect()
    }

    /// The names by which links find the headings, as GitHub makes them.
    pub(super) fn anchors(&self) -> Vec<String> {
        let headings = self.prose().filter(|line| line.starts_with('#'));
        let kept = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        headings
            .map(|line| {
                let title = line.trim_start_matches('#').trim().to_lowercase();
                title.chars().filter(|c| kept(*c)).collect::<String>().replace(' ', "-")
            })
            .collect()
    }
}
