// Packed sets on a web server, of which no more is fetched than is read.

import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { after, describe, test } from "node:test";
import {
  type AnyDataset,
  ImageProcessor,
  MultimodalDataset,
  openSource,
  type PairSource,
  PixtokError,
  packDataset,
} from "pixtok";
import { type FileServer, startFileServer } from "../support/file-server.js";
import { assertSameEpoch } from "../support/packs.js";
import { numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";
import { folderOf, tall } from "../support/processor-folders.js";
import { contentsOf, newFolder, quick } from "../support/remote-sets.js";
import { visionConfigs } from "../support/vision-batches.js";

const tokenizer = await smallTokenizer();
const ROWS = 60;
const context = { seed: 0, epoch: 0 };
const root = newFolder();
await packDataset(
  new MultimodalDataset({ source: numberedPairs(ROWS), text: null, image: tinyImage }),
  root,
  { fileBytes: 60 }, // of 20 rows each
);
const files = contentsOf(root);
const names = Object.keys(files).filter((name) => name.endsWith(".arrow"));
const pattern = "data-{00000..00002}-of-00003.arrow";
const largest = Math.max(...names.map((name) => files[name]?.length as number));
/** A cache that has room for one file, and not for two. */
const small = () => quick({ cacheBytes: Math.round(1.5 * largest) });

const open: FileServer[] = [];
after(() => Promise.all(open.map((server) => server.close())));
async function serve(contents = files): Promise<FileServer> {
  const server = await startFileServer(contents);
  open.push(server);
  return server;
}
/** Files of rows that were asked for whole. */
const wholes = ({ requests }: FileServer) =>
  requests.flatMap(({ method, path, range }) =>
    method === "GET" && range === undefined && path.endsWith(".arrow") ? [path] : [],
  );
const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

describe("a packed set elsewhere", () => {
  test("is opened by the beginnings of its files and its index, and nothing else", async () => {
    const server = await serve();
    const source = await openSource(`${server.url}/${pattern}`, quick());
    const local = await openSource(root);
    assert.deepEqual(
      [source.length, source.fingerprint, source.blockLengths?.()],
      [local.length, local.fingerprint, [20, 20, 20]],
    );
    assert.deepEqual(wholes(server), []);
    const got = server.requests.filter(({ method }) => method === "GET").map(({ path }) => path);
    assert.deepEqual([...new Set(got)].sort(), [...names, "/pixtok.index"].sort());
  });

  test("of images taken apart, and texts, asks for its tokenizer's files, and none of a processor", async () => {
    const model = await folderOf({
      "preprocessor_config.json": visionConfigs.patches,
      "config.json": { model_type: "qwen2_vl" },
    });
    const image = await ImageProcessor.fromPretrained(model);
    const folder = newFolder();
    const dataset = new MultimodalDataset({ imagePaths: [tall], texts: ["a"], tokenizer, image });
    await packDataset(dataset as AnyDataset, folder);
    const server = await serve(contentsOf(folder));
    await assertSameEpoch(
      await MultimodalDataset.from(`${server.url}/data-00000-of-00001.arrow`, quick()),
      dataset,
    );
    const beside = server.requests
      .map(({ path }) => path)
      .filter((path) => /\.(json|jinja)$/.test(path));
    assert.deepEqual([...new Set(beside)].sort(), ["/tokenizer.json", "/tokenizer_config.json"]);
  });

  test("fetches a file when a row of it is asked for, and keeps it", async () => {
    const server = await serve();
    const source = await openSource(`${server.url}/${pattern}`, small());
    for (const index of [45, 46, 59]) {
      assert.equal((await source.get(index, context)).key, String(index));
    }
    assert.deepEqual(wholes(server), [names[2]]);
    await source.get(3, context);
    assert.deepEqual(wholes(server), [names[2], names[0]]);
  });

  test("gives the epoch that it gives here, from a cache that has room for one file", async () => {
    const server = await serve();
    await assertSameEpoch(
      await MultimodalDataset.from(`${server.url}/${pattern}`, { text: null, ...small() }),
      await MultimodalDataset.from(root, { text: null }),
    );
  });

  test("is fetched once for several rows of a file that are asked for at the same time", async () => {
    const server = await serve();
    const source = await openSource(`${server.url}/${pattern}`, small());
    const pairs = await Promise.all([20, 25, 39].map((index) => source.get(index, context)));
    assert.deepEqual(
      pairs.map(({ key }) => key),
      ["20", "25", "39"],
    );
    assert.deepEqual(wholes(server), [names[1]]);
  });

  test("names its URL where files are missing, or damaged", async () => {
    const [first = "", second = "", third = ""] = names;
    const server = await serve();
    await assert.rejects(
      openSource(
        [first, third].map((name) => `${server.url}${name}`),
        quick(),
      ),
      codeOf(
        "INCOMPLETE_PACK",
        new RegExp(`"${server.url}/".*1 of 3 files are missing: part 1 of 3`),
      ),
    );
    const damaged = Buffer.from(files[second] as Buffer);
    damaged[40] = 0xff; // of the schema
    const cut = (files[third] as Buffer).subarray(0, -16); // 8 are the mark of the end
    const bad = await serve({ ...files, [second]: damaged });
    await assert.rejects(
      openSource(`${bad.url}/${pattern}`, quick()),
      codeOf("INVALID_PACK", new RegExp(`${bad.url}${second}.*its beginning is damaged`)),
    );
    const short = await serve({ ...files, [third]: cut });
    await assert.rejects(
      openSource(`${short.url}/${pattern}`, quick()),
      codeOf("INVALID_PACK", new RegExp(`${short.url}${third}.*it ends early`)),
    );
  });

  test("has bad rows where a file is damaged behind its schema", async () => {
    const [first = ""] = names;
    const server = await serve();
    const whole = files[first] as Buffer;
    const damaged = Buffer.from(whole);
    // the head of the last rows is behind the schema
    const schema = 8 + whole.readUInt32LE(4);
    damaged[schema + 20] = (damaged[schema + 20] as number) ^ 0xff;
    server.files.set(first, damaged);
    const source = await openSource(`${server.url}/${pattern}`, quick());
    await assert.rejects(
      Promise.resolve(source.get(0, context)),
      codeOf("INVALID_PACK", new RegExp(`${server.url}${first}.*damaged`)),
    );
    assert.equal((await source.get(20, context)).key, "20");
  });
});

describe("a packed set elsewhere that rows were appended to", () => {
  const folder = newFolder();
  const rows = (first: number) =>
    new MultimodalDataset({
      source: {
        length: 4,
        fingerprint: `from ${first}`,
        get: (index) => ({
          ...numberedPairs(ROWS).get(first + index),
          key: `row ${first + index}`,
        }),
      },
      ...{ text: null, image: tinyImage },
    });
  const how = { fileBytes: 6 }; // of two rows each
  const whole = (async () => {
    await packDataset(rows(0), folder, how);
    await packDataset(rows(10), folder, { ...how, append: true });
    return contentsOf(folder);
  })();
  const keysOf = async (source: PairSource) =>
    Promise.all(
      Array.from({ length: source.length }, async (_, i) => (await source.get(i, context)).key),
    );
  const keys = (...all: number[]) => all.map((number) => `row ${number}`);
  const named = Array.from(
    { length: 4 },
    (_, file) => `data-0000${file}-of-0000${file < 2 ? 2 : 4}.arrow`,
  );
  const urls = ({ url }: FileServer, some = named) => some.map((name) => `${url}/${name}`);

  test("is opened as its newest version, or an older one", async () => {
    const server = await serve(await whole);
    const newest = await openSource(urls(server), quick());
    assert.deepEqual(await keysOf(newest), keys(0, 1, 2, 3, 10, 11, 12, 13));
    const old = await openSource(urls(server), { ...quick(), version: 1 });
    assert.deepEqual(await keysOf(old), keys(0, 1, 2, 3));
    for (const [source, version] of [
      [newest, 2],
      [old, 1],
    ] as const) {
      assert.equal(source.fingerprint, (await openSource(folder, { version })).fingerprint);
    }
  });

  test("is what its index says while further files are copied there", async () => {
    const copying = newFolder();
    cpSync(folder, copying, { recursive: true });
    await packDataset(rows(20), copying, { ...how, append: true, part: { index: 0, of: 2 } });
    const files = contentsOf(copying);
    const server = await serve(files);
    const all = [...named, "data-00004-of-00006.arrow"];
    assert.equal((await openSource(urls(server, all), quick())).length, 8);
    server.files.delete("/pixtok.index");
    await assert.rejects(
      openSource(urls(server, all), quick()),
      codeOf("INCOMPLETE_PACK", /1 of 2 files of version 3 are missing: part 1 of 2/),
    );
  });

  test("is not opened as less than its index names", async () => {
    const server = await serve(await whole);
    for (const some of [named.slice(0, 2), named.slice(0, 3), named.slice(2)]) {
      await assert.rejects(
        openSource(urls(server, some), quick()),
        codeOf("INCOMPLETE_PACK", /of 2 files of version [12] are missing/),
      );
    }
    const old = await openSource(urls(server, named.slice(0, 2)), { ...quick(), version: 1 });
    assert.deepEqual(await keysOf(old), keys(0, 1, 2, 3));
  });

  test("is opened by its files where a server refuses the index that it does not have", async () => {
    const server = await serve(await whole);
    server.fault = ({ path }) =>
      path === "/pixtok.index" ? { kind: "status", status: 403 } : undefined;
    assert.equal((await openSource(urls(server), quick())).length, 8);
    await assert.rejects(
      openSource(urls(server, named.slice(0, 3)), quick()),
      codeOf("INCOMPLETE_PACK", /1 of 2 files of version 2 are missing: part 1 of 2/),
    );
  });
});
