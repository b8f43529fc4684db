//! Many pages of one paper as one PDF/A-2b.
//!
//! **Invariant:** a page's JPEG goes in byte for byte: it is not opened and not encoded a second time.

use crate::PaperError;
use jiff::Timestamp;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::Size;
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};

/// Pixels to points: pages are kept at 200 dpi, and a point is a 72nd of an inch.
const POINTS_A_PIXEL: f32 = 72.0 / 200.0;

/// The pages of one paper, in order.
#[derive(Clone, Copy)]
pub struct Sheets<'a> {
    /// What the paper is called; no person's name.
    pub title: &'a str,
    pub made: Timestamp,
    /// JPEGs as [`crate::prepare`] made them.
    pub pages: &'a [Vec<u8>],
}

impl std::fmt::Debug for Sheets<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sheets({} pages)", self.pages.len())
    }
}

/// The paper as one file.
///
/// # Errors
/// `BrokenPicture` where a page is no JPEG of ours, `BadTemplate` where the exporter's own check fails.
pub fn pdf_of(sheets: Sheets<'_>) -> Result<Vec<u8>, PaperError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_B)
        .finish()
        .map_err(|_| PaperError::BadTemplate)?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    document.set_metadata(
        Metadata::new()
            .title(sheets.title.to_owned())
            .language("vi".to_owned())
            .creator("Đồng Hành".to_owned())
            .creation_date(date(sheets.made)),
    );
    for page in sheets.pages {
        let broken = |_| PaperError::BrokenPicture;
        let image = Image::from_jpeg(page.clone().into(), false).map_err(broken)?;
        let (width, height) = image.size();
        let (w, h) = (width as f32 * POINTS_A_PIXEL, height as f32 * POINTS_A_PIXEL);
        let settings = PageSettings::from_wh(w, h).ok_or(PaperError::BrokenPicture)?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        surface.draw_image(image, Size::from_wh(w, h).ok_or(PaperError::BrokenPicture)?);
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|_| PaperError::BadTemplate)
}

fn date(at: Timestamp) -> DateTime {
    let utc = at.to_zoned(jiff::tz::TimeZone::UTC);
    let part = |n: i8| u8::try_from(n).unwrap_or_default();
    DateTime::new(u16::try_from(utc.year()).unwrap_or_default())
        .month(part(utc.month()))
        .day(part(utc.day()))
        .hour(part(utc.hour()))
        .minute(part(utc.minute()))
        .second(part(utc.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Media, Taken, prepare};
    use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

    fn page(shade: u8) -> Vec<u8> {
        let mut png = std::io::Cursor::new(Vec::new());
        let sheet = RgbImage::from_fn(827, 1170, |x, y| {
            if (x / 8 + y / 40) % 5 == 0 {
                Rgb([shade; 3])
            } else {
                Rgb([250; 3])
            }
        });
        DynamicImage::ImageRgb8(sheet)
            .write_to(&mut png, ImageFormat::Png)
            .unwrap();
        prepare(&png.into_inner(), Taken::Glass).unwrap().bytes
    }

    #[test]
    fn pages_go_in_as_they_are_and_the_paper_is_one_of_ours() {
        let pages: Vec<Vec<u8>> = [10, 60, 110].map(page).to_vec();
        let pdf = pdf_of(Sheets {
            title: "Giấy chứng sinh",
            made: Timestamp::UNIX_EPOCH,
            pages: &pages,
        })
        .unwrap();
        for page in &pages {
            assert!(
                pdf.windows(page.len()).any(|w| w == page),
                "a page was encoded anew"
            );
        }
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.contains("<pdfaid:part>2</pdfaid:part>") && text.contains("<pdfaid:conformance>B"));
        let whole: usize = pages.iter().map(Vec::len).sum();
        assert!(
            pdf.len() < whole + 24 * 1024,
            "{} bytes around {whole}",
            pdf.len()
        );
        let again = prepare(&pdf, Taken::Unknown).unwrap();
        assert_eq!((again.media, again.pages), (Media::Pdf, 3));
    }

    #[test]
    fn what_is_no_page_is_refused() {
        let sheets = Sheets {
            title: "x",
            made: Timestamp::UNIX_EPOCH,
            pages: &[b"no picture".to_vec()],
        };
        assert_eq!(pdf_of(sheets), Err(PaperError::BrokenPicture));
    }
}
