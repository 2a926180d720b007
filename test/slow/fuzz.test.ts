// The fuzzer itself: what it makes of files, and that it sees what goes wrong.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { mutatedCase } from "../../fuzz/mutated-case.js";
import { packMutators } from "../../fuzz/mutation/pack.js";
import { parquetMutators } from "../../fuzz/mutation/parquet.js";
import { pngMutators } from "../../fuzz/mutation/png.js";
import { tarMutators } from "../../fuzz/mutation/tar.js";
import { randomFrom } from "../../fuzz/random.js";
import { packed } from "../../fuzz/targets/containers.js";
import { targets } from "../../fuzz/targets/index.js";
import { watchProcess } from "../../fuzz/watched-process.js";
import { findMessages } from "../../src/sources/packed/message-list.js";
import { fixture } from "../support/fixtures.js";
import { seed } from "../support/pairs.js";
import { programFile } from "../support/programs.js";
import { tarOf } from "../support/tar.js";

describe(`a damaged case (seed ${seed})`, () => {
  test("is the same for the same seed and number", async () => {
    for (const target of targets) {
      const seeds = await target.seeds();
      for (let number = 0; number < 30; number += 1) {
        const one = mutatedCase(target, seeds, seed, number);
        assert.deepEqual(mutatedCase(target, seeds, seed, number).files, one.files);
      }
    }
  });

  test("is seldom what it was before", async () => {
    for (const target of targets) {
      const seeds = await target.seeds();
      const cases = Array.from({ length: 100 }, (_, i) => mutatedCase(target, seeds, seed, i));
      const changed = cases.filter(({ seed: whole, files }) =>
        [...files].some(([path, bytes]) => !bytes.equals(whole.files.get(path) as Buffer)),
      );
      assert.ok(changed.length > 80, `${target.name}: ${changed.length} of 100`);
    }
  });
});

describe(`a structure that is changed keeps its checksums right (seed ${seed})`, () => {
  const random = randomFrom(seed);

  test("PNG chunks", () => {
    const whole = readFileSync(fixture("images/png-rgb.png"));
    for (const [name, mutate] of Object.entries(pngMutators)) {
      for (let i = 0; i < 20; i += 1) {
        const changed = mutate(whole, random, [whole]) as Buffer;
        for (let at = 8; at < changed.length; ) {
          const end = at + 8 + changed.readUInt32BE(at);
          assert.equal(changed.readUInt32BE(end), crc32(changed.subarray(at + 4, end)), name);
          at = end + 4;
        }
      }
    }
  });

  test("tar headers", () => {
    const whole = tarOf([["a.txt", "one"]]);
    for (const name of ["changeField", "changeHeaderByte"]) {
      for (let i = 0; i < 50; i += 1) {
        const changed = tarMutators[name]?.(whole, random, [whole]) as Buffer;
        const written = Number.parseInt(changed.toString("latin1", 148, 156), 8);
        const sum = changed.subarray(0, 512).fill(" ", 148, 156);
        assert.equal(
          written,
          sum.reduce((total, byte) => total + byte, 0),
          name,
        );
      }
    }
  });

  test("packed shards", async () => {
    for (const { files } of await packed.seeds()) {
      const [shard] = [...files].filter(([path]) => path.endsWith(".arrow"));
      for (let i = 0; i < 20; i += 1) {
        const forged = packMutators.forge?.((shard as [string, Buffer])[1], random, []);
        if (forged !== undefined) assert.notEqual(findMessages(forged), undefined);
      }
    }
  });

  test("the length of a Parquet footer", () => {
    const whole = readFileSync(fixture("parquet/bytes.parquet"));
    const footer = (bytes: Buffer) => bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    for (let i = 0; i < 50; i += 1) {
      const changed = parquetMutators.changeFooterNumber?.(whole, random, []) as Buffer;
      assert.equal(footer(changed), footer(whole));
    }
  });
});

describe("a process", { skip: process.platform !== "linux" && "it is watched by /proc" }, () => {
  const entry = programFile("test/support/misbehaving-process.mjs");
  const limits = {
    cpuSeconds: 1,
    wallSeconds: 20,
    residentBytes: 600 * 2 ** 20,
    growthBytes: 2 ** 30,
  };
  const kindOf = async (folder: string, other: Partial<typeof limits> = {}) => {
    const watched = watchProcess({}, { ...limits, ...other }, entry);
    const request = { target: "images", folder, exifOrientation: false };
    await watched.run({ ...request, folder: "" }); // its start has time of its own
    const { kind, ...rest } = await watched.run(request);
    const after = await watched.run({ ...request, folder: "" });
    watched.close();
    assert.equal(after.kind, "read"); // the next case has a process again
    return [kind, "what" in rest ? rest.what : ""];
  };

  test("that spins is a hang", async () => {
    assert.deepEqual(await kindOf("spin"), ["hang", "more than 1 s of processor time"]);
  });
  test("that waits for ever is a hang", async () => {
    assert.deepEqual(await kindOf("wait", { wallSeconds: 3 }), ["hang", "no end within 3 s"]);
  });
  test("that takes too much memory is distinguished from others", async () => {
    // taking the memory costs processor time, too: more of it on a busy machine
    assert.deepEqual(await kindOf("grow", { cpuSeconds: 15 }), [
      "memory",
      "more than 600 MiB in use",
    ]);
  });
  test("that ends is a crash, with its reason", async () => {
    assert.match((await kindOf("abort")).join(), /^crash,SIGABRT/);
    assert.deepEqual(await kindOf("reject"), ["crash", "exit code 1: Error: left behind"]);
  });
});
