// A remote file by itself: its copy, parts of it, and what is refused.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { copyCache } from "../../src/remote/copy-cache.js";
import { copyFolder, type FolderFile } from "../../src/remote/copy-folder.js";
import { copyKey, pathOfCopy } from "../../src/remote/copy-place.js";
import {
  type RemoteFile,
  type RemoteFileOptions,
  remoteFile,
} from "../../src/remote/remote-file.js";
import { type RemoteOptions, remoteReaders } from "../../src/remote/remote-options.js";
import { requestFacts } from "../../src/remote/remote-request.js";
import { stayAlive } from "../../src/remote/stay-alive.js";
import { neverAborted } from "../../src/shared/abort.js";
import { readOptions } from "../../src/shared/options.js";
import { closedServers } from "../support/closed-servers.js";
import { type FileServer, startFileServer } from "../support/file-server.js";
import { cannotList, openBelow } from "../support/open-files.js";
import { newFolder, quick } from "../support/remote-sets.js";

const serve = closedServers(startFileServer);
/** Of a test that would wait for a connection that is kept. */
const soon = { timeout: 20_000 };
const content = Buffer.from(Array.from({ length: 100 }, (_, i) => i));
const settingsOf = (options: RemoteOptions = {}) =>
  readOptions("test", quick({ remoteRetries: 0, ...options }), remoteReaders);

async function opened(
  server: FileServer,
  options: RemoteOptions = {},
  more: RemoteFileOptions = {},
  path = "/a",
) {
  const settings = settingsOf(options);
  const facts = await stayAlive(requestFacts(`${server.url}${path}`, settings, neverAborted));
  server.requests.length = 0;
  return remoteFile(`${server.url}${path}`, facts, settings, more);
}
const read = async (file: ReturnType<typeof remoteFile>, offset: number, length: number) => [
  ...(await file.read(offset, length)),
];
const ranges = (server: FileServer) => server.requests.map(({ range }) => range);

test("what copies are known by tells parts from each other", () => {
  const keys = [
    ["a", "b"],
    ["ab"],
    ["a", "b", ""],
    ["b", "a"],
    ["a", undefined, "b"],
    ["a", "", "b"],
  ];
  const made = keys.map((parts) => copyKey(...parts));
  for (const key of made) assert.match(key, /^[0-9a-f]{40}$/);
  assert.deepEqual([new Set(made).size, made[4]], [5, made[5]]);
});

test("copies are known by a file's address, endpoint, size and version", () => {
  const facts = { size: 1, validator: "v1", checksum: undefined };
  const keyOf = (url: string, more: object = {}, options: RemoteOptions = {}) =>
    remoteFile(url, { ...facts, ...more }, settingsOf(options)).key;
  const keys = [
    keyOf("s3://b/a"),
    keyOf("s3://b/c"),
    keyOf("s3://b/a", { size: 2 }),
    keyOf("s3://b/a", { validator: "v2" }),
    keyOf("s3://b/a", {}, { endpoint: "http://127.0.0.1:1" }),
  ];
  assert.equal(new Set(keys).size, keys.length);
  const own = { remoteRetries: 1, timeoutSeconds: 5 };
  assert.equal(keyOf("s3://b/a", {}, own), keys[0]);
});

