//! The year's programme of the demonstration district: which of its assets the plan of 2024 is
//! about, so that the sums come out as the plan has them, however great the district.
//!
//! The district is walked from its centre outward, and each block takes its part of what is left.
//! `fixtures/programme/2024.toml` tells the sums and how to ask for them.

use super::plan::Block;

/// Households of the communities whose risers are renewed.
const RISER_HOUSEHOLDS: i64 = 23_372;
/// Recorded length of these risers.
const RISERS_CM: i64 = 7_000_000;
const RISER_COMMUNITIES: usize = 23;
const RISER_STREETS: usize = 9;
/// Where heating is renewed: what the station serves, and how many households.
const HEATING: [(&str, i64); 9] = [
    ("community", 1_012),
    ("point", 96),
    ("community", 886),
    ("community", 940),
    ("point", 84),
    ("community", 798),
    ("point", 102),
    ("community", 724),
    ("point", 88),
];
const SEPARATIONS: u32 = 92;
const PARKS: u32 = 17;
const ROADS_M2: i64 = 50_000;
const ROAD_SECTIONS: i64 = 12;
const SOLAR_LIGHTS: usize = 100;

/// A sum of which so much is left to be told, in whole hundredths of its unit or the like.
#[derive(Debug)]
pub(super) struct Quota(i64);

impl Quota {
    /// What is to be recorded of each of these measures that the programme takes, among those that
    /// it may take.
    pub(super) fn among(
        &mut self,
        measures: &[i64],
        may: impl Fn(usize) -> bool,
    ) -> Vec<Option<i64>> {
        let places: Vec<usize> = (0..measures.len()).filter(|place| may(*place)).collect();
        let open: Vec<i64> = places.iter().map(|place| measures[*place]).collect();
        let mut recorded = vec![None; measures.len()];
        for (place, measure) in places.into_iter().zip(self.take(&open)) {
            recorded[place] = Some(measure);
        }
        recorded
    }

    /// What is to be recorded of the first of these measures, so that the sum is met in the end;
    /// the others are not of the programme.
    ///
    /// The measures are kept as they are but for the last ones before the sum is full. Then the
    /// difference is spread over those of one block; before that, half of what is left is kept for
    /// the next block, so that there are enough to spread it over.
    fn take(&mut self, measures: &[i64]) -> Vec<i64> {
        let all: i64 = measures.iter().sum();
        let closes = all >= self.0;
        let wanted = if closes || 2 * all <= self.0 { all.min(self.0) } else { self.0 / 2 };
        let mut sum = 0;
        let nearest = measures.iter().take_while(|measure| {
            let fits = sum + **measure / 2 <= wanted;
            sum += if fits { **measure } else { 0 };
            fits
        });
        let taken = &measures[..nearest.count().max(usize::from(closes && self.0 > 0))];
        let recorded = if closes { scaled(taken, self.0) } else { taken.to_vec() };
        self.0 -= recorded.iter().sum::<i64>();
        recorded
    }
}

/// Measures in the same proportion, with that sum.
pub(super) fn scaled(measures: &[i64], sum: i64) -> Vec<i64> {
    let all: i64 = measures.iter().sum();
    let mut before = 0;
    let mut told = 0;
    let share = |measure: &i64| {
        before += measure;
        let part = before * sum / all - told;
        told += part;
        part
    };
    measures.iter().map(share).collect()
}

/// What is left of the programme.
#[derive(Debug)]
pub(super) struct Programme {
    /// Recorded centimetres of drains to be dredged.
    pub(super) drains: Quota,
    /// Recorded centimetres of gas pipe older than thirty years.
    pub(super) gas_renewals: Quota,
    /// Recorded centimetres of gas pipe of twenty to thirty years that nobody has assessed.
    pub(super) gas_assessments: Quota,
    /// Recorded decimetres of greenway.
    pub(super) greenway: Quota,
    /// Lights in communities.
    pub(super) solar_lights: usize,
    road_sections: i64,
    parks: u32,
    separations: u32,
    riser_communities: usize,
    riser_streets: Vec<String>,
    heating: usize,
    /// Whether one community has its new lights.
    lights_done: bool,
    blocks: u32,
}

/// Risers of a community that are renewed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Risers {
    pub(super) households: i64,
    pub(super) length_cm: i64,
}

/// How far a community is with its solar lights.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lights {
    ToCome,
    Done,
    AsTheyAre,
}

/// The part that a block has in the programme, and its households, which follow from it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) households: i64,
    pub(super) separation: bool,
    pub(super) risers: Option<Risers>,
    /// What its station serves, and how many households.
    pub(super) heating: Option<(&'static str, i64)>,
    pub(super) park: bool,
    pub(super) lights: Lights,
    /// The area of its section of road.
    pub(super) road_m2: Option<i64>,
}

