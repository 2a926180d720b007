// Holds pixtok plan against what it plans: from a sample of 2000 pairs in shards it is asked for a larger set, which is
// then made, opened, read and packed. It ends with 1 where a figure is off by more than a fifth.
//
//   npm run build:ts && node scripts/try-plan.mjs [PAIRS] [ROUNDS]      100 000 and 5 by default
//
// The machine has to be idle. Even so it is half as fast again in one minute as in another, as it has other neighbours. So what is
// planned and what is measured are taken in turns, both in processes of their own, and the middle one of the rounds' ratios counts.
// 1000000 and 5 take twenty minutes and 6 GB of TMPDIR.

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
/**
 * Compares what was planned and what was measured, in each round; the round whose ratio is the middle one is told.
 *
 * @param room that both may differ by beside the fifth.
 */
function compare(what, rounds, room = 0) {
  const known = rounds.filter(({ plan }) => plan !== null);
  const byRatio = known.toSorted((a, b) => a.plan / a.measured - b.plan / b.measured);
  const { plan, measured } = byRatio[byRatio.length >> 1] ?? rounds[0];
  const isNear = plan !== null && Math.abs(plan - measured) <= MOST_OFF * measured + room;
  failed ||= !isNear;
  const [a, b] = [plan, measured].map((value) => value?.toPrecision(4) ?? "not measured");
  const ratios = byRatio.map((one) => (one.plan / one.measured).toFixed(2));
  console.log([what.padEnd(22), a.padStart(14), b.padStart(14), "  ", ratios.join(" ")].join(" "));
}

async function least(times, measure) {
  let value = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i += 1) value = Math.min(value, await measure());
  return value;
}

/** What opening in a process differs by from one time to the next, in seconds. */
const ROOM = 0.05;
/** Openings; the least counts. Those of large sets take long, and differ less. */
const FIRST_TIMES = pairs > 300_000 ? 1 : 3;
const AGAIN_TIMES = pairs > 300_000 ? 3 : 7;
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

const read = (folder) => measureReadingOf([folder], given, reading);

/** What the large set comes to. @param rateBefore what was read a second before it was planned, as that is noisiest. */
async function measured(rateBefore) {
  const opening = await least(FIRST_TIMES, openFirst);
  const again = await least(AGAIN_TIMES, () => open(large));
  const { rate: rateAfter, memory } = await read(large);
  const seconds = await packLarge();
  const { rate: ratePacked, memory: memoryPacked } = await read(packed);
  const openingPacked = await least(AGAIN_TIMES, () => open(packed));
  const rate = (rateBefore + rateAfter) / 2;
  return { opening, again, rate, memory, seconds, ratePacked, openingPacked, memoryPacked };
}

const plans = [];
const found = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const { rate } = await read(large);
  plans.push(await planned(small));
  found.push(await measured(rate));
}

console.log(
  [`${pairs} pairs`.padEnd(22), "planned".padStart(14), "measured".padStart(14), "   ratios"].join(
    " ",
  ),
);
const compareRounds = (what, ofPlan, ofMeasured, room) =>
  compare(
    what,
    plans.map((plan, round) => ({ plan: ofPlan(plan), measured: ofMeasured(found[round]) })),
    room,
  );
/** Compares what is the same in every round. */
const compareOnce = (what, plan, measured) => compare(what, [{ plan, measured }]);
const [{ asItIs, packed: asPacked }] = plans;
const filesOf = (folder) => readdirSync(folder).filter((name) => name.endsWith(".arrow")).length;
compareOnce("bytes", asItIs.bytes, bytesIn(large, ".tar"));
compareOnce("files", asItIs.blocks, pairs / SHARD_PAIRS);
compareRounds(
  "opening, s",
  (plan) => plan.asItIs.openingSeconds,
  ({ opening }) => opening,
  ROOM,
);
compareRounds(
  "opening again, s",
  (plan) => plan.asItIs.openingAgainSeconds,
  ({ again }) => again,
  ROOM,
);
compareRounds(
  "memory",
  (plan) => plan.asItIs.memoryBytes,
  ({ memory }) => memory,
);
compareRounds(
  "read, pairs a second",
  (plan) => pairs / plan.asItIs.epoch.seconds,
  ({ rate }) => rate,
);
compareRounds(
  "packing, s",
  ({ packed }) => packed.packing.seconds,
  ({ seconds }) => seconds,
);
compareOnce("bytes, packed", asPacked.bytes, bytesIn(packed, ".arrow"));
compareOnce("files, packed", asPacked.blocks, filesOf(packed));
compareRounds(
  "opening packed, s",
  ({ packed }) => packed.openingAgainSeconds,
  ({ openingPacked }) => openingPacked,
  ROOM,
);
compareRounds(
  "memory, packed",
  ({ packed }) => packed.memoryBytes,
  ({ memoryPacked }) => memoryPacked,
);
compareRounds(
  "read packed, a second",
  ({ packed }) => pairs / packed.epoch.seconds,
  ({ ratePacked }) => ratePacked,
);
process.exitCode = failed ? 1 : 0;
