// The cache on disk, and the processes that share it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { DataLoader, MultimodalDataset, openParquet, openWebDataset } from "pixtok";
import { copyCache } from "../../src/remote/copy-cache.js";
import { copyKey } from "../../src/remote/copy-place.js";
import { liveUsers } from "../../src/remote/copy-users.js";
import { fetchOnce } from "../../src/remote/fetch-once.js";
import { stayAlive } from "../../src/remote/stay-alive.js";
import { neverAborted } from "../../src/shared/abort.js";
import { inChild } from "../support/child.js";
import { closedServers } from "../support/closed-servers.js";
import { startFileServer } from "../support/file-server.js";
import { fixture } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";
import { newFolder, quick, shardOf, shardsOf } from "../support/remote-sets.js";

const serve = closedServers(startFileServer);
const tokenizer = await smallTokenizer();
const context = { seed: 0, epoch: 0 };

/** Bytes of all files in a folder, each once however many links it has. */
function bytesIn(folder: string): number {
  const sizes = new Map<number, number>();
  for (const { parentPath, name } of readdirSync(folder, {
    recursive: true,
    withFileTypes: true,
  })) {
    try {
      const found = statSync(join(parentPath, name));
      if (found.isFile() && !name.includes(".claim-")) sizes.set(found.ino, found.size);
    } catch {} // it has just been removed
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** Copies that are not answers or indexes. */
function shardsIn(cacheDir: string): string[] {
  const files = readdirSync(join(cacheDir, "copies"), { recursive: true, withFileTypes: true });
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size > 10_000);
}

const content = (text: string, bytes: number) => Buffer.alloc(bytes, text);

/** A cache with a way to add copies of a hundred bytes. */
async function smallCache(most: number) {
  const folder = newFolder();
  const cache = await copyCache(folder);
  const add = (name: string, signal = neverAborted) =>
    stayAlive(
      cache.add(copyKey(name), {
        bytes: 100,
        most,
        signal,
        write: async (path) => writeFileSync(path, content(name, 100)),
      }),
    );
  const has = async (...names: string[]) => {
    const found = await Promise.all(names.map((name) => cache.has(copyKey(name))));
    return names.filter((_, i) => found[i]).join("");
  };
  return { folder, cache, add, has };
}

describe("the cache", () => {
  test("removes what was used longest ago where room is needed", async () => {
    const { add, has, cache } = await smallCache(350);
    for (const name of ["a", "b", "c"]) await add(name);
    (await cache.take(copyKey("a")))?.release();
    await add("d");
    assert.equal(await has("a", "b", "c", "d"), "acd");
  });

  test("keeps what is being read, and its bytes", async () => {
    const { add, has, cache } = await smallCache(250);
    await add("a");
    const a = await cache.take(copyKey("a"));
    await add("b");
    await add("c");
    assert.equal(await has("a", "b", "c"), "ac");
    const c = await cache.take(copyKey("c"));
    await assert.rejects(add("d", AbortSignal.timeout(100)), { name: "TimeoutError" });
    assert.deepEqual(readFileSync(a?.path as string), content("a", 100));
    c?.release();
    await add("d");
    assert.equal(await has("a", "c", "d"), "ad");
  });

  test("refuses what can never have room", async () => {
    const { add } = await smallCache(99);
    await assert.rejects(add("a"), {
      code: "CACHE_FULL",
      reason: "a file of 100 bytes does not fit into cacheBytes, 99",
    });
  });

  test("leaves files of others alone, in its folders too", async () => {
    const { folder, add, has } = await smallCache(150);
    const others = ["copies/2020/photo.jpg", "copies/.DS_Store", "users/0011aabbccdd/mine"];
    for (const path of others) {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), content("x", 100));
    }
    await add("a");
    await add("b");
    assert.equal(await has("a", "b"), "b");
    for (const path of others) assert.equal(statSync(join(folder, path)).size, 100, path);
  });

  test("has no copy any more that was removed, which stays to who has taken it", async () => {
    const { add, cache, folder } = await smallCache(350);
    const key = copyKey("a");
    await add("a");
    const held = await cache.take(key);
    await cache.remove(key);
    assert.equal(await cache.take(key), undefined);
    assert.deepEqual(readFileSync(held?.path as string), content("a", 100));
    await add("b");
    await cache.remove(copyKey("b"));
    assert.equal(await cache.take(copyKey("b")), undefined);
    assert.equal(bytesIn(folder), 100);
  });

  test("has no small copy that somebody has written to", async () => {
    const { folder, cache } = await smallCache(350);
    const key = copyKey("note");
    await cache.write(key, content("x", 9), 350, neverAborted);
    assert.deepEqual(await cache.read(key), content("x", 9));
    writeFileSync(join(folder, "copies", key.slice(0, 2), key.slice(2)), content("y", 9));
    assert.equal(await cache.read(key), undefined);
    await cache.write(key, content("z", 9), 350, neverAborted);
    assert.deepEqual(await cache.read(key), content("z", 9));
  });

  const writes: [string, (of: Awaited<ReturnType<typeof smallCache>>) => Promise<unknown>][] = [
    ["a file", ({ add }) => add("b")],
    ["a small one", ({ cache }) => cache.write(copyKey("b"), content("b", 9), 350, neverAborted)],
    ["what a set consists of", ({ cache }) => cache.newFolder()],
    [
      "what another fetches",
      ({ cache, add }) => fetchOnce(cache, copyKey("b"), neverAborted, () => add("b")),
    ],
  ];
  for (const [what, write] of writes) {
    test(`is written to where somebody has emptied its folder: ${what}`, async () => {
      const given = await smallCache(350);
      await given.add("a");
      for (const name of readdirSync(given.folder)) {
        rmSync(join(given.folder, name), { recursive: true });
      }
      await write(given);
      // another one takes this thread for one that lives
      await liveUsers(join(given.folder, "users"));
      await given.add("c");
      const held = await given.cache.take(copyKey("c"));
      assert.deepEqual(readFileSync(held?.path as string), content("c", 100));
    });
  }

  test("has nothing of what was not written whole", async () => {
    const { folder, cache, has } = await smallCache(350);
    const failing = cache.add(copyKey("a"), {
      bytes: 100,
      most: 350,
      signal: neverAborted,
      async write(path) {
        writeFileSync(path, "half");
        throw new Error("cut");
      },
    });
    await assert.rejects(failing, /cut/);
    assert.equal(await has("a"), "");
    assert.equal(bytesIn(folder), 0);
  });

  test("stays within its bound in every moment of an epoch over a larger set", async () => {
    const files = shardsOf(8, 12);
    const server = await serve(files);
    const most = Math.round(3.5 * (files["/000.tar"]?.length as number));
    const options = quick({ cacheBytes: most });
    const dataset = await MultimodalDataset.from(`${server.url}/{000..007}.tar`, {
      tokenizer,
      ...options,
    });
    server.requests.length = 0;
    const seen: string[] = [];
    let largest = 0;
    const loader = new DataLoader(dataset, { batchSize: 6, prefetch: 1 });
    for await (const { texts, release } of loader) {
      seen.push(...texts);
      largest = Math.max(largest, bytesIn(options.cacheDir as string));
      release();
    }
    assert.equal(seen.length, 96);
    assert.equal(new Set(seen).size, 96);
    assert.ok(largest <= most, `${largest} of ${most}`);
    // those that were left of opening it are not fetched again, and no other one twice
    assert.ok(server.fetched().length <= 8);
    assert.equal(new Set(server.fetched()).size, server.fetched().length);
  });
});

