//! What a journey leaves behind: a picture of both windows at each step, and how long each step took.

use crate::kiosk::{Kiosk, Side};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::time::Instant;

pub struct Record {
    folder: Option<PathBuf>,
    pictures: u32,
    step_began: Instant,
    pub seconds: Map<String, Value>,
}

impl Record {
    /// Keeps pictures in `folder`.
    pub fn kept_in(folder: PathBuf) -> Self {
        std::fs::create_dir_all(&folder).expect("the folder for pictures");
        Self {
            folder: Some(folder),
            pictures: 0,
            step_began: Instant::now(),
            seconds: Map::new(),
        }
    }

    /// Keeps nothing.
    pub fn none() -> Self {
        Self {
            folder: None,
            pictures: 0,
            step_began: Instant::now(),
            seconds: Map::new(),
        }
    }

    /// A step is done: pictures of it, and its seconds (without the time that the pictures took).
    pub async fn step(&mut self, kiosk: &Kiosk, name: &str) {
        let seconds = (self.step_began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        self.seconds.insert(name.to_owned(), json!(seconds));
        self.pictures += 1;
        if let Some(folder) = &self.folder {
            for side in [Side::Operator, Side::Citizen] {
                let file = folder.join(format!("{}-{:02}-{name}.png", side.name(), self.pictures));
                std::fs::write(file, kiosk.picture(side).await).expect("a picture is written");
            }
            println!("{seconds:8.2} s  {name}");
        }
        self.step_began = Instant::now();
    }
}
