//! Photographs of invented papers go in, pages come out: flat, cut, even, small, and rightly remarked upon.
//!
//! `DONGHANH_LOOK=folder` keeps the pages, to be looked at.

use super::*;
use crate::{PICTURE_BYTES_MAX, PreparedFile, prepare};
use image::GenericImageView as _;

#[path = "../../../../tests/src/photo.rs"]
mod photo;
use photo::{BIRTH_ANNA, BIRTH_MINH, Photo, WITNESS};

fn taken(name: &str, photo: Photo, page: &[u8]) -> PreparedFile {
    let bytes = photo.of(page);
    let file = prepare(&bytes, Taken::Camera).unwrap();
    if let Some(folder) = std::env::var_os("DONGHANH_LOOK") {
        let folder = std::path::Path::new(&folder);
        for (name, bytes) in [
            (format!("{name}-in.png"), &bytes),
            (format!("{name}.png"), &file.bytes),
        ] {
            let picture = image::load_from_memory(bytes).unwrap();
            picture.thumbnail(1400, 1400).save(folder.join(name)).unwrap();
        }
    }
    file
}

fn scanned(page: &[u8]) -> PreparedFile {
    prepare(page, Taken::Glass).unwrap()
}

fn assert_same(a: &[u8], b: &[u8]) {
    assert!(same_page(a, b), "{:?}", alike::best_fit(a, b));
}

const PHOTO: Photo = Photo::small();

#[test]
fn a_photograph_becomes_the_page_alone() {
    let file = taken("twelve", Photo::twelve_megapixels(), BIRTH_ANNA);
    assert_eq!((file.width, file.height), (A4_SHORT, A4_LONG));
    assert!(
        file.cut_out && file.bytes.len() <= PICTURE_BYTES_MAX,
        "{} bytes",
        file.bytes.len()
    );
    assert_eq!(file.warnings, []);
    let page = image::load_from_memory(&file.bytes).unwrap();
    // The shadow is gone: paper is white in every corner.
    for (x, y) in [(60, 60), (1590, 60), (60, 2270), (1590, 2270), (827, 1900)] {
        let [r, g, b, _] = page.get_pixel(x, y).0;
        assert!(r.min(g).min(b) > 225, "{x},{y}: {r} {g} {b}");
    }
    // The seal is red still.
    let [r, g, b, _] = page.get_pixel(1091, 1497).0;
    assert!(r > 150 && g < 120 && b < 130, "{r} {g} {b}");
    // And the print lies where it lies on the paper itself.
    // (But for the seal, which the scanned one lacks.)
    let fit = alike::best_fit(&file.fingerprint, &scanned(BIRTH_ANNA).fingerprint);
    assert!(fit.is_some_and(|(alike, _)| alike > 0.8), "{fit:?}");
}

#[test]
fn colour_is_kept_where_it_says_something() {
    for (seal, coloured) in [(true, true), (false, false)] {
        let file = taken("colour", Photo { seal, ..PHOTO }, WITNESS);
        let page = image::load_from_memory(&file.bytes).unwrap();
        assert_eq!(page.color().has_color(), coloured, "seal: {seal}");
    }
    let lamp = Photo {
        seal: false,
        desk: [20, 20, 24],
        light: 190.0,
        ..PHOTO
    };
    let page = image::load_from_memory(&taken("lamp", lamp, WITNESS).bytes).unwrap();
    assert!(!page.color().has_color());
}

