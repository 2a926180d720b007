// Writes docs/plans.md: what pixtok plan says of sets like one of yours, from what it measures on this machine.
//
//   npm run build:ts && node scripts/write-plans.mjs pairs.jsonl TOKENIZER [ROOT]
//
// ROOT is where paths of images start, if not beside the manifest. The same pairs are planned as files of their own and,
// over and over, as a shard of ten thousand, which needs room in TMPDIR. The machine has to be idle: what could not be
// measured is measured once more, and nothing is written where opening again takes longer than the first time.

import { execFile } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Header } from "tar";
import { makeTemporaryFolder } from "../dist/cli/temporary-folder.js";
import { openManifest } from "../dist/index.js";
import { formatPlan } from "../dist/planning/format-plan.js";

const [manifest, tokenizer, root] = process.argv.slice(2);
if (manifest === undefined || tokenizer === undefined) {
  throw new Error("expected a manifest and a tokenizer");
}
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const page = fileURLToPath(new URL("../docs/plans.md", import.meta.url));
const fleet =
  "--pairs 1e6,1e8,1e9,1e10 --ranks 64 --nodes 8 --bandwidth 1.25GB --window 256 --measure";

const SHARD_PAIRS = 10_000;
/** What opening again may differ by from the first time. */
const NOISE = { share: 0.1, seconds: 0.05 };

/** What is wrong with the plan of a set. */
function faultsOf(what, set) {
  const { openingSeconds, openingAgainSeconds, memoryBytes, epoch } = set;
  const figures = { openingSeconds, openingAgainSeconds, memoryBytes, epoch };
  const missing = Object.keys(figures).filter((name) => figures[name] === null);
  const most = openingSeconds * (1 + NOISE.share) + NOISE.seconds;
  if (missing.length === 0 && openingAgainSeconds > most) {
    const message = `${what}: opening again takes ${openingAgainSeconds} s, the first time ${openingSeconds} s`;
    throw new Error(`nothing is written: ${message}`);
  }
  return missing.map((name) => `${what}: ${name} was not measured`);
}

async function plan(source, options, isLast = false) {
  const given = ["--tokenizer", tokenizer, ...options, ...fleet.split(" "), "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, [main, "plan", source, ...given]);
  const report = JSON.parse(stdout);
  const faults = report.plans.flatMap(({ pairs, asItIs, packed }) => [
    ...faultsOf(`${source}, ${pairs} pairs`, asItIs),
    ...faultsOf(`${source}, ${pairs} pairs, packed`, packed),
  ]);
  for (const fault of faults) console.error(fault);
  return faults.length > 0 && !isLast ? plan(source, options, true) : formatPlan(report);
}

/** A tar of the pairs of a manifest, over and over. Gives how many these are. */
async function writeShard(path) {
  const source = await openManifest(manifest, root === undefined ? {} : { root });
  const file = openSync(path, "w");
  const add = (name, bytes) => {
    const header = new Header({ path: name, size: bytes.length, mode: 0o644, type: "File" });
    const block = Buffer.alloc(512);
    header.encode(block);
    for (const part of [block, bytes, Buffer.alloc(-bytes.length & 511)]) writeSync(file, part);
  };
  for (let i = 0; i < SHARD_PAIRS; i += 1) {
    const { image, text } = await source.get(i % source.length, { seed: 0, epoch: 0 });
    const name = String(i).padStart(6, "0");
    add(`${name}.jpg`, readFileSync(image));
    add(`${name}.txt`, Buffer.from(String(text)));
  }
  writeSync(file, Buffer.alloc(1024));
  closeSync(file);
  return Math.min(source.length, SHARD_PAIRS);
}

const { folder } = await makeTemporaryFolder("pixtok-plans-");
const shard = join(folder, "shard.tar");
const pairs = await writeShard(shard);
const sampleBytes = (statSync(shard).size * pairs) / SHARD_PAIRS;
const ofRoot = root === undefined ? [] : ["--root", root];
const asFiles = await plan(manifest, ofRoot);
const asShards = await plan(shard, []);
const block = (command, text) => `\`\`\`\n$ npx pixtok plan ${command}\n${text}\n\`\`\`\n`;
const cpu = `${cpus().length} cores of ${cpus()[0].model}`;
const date = new Date().toISOString().slice(0, 10);
writeFileSync(
  page,
  `# Plans of sets from a million pairs to ten thousand million

Written by \`node scripts/write-plans.mjs\` on ${date}, with ${cpu}. [Planning](guides/planning.md) says what each line is. Only
the rates, the opening, the memory and the bytes of a pair were measured, with a sample of ${Math.round(sampleBytes / 1e6)} MB; all else is arithmetic.

## Images that are files, named by a manifest

${block(`pairs.jsonl --tokenizer bert-base-uncased ${fleet}`, asFiles)}
## Images in shards of ten thousand

${block(`shard.tar --tokenizer bert-base-uncased ${fleet}`, asShards)}`,
);
