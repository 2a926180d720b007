import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  MultimodalDataset,
  type PackDatasetOptions,
  type Pair,
  PixtokError,
  type PixtokErrorCode,
  packDataset,
  type SourceContext,
  verifyPack,
} from "pixtok";
import { textIfReadable } from "../../src/packing/text-if-there.js";
import { coreOfTokenizer } from "../../src/text/tokenizer.js";
import { cannotList, openBelow } from "../support/open-files.js";
import { numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";
import { passingWaits } from "../support/passing-waits.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-claims-"));
after(() => rmSync(root, { recursive: true }));
const tokenizer = await smallTokenizer();
let folders = 0;
const newFolder = () => join(root, `pack-${folders++}`);

/** Bytes of four images: pairs are packed into five files. */
const SHARD_BYTES = 4 * 3;
const PAIRS = 20;

/** Numbered pairs, of which one is kept back until it is let go. */
function gated(held: number, options: { maxLength?: number } = {}) {
  const pairs = numberedPairs(PAIRS);
  let letGo: () => void = () => {};
  let reach: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const source = {
    length: PAIRS,
    fingerprint: "numbered",
    async get(index: number): Promise<Pair> {
      if (index === held) {
        reach();
        await gate;
      }
      return pairs.get(index);
    },
  };
  const { maxLength = 12 } = options;
  const dataset = new MultimodalDataset({
    source,
    tokenizer,
    image: tinyImage,
    text: { maxLength },
  });
  return { dataset, letGo, reached };
}

const nothingHeld = -1;
const packing = (folder: string, dataset: MultimodalDataset, options: PackDatasetOptions = {}) =>
  packDataset(dataset, folder, { fileBytes: SHARD_BYTES, ...options });

async function assertWhole(folder: string): Promise<void> {
  assert.deepEqual(await verifyPack(folder), { ok: true, files: 5, pairs: PAIRS, problems: [] });
  const others = readdirSync(folder).filter((name) => !/^data-\d+-of-\d+\.arrow$/.test(name));
  assert.deepEqual(others.sort(), ["pixtok.lock.json", "tokenizer.json", "tokenizer_config.json"]);
}

const claimName = "files-0-to-4-of-5.claim-0";

/** The claim of a packer of this process that is at work in a folder of its own. */
async function someClaim(): Promise<Record<string, unknown>> {
  const folder = newFolder();
  const { dataset, letGo, reached } = gated(0);
  const work = packing(folder, dataset);
  await reached;
  const claim = JSON.parse(readFileSync(join(folder, claimName), "utf8"));
  letGo();
  await work;
  return claim;
}

describe("two packers of the same part", () => {
  test("do not disturb each other: the second is refused, naming the first", async () => {
    const folder = newFolder();
    const first = gated(5);
    const work = packing(folder, first.dataset);
    await first.reached;
    await assert.rejects(packing(folder, gated(nothingHeld).dataset), (error) => {
      assert.ok(error instanceof PixtokError);
      assert.equal(error.code, "PACK_IN_USE");
      assert.match(
        error.message,
        new RegExp(`process ${process.pid} on .* is packing the same files`),
      );
      assert.doesNotMatch(error.message, /delete/);
      return true;
    });
    first.letGo();
    assert.equal((await work).written, 5);
    await assertWhole(folder);
  });

  test("nor where some of the files are there already", async () => {
    const folder = newFolder();
    await packing(folder, gated(nothingHeld).dataset);
    rmSync(join(folder, "data-00003-of-00005.arrow"));
    const first = gated(13);
    const work = packing(folder, first.dataset);
    await first.reached;
    const second = packing(folder, gated(nothingHeld).dataset);
    await assert.rejects(second, { code: "PACK_IN_USE" });
    first.letGo();
    await work;
    await assertWhole(folder);
  });

  test("may follow each other: the second goes on where the first has stopped", async () => {
    const folder = newFolder();
    const first = gated(17);
    const controller = new AbortController();
    const work = packing(folder, first.dataset, { signal: controller.signal });
    await first.reached;
    controller.abort();
    await assert.rejects(work, { name: "AbortError" });
    const { written, kept } = await packing(folder, gated(nothingHeld).dataset);
    assert.deepEqual({ all: written + kept, some: kept > 0 }, { all: 5, some: true });
    await assertWhole(folder);
  });

  test("make one whole set where they begin at once", async () => {
    const folder = newFolder();
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, () => packing(folder, gated(nothingHeld).dataset)),
    );
    for (const result of results) {
      if (result.status === "rejected") assert.equal(result.reason.code, "PACK_IN_USE");
    }
    assert.ok(results.some(({ status }) => status === "fulfilled"));
    await assertWhole(folder);
  });
});

