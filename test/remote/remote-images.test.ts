// Images that have URLs of their own.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  DataLoader,
  MultimodalDataset,
  openManifest,
  openParquet,
  PixtokError,
  type RemoteOptions,
} from "pixtok";
import { isFetchedImage } from "../../src/remote/fetched-images.js";
import type { RemoteFile } from "../../src/remote/remote-file.js";
import { remoteImages } from "../../src/remote/remote-images.js";
import { remoteReaders } from "../../src/remote/remote-options.js";
import { neverAborted } from "../../src/shared/abort.js";
import type { PixtokErrorCode } from "../../src/shared/errors.js";
import { readOptions } from "../../src/shared/options.js";
import { closedServers } from "../support/closed-servers.js";
import { type ServerFault, startFileServer } from "../support/file-server.js";
import { smallTokenizer } from "../support/pairs.js";
import { handParquet, plain } from "../support/parquet-writer.js";
import { folderOf, imageBytes, newFolder, quick } from "../support/remote-sets.js";

const start = closedServers(startFileServer);
const tokenizer = await smallTokenizer();

/** A server with three images, and a list of their URLs and captions here. */
async function served() {
  const server = await start();
  for (const [i, bytes] of imageBytes.entries()) server.files.set(`/${i}`, bytes);
  const rows = imageBytes.map((_, i) => `${server.url}/${i},caption ${i}`);
  const path = join(folderOf({ "list.csv": `url,caption\n${rows.join("\n")}\n` }), "list.csv");
  const dataset = (options: RemoteOptions = {}) =>
    MultimodalDataset.from(path, { tokenizer, ...quick(options) });
  return { server, path, dataset };
}

/** Texts of an epoch, and what was left out. */
async function epoch(dataset: MultimodalDataset) {
  const loader = new DataLoader(dataset, { batchSize: 2, onError: "skip" });
  const texts: string[] = [];
  for await (const batch of loader) {
    texts.push(...batch.texts);
    batch.release();
  }
  return { texts, bad: loader.errors.list };
}

/** A column of texts. */
const column = (name: string, values: readonly string[]) => ({
  name,
  text: true,
  required: true,
  pages: [{ values: values.length, encoding: 0, data: plain(...values) }],
});

const of = (path: string, fault: ServerFault) => (request: { path: string }) =>
  request.path === path ? fault : undefined;

