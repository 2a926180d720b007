// A plan as people read it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlanFigures } from "../../src/planning/figures.js";
import {
  formatBytes,
  formatCount,
  formatPlan,
  formatSeconds,
} from "../../src/planning/format-plan.js";
import { planFor } from "../../src/planning/plan.js";

test("bytes have three digits and the unit by which they are at least one", () => {
  const shown = [0, 999, 1000, 1234, 999_400, 999_600, 45.6e9, 1.5e15, 2e21].map(formatBytes);
  assert.deepEqual(shown, [
    ...["0 B", "999 B", "1 kB", "1.23 kB", "999 kB"],
    ...["1 MB", "45.6 GB", "1.5 PB", "2000 EB"],
  ]);
});

test("times have the unit that says something", () => {
  const shown = [0.0012, 0.5, 1, 119, 120, 7140, 7200, 172_000, 8.64e6].map(formatSeconds);
  assert.deepEqual(shown, [
    ...["1.2 ms", "500 ms", "1 s", "119 s", "2 min"],
    ...["119 min", "2 h", "1.99 days", "100 days"],
  ]);
});

test("counts have their digits in groups of three", () => {
  assert.deepEqual([7, 1000, 1e10].map(formatCount), ["7", "1 000", "10 000 000 000"]);
  assert.deepEqual([1.4, 999.5].map(formatCount), ["1", "1 000"]);
});

const measured: PlanFigures = {
  asItIs: {
    pairBytes: 1e5,
    blockPairs: null,
    opening: { pairs: 1000, value: 0.1, perPair: 1e-6 },
    openingAgain: { pairs: 1000, value: 0.05, perPair: 0 },
    memory: { pairs: 1000, value: 1e8, perPair: null },
    readRate: 500,
  },
  packed: {
    pairBytes: 2e5,
    blockPairs: 1e3,
    opening: null,
    openingAgain: null,
    memory: null,
    readRate: 1e4,
    packing: { pairs: 400, value: 1, perPair: 1 / 400 },
  },
};
const fleet = {
  ranks: 2,
  nodes: 1,
  bandwidth: 1e6,
  batchSize: 8,
  shuffle: "full",
  window: 32,
} as const;

test("a plan has a column for each number of pairs, and says what was not measured", () => {
  const lines = formatPlan({
    source: "CSV manifest, 1000 pairs",
    machine: { threads: 2, kernel: "avx2", pixtok: "1.2.3", node: "v22.0.0" },
    figures: measured,
    fleet,
    plans: [1000, 1e6].map((pairs) => planFor(measured, pairs, fleet)),
  }).split("\n");
  const cells = lines.map((line) => line.split(/ {3,}/));
  assert.deepEqual(cells.slice(0, 15), [
    ["Pairs like these: CSV manifest, 1000 pairs"],
    ["2 ranks on 1 node like this machine, 1 MB a second each; batches of 8; all rows shuffled"],
    [
      "Measured here, of pairs a second: 500 read, 400 packed, 10 000 read when packed; 2 threads, avx2, pixtok 1.2.3, Node v22.0.0.",
    ],
    [""],
    ["pairs", "1 000", "1 000 000"],
    ["as it is"],
    ["  stored", "100 MB", "100 GB"],
    ["  files, or parts of them", "one an image", "one an image"],
    ["  fetched in an epoch", "100 MB", "100 GB"],
    ["  cache of a node", "none", "none"],
    ["  opening, the first time", "100 ms", "1.1 s"],
    ["  opening, again", "50 ms", "50 ms"],
    ["  memory of a rank", "100 MB", "not measured"],
    ["  reading an epoch", "100 s, by bandwidth", "27.8 h, by bandwidth"],
    ["  blocks in 16 pairs", "random", "random"],
  ]);
  const packed = cells.slice(lines.indexOf("packed") + 1);
  assert.deepEqual(packed[0], ["  packing", "3.33 min, by bandwidth", "2.31 days, by bandwidth"]);
  assert.deepEqual(packed[2], ["  files, or parts of them", "1", "1 000"]);
  const widths = new Set(
    lines.slice(4).flatMap((line) => (line.startsWith("  ") ? line.length : [])),
  );
  assert.equal(widths.size, 1, "the columns end below each other");
});

test("a plan of which nothing was measured says how it would be", () => {
  const none = { opening: null, openingAgain: null, memory: null, readRate: null };
  const figures = { asItIs: { pairBytes: 1, blockPairs: 10, ...none }, packed: null };
  const alone = { ...fleet, ranks: 1, bandwidth: null, shuffle: "blocks" } as const;
  const text = formatPlan({
    source: "a set",
    machine: null,
    figures,
    fleet: alone,
    plans: [planFor(figures, 100, alone)],
  });
  assert.match(text, /of no known bandwidth; batches of 8; blocks shuffled, a window of 32\n/);
  assert.match(text, /^Nothing was measured but bytes: --measure times/m);
  assert.match(text, /^ {2}reading an epoch +not measured$/m);
  const known = { ...alone, bandwidth: 10 };
  const least = formatPlan({
    source: "a set",
    machine: null,
    figures,
    fleet: known,
    plans: [planFor(figures, 100, known)],
  });
  assert.match(least, /^ {2}reading an epoch +at least 10 s, by bandwidth$/m);
  // one rank's batch is that of all
  assert.doesNotMatch(text, /rank's/);
  assert.doesNotMatch(text, /^packed$/m);
});