test("a packer writes a model's file anew that cannot be read", {
  skip: process.platform === "win32" && "symbolic links need rights there",
}, async () => {
  const folder = newFolder();
  mkdirSync(folder);
  symlinkSync("tokenizer.json", join(folder, "tokenizer.json"));
  await packing(folder, gated(nothingHeld).dataset);
  await assertWhole(folder);
});

test("a packer writes the rest of a model's files where another was stopped among them", async () => {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, "tokenizer.json"), coreOfTokenizer(tokenizer).files.json);
  await packing(folder, gated(nothingHeld).dataset);
  await assertWhole(folder);
});

test("a model's file that a server does not give may be there: it is not taken for one that cannot be read", async () => {
  const textOf = (code: PixtokErrorCode) =>
    textIfReadable({ text: () => Promise.reject(new PixtokError(code, "")) }, "tokenizer.json");
  for (const code of ["FILE_NOT_FOUND", "FILE_UNREADABLE", "REMOTE_NOT_FOUND"] as const) {
    assert.equal(await textOf(code), undefined, code);
  }
  await assert.rejects(textOf("REMOTE_UNREACHABLE"), { code: "REMOTE_UNREACHABLE" });
});

test("packers of different parts work at once on one set", async () => {
  const folder = newFolder();
  const parts = [0, 1, 2].map((index) =>
    packing(folder, gated(nothingHeld).dataset, { part: { index, of: 3 } }),
  );
  const results = await Promise.all(parts);
  assert.equal(
    results.reduce((sum, { written }) => sum + written, 0),
    5,
  );
  await assertWhole(folder);
});

describe("packers of different sets in one empty folder", () => {
  test("are distinguished before either has a file", async () => {
    const folder = newFolder();
    const first = gated(0);
    const work = packing(folder, first.dataset);
    await first.reached;
    const other = gated(nothingHeld, { maxLength: 9 }).dataset;
    for (const part of [
      { index: 0, of: 2 },
      { index: 1, of: 2 },
    ]) {
      await assert.rejects(packing(folder, other, { part }), (error) => {
        assert.ok(error instanceof PixtokError);
        assert.equal(error.code, "PACK_MISMATCH");
        assert.match(error.message, /config.text.maxLength is 12 in the pack, and 9 is asked for/);
        return true;
      });
    }
    first.letGo();
    await work;
    await assertWhole(folder);
  });

  test("leave one whole set, or none begun, where they begin at once", async () => {
    for (let round = 0; round < 4; round += 1) {
      const folder = newFolder();
      const lengths = [12, 9, 10];
      const results = await Promise.allSettled(
        lengths.map((maxLength) => packing(folder, gated(nothingHeld, { maxLength }).dataset)),
      );
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
      for (const result of results) {
        if (result.status === "rejected") assert.equal(result.reason.code, "PACK_MISMATCH");
      }
      await assertWhole(folder);
    }
  });

  test("may follow each other where the first has left no file", async () => {
    const folder = newFolder();
    const first = gated(0);
    const controller = new AbortController();
    const work = packing(folder, first.dataset, { signal: controller.signal });
    await first.reached;
    controller.abort();
    await assert.rejects(work);
    await packing(folder, gated(nothingHeld, { maxLength: 9 }).dataset);
    await assertWhole(folder);
  });
});