describe("a part of a file", () => {
  test("is asked for alone where there is no copy, and read in one that there is", async () => {
    const server = await serve({ "/a": content });
    const file = await opened(server);
    assert.deepEqual(await read(file, 10, 3), [10, 11, 12]);
    assert.deepEqual([ranges(server), await file.isCached()], [["bytes=10-12"], false]);
    const { bytes, release } = await file.hold();
    release();
    assert.deepEqual([bytes, await file.isCached()], [100, true]);
    assert.deepEqual(await read(file, 97, 3), [97, 98, 99]);
    assert.deepEqual(ranges(server), ["bytes=10-12", undefined]);
  });

  test("is read in the copy where the server gives no parts, but at the beginning", async () => {
    const server = await serve({ "/a": content });
    server.ranges = false;
    const file = await opened(server);
    assert.deepEqual(await read(file, 0, 2), [0, 1]);
    assert.equal(await file.isCached(), false);
    assert.deepEqual(await read(file, 50, 2), [50, 51]);
    assert.equal(await file.isCached(), true);
  });

  test(
    "that nobody wants any more is not waited for, nor is the copy instead of it",
    soon,
    async () => {
      // an answer that stalls begins with the file, whatever part is asked for
      for (const [answers, offset] of [
        [0, 0],
        [1, 50],
      ] as const) {
        const server = await serve({ "/a": content });
        server.ranges = false;
        const file = await opened(server);
        const stop = new AbortController();
        let asked = 0;
        server.fault = () => {
          asked += 1;
          if (asked <= answers) return undefined;
          stop.abort(new Error("enough"));
          return { kind: "stall", bytes: 1 };
        };
        await assert.rejects(stayAlive(file.read(offset, 2, stop.signal)), /^Error: enough$/);
        assert.equal(asked, answers + 1);
      }
    },
  );

  test("of a file that has another ETag, or another size, is refused", async () => {
    const server = await serve({ "/a": content });
    const file = await opened(server);
    server.files.set("/a", Buffer.from(content).fill(0));
    await assert.rejects(file.read(10, 3), { code: "SOURCE_CHANGED", source: `${server.url}/a` });
    server.etags = false;
    const untagged = await opened(server);
    server.files.set("/a", Buffer.alloc(100, 7));
    assert.deepEqual(await read(untagged, 10, 1), [7]);
    server.files.set("/a", Buffer.alloc(99));
    await assert.rejects(untagged.read(10, 3), { code: "SOURCE_CHANGED" });
  });

  test("behind the end of a file that has become shorter is a change", async () => {
    const server = await serve({ "/a": content });
    const file = await opened(server);
    server.files.set("/a", content.subarray(0, 10));
    await assert.rejects(file.read(50, 3), { code: "SOURCE_CHANGED" });
  });

  test("that is less than was asked for is an error, and so is another part", soon, async () => {
    let range = "bytes 10-12/100";
    let hasEnded: Promise<unknown> = Promise.resolve();
    const http = createServer((_, response) => {
      hasEnded = once(response, "close");
      response.writeHead(206, { "Content-Range": range });
      if (range.startsWith("bytes 10-")) response.end("ab");
      else response.write("ab");
    }).listen(0, "127.0.0.1");
    await once(http, "listening");
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/a`;
    const facts = { size: 100, validator: undefined, checksum: undefined };
    const file = remoteFile(url, facts, settingsOf({ timeoutSeconds: 300 }));
    await assert.rejects(file.read(10, 3), {
      code: "REMOTE_CORRUPT_FILE",
      reason: "2 of 3 bytes came",
    });
    range = "bytes 11-13/100";
    await assert.rejects(file.read(10, 3), { code: "SOURCE_CHANGED" });
    await hasEnded;
    http.closeAllConnections();
    http.close();
  });
});

describe("a copy", () => {
  test("that has no room is refused by the file's name", async () => {
    const server = await serve({ "/a": content });
    const file = await opened(server, { cacheBytes: 99 });
    await assert.rejects(file.hold(), {
      code: "CACHE_FULL",
      source: `${server.url}/a`,
      reason: "a file of 100 bytes does not fit into cacheBytes, 99",
    });
  });

  test("gives way to another once it has been read", async () => {
    const server = await serve({ "/a": content, "/b": Buffer.alloc(100, 1) });
    const cacheDir = newFolder();
    const options = { cacheDir, cacheBytes: 150 };
    const [a, b] = [await opened(server, options), await opened(server, options, {}, "/b")];
    (await a.hold()).release();
    assert.deepEqual(await read(a, 5, 1), [5]);
    const held = await b.hold();
    assert.deepEqual([await a.isCached(), await b.isCached()], [false, true]);
    held.release();
  });

  test("is fetched ahead once", async () => {
    const server = await serve({ "/a": content });
    const file = await opened(server);
    await stayAlive(file.fetchAhead());
    await stayAlive(file.fetchAhead());
    assert.deepEqual(server.fetched(), ["/a"]);
  });

  test("is made of what another program has downloaded, where that is as long", async () => {
    const server = await serve({ "/a": content });
    const path = join(newFolder(), "downloaded");
    const downloaded = async () => path;
    writeFileSync(path, Buffer.alloc(100, 9));
    const file = await opened(server, {}, { downloaded });
    (await file.hold()).release();
    assert.deepEqual([await read(file, 0, 1), server.requests], [[9], []]);
    writeFileSync(path, Buffer.alloc(99, 9));
    const other = await opened(server, {}, { downloaded });
    (await other.hold()).release();
    assert.deepEqual(await read(other, 1, 1), [1]);
  });

  test("is fetched again where it is of another size, though it has its time", soon, async () => {
    const cacheDir = newFolder();
    const file = await opened(await serve({ "/a": content }), { cacheDir });
    const path = pathOfCopy(
      cacheDir,
      copyKey(file.url, settingsOf().endpoint, file.size, file.validator),
    );
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content.subarray(1));
    utimesSync(path, file.modified, file.modified);
    const copy = await stayAlive(file.hold());
    assert.deepEqual(readFileSync(copy.path), content);
    copy.release();
    // nothing is left of the other one
    const names = readdirSync(join(cacheDir, "users"));
    const own = names.find((name) => !/claim/.test(name)) as string;
    assert.equal(readdirSync(join(cacheDir, "users", own)).length, 1);
  });

  test("is of its identity, whatever its URL is", async () => {
    const server = await serve({ "/a": content, "/b": content });
    const cacheDir = newFolder();
    const [a, b, other] = [
      await opened(server, { cacheDir }, { identity: "one" }),
      await opened(server, { cacheDir }, { identity: "one" }, "/b"),
      await opened(server, { cacheDir }, {}, "/b"),
    ];
    (await a.hold()).release();
    assert.deepEqual([await b.isCached(), await other.isCached()], [true, false]);
    assert.deepEqual([a.modified === b.modified, a.modified === other.modified], [true, false]);
    assert.ok(a.isListed("http://anything"));
  });
});

test("a folder has its files by their names, those in memory too, and holds no copy", async () => {
  const path = join(newFolder(), "copy");
  writeFileSync(path, "x");
  const released: string[] = [];
  const held = { path, bytes: 1, release: () => void released.push(path) };
  const files = new Map<string, FolderFile>([
    ["x.bin", { hold: async () => held } as unknown as RemoteFile],
    ["y.txt", Buffer.from("y")],
  ]);
  const folder = await copyFolder(files, settingsOf());
  assert.deepEqual(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]),
    [
      ["x.bin", "x"],
      ["y.txt", "y"],
    ],
  );
  assert.deepEqual(released, [path]);
});

test("no file of the cache stays open", { skip: cannotList }, async () => {
  const server = await serve({ "/a": content });
  const cacheDir = newFolder();
  const file = await opened(server, { cacheDir });
  (await file.hold()).release();
  await file.read(1, 2);
  await file.writeNote("note", Buffer.from("a"));
  assert.equal(String(await file.readNote("note")), "a");
  assert.equal(await file.readNote("other"), undefined);
  const cache = await copyCache(cacheDir);
  const add = { bytes: 5, most: 1000, signal: neverAborted };
  await assert.rejects(
    cache.add(copyKey("x"), { ...add, write: async () => Promise.reject(new Error("cut")) }),
  );
  await assert.rejects(
    (await opened(server, { cacheDir, cacheBytes: 0 }, { identity: "y" })).hold(),
  );
  assert.deepEqual(openBelow(cacheDir), []);
});
