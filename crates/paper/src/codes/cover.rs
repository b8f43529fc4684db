//! Painting over a code that was read, so that the next one is found.

use rxing::{BarcodeFormat, RXingResult};

const WHITE: u8 = 255;
/// A row belongs to a barcode while no more than one dot in so many differs from the row before.
const ROW_DIFFERS_MAX: usize = 4;

/// A grey picture, seen along the bars' own direction or across it.
struct Field<'a> {
    luma: &'a mut [u8],
    width: usize,
    turned: bool,
}

impl Field<'_> {
    fn dot(&mut self, along: usize, across: usize) -> Option<&mut u8> {
        let (x, y) = if self.turned {
            (across, along)
        } else {
            (along, across)
        };
        if x >= self.width {
            return None;
        }
        self.luma.get_mut(y * self.width + x)
    }

    /// Which dots of a row are darker than the row's middle grey.
    fn row(&mut self, from: usize, to: usize, across: usize) -> Vec<bool> {
        let greys: Vec<u8> = (from..to)
            .filter_map(|along| self.dot(along, across).map(|dot| *dot))
            .collect();
        let darkest = greys.iter().min().copied().unwrap_or_default();
        let lightest = greys.iter().max().copied().unwrap_or_default();
        let middle = darkest.midpoint(lightest);
        greys.iter().map(|grey| *grey < middle).collect()
    }

    fn paint(&mut self, (from, to): (usize, usize), (first, last): (usize, usize)) {
        for across in first..=last {
            for along in from..to {
                if let Some(dot) = self.dot(along, across) {
                    *dot = WHITE;
                }
            }
        }
    }
}

/// Covers what the decoder found. What cannot be told apart stays, and is found a second time.
pub(super) fn cover(luma: &mut [u8], width: u32, height: u32, found: &RXingResult) {
    let points = found.getPoints();
    let span = |of: fn(&rxing::Point) -> f32| {
        let (low, high) = points
            .iter()
            .map(of)
            .fold((f32::MAX, 0.0_f32), |(low, high), v| (low.min(v), high.max(v)));
        (low.min(high), high)
    };
    let (x, y) = (span(|p| p.x), span(|p| p.y));
    let (wide, tall) = (x.1 - x.0, y.1 - y.0);
    let reach = |(low, high): (f32, f32), more: f32, side: u32| {
        let end = (high + more).min(side as f32);
        ((low - more).max(0.0) as usize, end as usize)
    };
    let is_square = *found.getBarcodeFormat() == BarcodeFormat::QR_CODE;
    let turned = !is_square && tall > wide;
    let mut field = Field {
        luma,
        width: width as usize,
        turned,
    };
    if is_square {
        // The points are the middles of the corner squares: half a square and the quiet zone lie outside.
        let more = wide.max(tall) * 0.3;
        field.paint(reach(x, more, width), reach(y, more, height));
        return;
    }
    let (along, across, sides) = if turned {
        (y, x, (height, width))
    } else {
        (x, y, (width, height))
    };
    let along = match (found.getBarcodeFormat(), points) {
        (BarcodeFormat::CODE_39, [start, halved]) => {
            let of = |point: &rxing::Point| if turned { point.y } else { point.x };
            code_39(of(start), of(halved), sides.0 as f32)
        }
        _ => along,
    };
    let bars = reach(along, (along.1 - along.0) * 0.12, sides.0);
    let middle = across.0.midpoint(across.1) as usize;
    let up = bars_end(&mut field, bars, middle, (0..middle).rev());
    let down = bars_end(&mut field, bars, middle, middle + 1..sides.1 as usize);
    field.paint(bars, (up.saturating_sub(2), down + 2));
}

/// The decoder (rxing 0.9) halves where a Code 39 ends, counted from the side that it was read from. Of the two ends that
/// this can mean the nearer one is taken.
fn code_39(start: f32, halved: f32, side: f32) -> (f32, f32) {
    let (forwards, backwards) = (2.0 * halved, 2.0 * halved - (side - 1.0));
    let length = |long: f32| if long > 0.0 { long } else { f32::MAX };
    if length(forwards - start) <= length(start - backwards) {
        (start, forwards)
    } else {
        (backwards, start)
    }
}

/// The last row that still looks like the one before it: the bars are as long as that.
fn bars_end(
    field: &mut Field<'_>,
    (from, to): (usize, usize),
    start: usize,
    rows: impl Iterator<Item = usize>,
) -> usize {
    let mut last = (start, field.row(from, to, start));
    for across in rows {
        let row = field.row(from, to, across);
        let differ = row.iter().zip(&last.1).filter(|(a, b)| a != b).count();
        if row.len() != last.1.len() || differ * ROW_DIFFERS_MAX > row.len() {
            break;
        }
        last = (across, row);
    }
    last.0
}

#[cfg(test)]
mod tests {
    use super::code_39;

    #[test]
    fn the_end_of_a_code_39_is_the_nearer_of_the_two() {
        // Read from the left, from 900 to 1200 of 1654; the same turned upside down; one at the very left.
        assert_eq!(code_39(900.0, 600.0, 1654.0), (900.0, 1200.0));
        assert_eq!(code_39(753.0, 1053.0, 1654.0), (453.0, 753.0));
        assert_eq!(code_39(20.0, 160.0, 1654.0), (20.0, 320.0));
    }
}
