// Weights that are in a file: the order that they give, what is kept of them, and files that are no weights.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openWeightedSampler, PixtokError, type Sampler, weightedSampler } from "pixtok";
import { mapTableFile } from "../../src/loader/alias-table-file.js";
import { holdTable, letGoOfOthers } from "../../src/loader/held-tables.js";
import { keptAliasTable } from "../../src/loader/kept-alias-table.js";
import { openWeightsFile } from "../../src/loader/weights-file.js";
import { aliasTable, digestInTurns } from "../../src/order/alias-table.js";
import { FileRefusal } from "../../src/shared/file-refusal.js";
import { cannotList, openBelow } from "../support/open-files.js";
import { randomIntegers, seed } from "../support/pairs.js";
import { python, withoutPython } from "../support/python.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-weights-"));
after(() => rmSync(root, { recursive: true }));

const newFolder = () => mkdtempSync(join(root, "folder-"));
function fileOf(bytes: Uint8Array, name = "weights.bin"): string {
  const path = join(newFolder(), name);
  writeFileSync(path, bytes);
  return path;
}
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

const random = randomIntegers(seed);
/** Weights: some are 0, and one is large. */
function randomWeights(count: number): Float64Array {
  const weights = Float64Array.from({ length: count }, () => Math.max(0, random(1000) - 100) / 7);
  weights[random(count)] = 1e6 / 3;
  return weights;
}

/** A file of NumPy's, as its format's page says. */
function npyOf(dictionary: string, numbers: ArrayBufferView): Uint8Array {
  const text = `${dictionary.padEnd(117)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${text}`, "latin1");
  return Buffer.concat([head, bytesOf(numbers)]);
}
const dictionaryOf = (type: string, shape: string) =>
  `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }`;

const drawn = (sampler: Sampler) =>
  Array.from({ length: 200 }, (_, position) => sampler.indexAt(position, position % 3));

function assertSame(sampler: Sampler, weights: ArrayLike<number>): void {
  const expected = weightedSampler(weights, { seed: 7 });
  assert.equal(sampler.length, expected.length);
  assert.equal(sampler.fingerprint, expected.fingerprint);
  assert.deepEqual(drawn(sampler), drawn(expected));
}

const bytesOfTable = (count: number) => 128 + 12 * count;

/** Files of tables in a cache. */
function tablesIn(cacheDir: string): string[] {
  const names = readdirSync(join(cacheDir, "copies"), { recursive: true, encoding: "utf8" });
  return names
    .map((name) => join(cacheDir, "copies", name))
    .filter((path) => statSync(path).isFile());
}

const refused = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