impl Programme {
    pub(super) fn new() -> Self {
        Self {
            drains: Quota(20_000_000),
            gas_renewals: Quota(2_300_000),
            gas_assessments: Quota(1_400_000),
            greenway: Quota(77_000),
            solar_lights: SOLAR_LIGHTS,
            road_sections: ROAD_SECTIONS,
            parks: PARKS,
            separations: SEPARATIONS,
            riser_communities: RISER_COMMUNITIES,
            riser_streets: Vec::new(),
            heating: 0,
            lights_done: false,
            blocks: 0,
        }
    }

    /// The part of the next block.
    pub(super) fn part(&mut self, block: &Block) -> Part {
        self.blocks += 1;
        let [street, _] = &block.streets;
        let open = !street.arterial && !street.bridge && self.blocks.is_multiple_of(4);
        let road_m2 = open.then(|| self.road()).flatten();
        let mut part = Part {
            households: 240 + 12 * (block.seed % 40) as i64,
            separation: false,
            risers: None,
            heating: None,
            park: false,
            lights: Lights::AsTheyAre,
            road_m2,
        };
        if !block.housing {
            return part;
        }
        // Under a bridge there is no main to grow from.
        if !street.bridge {
            part.risers = self.risers(block.subdistrict.as_str());
        }
        part.separation = !self.blocks.is_multiple_of(17) && counted(&mut self.separations);
        part.park = self.blocks.is_multiple_of(4) && counted(&mut self.parks);
        if self.blocks % 5 == 3 && self.solar_lights > 0 {
            part.lights = Lights::ToCome;
        } else if self.blocks > 7 && !self.lights_done {
            part.lights = Lights::Done;
            self.lights_done = true;
        }
        if let Some(risers) = part.risers {
            part.households = risers.households;
        } else if self.blocks % 7 > 2 && self.heating < HEATING.len() {
            let (serves, households) = HEATING[self.heating];
            self.heating += 1;
            part.heating = Some((serves, households));
            part.households = part.households.max(households);
            if serves == "community" {
                part.households = households;
            }
        }
        part
    }

    /// Communities of as many streets as the programme has, some of each.
    fn risers(&mut self, street: &str) -> Option<Risers> {
        if self.riser_communities == 0 {
            return None;
        }
        let known = self.riser_streets.iter().filter(|known| *known == street).count();
        let others = RISER_STREETS - self.streets();
        let fits = match known {
            0 => others > 0,
            1..=3 => self.riser_communities > others,
            _ => false,
        };
        if !fits {
            return None;
        }
        self.riser_streets.push(street.to_owned());
        self.riser_communities -= 1;
        // From 70 to 130 in a hundred of the average.
        let weights: Vec<i64> = (0..RISER_COMMUNITIES as i64).map(|k| 70 + k * 37 % 61).collect();
        let place = self.riser_communities;
        Some(Risers {
            households: scaled(&weights, RISER_HOUSEHOLDS)[place],
            length_cm: scaled(&weights, RISERS_CM)[place],
        })
    }

    fn streets(&self) -> usize {
        let mut streets = self.riser_streets.clone();
        streets.sort();
        streets.dedup();
        streets.len()
    }

    fn road(&mut self) -> Option<i64> {
        let place = self.road_sections.checked_sub(1).filter(|place| *place >= 0)?;
        self.road_sections = place;
        Some(ROADS_M2 * (place + 1) / ROAD_SECTIONS - ROADS_M2 * place / ROAD_SECTIONS)
    }
}

/// Counts one more, if one is left.
fn counted(left: &mut u32) -> bool {
    let some = *left > 0;
    *left -= u32::from(some);
    some
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sum: i64, blocks: &[&[i64]], expected: &[&[i64]]) {
        let mut quota = Quota(sum);
        let found: Vec<Vec<i64>> = blocks.iter().map(|measures| quota.take(measures)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_blocks_take_of_a_sum_makes_the_sum() {
        check(100, &[&[100]], &[&[100]]);
        check(100, &[&[], &[10, 20], &[150, 150]], &[&[], &[10, 20], &[70]]);
        // Half is kept for the next block rather than a rest that fits nothing.
        check(100, &[&[30, 30, 30], &[30, 30], &[30]], &[&[30, 30], &[40], &[]]);
        check(0, &[&[30]], &[&[]]);
    }

    #[test]
    fn scaled_measures_have_the_sum_and_keep_their_proportion() {
        assert_eq!(scaled(&[1, 1, 1], 100), [33, 33, 34]);
        assert_eq!(scaled(&[30, 10], 4), [3, 1]);
        assert_eq!(scaled(&[], 4), Vec::<i64>::new());
    }
}
