// Reads answers of a server and looks in each for what is no GeoJSON, with check-geojson.
// usage: node geojson.mjs NODE_MODULES URL ANSWERS
import { createRequire } from "node:module";

const [modules, url, wanted] = process.argv.slice(2);
const { check, HintError } = createRequire(`${modules}/`)("@placemarkio/check-geojson");

async function get(path) {
  const answer = await fetch(path);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
  return answer.text();
}

let answers = 0;
let features = 0;
async function look(path) {
  const text = await get(path);
  try {
    const found = check(text);
    features += found.type === "FeatureCollection" ? found.features.length : 1;
  } catch (error) {
    if (!(error instanceof HintError)) throw error;
    throw new Error(`${path}: ${JSON.stringify(error.issues.slice(0, 5))}`);
  }
  answers += 1;
  return JSON.parse(text);
}

const { collections } = JSON.parse(await get(`${url}/collections`));
const lists = collections.filter(({ itemCount }) => itemCount !== 0);
// Whole pages of every collection, in and out of boxes, then features one by one.
const waiting = [];
for (const { id, extent } of lists) {
  const items = `${url}/collections/${id}/items`;
  const page = await look(`${items}?limit=1000`);
  const [west, south, east, north] = extent.spatial.bbox[0];
  for (let part = 0; part < 8; part += 1) {
    const left = west + ((east - west) * part) / 8;
    await look(`${items}?limit=100&bbox=${left},${south},${left + (east - west) / 8},${north}`);
  }
  waiting.push(page.features.map((feature) => `${items}/${encodeURIComponent(feature.id)}`));
}
for (let place = 0; answers < Number(wanted); place += 1) {
  const next = waiting.map((ids) => ids[place]).filter(Boolean);
  if (next.length === 0) throw new Error(`only ${answers} answers`);
  for (const path of next) if (answers < Number(wanted)) await look(path);
}
console.log(`${answers} answers with ${features} features: no issues`);
