//! The shifted degrees of Chinese map services: GCJ-02, and BD-09 of Baidu on top of it.
//!
//! Neither is published. What is known is a formula that people found, which agrees with the
//! services within some metres. The way back has no formula: it is found by repeating, until the
//! place whose shifted position was given stands still.

use std::f64::consts::PI;

use crate::{Bounds, Position};

/// Where the formula shifts; elsewhere GCJ-02 is WGS 84. It is more than the area of use, on whose
/// edge the way back would not be told.
const SHIFTED: Bounds = Bounds { west: 72.004, south: 0.8293, east: 137.8347, north: 55.8271 };

/// The semi-major axis of the ellipsoid of Krassowsky in metres, which the formula uses.
const SEMI_MAJOR_M: f64 = 6_378_245.0;
/// The square of its eccentricity.
const ECCENTRICITY_2: f64 = 0.006_693_421_622_965_943;
/// The frequency of BD-09's waves, per degree.
const BAIDU_WAVE: f64 = PI * 3000.0 / 180.0;
/// What BD-09 adds to longitude and latitude besides its waves, in degrees.
const BAIDU_SHIFT: [f64; 2] = [0.0065, 0.006];

/// A ten-thousandth of a millimetre, in degrees.
const STILL_DEGREES: f64 = 1e-12;
/// The shift changes by less than a hundredth of the way, so each round gives two digits more.
const MAX_ROUNDS: usize = 30;

pub(super) fn wgs84_to_gcj02([lon, lat]: Position) -> Position {
    if !SHIFTED.holds([lon, lat]) {
        return [lon, lat];
    }
    let [east_m, north_m] = shift_m([lon - 105.0, lat - 35.0]);
    let sin = lat.to_radians().sin();
    let w2 = 1.0 - ECCENTRICITY_2 * sin * sin;
    let across_m = SEMI_MAJOR_M / w2.sqrt() * lat.to_radians().cos();
    let along_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / (w2 * w2.sqrt());
    [lon + (east_m / across_m).to_degrees(), lat + (north_m / along_m).to_degrees()]
}

/// East and north shift in metres, of degrees east of 105° E and north of 35° N.
fn shift_m([x, y]: [f64; 2]) -> [f64; 2] {
    let wave = |angle: f64, height: f64| height * (angle * PI).sin();
    let ripple = wave(6.0 * x, 20.0) + wave(2.0 * x, 20.0);
    let swell = |t: f64, wide: f64, widest: f64| {
        wave(t, 20.0) + wave(t / 3.0, 40.0) + wave(t / 12.0, wide) + wave(t / 30.0, widest)
    };
    let root = x.abs().sqrt();
    let east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root;
    let north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root;
    [
        east + (ripple + swell(x, 150.0, 300.0)) * 2.0 / 3.0,
        north + (ripple + swell(y, 160.0, 320.0)) * 2.0 / 3.0,
    ]
}

pub(super) fn gcj02_to_wgs84(shifted: Position) -> Position {
    undo(shifted, wgs84_to_gcj02)
}

pub(super) fn gcj02_to_bd09([x, y]: Position) -> Position {
    let radius = x.hypot(y) + 0.000_02 * (y * BAIDU_WAVE).sin();
    let angle = y.atan2(x) + 0.000_003 * (x * BAIDU_WAVE).cos();
    [radius * angle.cos() + BAIDU_SHIFT[0], radius * angle.sin() + BAIDU_SHIFT[1]]
}

pub(super) fn bd09_to_gcj02(shifted: Position) -> Position {
    undo(shifted, gcj02_to_bd09)
}

/// The position that `shift` moves onto this one.
fn undo(shifted: Position, shift: fn(Position) -> Position) -> Position {
    let mut guess = shifted;
    for _ in 0..MAX_ROUNDS {
        let reached = shift(guess);
        let off = [shifted[0] - reached[0], shifted[1] - reached[1]];
        guess = [guess[0] + off[0], guess[1] + off[1]];
        if off[0].abs().max(off[1].abs()) < STILL_DEGREES {
            break;
        }
    }
    guess
}
