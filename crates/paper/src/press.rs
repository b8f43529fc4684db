//! The press: fonts prepared once, and the one way from a template and data to a page.
//!
//! **Invariant:** a template sees the fixed names given to it and nothing else: no file of the machine, no
//! package, no clock. What a person typed reaches it as JSON data, never as markup, so it cannot become code.
//! Every PDF is written as PDF/A-2b, whose exporter refuses a letter that no font has.

use crate::PaperError;
use crate::raster::Raster;
use crate::templates::{Blame, Templates};
use jiff::Timestamp;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::layout::Abs;
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::{LazyHash, Scalar};
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp as PdfTimestamp};

const FONTS: [&[u8]; 6] = [
    include_bytes!("../../../assets/fonts/be-vietnam-pro/BeVietnamPro_400Regular.ttf"),
    include_bytes!("../../../assets/fonts/be-vietnam-pro/BeVietnamPro_600SemiBold.ttf"),
    include_bytes!("../../../assets/fonts/be-vietnam-pro/BeVietnamPro_700Bold.ttf"),
    include_bytes!("../../../assets/fonts/tinos/Tinos_400Regular.ttf"),
    include_bytes!("../../../assets/fonts/tinos/Tinos_400Regular_Italic.ttf"),
    include_bytes!("../../../assets/fonts/tinos/Tinos_700Bold.ttf"),
];

/// Resolution of the picture shown on screen, in dots per inch.
pub(crate) const SCREEN_DPI: f64 = 150.0;
/// How many prints a memoised layout may stay unused before it is dropped.
const MEMO_AGE_MAX: usize = 10;
/// The template being printed stands under this name, whichever it is: the table of names never grows.
const SHEET: &str = "sheet.typ";
/// What the official forms share, what the slips on a roll share, how an address is broken; the only files that a template
/// may import.
pub(crate) const LIBRARIES: [&str; 3] = ["office.typ", "roll.typ", "address.typ"];

/// One press for the life of the program: parsing fonts costs more than a receipt.
pub(crate) static PRESS: LazyLock<Press> = LazyLock::new(Press::new);

pub(crate) struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

/// A template and the files it may read, each under a fixed name.
pub(crate) struct Sheet<'a> {
    pub templates: &'a Templates,
    /// Its name among the templates.
    pub template: &'a str,
    pub files: Vec<(&'static str, Vec<u8>)>,
}

/// A finished paper: its PDF/A-2b, and pictures of it on demand.
pub struct Drawn {
    pub pdf: Vec<u8>,
    document: PagedDocument,
}

impl std::fmt::Debug for Drawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Drawn({} pages, {} bytes)", self.pages(), self.pdf.len())
    }
}

impl Drawn {
    #[must_use]
    pub fn pages(&self) -> usize {
        self.document.pages().len()
    }

    /// All pages, one below the other, at 150 dpi: for a screen.
    ///
    /// # Errors
    /// [`PaperError::BadTemplate`] where a page has no size.
    pub fn png(&self) -> Result<Vec<u8>, PaperError> {
        typst_render::render_merged(&self.document, &at(SCREEN_DPI), Abs::zero(), None)
            .encode_png()
            .map_err(|_| PaperError::BadTemplate)
    }

    /// Black dots for a thermal head, eight to the millimetre (203 dpi).
    ///
    /// # Errors
    /// [`PaperError::BadTemplate`] where a page has no size.
    pub fn raster(&self) -> Result<Raster, PaperError> {
        let options = at(Raster::DOTS_PER_MM * 25.4);
        let pixels = typst_render::render_merged(&self.document, &options, Abs::zero(), None);
        Raster::from_rgba(pixels.data(), pixels.width()).ok_or(PaperError::BadTemplate)
    }
}

fn at(dpi: f64) -> typst_render::RenderOptions {
    typst_render::RenderOptions {
        pixel_per_pt: Scalar::new(dpi / 72.0),
        ..Default::default()
    }
}

impl Press {
    fn new() -> Self {
        let fonts: Vec<Font> = FONTS
            .iter()
            .flat_map(|data| Font::iter(Bytes::new(*data)))
            .collect();
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Self {
            library: LazyHash::new(Library::default()),
            book,
            fonts,
        }
    }

    /// Lays the sheet out and writes it as PDF/A-2b.
    pub(crate) fn print(&self, sheet: &Sheet<'_>, ident: &str, now: Timestamp) -> Result<Drawn, PaperError> {
        let desk = Desk::lay(self, sheet)?;
        let failed = |errors: &[SourceDiagnostic]| {
            let error = reason(errors);
            sheet
                .templates
                .blame(|| desk.blame(sheet.template, errors, &error));
            error
        };
        let document = typst::compile::<PagedDocument>(&desk)
            .output
            .map_err(|e| failed(&e))?;
        let pdf = typst_pdf::pdf(&document, &options(ident, now)?).map_err(|e| failed(&e))?;
        comemo::evict(MEMO_AGE_MAX);
        Ok(Drawn { pdf, document })
    }
}

