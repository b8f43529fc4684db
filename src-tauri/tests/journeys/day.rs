//! A simulated day at three counters: sixty people, most of them in the morning, served in the order in which they came.
//! Pure; what a case takes comes from a measured one.

/// People on a busy day.
const CASES: usize = 60;
const STATIONS: usize = 3;
/// Doors open for this long, in seconds.
const DAY_S: f64 = 8.0 * 3600.0;
/// The first two hours, in which half of them come.
const MORNING_S: f64 = 2.0 * 3600.0;
/// Simulated days: the figure is over all of their waits.
const DAYS: u64 = 200;
/// Sitting down, explaining, papers from a bag, standing up: what no program makes shorter. Assumed, in seconds.
const BESIDE_S: f64 = 180.0;

/// A small generator with a seed: the same days each time.
struct Seeded(u64);

impl Seeded {
    /// From 0 up to 1 (xorshift64*).
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
        bits as f64 / (1_u64 << 53) as f64
    }
}

/// The wait that nine in ten do not exceed, in seconds, where a case of the measured kind takes `case_s`.
pub fn p90_wait(case_s: f64) -> f64 {
    let mut waits: Vec<f64> = (1..=DAYS)
        .flat_map(|day| waits(&mut Seeded(day * 7919), case_s))
        .collect();
    waits.sort_by(f64::total_cmp);
    waits[waits.len() * 9 / 10]
}

fn waits(random: &mut Seeded, case_s: f64) -> Vec<f64> {
    let mut arrivals: Vec<f64> = (0..CASES)
        .map(|at| {
            if at % 2 == 0 {
                random.share() * MORNING_S
            } else {
                MORNING_S + random.share() * (DAY_S - MORNING_S)
            }
        })
        .collect();
    arrivals.sort_by(f64::total_cmp);
    let mut free = [0.0_f64; STATIONS];
    arrivals
        .iter()
        .map(|arrival| {
            let first = free.iter_mut().min_by(|a, b| a.total_cmp(b)).expect("stations");
            let begins = first.max(*arrival);
            // Easier and harder cases: from half of the measured one to half as much again.
            *first = begins + BESIDE_S + case_s * (0.5 + random.share());
            begins - arrival
        })
        .collect()
}

#[test]
fn longer_cases_make_longer_waits() {
    let (quick, slow) = (p90_wait(120.0), p90_wait(600.0));
    assert!(quick < slow, "{quick} < {slow}");
    assert_eq!(p90_wait(300.0), p90_wait(300.0), "the same days each time");
    assert!(
        p90_wait(3000.0) > 3600.0,
        "three counters do not hold fifty minutes a case: the control"
    );
}
