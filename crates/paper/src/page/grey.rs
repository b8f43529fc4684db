//! One byte a pixel, and the few operations on it that finding and judging need.
#![expect(
    clippy::indexing_slicing,
    reason = "every index is bounded by the plane's own sides in the loop around it"
)]

/// A plane of brightness, row by row.
#[derive(Clone)]
pub(super) struct Grey {
    pub w: usize,
    pub h: usize,
    pub px: Vec<u8>,
}

impl Grey {
    pub fn new(w: usize, h: usize) -> Self {
        Self {
            w,
            h,
            px: vec![0; w * h],
        }
    }

    pub fn at(&self, x: usize, y: usize) -> u8 {
        self.px.get(y * self.w + x).copied().unwrap_or(0)
    }

    /// Each pixel the mean of the square around it.
    pub fn blurred(&self, radius: usize) -> Self {
        self.along_rows(|row, out| mean(row, out, radius))
            .transposed()
            .along_rows(|row, out| mean(row, out, radius))
            .transposed()
    }

    /// Each pixel the brightest of the square around it.
    pub fn brightest(&self, radius: usize) -> Self {
        self.extreme(radius, u8::max)
    }

    /// Each pixel the darkest of the square around it.
    pub fn darkest(&self, radius: usize) -> Self {
        self.extreme(radius, u8::min)
    }

    fn extreme(&self, radius: usize, pick: fn(u8, u8) -> u8) -> Self {
        let one = |row: &[u8], out: &mut [u8]| {
            for (x, to) in out.iter_mut().enumerate() {
                let (from, end) = (x.saturating_sub(radius), (x + radius + 1).min(row.len()));
                *to = row[from..end].iter().copied().reduce(pick).unwrap_or(0);
            }
        };
        self.along_rows(one).transposed().along_rows(one).transposed()
    }

    fn along_rows(&self, work: impl Fn(&[u8], &mut [u8])) -> Self {
        let mut out = Self::new(self.w, self.h);
        for (row, to) in self
            .px
            .chunks_exact(self.w.max(1))
            .zip(out.px.chunks_exact_mut(self.w.max(1)))
        {
            work(row, to);
        }
        out
    }

    pub fn transposed(&self) -> Self {
        let mut out = Self::new(self.h, self.w);
        for y in 0..self.h {
            for x in 0..self.w {
                out.px[x * self.h + y] = self.px[y * self.w + x];
            }
        }
        out
    }

    /// The brightness that `share` of the pixels do not reach.
    pub fn percentile(&self, share: f64) -> u8 {
        percentile(&histogram(self.px.iter().copied()), share)
    }

    /// The brightness that parts dark from bright best (Otsu 1979).
    pub fn otsu(&self) -> u8 {
        let counts = histogram(self.px.iter().copied());
        let all: f64 = self.px.len() as f64;
        let sum: f64 = counts
            .iter()
            .enumerate()
            .map(|(v, n)| v as f64 * f64::from(*n))
            .sum();
        let (mut below, mut sum_below, mut best, mut at) = (0.0, 0.0, -1.0, 0);
        for (v, n) in counts.iter().enumerate() {
            below += f64::from(*n);
            sum_below += v as f64 * f64::from(*n);
            let above = all - below;
            if below == 0.0 || above == 0.0 {
                continue;
            }
            let apart = sum_below / below - (sum - sum_below) / above;
            let score = below * above * apart * apart;
            if score > best {
                (best, at) = (score, v);
            }
        }
        u8::try_from(at).unwrap_or(u8::MAX)
    }
}

fn mean(row: &[u8], out: &mut [u8], radius: usize) {
    let mut sums = vec![0_u32; row.len() + 1];
    for (i, v) in row.iter().enumerate() {
        sums[i + 1] = sums[i] + u32::from(*v);
    }
    for (x, to) in out.iter_mut().enumerate() {
        let (from, end) = (x.saturating_sub(radius), (x + radius + 1).min(row.len()));
        let n = u32::try_from(end - from).unwrap_or(1).max(1);
        *to = u8::try_from((sums[end] - sums[from]) / n).unwrap_or(u8::MAX);
    }
}

pub(super) fn histogram(values: impl Iterator<Item = u8>) -> [u32; 256] {
    let mut counts = [0_u32; 256];
    for v in values {
        counts[usize::from(v)] += 1;
    }
    counts
}

pub(super) fn percentile(counts: &[u32; 256], share: f64) -> u8 {
    let all: u32 = counts.iter().sum();
    let mut left = f64::from(all) * share;
    for (v, n) in counts.iter().enumerate() {
        left -= f64::from(*n);
        if left < 0.0 {
            return u8::try_from(v).unwrap_or(u8::MAX);
        }
    }
    u8::MAX
}
