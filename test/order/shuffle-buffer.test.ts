import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { shuffleBuffer } from "../../src/order/shuffle-buffer.js";
import { fixture, readJsonLines } from "../support/fixtures.js";
import { fc } from "../support/properties.js";

function through(rows: number, size: number, seed: number, epoch = 0): number[] {
  const buffer = shuffleBuffer<number>(size, seed, epoch);
  const order: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    const out = buffer.push(row);
    if (out !== undefined) order.push(out);
  }
  for (let out = buffer.pop(); out !== undefined; out = buffer.pop()) order.push(out);
  return order;
}

const byNumber = (a: number, b: number) => a - b;

interface BufferLine {
  library: "webdataset" | "datasets";
  rows: number;
  buffer: number;
  seeds: number;
  quantiles: number[];
  distance: number;
}

describe("a shuffle buffer", () => {
  test("gives every row once, none more than its size early", () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.integer({ min: 1, max: 60 }),
        fc.maxSafeNat(),
        (rows, size, seed) => {
          const order = through(rows, size, seed);
          assert.deepEqual(order.toSorted(byNumber), [...Array(rows).keys()]);
          for (const [position, row] of order.entries()) assert.ok(row - position < size);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("is decided by seed and epoch", () => {
    assert.deepEqual(through(100, 10, 3, 1), through(100, 10, 3, 1));
    assert.notDeepEqual(through(100, 10, 3, 1), through(100, 10, 3, 2));
    assert.notDeepEqual(through(100, 10, 3, 1), through(100, 10, 4, 1));
  });

  test("mixes rows as far as the one of WebDataset, and farther than the one of datasets", () => {
    for (const line of readJsonLines<BufferLine>(fixture("goldens/shuffle-buffer.jsonl"))) {
      const { library, rows, buffer, seeds, quantiles, distance } = line;
      const later: number[] = [];
      const apart: number[] = [];
      for (let seed = 0; seed < seeds; seed += 1) {
        const places = new Float64Array(rows);
        for (const [position, row] of through(rows, buffer, seed).entries()) {
          places[row] = position;
          later.push(position - row);
        }
        for (let row = 1; row < rows; row += 1) {
          apart.push(Math.abs((places[row] as number) - (places[row - 1] as number)));
        }
      }
      later.sort(byNumber);
      // a twentieth of the buffer, or of the rows where all of them fit into it
      const tolerance = Math.min(buffer, rows) / 20;
      const mean = apart.reduce((sum, one) => sum + one, 0) / apart.length;
      if (library === "datasets") {
        assert.ok(mean > distance - tolerance, `${mean}, ${distance}`);
        continue;
      }
      for (const [i, expected] of quantiles.entries()) {
        const found = later[Math.floor((later.length * (i + 1)) / 10)] as number;
        assert.ok(Math.abs(found - expected) <= tolerance, `${i}: ${found}, ${expected}`);
      }
      assert.ok(Math.abs(mean - distance) <= tolerance, `${mean}, ${distance}`);
    }
  });
});