describe("a set that is read in any order, and is larger than the cache", () => {
  test("that somebody empties in the middle of an epoch costs no row", async () => {
    const server = await serve(shardsOf(1, 6));
    const options = quick();
    const url = `${server.url}/000.tar`;
    const dataset = await MultimodalDataset.from(url, { tokenizer, ...options });
    const loader = new DataLoader(dataset, { batchSize: 2, prefetch: 0, onError: "skip" });
    const indices: number[] = [];
    for await (const batch of loader) {
      indices.push(...batch.indices);
      batch.release();
      for (const name of readdirSync(options.cacheDir as string)) {
        rmSync(join(options.cacheDir as string, name), { recursive: true });
      }
    }
    assert.deepEqual(indices, [0, 1, 2, 3, 4, 5]);
    assert.equal(loader.errors.count, 0);
  });

  test("is read by parts of its files, within the bound", async () => {
    const files = shardsOf(16, 6);
    const server = await serve(files);
    const most = 5 * (files["/000.tar"]?.length as number);
    const options = quick({ cacheBytes: most });
    const dataset = await MultimodalDataset.from(`${server.url}/{000..015}.tar`, {
      tokenizer,
      ...options,
    });
    server.requests.length = 0;
    const seen = new Set<string>();
    let largest = 0;
    const loader = new DataLoader(dataset, { batchSize: 24, shuffle: true, seed: 5 });
    for await (const { texts, release } of loader) {
      for (const text of texts) seen.add(text);
      largest = Math.max(largest, bytesIn(options.cacheDir as string));
      release();
    }
    assert.equal(seen.size, 96);
    assert.ok(largest <= most, `${largest} of ${most}`);
    assert.ok(server.requests.some(({ range }) => range !== undefined));
  });

  test('by shuffle: "blocks" fetches its files whole and no one twice, within the bound', async () => {
    const files = shardsOf(24, 6);
    const server = await serve(files);
    const most = 12 * (files["/000.tar"]?.length as number);
    const options = quick({ cacheBytes: most });
    const dataset = await MultimodalDataset.from(`${server.url}/{000..023}.tar`, {
      tokenizer,
      ...options,
    });
    server.requests.length = 0;
    const seen = new Set<string>();
    let largest = 0;
    const order = { shuffle: "blocks", shuffleWindow: 3, seed: 5, batchSize: 6 } as const;
    for await (const { texts, release } of new DataLoader(dataset, order)) {
      for (const text of texts) seen.add(text);
      largest = Math.max(largest, bytesIn(options.cacheDir as string));
      release();
    }
    assert.equal(seen.size, 144);
    assert.ok(largest <= most, `${largest} of ${most}`);
    // some are left of opening it
    const fetched = server.fetched();
    assert.ok(fetched.length >= 12 && fetched.length <= 24);
    assert.equal(new Set(fetched).size, fetched.length);
    assert.ok(server.requests.every(({ range }) => range === undefined));
  });
});