#[test]
fn what_is_amiss_is_told_and_nothing_else() {
    use PageWarning as W;
    let cut = [(0.12, -0.09), (0.9, -0.07), (0.94, 0.93), (0.06, 0.9)];
    let far = [(0.35, 0.35), (0.62, 0.36), (0.62, 0.65), (0.34, 0.64)];
    let cases: [(&str, Photo, &[PageWarning]); 9] = [
        ("plain", PHOTO, &[]),
        (
            "steep",
            Photo {
                corners: [(0.2, 0.12), (0.8, 0.14), (0.97, 0.92), (0.03, 0.9)],
                ..PHOTO
            },
            &[],
        ),
        (
            "deep-shadow",
            Photo {
                shadow: 0.55,
                ..PHOTO
            },
            &[],
        ),
        ("upside-down", Photo { quarters: 2, ..PHOTO }, &[W::UpsideDown]),
        (
            "sideways",
            Photo {
                quarters: 1,
                corners: [(0.04, 0.25), (0.96, 0.26), (0.97, 0.75), (0.03, 0.74)],
                ..PHOTO
            },
            &[W::Sideways],
        ),
        ("blurred", Photo { blur: 7, ..PHOTO }, &[W::Blurred]),
        (
            "cut-off",
            Photo {
                corners: cut,
                ..PHOTO
            },
            &[W::CutOff],
        ),
        (
            "dark",
            Photo {
                light: 80.0,
                grain: 4,
                ..PHOTO
            },
            &[W::Dark],
        ),
        (
            "far",
            Photo {
                corners: far,
                grain: 3,
                ..PHOTO
            },
            &[W::Far],
        ),
    ];
    let mut wrong = Vec::new();
    for page in [BIRTH_ANNA, WITNESS] {
        for (name, photo, expected) in cases {
            let file = taken(name, photo, page);
            if file.warnings != expected {
                wrong.push(format!("{name}: {:?}", file.warnings));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let white = RgbImage::from_pixel(1240, 1754, image::Rgb([244, 243, 238]));
    let mut png = std::io::Cursor::new(Vec::new());
    white.write_to(&mut png, image::ImageFormat::Png).unwrap();
    assert_eq!(scanned(&png.into_inner()).warnings, [W::Blank]);
}

#[test]
fn the_same_page_is_known_again_and_another_is_not() {
    let other_view = Photo {
        corners: [(0.05, 0.1), (0.86, 0.06), (0.92, 0.9), (0.1, 0.94)],
        shadow: 0.2,
        light: 205.0,
        ..PHOTO
    };
    let first = taken("first", PHOTO, BIRTH_ANNA).fingerprint;
    let again = taken("again", other_view, BIRTH_ANNA).fingerprint;
    let upside_down = taken(
        "turned",
        Photo {
            quarters: 2,
            ..other_view
        },
        BIRTH_ANNA,
    )
    .fingerprint;
    assert_same(&first, &again);
    assert_same(&first, &upside_down);
    for (other, what) in [
        (BIRTH_MINH, "the same form of another child"),
        (WITNESS, "another paper"),
    ] {
        let other = taken("other", other_view, other).fingerprint;
        assert!(
            !same_page(&first, &other),
            "{what}: {:?}",
            alike::best_fit(&first, &other)
        );
    }
    assert!(!same_page(&first, &[]) && !same_page(&[0; FINGERPRINT_BYTES], &[0; FINGERPRINT_BYTES]));
}

#[test]
fn a_page_that_leans_in_the_feeder_is_set_straight() {
    let straight = image::load_from_memory(WITNESS).unwrap().into_luma8();
    let (w, h) = straight.dimensions();
    let lean = 2.4_f64.to_radians();
    let leaning = image::GrayImage::from_fn(w, h, |x, y| {
        let (dx, dy) = (
            f64::from(x) - f64::from(w) / 2.0,
            f64::from(y) - f64::from(h) / 2.0,
        );
        let (sx, sy) = (
            dx * lean.cos() + dy * lean.sin() + f64::from(w) / 2.0,
            -dx * lean.sin() + dy * lean.cos() + f64::from(h) / 2.0,
        );
        *straight
            .get_pixel_checked(sx as u32, sy as u32)
            .unwrap_or(&image::Luma([255]))
    });
    let mut png = std::io::Cursor::new(Vec::new());
    leaning.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let leaning = png.into_inner();
    let file = scanned(&leaning);
    assert!(same_page(&file.fingerprint, &scanned(WITNESS).fingerprint));
    assert_eq!(file.warnings, []);
}

#[test]
fn turning_mends_what_was_told() {
    let wrong = taken("to-turn", Photo { quarters: 2, ..PHOTO }, BIRTH_ANNA);
    let right = crate::turn(&wrong.bytes, 2).unwrap();
    assert_eq!((right.width, right.height), (wrong.width, wrong.height));
    assert_eq!(right.warnings, []);
    assert!(right.bytes.len() <= PICTURE_BYTES_MAX);
    let quarter = crate::turn(&wrong.bytes, 1).unwrap();
    assert_eq!((quarter.width, quarter.height), (wrong.height, wrong.width));
    assert_eq!(quarter.warnings, [PageWarning::Sideways]);
}
