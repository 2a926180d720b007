// npm start --prefix examples/embed-search -- [index PICTURES | search TEXT] [--model FOLDER] [--database FOLDER]
//
// Embeds a folder of pictures, and finds those that a text describes. Without a command: both, on scenes that it draws.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { drawScenes } from "../demo/scenes.js";
import { makeTemporaryFolder } from "../demo/temporary-folder.js";
import { type Clip, openClip } from "./clip.js";
import { indexPictures, searchPictures } from "./pictures.js";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string" },
    database: { type: "string" },
    count: { type: "string", default: "5" },
  },
});
// npm runs this in its own folder: paths that are given start where npm was called
const given = (path: string) => resolve(process.env.INIT_CWD ?? ".", path);
const { model: named = join(import.meta.dirname, "model") } = values;
const model = existsSync(given(named)) ? given(named) : named; // or one of the hub
const database =
  values.database === undefined ? join("output", "pictures.lance") : given(values.database);
const count = Number(values.count);
const [command, argument] = positionals;

async function index(folder: string, clip: Clip, into: string): Promise<void> {
  const table = await indexPictures(folder, clip, into);
  console.log(`${await table.countRows()} pictures of ${folder} are in ${into}`);
}

async function search(text: string, clip: Clip, from: string): Promise<void> {
  console.log(`\n${text}`);
  for (const { picture, similarity } of await searchPictures(from, clip, text, count)) {
    console.log(`  ${similarity.toFixed(3)}  ${picture}`);
  }
}

/** Scenes that the model has not seen: how many are found by the captions that are true of them. */
async function drawAndSearch(clip: Clip): Promise<void> {
  const folder = makeTemporaryFolder("pixtok-pictures-");
  const into = join(folder, "database");
  const pictures = join(folder, "pictures");
  const scenes = await drawScenes(pictures, { count: 240, seed: 11 });
  const captions = new Map(scenes.map(({ image, text }) => [image, text]));
  await index(pictures, clip, into);
  let found = 0;
  for (const [at, { image, text }] of scenes.entries()) {
    const pictured = await searchPictures(into, clip, text, count);
    const paths = pictured.map(({ picture }) => join(pictures, picture));
    if (paths.includes(image)) found += 1;
    if (at < 3) console.log(`\n${text}`);
    if (at < 3) for (const path of paths) console.log(`  ${captions.get(path)}`);
  }
  const [share, chance] = [found, count].map((n) => `${((100 * n) / scenes.length).toFixed(0)} %`);
  console.log(
    `\n${share} of the pictures are among the first ${count} for their captions; by chance ${chance}`,
  );
}

const clip = await openClip(model);
if (command === undefined) await drawAndSearch(clip);
else if (command === "index" && argument !== undefined)
  await index(given(argument), clip, database);
else if (command === "search" && argument !== undefined) await search(argument, clip, database);
else throw new Error("expected: index PICTURES, search TEXT, or no command");
