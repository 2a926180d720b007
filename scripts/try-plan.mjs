// Holds pixtok plan against what it plans: from a sample of 2000 pairs in shards it is asked for a larger set, which is
// then made, opened, read and packed. It ends with 1 where a figure is off by more than a fifth.
//
//   npm run build:ts && node scripts/try-plan.mjs [PAIRS] [ROUNDS]      100 000 and 5 by default
//
// The machine has to be idle. What is planned and what is measured are taken in turns, as machines have other neighbours from
// one minute to the next, and both in processes of their own. 1000000 and 2 take eight minutes and 6 GB of TMPDIR.

import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Header } from "tar";
import {
  measureOpening,
  measurePackingOf,
  measureReadingOf,
} from "../dist/cli/measure-in-process.js";
import { makeTemporaryFolder } from "../dist/cli/temporary-folder.js";

const pairs = Number(process.argv[2] ?? 100_000);
const SAMPLE = 2000;
const SHARD_PAIRS = 1000;
const SIZE = 16;
const ROUNDS = Number(process.argv[3] ?? 5);
const MOST_OFF = 0.2;

const from = (path) => fileURLToPath(new URL(path, import.meta.url));
const { folder: root } = await makeTemporaryFolder("pixtok-plan-");

const images = ["jpeg-7x5.jpg", "png-rgb.png", "jpeg-420.jpg"]
  .map((name) => readFileSync(from(`../test/data/images/${name}`)))
  .filter(({ length }) => length < 8000);

function entryOf(path, bytes) {
  const block = Buffer.alloc(512);
  new Header({ path, size: bytes.length, mode: 0o644, type: "File" }).encode(block);
  return [block, bytes, Buffer.alloc(-bytes.length & 511)];
}

/** Shards of small images, in turns. */
function writeShards(name, count) {
  const folder = join(root, name);
  mkdirSync(folder);
  for (let first = 0; first < count; first += SHARD_PAIRS) {
    const entries = Array.from({ length: SHARD_PAIRS }, (_, i) =>
      entryOf(`${String(first + i).padStart(9, "0")}.jpg`, images[(i * 7) % images.length]),
    );
    const shard = `${String(first / SHARD_PAIRS).padStart(6, "0")}.tar`;
    writeFileSync(join(folder, shard), Buffer.concat([...entries.flat(), Buffer.alloc(1024)]));
  }
  return folder;
}

const bytesIn = (folder, extension) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

async function planned(source) {
  const given = ["--no-texts", "--size", String(SIZE), "--pairs", String(pairs)];
  const parameters = [from("../dist/cli/main.js"), "plan", source, ...given, "--measure", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, parameters);
  return JSON.parse(stdout).plans[0];
}

let failed = false;
/** @param room that both may differ by beside the fifth. */
function compare(what, plan, measured, room = 0) {
  const isNear = plan !== null && Math.abs(plan - measured) <= MOST_OFF * measured + room;
  failed ||= !isNear;
  const [a, b] = [plan, measured].map((value) => value?.toPrecision(4) ?? "not measured");
  const ratio = plan === null ? "" : (plan / measured).toFixed(2);
  console.log([what.padEnd(26), a.padStart(14), b.padStart(14), ratio.padStart(6)].join(" "));
}

async function least(times, measure) {
  let value = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i += 1) value = Math.min(value, await measure());
  return value;
}

/** The middle one of those that are known; null where none is. */
function median(values) {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known[known.length >> 1] ?? null;
}

/** What opening in a process differs by from one time to the next, in seconds. */
const ROOM = 0.05;
/** Openings, of which the least counts: each first one of many shards takes long. */
const FIRST_TIMES = 3;
const AGAIN_TIMES = 7;
const given = { texts: false };
const reading = { batchSize: 64, window: 32, threads: undefined, seconds: 3, shuffle: "blocks" };
const packing = { fileBytes: undefined, threads: undefined };
const small = writeShards("small", SAMPLE);
const large = writeShards("large", pairs);
const packed = join(root, "packed");

const open = async (folder) => (await measureOpening([folder], given)).seconds;

async function openFirst() {
  for (const name of readdirSync(large)) if (name.endsWith(".idx")) rmSync(join(large, name));
  return open(large);
}

/** In a process of its own, as who packs starts one. */
async function packLarge() {
  rmSync(packed, { recursive: true, force: true });
  const options = { ...packing, folder: packed };
  return (await measurePackingOf([large], given, SIZE, null, options)).seconds;
}

/** What the large set comes to. */
async function measured() {
  const opening = await least(FIRST_TIMES, openFirst);
  const again = await least(AGAIN_TIMES, () => open(large));
  const { rate, memory } = await measureReadingOf([large], given, reading);
  const seconds = await packLarge();
  const openingPacked = await least(AGAIN_TIMES, () => open(packed));
  const { memory: memoryPacked } = await measureReadingOf([packed], given, reading);
  return { opening, again, rate, memory, seconds, openingPacked, memoryPacked };
}

const plans = [];
const found = [];
for (let round = 0; round < ROUNDS; round += 1) {
  plans.push(await planned(small));
  found.push(await measured());
}

console.log(
  [`${pairs} pairs`.padEnd(26), "planned".padStart(14), "measured".padStart(14)].join(" "),
);
const [plan] = plans;
/** Compares what differs from round to round. */
const compareRounds = (what, ofPlan, ofMeasured, room) =>
  compare(what, median(plans.map(ofPlan)), median(found.map(ofMeasured)), room);
compare("bytes", plan.asItIs.bytes, bytesIn(large, ".tar"));
compare("files", plan.asItIs.blocks, pairs / SHARD_PAIRS);
compareRounds(
  "opening, s",
  ({ asItIs }) => asItIs.openingSeconds,
  ({ opening }) => opening,
  ROOM,
);
compareRounds(
  "opening again, s",
  ({ asItIs }) => asItIs.openingAgainSeconds,
  ({ again }) => again,
  ROOM,
);
compareRounds(
  "memory",
  ({ asItIs }) => asItIs.memoryBytes,
  ({ memory }) => memory,
);
compareRounds(
  "read, pairs a second",
  ({ asItIs }) => pairs / asItIs.epoch.seconds,
  ({ rate }) => rate,
);
compareRounds(
  "packing, s",
  (one) => one.packed.packing.seconds,
  ({ seconds }) => seconds,
);
compare("bytes, packed", plan.packed.bytes, bytesIn(packed, ".arrow"));
const files = readdirSync(packed).filter((name) => name.endsWith(".arrow")).length;
compare("files, packed", plan.packed.blocks, files);
compareRounds(
  "opening packed, s",
  (one) => one.packed.openingAgainSeconds,
  ({ openingPacked }) => openingPacked,
  ROOM,
);
compareRounds(
  "memory, packed",
  (one) => one.packed.memoryBytes,
  ({ memoryPacked }) => memoryPacked,
);
process.exitCode = failed ? 1 : 0;