describe("a claim", () => {
  test("of a process of this machine that has ended is taken over at once", async () => {
    const folder = newFolder();
    mkdirSync(folder);
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const claim = { ...(await someClaim()), pid, token: "0123456789ab" };
    writeFileSync(join(folder, claimName), JSON.stringify(claim));
    const left = `data-00001-of-00005.arrow.${claim.token}.incomplete`;
    writeFileSync(join(folder, left), "half of a file");
    await packing(folder, gated(nothingHeld).dataset);
    await assertWhole(folder);
  });

  test("of another process that has its number now is taken over", {
    skip: existsSync("/proc/self/stat") ? false : "the system does not say when it was started",
  }, async () => {
    const folder = newFolder();
    mkdirSync(folder);
    const claim = { ...(await someClaim()), started: "12", token: "0123456789ab" };
    writeFileSync(join(folder, claimName), JSON.stringify(claim));
    await packing(folder, gated(nothingHeld).dataset);
    await assertWhole(folder);
  });

  test("of another machine holds for five minutes after it was last written", async () => {
    const folder = newFolder();
    mkdirSync(folder);
    const elsewhere = { host: "elsewhere", processes: "elsewhere 1", token: "0123456789ab" };
    const path = join(folder, claimName);
    writeFileSync(path, JSON.stringify({ ...(await someClaim()), ...elsewhere }));
    const age = (seconds: number) => {
      const then = Date.now() / 1000 - seconds;
      utimesSync(path, then, then);
    };
    age(4 * 60);
    await assert.rejects(packing(folder, gated(nothingHeld).dataset), /process \d+ on elsewhere/);
    age(6 * 60);
    await packing(folder, gated(nothingHeld).dataset);
    await assertWhole(folder);
  });

  test("that is half written is waited for, and then taken over", async () => {
    const folder = newFolder();
    mkdirSync(folder);
    const path = join(folder, claimName);
    writeFileSync(path, '{"token": "01');
    await assert.rejects(packing(folder, gated(nothingHeld).dataset), { code: "PACK_IN_USE" });
    utimesSync(path, 1000, 1000);
    await packing(folder, gated(nothingHeld).dataset);
    await assertWhole(folder);
  });

  test("that was taken over ends the work of its former owner", async () => {
    const folder = newFolder();
    const first = gated(3);
    const work = packing(folder, first.dataset);
    await first.reached;
    const { token } = JSON.parse(readFileSync(join(folder, claimName), "utf8"));
    rmSync(join(folder, claimName));
    const second = gated(4);
    const other = packing(folder, second.dataset);
    await second.reached;
    first.letGo();
    await assert.rejects(work, /another process has taken its work over/);
    // the other may have one open, or not
    const own = cannotList ? [] : openBelow(folder).filter((path) => path.includes(token));
    assert.deepEqual(own, []);
    second.letGo();
    await other;
    if (!cannotList) assert.deepEqual(openBelow(folder), []);
    await assertWhole(folder);
  });

  test("and other leftovers are the packer's alone: files of others stay", async () => {
    const folder = newFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, "notes.incomplete"), "mine");
    await packing(folder, gated(nothingHeld).dataset);
    assert.equal(readFileSync(join(folder, "notes.incomplete"), "utf8"), "mine");
  });
});

/** Numbered pairs, each of which fails `times` times before it can be read. */
function failing(times: (index: number) => number) {
  const pairs = numberedPairs(PAIRS);
  const tries = new Map<number, number>();
  const source = {
    length: PAIRS,
    fingerprint: "numbered",
    get(index: number, _: SourceContext): Pair {
      const before = tries.get(index) ?? 0;
      tries.set(index, before + 1);
      if (before >= times(index)) return pairs.get(index);
      throw Object.assign(new Error("ESTALE: stale file handle, read"), { code: "ESTALE" });
    },
  };
  const text = { maxLength: 12 };
  return {
    dataset: new MultimodalDataset({ source, tokenizer, image: tinyImage, text }),
    tries,
  };
}

describe("a pair that a failing disk keeps from being read", () => {
  passingWaits();

  test("is read again, and it alone", async () => {
    for (const onError of ["skip", "throw"] as const) {
      const folder = newFolder();
      const { dataset, tries } = failing((index) => (index % 7 === 3 ? 1 : 0));
      const { errors } = await packing(folder, dataset, { onError });
      assert.equal(errors.count, 0);
      await assertWhole(folder);
      assert.deepEqual([tries.get(3), tries.get(4), tries.get(10)], [2, 1, 2]);
    }
  });

  test("is never left out: where it stays so, the work ends", async () => {
    const folder = newFolder();
    const { dataset, tries } = failing((index) => (index === 9 ? Infinity : 0));
    const options = { onError: "skip", retries: 2 } as const;
    await assert.rejects(packing(folder, dataset, options), { code: "STORAGE_FAILED", index: 9 });
    assert.equal(tries.get(9), 3);
    const { kept } = await packing(folder, gated(nothingHeld).dataset);
    assert.ok(kept <= 2);
    await assertWhole(folder);
  });
});

test("a pair that a failing disk keeps from being read is not waited for when the signal is aborted", async () => {
  const { dataset } = failing(() => Infinity);
  const signal = AbortSignal.timeout(300);
  const start = performance.now();
  await assert.rejects(packing(newFolder(), dataset, { signal, retries: 10 }), {
    name: "TimeoutError",
  });
  assert.ok(performance.now() - start < 5000);
});
