//! The features nearest to a position, against the distances of all.

use std::fmt::Write;

use terrier_catalog::{FeatureQuery, OrderKey, Slice, Start, write_asset};
use terrier_spatial::{Figure, Shape, key_of};
use terrier_store::Registry;

use crate::{Random, question};

/// Asks for the features of a random question that are nearest to a random position.
pub(super) async fn check(random: &mut Random, registry: &Registry) {
    let (collection, scope, mut pairs) = question(random, registry);
    let position = [117.2 + 2.0 * random.degrees(), 39.0 + 2.0 * random.degrees()];
    let count = 1 + random.below(60) as usize;
    pairs.push(("near".into(), format!("{},{}", position[0], position[1])));
    pairs.push(("k".into(), count.to_string()));
    let borrowed = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let (query, _) = FeatureQuery::parse(collection.clone(), &scope, crate::due::TODAY, borrowed)
        .expect("a question");
    let figure = Figure::of(&Shape::Point(position));
    let mut all: Vec<(f64, OrderKey, String)> = Vec::new();
    let reading = registry.ledger().for_each(&query, |asset| {
        let mut text = Vec::new();
        write_asset(&mut text, asset, &collection, &scope);
        let mut text = String::from_utf8(text).expect("text");
        let metres = figure.distance_m(&asset.content.shape);
        text.pop();
        let rounded = (metres * 1_000.0).round() / 1_000.0;
        write!(text, r#","distance_m":{rounded}}}"#).expect("a string takes whatever is written");
        let key = key_of(asset.content.shape.bounds().centre());
        all.push((metres, OrderKey { key, id: asset.id, part: 0 }, text));
        true
    });
    reading.await.expect("a reading");
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let expected: Vec<&str> = all.iter().take(count).map(|(_, _, text)| &**text).collect();
    let slice = Slice { limit: 1, start: Start::Offset(0) };
    let page = registry.snapshot().answer(&query, &slice);
    let mut text = Vec::new();
    page.write_features(&mut text);
    assert_eq!(String::from_utf8(text).expect("text"), expected.join(","), "{pairs:?}");
    assert_eq!(page.returned(), expected.len());
    assert_eq!((page.matched(), page.next()), (expected.len() as u64, None));
}