describe("images of URLs", () => {
  test("are fetched once for all epochs", async () => {
    const { server, dataset } = await served();
    const opened = await dataset();
    for (let i = 0; i < 2; i += 1) {
      assert.deepEqual((await epoch(opened)).texts, ["caption 0", "caption 1", "caption 2"]);
    }
    assert.deepEqual(server.fetched().sort(), ["/0", "/1", "/2"]);
  });

  test("are told from those that lie in a file with others, and kept for their endpoint", async () => {
    const { server } = await served();
    const cacheDir = newFolder();
    const imagesBy = (options: RemoteOptions) =>
      remoteImages(readOptions("test", quick({ cacheDir, ...options }), remoteReaders));
    for (const [options, requests] of [
      [{}, 1],
      [{}, 1],
      [{ endpoint: "http://127.0.0.1:1" }, 2],
    ] as const) {
      const bytes = await imagesBy(options).read(`${server.url}/0`, 0, undefined);
      assert.ok(isFetchedImage(bytes));
      assert.equal(server.requests.length, requests);
    }
    assert.equal(isFetchedImage(Uint8Array.of(1)), false);
  });

  test("are read where the cache has no room for them", async () => {
    const { server, dataset } = await served();
    const opened = await dataset({ cacheBytes: 0 });
    for (let i = 0; i < 2; i += 1) assert.equal((await epoch(opened)).texts.length, 3);
    assert.equal(server.requests.length, 6);
  });

  for (const status of [404, 410, 403, 999]) {
    test(`that the server does not have (${status}) are bad pairs`, async () => {
      const { server, dataset } = await served();
      server.fault = of("/1", { kind: "status", status });
      const { texts, bad } = await epoch(await dataset());
      assert.deepEqual(texts, ["caption 0", "caption 2"]);
      assert.deepEqual(
        bad.map(({ index, code, source }) => ({ index, code, source })),
        [{ index: 1, code: "IMAGE_NOT_AVAILABLE", source: `${server.url}/1` }],
      );
    });
  }

  const faults: [string, ServerFault][] = [
    ["whose server fails", { kind: "status", status: 500 }],
    ["whose server breaks off", { kind: "cut", bytes: 10 }],
    ["whose server stalls", { kind: "stall", bytes: 10 }],
    ["whose server speaks another protocol", { kind: "upgrade" }],
  ];
  for (const [what, fault] of faults) {
    test(`${what} end the epoch, or are bad pairs with unreachableImages: "bad"`, async () => {
      const { server, dataset } = await served();
      server.fault = of("/1", fault);
      // the others answer, however busy the machine is
      const timeoutSeconds = fault.kind === "stall" ? 1 : 60;
      const options = { remoteRetries: 0, timeoutSeconds };
      await assert.rejects(epoch(await dataset(options)), {
        code: "REMOTE_UNREACHABLE",
        index: 1,
        source: `${server.url}/1`,
      });
      const { texts, bad } = await epoch(await dataset({ ...options, unreachableImages: "bad" }));
      assert.deepEqual(texts, ["caption 0", "caption 2"]);
      assert.equal(bad[0]?.code, "IMAGE_NOT_AVAILABLE");
    });
  }

  test("that are no images are bad pairs", async () => {
    const { server, dataset } = await served();
    server.files.set("/1", Buffer.from("<html>gone</html>"));
    const { bad } = await epoch(await dataset());
    assert.deepEqual(
      bad.map(({ index, code }) => ({ index, code })),
      [{ index: 1, code: "UNSUPPORTED_FORMAT" }],
    );
  });

  test("that come compressed are bad pairs", async () => {
    const { server, dataset } = await served();
    const opened = await dataset();
    server.headers = { "Content-Encoding": "gzip" };
    await assert.rejects(epoch(opened), {
      code: "NO_READABLE_SAMPLE",
      message: /none of the 3 samples .*: the server gives the file compressed/,
    });
  });

  test("leave nothing behind where they did not come whole", async () => {
    const { server, dataset } = await served();
    const cacheDir = newFolder();
    server.fault = () => ({ kind: "cut", bytes: 10 });
    await assert.rejects(epoch(await dataset({ cacheDir, remoteRetries: 0 })));
    assert.deepEqual(readdirSync(join(cacheDir, "copies")), []);
  });

  test("are asked for by nobody once the signal of their pair is aborted", async () => {
    const { server, path } = await served();
    const source = await openManifest(path, quick());
    const reason = new Error("enough");
    const context = { seed: 0, epoch: 0, signal: AbortSignal.abort(reason) };
    await assert.rejects(async () => source.get(1, context), reason);
    await source.get(1, { seed: 0, epoch: 0 });
    assert.deepEqual(server.fetched(), ["/1"]);
    assert.equal(server.connections, 1);
  });

  test("are named in errors without what signs their URLs", async () => {
    const server = await start();
    server.files.set("/1.png", Buffer.from("<html>gone</html>"));
    const url = `${server.url}/1.png?X-Amz-Signature=secret`;
    const root = folderOf({ "list.csv": `url,caption\n${url},a cat\n` });
    const dataset = await MultimodalDataset.from(join(root, "list.csv"), {
      tokenizer,
      ...quick(),
    });
    await assert.rejects(dataset.get(0), (error: PixtokError) => {
      assert.deepEqual([error.code, error.source], ["UNSUPPORTED_FORMAT", `${server.url}/1.png`]);
      return !error.message.includes("secret");
    });
  });

  describe("that have been listed", () => {
    const images = (unreachableImages: "bad" | "end") =>
      remoteImages(readOptions("test", quick({ unreachableImages }), remoteReaders));
    /** A file of this size, or one that fails; what is read and kept of it is noted. */
    const fileOf = (size: number | undefined, fault?: Error) => {
      const log: unknown[] = [];
      const file = {
        ...{ size, name: "s3://b/x.jpg", readNote: async () => undefined },
        read: async (...of: unknown[]) => {
          log.push(["read", ...of]);
          if (fault !== undefined) throw fault;
          return Buffer.from("x");
        },
        writeNote: async (...of: unknown[]) => void log.push(["write", ...of]),
      };
      return { file: file as unknown as RemoteFile, log };
    };
    const failing = async (code: PixtokErrorCode, mode: "bad" | "end") => {
      const { file } = fileOf(5, new PixtokError(code, "no", { source: "elsewhere" }));
      const error = await images(mode)
        .readListed(file, 7, neverAborted)
        .catch((thrown: unknown) => thrown as PixtokError);
      assert.ok(error instanceof PixtokError);
      assert.deepEqual([error.index, error.source, error.reason], [7, "s3://b/x.jpg", "no"]);
      return error.code;
    };

    test("are read whole, and kept", async () => {
      const { file, log } = fileOf(5);
      assert.equal(String(await images("end").readListed(file, 7, neverAborted)), "x");
      assert.deepEqual(log, [
        ["read", 0, 5, neverAborted],
        ["write", "image", Buffer.from("x"), neverAborted],
      ]);
      const empty = fileOf(0);
      assert.equal((await images("end").readListed(empty.file, 7, neverAborted)).length, 0);
      assert.equal(empty.log.length, 1);
    });

    test("have 256 MiB at most", async () => {
      const large = fileOf(2 ** 28 + 1);
      await assert.rejects(images("end").readListed(large.file, 7, neverAborted), {
        code: "FILE_TOO_LARGE",
        index: 7,
        source: "s3://b/x.jpg",
        reason: "the file has 268435457 bytes; at most 268435456 are read",
      });
      assert.deepEqual(large.log, []);
      for (const size of [2 ** 28, undefined]) {
        const { file, log } = fileOf(size);
        await images("end").readListed(file, 7, neverAborted);
        assert.deepEqual(log[0], ["read", 0, 2 ** 28, neverAborted]);
      }
    });

    test("are bad where the server does not have them, or is said to make them so", async () => {
      for (const code of ["REMOTE_NOT_FOUND", "REMOTE_REFUSED"] as const) {
        assert.equal(await failing(code, "end"), "IMAGE_NOT_AVAILABLE");
        assert.equal(await failing(code, "bad"), "IMAGE_NOT_AVAILABLE");
      }
      for (const code of ["REMOTE_UNREACHABLE", "REMOTE_CORRUPT_FILE"] as const) {
        assert.equal(await failing(code, "end"), code);
        assert.equal(await failing(code, "bad"), "IMAGE_NOT_AVAILABLE");
      }
      assert.equal(await failing("SOURCE_CHANGED", "bad"), "SOURCE_CHANGED");
      const { file } = fileOf(5, new TypeError("of the program"));
      await assert.rejects(images("bad").readListed(file, 7, neverAborted), /^TypeError: of the/);
    });
  });

  test("may be in a column of Parquet, as in LAION's tables", async () => {
    const { server } = await served();
    const urls = [0, 1, 2].map((i) => `${server.url}/${i}`);
    const path = join(
      folderOf({
        "x.parquet": handParquet(3, [column("URL", urls), column("TEXT", ["a", "b", "c"])]),
      }),
      "x.parquet",
    );
    const source = await openParquet(path, quick());
    for (const [i, bytes] of imageBytes.entries()) {
      const { image, text } = await source.get(i, { seed: 0, epoch: 0 });
      assert.deepEqual(Buffer.from(image as Uint8Array), bytes);
      assert.equal(text, "abc"[i]);
    }
  });
});