describe("weights in a file", () => {
  for (const [type, numbers] of [
    ["float32", Float32Array],
    ["float64", Float64Array],
  ] as const) {
    test(`of ${type}s give the order that they give in memory (seed ${seed})`, async () => {
      const weights = numbers.from(randomWeights(1 + random(3000)));
      const path = fileOf(bytesOf(weights));
      const options = { type, seed: 7, cacheDir: newFolder() };
      assertSame(await openWeightedSampler(path, options), weights);
      assertSame(await openWeightedSampler(path, options), weights); // as it is kept
    });
  }

  test("may be NumPy's", { skip: withoutPython({ numpy: "" }) }, async () => {
    const folder = newFolder();
    const code = `
import json, numpy, sys
weights = numpy.random.default_rng(5).random(500)
for type in ("float32", "float64"):
    numpy.save(sys.argv[1] + "/" + type + ".npy", weights.astype(type))
with open(sys.argv[1] + "/second.npy", "wb") as file:
    numpy.lib.format.write_array(file, weights, version=(2, 0))
print(json.dumps([weights.astype("float32").tolist(), weights.tolist()]))`;
    const { stdout, stderr } = spawnSync(python, ["-c", code, folder], { encoding: "utf8" });
    assert.equal(stderr, "");
    const [singles, doubles] = JSON.parse(stdout) as [number[], number[]];
    for (const [name, weights] of [
      ["float32", singles],
      ["float64", doubles],
      ["second", doubles],
    ] as const) {
      const options = { seed: 7, count: 500, cacheDir: newFolder() };
      assertSame(await openWeightedSampler(join(folder, `${name}.npy`), options), weights);
    }
  });

  test("are mapped in several parts where they are many", async () => {
    const weights = randomWeights(100);
    const file = await openWeightsFile(fileOf(bytesOf(weights)), "float64", undefined);
    const settings = { cacheDir: newFolder(), cacheBytes: 2 ** 20 };
    const table = await keptAliasTable(file, settings, (place) => mapTableFile(place, 3));
    const expected = aliasTable(weights);
    await file.close();
    for (const column of weights.keys()) {
      assert.equal(table.keptAt(column), expected.keptAt(column));
      assert.equal(table.aliasAt(column), expected.aliasAt(column));
    }
    assert.equal(table.digest, expected.digest);
  });

  test("are drawn from as often as length says", async () => {
    const path = fileOf(bytesOf(Float32Array.of(1, 2)));
    const cacheDir = newFolder();
    const sampler = await openWeightedSampler(path, { type: "float32", length: 9, cacheDir });
    assert.equal(sampler.length, 9);
  });

  test("do not keep others from their turn while what is made of them gets its digest", async () => {
    const [kept, alias] = [new Float64Array(2 ** 21 + 1), new Uint32Array(1)];
    let turns = 0;
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const digest = await digestInTurns({ kept, alias });
    clearImmediate(next);
    const whole = createHash("sha256").update(kept).update(alias).digest("hex");
    assert.equal(digest, whole.slice(0, 32));
    assert.ok(turns >= 2, `${turns} turns`);
  });
});

