//! Dots for a thermal head, and the bytes that carry them there (ESC/POS).
//!
//! **Invariant:** letters are always sent as dots: no code page of a thermal printer holds every Vietnamese letter,
//! and printers differ. A dot is black or white, decided at half tone, so that a thin tone mark stays.

/// A page of dots, packed eight to a byte, the leftmost in the highest bit; a set bit is black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    width: u32,
    rows: Vec<Vec<u8>>,
}

/// Rows in one graphics command: what the smallest buffers hold.
const BAND_ROWS: usize = 128;
/// Below this the eye and a decoder see black (of 255).
const BLACK_BELOW: u32 = 144;

impl Raster {
    /// 203 dpi, as every thermal roll has it.
    pub const DOTS_PER_MM: f64 = 8.0;
    /// Dots that an 80 mm roll prints across: 72 mm.
    pub const ROLL_DOTS: u32 = 576;

    /// From pixels of four bytes, red green blue alpha, on white.
    pub(crate) fn from_rgba(pixels: &[u8], width: u32) -> Option<Self> {
        let across = usize::try_from(width).ok().filter(|w| *w > 0)?;
        let rows = pixels.chunks_exact(across * 4).map(packed).collect();
        Some(Self { width, rows })
    }

    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    #[must_use]
    pub fn height(&self) -> usize {
        self.rows.len()
    }

    /// The dots as a picture, one byte each: 0 black, 255 white.
    #[must_use]
    pub fn to_luma(&self) -> Vec<u8> {
        let across = usize::try_from(self.width).unwrap_or(0);
        let row = |row: &Vec<u8>| {
            row.iter()
                .flat_map(|byte| (0..8).map(move |bit| if byte & (0x80 >> bit) == 0 { 255 } else { 0 }))
                .take(across)
                .collect::<Vec<u8>>()
        };
        self.rows.iter().flat_map(row).collect()
    }

    /// The job for a printer: reset, the dots band by band (`GS v 0`), feed past the knife, cut.
    #[must_use]
    pub fn escpos(&self) -> Vec<u8> {
        let mut job = vec![0x1B, b'@'];
        let across = u16::try_from(self.width.div_ceil(8))
            .unwrap_or(u16::MAX)
            .to_le_bytes();
        for band in self.rows.chunks(BAND_ROWS) {
            let down = u16::try_from(band.len()).unwrap_or(u16::MAX).to_le_bytes();
            job.extend_from_slice(&[0x1D, b'v', b'0', 0]);
            job.extend_from_slice(&across);
            job.extend_from_slice(&down);
            band.iter().for_each(|row| job.extend_from_slice(row));
        }
        // Four lines out, then a cut that leaves one point: the slip hangs and does not fall to the floor.
        job.extend_from_slice(&[0x1B, b'd', 4, 0x1D, b'V', 66, 0]);
        job
    }
}

fn packed(row: &[u8]) -> Vec<u8> {
    let dots: Vec<bool> = row.chunks_exact(4).map(is_black).collect();
    dots.chunks(8)
        .map(|eight| {
            eight
                .iter()
                .enumerate()
                .fold(0, |byte, (at, black)| byte | (u8::from(*black) << (7 - at)))
        })
        .collect()
}

fn is_black(pixel: &[u8]) -> bool {
    let &[red, green, blue, alpha] = pixel else {
        return false;
    };
    let light = (u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1000;
    // Premultiplied colour on white paper.
    light + 255 - u32::from(alpha) < BLACK_BELOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_packed_and_sent_in_bands() {
        let black = [0, 0, 0, 255];
        let white = [255; 4];
        let row: Vec<u8> = (0..10)
            .flat_map(|x| if x % 3 == 0 { black } else { white })
            .collect();
        let raster = Raster::from_rgba(&row.repeat(200), 10).unwrap();
        assert_eq!((raster.width(), raster.height()), (10, 200));
        let luma = raster.to_luma();
        assert_eq!(luma.len(), 2_000);
        assert_eq!(&luma[..4], [0, 255, 255, 0]);
        let job = raster.escpos();
        assert_eq!(
            &job[..12],
            [
                0x1B,
                b'@',
                0x1D,
                b'v',
                b'0',
                0,
                2,
                0,
                128,
                0,
                0b1001_0010,
                0b0100_0000
            ]
        );
        let second = 2 + 8 + 128 * 2;
        assert_eq!(&job[second..second + 8], [0x1D, b'v', b'0', 0, 2, 0, 72, 0]);
        assert_eq!(&job[job.len() - 4..], [0x1D, b'V', 66, 0], "it cuts");
        assert_eq!(job.len(), 2 + 2 * 8 + 200 * 2 + 7);
    }

    #[test]
    fn grey_and_nothing_are_decided_at_half_tone() {
        let dot = |pixel: [u8; 4]| Raster::from_rgba(&pixel, 1).unwrap().to_luma() == [0];
        assert!(dot([100, 100, 100, 255]) && !dot([180, 180, 180, 255]));
        assert!(!dot([0, 0, 0, 0]), "what is not painted is paper");
    }
}