fn options(ident: &str, now: Timestamp) -> Result<PdfOptions, PaperError> {
    let utc = now.to_zoned(jiff::tz::TimeZone::UTC);
    let part = |n: i8| u8::try_from(n).unwrap_or_default();
    let made = Datetime::from_ymd_hms(
        i32::from(utc.year()),
        part(utc.month()),
        part(utc.day()),
        part(utc.hour()),
        part(utc.minute()),
        part(utc.second()),
    );
    Ok(PdfOptions {
        ident: Smart::Custom(ident.to_owned()),
        creator: Smart::Custom(Some("Đồng Hành".to_owned())),
        timestamp: made.map(PdfTimestamp::new_utc),
        standards: PdfStandards::new(&[PdfStandard::A_2b]).map_err(|_| PaperError::BadTemplate)?,
        ..PdfOptions::default()
    })
}

/// The exporter tells of a missing letter in words only; its words are read here and nowhere else.
fn reason(errors: &[SourceDiagnostic]) -> PaperError {
    let missing = errors
        .iter()
        .find(|e| e.message.contains("could not be displayed with"));
    match missing {
        Some(e) => PaperError::MissingGlyph {
            letter: e.message.split('"').nth(1).and_then(|s| s.chars().next()),
        },
        None => PaperError::BadTemplate,
    }
}

/// One print's world: the press and the files of one sheet.
struct Desk<'a> {
    press: &'a Press,
    main: Source,
    libraries: Vec<(&'static str, Source)>,
    files: Vec<(FileId, Bytes)>,
}

impl<'a> Desk<'a> {
    fn lay(press: &'a Press, sheet: &Sheet<'_>) -> Result<Self, PaperError> {
        let text = |name: &str| sheet.templates.text(name).map(str::to_owned);
        let main = Source::new(file_id(SHEET)?, text(sheet.template)?);
        let libraries = LIBRARIES
            .into_iter()
            .map(|name| Ok((name, Source::new(file_id(name)?, text(name)?))))
            .collect::<Result<_, PaperError>>()?;
        let files = sheet
            .files
            .iter()
            .map(|(name, bytes)| Ok((file_id(name)?, Bytes::new(bytes.clone()))))
            .collect::<Result<_, PaperError>>()?;
        Ok(Self {
            press,
            main,
            libraries,
            files,
        })
    }
}

impl Desk<'_> {
    /// The first mistake: its file and line, and what the typesetter says of it.
    fn blame(&self, template: &str, errors: &[SourceDiagnostic], error: &PaperError) -> Blame {
        let first = errors.first();
        let at = first.and_then(|e| {
            let (file, source) = self.named(template, e.span.id()?)?;
            let line = source.lines().byte_to_line(self.range(e.span)?.start)?;
            Some((file, line + 1))
        });
        Blame {
            file: at.map_or(template, |(file, _)| file).to_owned(),
            line: at.map(|(_, line)| line),
            said: match (error, first) {
                (PaperError::MissingGlyph { .. }, _) | (_, None) => error.to_string(),
                (_, Some(first)) => first.message.to_string(),
            },
        }
    }

    /// A text and the name under which people know it; the sheet's own is its template's.
    fn named<'n>(&self, template: &'n str, id: FileId) -> Option<(&'n str, &Source)> {
        let libraries = self.libraries.iter().map(|(name, source)| (*name, source));
        std::iter::once((template, &self.main))
            .chain(libraries)
            .find(|(_, source)| source.id() == id)
    }
}

/// Names are `'static`: the table of ids has 65,535 places for the life of the program, so none may be made up.
fn file_id(name: &'static str) -> Result<FileId, PaperError> {
    let path = VirtualPath::new(name).map_err(|_| PaperError::BadTemplate)?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.named(SHEET, id)
            .map(|(_, source)| source.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, b)| b.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(template: &str) -> Result<Drawn, PaperError> {
        let templates = Templates::built_in()
            .with_files([("test.typ".to_owned(), template.as_bytes().to_vec())])
            .unwrap();
        let sheet = Sheet {
            templates: &templates,
            template: "test.typ",
            files: vec![("data.json", b"{}".to_vec())],
        };
        PRESS.print(&sheet, "test", Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_template_reaches_nothing_but_what_it_was_given() {
        let page = "#set document(title: \"x\")\n#set text(font: \"Be Vietnam Pro\")\n";
        assert!(
            print(&format!("{page}#json(\"data.json\").len()")).is_ok(),
            "the given file is readable"
        );
        for grab in [
            "#read(\"/etc/passwd\")",
            "#read(\"../Cargo.toml\")",
            "#read(\"sheet.typ\")",
            "#read(\"roll.typ\")",
            "#read(\"receipt_a5.typ\")",
            "#import \"receipt_a5.typ\": title",
            "#import \"@preview/cetz:0.4.0\"",
            "#datetime.today()",
            "#include \"data.json\"",
        ] {
            assert_eq!(
                print(&format!("{page}{grab}")).err(),
                Some(PaperError::BadTemplate),
                "{grab}"
            );
        }
    }
}