describe("what is kept of weights in a file", () => {
  const weights = randomWeights(300);
  const type = "float64";

  test("is made once, whoever asks, also for copies of the file", async () => {
    const [path, cacheDir] = [fileOf(bytesOf(weights)), newFolder()];
    const copy = join(newFolder(), "copy.bin");
    copyFileSync(path, copy);
    const open = (from: string) => openWeightedSampler(from, { type, seed: 7, cacheDir });
    const opened = await Promise.all([open(path), open(path), open(copy)]);
    for (const sampler of opened) assertSame(sampler, weights);
    assert.equal(tablesIn(cacheDir).length, 1);
  });

  test("is 12 bytes a weight", async () => {
    const [path, cacheDir] = [fileOf(bytesOf(weights)), newFolder()];
    await openWeightedSampler(path, { type, cacheDir });
    const [table = ""] = tablesIn(cacheDir);
    assert.equal(statSync(table).size, bytesOfTable(weights.length));
  });

  test("is made anew where the weights are others, though the file's time is the same", async () => {
    const [path, cacheDir] = [fileOf(bytesOf(weights)), newFolder()];
    const open = () => openWeightedSampler(path, { type, seed: 7, cacheDir });
    utimesSync(path, 1, 1);
    await open();
    const others = weights.toReversed();
    writeFileSync(path, bytesOf(others));
    utimesSync(path, 1, 1);
    assertSame(await open(), others);
  });

  /** Opens weights of their own file by a cache that has room for the larger of two tables alone. */
  const withRoomForOne = () => {
    const settings = { cacheDir: newFolder(), cacheBytes: bytesOfTable(weights.length) + 100 };
    return {
      settings,
      open: (path: string) => openWeightedSampler(path, { type, seed: 7, ...settings }),
      keptBytes: () => tablesIn(settings.cacheDir).map((table) => statSync(table).size),
    };
  };
  const fewer = weights.map((weight) => weight + 1).subarray(50);

  test("gives its room to another once nobody draws by it", async () => {
    const { open, keptBytes } = withRoomForOne();
    await open(fileOf(bytesOf(weights)));
    setFlagsFromString("--expose-gc");
    const gc: () => void = runInNewContext("gc");
    await nextTurn();
    gc();
    await nextTurn(); // it is told of what has been collected
    assertSame(await open(fileOf(bytesOf(fewer))), fewer);
    assert.deepEqual(keptBytes(), [bytesOfTable(fewer.length)]);
  });

  test("gives its room to that of the weights that the file has next, and is drawn by", async () => {
    const { open, keptBytes } = withRoomForOne();
    const path = fileOf(bytesOf(weights));
    const before = await open(path);
    writeFileSync(path, bytesOf(fewer));
    assertSame(await open(path), fewer);
    assert.deepEqual(keptBytes(), [bytesOfTable(fewer.length)]);
    assertSame(before, weights);
  });

  test("is in memory, at once, where others draw by what takes the room", {
    timeout: 20_000,
  }, async () => {
    const { open, keptBytes } = withRoomForOne();
    const before = await open(fileOf(bytesOf(weights)));
    assertSame(await open(fileOf(bytesOf(fewer))), fewer);
    assert.deepEqual(keptBytes(), [bytesOfTable(weights.length)]);
    assertSame(before, weights);
  });

  test("stays where it cannot be mapped now", async () => {
    const [path, cacheDir] = [fileOf(bytesOf(weights)), newFolder()];
    await openWeightedSampler(path, { type, cacheDir });
    const inodes = () => tablesIn(cacheDir).map((table) => statSync(table).ino);
    const before = inodes();
    const file = await openWeightsFile(path, type, undefined);
    const refusal = { code: "OUT_OF_FILE_DESCRIPTORS", message: "EMFILE: too many open files" };
    const settings = { cacheDir, cacheBytes: 2 ** 20 };
    const table = await keptAliasTable(file, settings, async () => {
      throw new FileRefusal(refusal);
    });
    await file.close();
    assert.equal(table.digest, aliasTable(weights).digest);
    assert.deepEqual(inodes(), before);
  });

  test("gives its room to another where it could not be mapped, which nobody draws by", async () => {
    const { open, keptBytes, settings } = withRoomForOne();
    const file = await openWeightsFile(fileOf(bytesOf(weights)), type, undefined);
    await keptAliasTable(file, settings, async () => {
      throw new FileRefusal({ code: "STORAGE_FAILED", message: "EIO: i/o error" });
    });
    await file.close();
    assert.deepEqual(keptBytes(), [bytesOfTable(weights.length)]);
    assertSame(await open(fileOf(bytesOf(fewer))), fewer);
    assert.deepEqual(keptBytes(), [bytesOfTable(fewer.length)]);
  });

  test("gives no index that is beyond its weights where it is damaged", async () => {
    const [path, cacheDir] = [fileOf(bytesOf(weights)), newFolder()];
    const open = () => openWeightedSampler(path, { type, seed: 7, cacheDir });
    await open();
    const [table = ""] = tablesIn(cacheDir);
    const { atime, mtime } = statSync(table);
    const file = openSync(table, "r+");
    writeSync(file, new Uint32Array(300).fill(300), 0, 4 * 300, 128 + 8 * 300);
    closeSync(file);
    utimesSync(table, atime, mtime); // else it is seen by its time
    const sampler = await open();
    const message = /copies.*a table of 300 weights .* damaged: it gives index 300 \(remove/;
    assert.throws(() => drawn(sampler), refused("STORAGE_FAILED", message));
  });

  for (const [what, damage] of [
    ["of another kind", (table: string) => writeFileSync(table, Buffer.alloc(128 + 12 * 300))],
    ["cut short", (table: string) => truncateSync(table, 1000)],
  ] as const) {
    test(`is made anew where it is ${what}`, async () => {
      const [path, cacheDir] = [fileOf(bytesOf(weights)), newFolder()];
      await openWeightedSampler(path, { type, cacheDir });
      const [table = ""] = tablesIn(cacheDir);
      const { atime, mtime } = statSync(table);
      damage(table);
      utimesSync(table, atime, mtime); // else it is seen by its time
      assertSame(await openWeightedSampler(path, { type, seed: 7, cacheDir }), weights);
      assert.equal(statSync(tablesIn(cacheDir)[0] ?? "").size, bytesOfTable(weights.length));
    });
  }

  for (const [what, settings] of [
    ["a cache is no folder", () => ({ cacheDir: fileOf(Buffer.from("a file")) })],
    ["a cache has no room", () => ({ cacheDir: newFolder(), cacheBytes: 100 })],
  ] as const) {
    test(`is in memory where ${what}`, async () => {
      const path = fileOf(bytesOf(weights));
      const sampler = await openWeightedSampler(path, { type, seed: 7, ...settings() });
      assertSame(sampler, weights);
    });
  }
});

test("the room of a table is held until another of its file takes it, or nobody has it", () => {
  const released: string[] = [];
  const memories = [{}, {}]; // not collected before the end
  const hold = (file: string, key: string, memory: object) =>
    holdTable({ file, key, release: () => void released.push(`${file} ${key}`) }, memory);
  hold("/a", "1", memories[0] as object);
  hold("/b", "2", memories[1] as object);
  letGoOfOthers({ file: "/a", key: "1" });
  letGoOfOthers({ file: "/c", key: "3" });
  assert.deepEqual(released, []);
  letGoOfOthers({ file: "/a", key: "3" });
  letGoOfOthers({ file: "/a", key: "3" });
  assert.deepEqual([released, memories.length], [["/a 1"], 2]);
});

describe("a file of weights is refused", () => {
  const { NaN: nan, POSITIVE_INFINITY: infinite } = Number;
  const floats = (...numbers: number[]) => bytesOf(Float32Array.from(numbers));
  const npy = (type: string, shape: string, numbers: ArrayBufferView = new Float32Array(4)) =>
    npyOf(dictionaryOf(type, shape), numbers);
  const cut = npy("<f4", "4,", Float32Array.of(1, 2, 3, 4));
  for (const [what, bytes, message] of [
    [
      "has a negative number",
      floats(1, -2),
      /weight 1: expected a finite number of at least 0, got -2/,
    ],
    ["has what is not a number", floats(1, 2, nan), /weight 2: .* got NaN/],
    ["has an infinite number", floats(infinite), /weight 0: .* got Infinity/],
    ["has zeros alone", floats(0, 0), /weights: expected at least one above 0/],
    ["is empty", floats(), /expected 1 to 4294967295 weights, got 0/],
    ["is cut within a number", floats(1, 2).subarray(1), /it has 7 bytes, which are no float32s/],
    ["ends early after its header", cut.subarray(0, -4), /says 4 weights of 16 bytes, and 12/],
    ["goes on after its header's numbers", npy("<f4", "3,"), /says 3 weights of 12 bytes, and 16/],
    ["says more numbers than can be", npy("<f4", `${"9".repeat(30)},`), /and 16 follow/],
    ["ends within its header", cut.subarray(0, 60), /its header is damaged, or ends early/],
    ["ends within its beginning", cut.subarray(0, 7), /its header is damaged/],
    ["has numbers of the other byte order", npy(">f4", "4,"), /type <f4 or <f8, got >f4/],
    ["has integers", npy("<i8", "2,"), /got <i8/],
    ["has no numbers", npy("<f4", "0,", new Float32Array()), /expected 1 to \d+ weights, got 0/],
    ["has two dimensions", npy("<f4", "2, 2"), /expected an array of one dimension, got one of 2/],
    ["has a number that is no array", npy("<f4", ""), /one of 0/],
    ["has objects", npyOf("{'descr': [('a', '<f4')], }", new Float32Array(4)), /no plain array/],
  ] as const) {
    test(`that ${what}`, async () => {
      const path = fileOf(bytes);
      const isNumbers = !Buffer.from(bytes).includes("NUMPY");
      const opening = openWeightedSampler(path, {
        ...(isNumbers && { type: "float32" }),
        cacheDir: newFolder(),
      });
      await assert.rejects(opening, refused("INVALID_WEIGHTS", message));
    });
  }

  test("whose sum is not finite", async () => {
    const path = fileOf(bytesOf(Float64Array.of(1e308, 1e308)));
    const opening = openWeightedSampler(path, { type: "float64", cacheDir: newFolder() });
    await assert.rejects(opening, refused("INVALID_WEIGHTS", /weights: expected a finite sum/));
  });

  test("of another number of weights than there should be", async () => {
    const opening = openWeightedSampler(fileOf(floats(1, 2)), { type: "float32", count: 3 });
    const message = /expected 3 weights, as count says, got 2/;
    await assert.rejects(opening, refused("INVALID_WEIGHTS", message));
  });

  test("that is not there", async () => {
    const opening = openWeightedSampler(join(root, "none.npy"));
    await assert.rejects(opening, refused("FILE_NOT_FOUND", /none\.npy/));
  });

  test("that is written to while it is read", async () => {
    // what is missing is not taken for weights of 0, none of them above 0
    for (const left of [4, 0]) {
      const path = fileOf(floats(1, 2, 3));
      const file = await openWeightsFile(path, "float32", undefined);
      truncateSync(path, left);
      const settings = { cacheDir: newFolder(), cacheBytes: 2 ** 20 };
      await assert.rejects(keptAliasTable(file, settings), refused("SOURCE_CHANGED", /written to/));
      await file.close();
    }
  });

  test("that is written to while it is read, and stays as long", async () => {
    const path = fileOf(floats(1, 2, 3));
    const file = await openWeightsFile(path, "float32", undefined);
    writeFileSync(path, floats(3, 2, 1));
    utimesSync(path, 1, 1); // the system's clock may be too coarse to tell the two
    const settings = { cacheDir: newFolder(), cacheBytes: 2 ** 20 };
    await assert.rejects(keptAliasTable(file, settings), refused("SOURCE_CHANGED", /written to/));
    await file.close();
  });

  test("and is closed then, as it is once its table is made", { skip: cannotList }, async () => {
    for (const [bytes, isGood] of [
      [floats(1, 2), true],
      [floats(-1), false],
      [floats(), false],
      [cut.subarray(0, -4), false],
    ] as const) {
      const path = fileOf(bytes);
      const isNpy = Buffer.from(bytes).includes("NUMPY");
      const options = { ...(!isNpy && { type: "float32" as const }), cacheDir: newFolder() };
      const opening = openWeightedSampler(path, options);
      if (isGood) await opening;
      else await assert.rejects(opening, { code: "INVALID_WEIGHTS" });
      assert.deepEqual(openBelow(path), []);
    }
  });

  test("that is not what NumPy's save() writes, by its name or its beginning", async () => {
    const zip = Buffer.concat([Buffer.from("PK\x03\x04"), floats(1, 2)]);
    for (const [name, bytes, options, message] of [
      ["weights.npz", zip, {}, /ZIP archive, as NumPy's savez\(\) writes.*NumPy's save\(\)\)$/],
      ["weights.NPZ", zip, { type: "float32" }, /ZIP archive/],
      ["weights.bin", zip, {}, /ZIP archive/],
      ["weights.npy", floats(), {}, /name ends in \.npy, and it does not begin .*or give type/],
      ["weights.npy", floats(1, 2), {}, /name ends in \.npy/],
    ] as const) {
      const opening = openWeightedSampler(fileOf(bytes, name), options);
      await assert.rejects(opening, refused("INVALID_WEIGHTS", message));
    }
  });

  test("not before options are, which need no table", async () => {
    const opening = openWeightedSampler(fileOf(floats(-1)), { type: "float32", length: 0 });
    await assert.rejects(opening, {
      name: "RangeError",
      message: /length: expected an integer of at least 1, got 0/,
    });
  });

  test("that has numbers alone, though its name ends in .npy, only without their type", async () => {
    const options = { type: "float32", seed: 7, cacheDir: newFolder() } as const;
    assertSame(await openWeightedSampler(fileOf(floats(1, 2), "a.npy"), options), [1, 2]);
  });

  test("of numbers alone without their type, and of NumPy's with another", async () => {
    await assert.rejects(openWeightedSampler(fileOf(floats(1))), {
      name: "TypeError",
      message: /type: expected "float32" or "float64", as the file is none of NumPy/,
    });
    await assert.rejects(openWeightedSampler(fileOf(cut), { type: "float64" }), {
      name: "TypeError",
      message: /type: expected "float32", which the file says, or none, got "float64"/,
    });
  });
});