describe("processes that share a cache", () => {
  const reading = (url: string, cacheDir: string) => `
    const { openWebDataset } = await import("pixtok");
    const source = await openWebDataset(${JSON.stringify(url)}, {
      cacheDir: ${JSON.stringify(cacheDir)}, timeoutSeconds: 20,
    });
    const texts = [];
    for (let i = 0; i < source.length; i += 1) {
      texts.push((await source.get(i, { seed: 0, epoch: 0 })).text);
    }
    return texts.length;
  `;

  test("fetch each file once", async () => {
    const server = await serve(shardsOf(4, 6));
    const asked = new Promise<void>((resolve) => {
      server.fault = ({ path, method }) => {
        if (method !== "GET" || !path.endsWith(".tar")) return undefined;
        resolve();
        return { kind: "slow", milliseconds: 300 };
      };
    });
    const cacheDir = newFolder();
    const url = `${server.url}/{000..003}.tar`;
    const other = inChild(reading(url, cacheDir));
    await Promise.race([asked, other]); // while the other one fetches
    const source = await openWebDataset(url, { cacheDir, timeoutSeconds: 20 });
    for (let i = 0; i < 24; i += 1) {
      const { text } = await source.get(i, context);
      assert.equal(text, `text ${i % 6} of shard ${Math.floor(i / 6)}`);
    }
    const { value, errors } = await other;
    assert.equal(value, 24, errors);
    const tars = server.fetched().filter((path) => path.endsWith(".tar"));
    assert.deepEqual(tars.sort(), ["/000.tar", "/001.tar", "/002.tar", "/003.tar"]);
  });

  /** Caches that another process has filled with what they are read for, all by one: it needs long to start. */
  const filled = async () => {
    const parquet = readFileSync(fixture("parquet/hub-none.parquet"));
    const server = await serve({ ...shardsOf(1, 6), "/x.parquet": parquet });
    const cacheDirs = { cut: newFolder(), written: newFolder(), parts: newFolder() };
    const { value, errors } = await inChild(`
      const { openParquet, openWebDataset } = await import("pixtok");
      const read = async (opening) => {
        const source = await opening;
        for (let i = 0; i < source.length; i += 1) await source.get(i, { seed: 0, epoch: 0 });
        return source.length;
      };
      const inCache = (cacheDir) => ({ cacheDir, timeoutSeconds: 20 });
      const { cut, written, parts } = ${JSON.stringify(cacheDirs)};
      return [
        await read(openWebDataset("${server.url}/000.tar", inCache(cut))),
        await read(openWebDataset("${server.url}/000.tar", inCache(written))),
        await read(openParquet("${server.url}/x.parquet", inCache(parts))),
      ];
    `);
    assert.ok(Array.isArray(value) && value.every((rows) => rows > 0), errors);
    return { server, rows: value, ...cacheDirs };
  };
  let others: ReturnType<typeof filled> | undefined;
  const filledByAnother = () => {
    others ??= filled();
    return others;
  };

  test("fetch a copy again that is not whole any more", async () => {
    const { server, cut: cacheDir, rows } = await filledByAnother();
    const url = `${server.url}/000.tar`;
    assert.equal(rows[0], 6);
    for (const path of shardsIn(cacheDir)) writeFileSync(path, "damaged");
    const source = await openWebDataset(url, quick({ cacheDir }));
    assert.equal((await source.get(5, context)).text, "text 5 of shard 0");
  });

  test("fetch a copy again that has been written to, though it is as long as before", async () => {
    const { server, written: cacheDir } = await filledByAnother();
    const url = `${server.url}/000.tar`;
    server.requests.length = 0;
    for (const path of shardsIn(cacheDir)) writeFileSync(path, Buffer.alloc(statSync(path).size));
    const source = await openWebDataset(url, quick({ cacheDir }));
    for (let i = 0; i < 6; i += 1) {
      assert.equal((await source.get(i, context)).text, `text ${i} of shard 0`);
    }
    const whole = server.requests.filter(({ method, path, range }) => {
      return method === "GET" && path === "/000.tar" && range === undefined;
    });
    assert.equal(whole.length, 1);
  });

  test("read parts of a file anew whose copy is not whole any more", async () => {
    const { server, parts: cacheDir, rows } = await filledByAnother();
    const url = `${server.url}/x.parquet`;
    for (const path of shardsIn(cacheDir)) writeFileSync(path, "damaged");
    assert.equal((await openParquet(url, quick({ cacheDir }))).length, rows[2]);
  });

  test("go on where one of them is killed, with a cache that is right", async () => {
    const server = await serve({ "/000.tar": shardOf(0, 6) });
    const cacheDir = newFolder();
    const url = `${server.url}/000.tar`;
    const child = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const work = async () => {${reading(url, cacheDir)}}; work();`,
      ],
      { cwd: fileURLToPath(new URL("../..", import.meta.url)), stdio: "ignore" },
    );
    const closed = new Promise((resolve) => child.on("close", resolve));
    await new Promise<void>((resolve) => {
      server.fault = ({ path, method }) => {
        if (method !== "GET" || path !== "/000.tar") return undefined;
        setTimeout(resolve, 50);
        return { kind: "stall", bytes: 10_000 };
      };
    });
    child.kill("SIGKILL");
    await closed;
    server.fault = () => undefined;
    assert.equal(readdirSync(join(cacheDir, "users")).length, 2);
    const source = await openWebDataset(url, quick({ cacheDir }));
    assert.equal((await source.get(5, context)).text, "text 5 of shard 0");
    // the folder and the claim of the one that was killed are gone: these are this process's
    assert.equal(readdirSync(join(cacheDir, "users")).length, 2);
    assert.deepEqual(readdirSync(join(cacheDir, "fetching")), []);
  });

  test("end where a loop is left while files are fetched ahead", async () => {
    const files = shardsOf(3, 6);
    const server = await serve(files);
    const cacheDir = newFolder();
    await openWebDataset(`${server.url}/{000..002}.tar`, {
      ...quick({ cacheDir, cacheBytes: 2 ** 20 }),
    });
    // the indexes stay, and the shards go
    for (const path of shardsIn(cacheDir)) rmSync(path);
    server.fault = ({ path, method }) =>
      method === "GET" && path !== "/000.tar" ? { kind: "stall", bytes: 100 } : undefined;
    const start = performance.now();
    const { value, ended, errors } = await inChild(
      `
        const { openWebDataset } = await import("pixtok");
        const source = await openWebDataset(${JSON.stringify(`${server.url}/{000..002}.tar`)}, {
          cacheDir: ${JSON.stringify(cacheDir)}, timeoutSeconds: 60,
        });
        return (await source.get(0, { seed: 0, epoch: 0 })).text;
      `,
      { seconds: 50 },
    );
    assert.equal(value, "text 0 of shard 0", errors);
    assert.equal(ended, 0);
    assert.ok(performance.now() - start < 30_000);
    assert.ok(server.fetched().includes("/001.tar"));
  });
});
