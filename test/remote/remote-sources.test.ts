// Sources that are on a web server give what they give as local files.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  DataLoader,
  type ImageRange,
  MultimodalDataset,
  openArrow,
  openManifest,
  openParquet,
  openSource,
  openWebDataset,
  packDataset,
} from "pixtok";
import { closedServers } from "../support/closed-servers.js";
import { type FileServer, startFileServer } from "../support/file-server.js";
import { fixture } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { smallTokenizer } from "../support/pairs.js";
import {
  contentsOf,
  folderOf,
  imageBytes,
  imageNames,
  newFolder,
  quick,
  shardsOf,
} from "../support/remote-sets.js";
import { tarOf } from "../support/tar.js";

const serve = closedServers(startFileServer);
const tokenizer = await smallTokenizer();
const texts = ["first text", "second text", "third text"];
const images = Object.fromEntries(imageNames.map((name, i) => [name, imageBytes[i] as Buffer]));
const rows = imageNames.map((image, i) => JSON.stringify({ image, text: texts[i] })).join("\n");

async function packedFolder(): Promise<string> {
  const imagePaths = imageNames.map((name) => fixture(`images/${name}`));
  const out = newFolder();
  await packDataset(new MultimodalDataset({ imagePaths, texts, tokenizer }), out);
  return out;
}

describe("by URL, the same epoch as of local files is given by", () => {
  const cases: [string, () => string | Promise<string>, string][] = [
    ["a manifest", () => folderOf({ ...images, "x.jsonl": rows }), "x.jsonl"],
    [
      "a table of URLs and captions, as img2dataset takes it",
      () =>
        folderOf({
          ...images,
          "x.csv": `url,caption\n${imageNames.map((name, i) => `${name},${texts[i]}`).join("\n")}\n`,
        }),
      "x.csv",
    ],
    [
      "COCO captions",
      () =>
        folderOf({
          ...images,
          "captions.json": JSON.stringify({
            images: imageNames.map((file_name, id) => ({ id, file_name })),
            annotations: texts.map((caption, image_id) => ({ image_id, caption })),
          }),
        }),
      "captions.json",
    ],
    [
      "shards",
      () => folderOf(Object.fromEntries(Object.entries(shardsOf(3, 4)))),
      "{000..002}.tar",
    ],
    ["Parquet", () => fixture("parquet"), "hub-none.parquet"],
    ["Arrow files", () => fixture("arrow/saved"), "data-{00000..00001}-of-00002.arrow"],
    ["Parquet that is compressed", () => fixture("parquet"), "hub-snappy.parquet"],
    ["a packed set", packedFolder, "data-00000-of-00001.arrow"],
  ];
  for (const [what, make, name] of cases) {
    for (const ranges of [true, false]) {
      test(`${what}, from a server ${ranges ? "with" : "without"} ranges`, async () => {
        const root = await make();
        const server = await serve(contentsOf(root));
        server.ranges = ranges;
        const isPack = what === "a packed set";
        const local = isPack ? root : join(root, name);
        const own = isPack ? {} : { tokenizer };
        await assertSameEpoch(
          await MultimodalDataset.from(`${server.url}/${name}`, { ...own, ...quick() }),
          await MultimodalDataset.from(local, own),
        );
      });
    }
  }
});

describe("who reads an image is to say when it has been read, where it is in a copy of", () => {
  const cases: [what: string, root: () => string, name: string][] = [
    ["a shard", () => folderOf(shardsOf(1, 3)), "000.tar"],
    ["Parquet", () => fixture("parquet"), "hub-none.parquet"],
  ];
  for (const [what, root, name] of cases) {
    test(what, async () => {
      const server = await serve(contentsOf(root()));
      const source = await openSource(`${server.url}/${name}`, quick());
      let kept = 0;
      const keep = (release: () => void) => {
        kept += 1;
        release();
      };
      await source.get(0, { seed: 0, epoch: 0, keep });
      assert.equal(kept, 1);
    });
  }
});

describe("a loader's state", () => {
  test("goes on with the copy of a set that it was made with the files of", async () => {
    const files = shardsOf(2, 6);
    const server = await serve(files);
    const local = await MultimodalDataset.from(join(folderOf(files), "{000..001}.tar"), {
      tokenizer,
    });
    const remote = await MultimodalDataset.from(`${server.url}/{000..001}.tar`, {
      tokenizer,
      ...quick(),
    });
    const options = { batchSize: 4, shuffle: true, seed: 3 };
    const first = new DataLoader(local, options);
    for await (const batch of first) {
      batch.release();
      break;
    }
    const second = new DataLoader(remote, options);
    second.resume(first.state());
    const indices: number[] = [];
    for await (const batch of second) indices.push(...batch.indices);
    assert.equal(indices.length, 8);
  });

  const kinds: [what: string, bytes: () => Buffer, ending: string][] = [
    ["a shard", () => shardsOf(1, 2)["/000.tar"] as Buffer, "tar"],
    ["Parquet", () => readFileSync(fixture("parquet/bytes.parquet")), "parquet"],
    ["an Arrow file", () => readFileSync(fixture("arrow/file.arrow")), "arrow"],
  ];
  for (const [what, bytes, ending] of kinds) {
    test(`is of ${what} whose name is escaped in its URL, too, and so are the keys`, async () => {
      const name = `100% \u00e9#1.${ending}`;
      const root = folderOf({ [name]: bytes() });
      const path = `/${encodeURIComponent(name)}?signature=1`;
      const server = await serve({ [path]: bytes() });
      const local = await openSource(join(root, name));
      const remote = await openSource(`${server.url}${path}`, quick());
      assert.equal(remote.fingerprint, local.fingerprint);
      const context = { seed: 0, epoch: 0 };
      assert.equal((await remote.get(0, context)).key, (await local.get(0, context)).key);
    });
  }
});

describe("of what is indexed only the index is fetched when it is opened:", () => {
  const paths = (server: FileServer) => server.requests.map(({ path }) => path);

  /** Shards and the indexes that opening them writes, which have been changed. */
  const withIndexes = async (change: (text: string) => string) => {
    const root = folderOf(shardsOf(2, 3));
    const local = await openWebDataset(join(root, "{000..001}.tar"));
    const contents = Object.entries(contentsOf(root)).map(([name, bytes]) => [
      name,
      name.endsWith(".idx") ? Buffer.from(change(bytes.toString())) : bytes,
    ]);
    return { local, files: Object.fromEntries(contents) as Record<string, Buffer> };
  };
  const fetchedWhole = (server: FileServer) =>
    server.requests
      .filter(({ path, range, method }) => {
        return path.endsWith(".tar") && method === "GET" && range === undefined;
      })
      .map(({ path }) => path);

  const indexes = {
    "as pixtok writes it when they are opened where they are made": (text: string) => text,
    "as wds2idx writes it, without a last line about the tar": (text: string) =>
      text.replace(/# pixtok.*\n/, ""),
  };
  for (const [how, change] of Object.entries(indexes)) {
    test(`shards with an index beside them, ${how}`, async () => {
      const { local, files } = await withIndexes(change);
      const server = await serve(files);
      const options = quick();
      const source = await openWebDataset(`${server.url}/{000..001}.tar`, options);
      assert.equal(source.fingerprint, local.fingerprint);
      assert.deepEqual(fetchedWhole(server), []);
      assert.equal((await source.get(4, { seed: 0, epoch: 0 })).text, "text 1 of shard 1");
      server.requests.length = 0;
      await openWebDataset(`${server.url}/{000..001}.tar`, options);
      assert.ok(server.requests.every(({ method }) => method === "HEAD"));
    });
  }

  test("shards whose names are written as in URLs in their index", async () => {
    const name = "a %41\u00e9";
    const root = folderOf({
      "x.tar": tarOf([
        [`${name}.jpg`, imageBytes[0] as Buffer],
        [`${name}.txt`, "a text"],
      ]),
    });
    await openWebDataset(join(root, "x.tar"));
    const server = await serve(contentsOf(root));
    const source = await openWebDataset(`${server.url}/x.tar`, quick());
    assert.deepEqual(fetchedWhole(server), []);
    assert.equal((await source.get(0, { seed: 0, epoch: 0 })).key, name);
  });

  const others = {
    "of a tar of another size": (text: string) => text.replace(/# pixtok \d+/, "# pixtok 1"),
    "whose last entry is not in the tar": (text: string) =>
      text.replace(/-002\.txt(?=\n)/g, "-003.txt"),
  };
  for (const [how, change] of Object.entries(others)) {
    test(`but not shards with an index ${how}`, async () => {
      const { local, files } = await withIndexes(change);
      const server = await serve(files);
      const source = await openWebDataset(`${server.url}/{000..001}.tar`, quick());
      assert.equal(source.fingerprint, local.fingerprint);
      assert.deepEqual(fetchedWhole(server).sort(), ["/000.tar", "/001.tar"]);
    });
  }

  const rowsOf = (texts: readonly string[]) =>
    tarOf(
      texts.flatMap((text, i) => [
        [`${i}.jpg`, imageBytes[i % 2] as Buffer] as const,
        [`${i}.txt`, text] as const,
      ]),
    );
  const sampleAt = { seed: 0, epoch: 0 };
  /** A shard as it is now, and the index of what it was. */
  const rewritten = (before: Buffer, now: Buffer) => {
    assert.equal(before.length, now.length);
    const root = folderOf({ "x.tar": before });
    return openWebDataset(join(root, "x.tar")).then(() => ({
      "/x.tar": now,
      "/x.idx": contentsOf(root)["/x.idx"] as Buffer,
    }));
  };

  test("a text is not cut by the index of what a shard was", async () => {
    const files = await rewritten(
      rowsOf(["a text", "b", "c"]),
      rowsOf(["a corrected text", "b", "c"]),
    );
    const server = await serve(files);
    const options = quick();
    const source = await openWebDataset(`${server.url}/x.tar`, options);
    await assert.rejects(async () => source.get(0, sampleAt), {
      code: "SOURCE_CHANGED",
      message: /x\.tar.*0\.txt.*remove that \.idx/,
    });
    server.files.delete("/x.idx");
    const again = await openWebDataset(`${server.url}/x.tar`, options);
    assert.equal((await again.get(0, sampleAt)).text, "a corrected text");
  });

  test("nor where parts of shards are asked for, as the cache has room for one", async () => {
    const { "/x.tar": tar, "/x.idx": index } = (await rewritten(
      rowsOf(["a text", "b", "c"]),
      rowsOf(["a corrected text", "b", "c"]),
    )) as { "/x.tar": Buffer; "/x.idx": Buffer };
    const good = rowsOf(["one", "two", "three"]);
    const server = await serve({
      ...Object.fromEntries([0, 1, 2].map((shard) => [`/${shard}.tar`, good])),
      "/3.tar": tar,
      "/3.idx": index,
    });
    const given = quick({ cacheBytes: Math.round(1.3 * tar.length) });
    const source = await openWebDataset(`${server.url}/{0..3}.tar`, given);
    const context = { ...sampleAt, keep: (release: () => void) => release() };
    for (const row of [0, 6, 0, 6, 1]) await source.get(row, context);
    await assert.rejects(async () => source.get(9, context), { code: "SOURCE_CHANGED" });
    assert.equal((await source.get(10, context)).text, "b");
    assert.ok(!fetchedWhole(server).includes("/3.tar"));
  });

  test("nor is an image", async () => {
    const image = imageBytes[0] as Buffer;
    const [whole, part] = [image, image.subarray(0, image.length - 1)].map((bytes) =>
      tarOf([
        ["0.jpg", bytes],
        ["0.txt", "a text"],
      ]),
    ) as [Buffer, Buffer];
    const server = await serve(await rewritten(part, whole));
    const source = await openWebDataset(`${server.url}/x.tar`, quick());
    await assert.rejects(async () => source.get(0, sampleAt), { code: "SOURCE_CHANGED" });
  });

  test("the next opening goes through a shard that has been fetched meanwhile", async () => {
    const { files } = await withIndexes((text) => text);
    const server = await serve(files);
    const options = quick();
    const first = await openWebDataset(`${server.url}/{000..001}.tar`, options);
    const pair = await first.get(1, sampleAt);
    const second = await openWebDataset(`${server.url}/{000..001}.tar`, options);
    assert.deepEqual(await second.get(1, sampleAt), pair);
  });

  test("shards whose index is kept from the last time, also where the shards are not", async () => {
    const server = await serve(shardsOf(2, 3));
    const bytes = shardsOf(1, 3)["/000.tar"]?.length as number;
    // there is room for one shard alone
    const total = quick({ cacheBytes: Math.round(1.3 * bytes) });
    await openWebDataset(`${server.url}/{000..001}.tar`, total);
    server.requests.length = 0;
    await openWebDataset(`${server.url}/{000..001}.tar`, total);
    assert.deepEqual(
      server.requests.filter(({ method }) => method === "GET"),
      [],
    );
  });

  test("but not a shard that is damaged, which is so at each opening", async () => {
    const whole = shardsOf(1, 3)["/000.tar"] as Buffer;
    const server = await serve({ "/x.tar": whole.fill(1, whole.length - 1024) });
    const options = quick();
    for (const _ of [0, 1]) {
      const source = await openWebDataset(`${server.url}/x.tar`, options);
      assert.equal(source.length, 4);
      await assert.rejects(
        async () => source.get(3, sampleAt),
        /the header at byte \d+ is damaged/,
      );
    }
  });

  test("Parquet, whose footer is enough", async () => {
    const server = await serve({ "/x.parquet": readFileSync(fixture("parquet/hub-none.parquet")) });
    const source = await openParquet(`${server.url}/x.parquet`, quick());
    assert.ok(source.length > 0);
    const got = server.requests.filter(({ method }) => method === "GET");
    assert.ok(got.every(({ range }) => range !== undefined));
    await source.get(0, { seed: 0, epoch: 0 });
    assert.equal(server.fetched().filter((path) => path === "/x.parquet").length, got.length + 1);
  });

  test("Arrow files are fetched to find their rows, and again where the cache has room for one", async () => {
    const contents = contentsOf(fixture("arrow/saved"));
    const server = await serve(contents);
    const names = Object.keys(contents).filter((name) => name.endsWith(".arrow"));
    const bytes = names.reduce((sum, name) => sum + (contents[name]?.length as number), 0);
    const options = quick({ cacheBytes: bytes - 1 });
    const pattern = `${server.url}/data-{00000..00001}-of-00002.arrow`;
    const source = await openArrow(pattern, { ...options, imageColumn: "image" });
    const local = await openSource(fixture("arrow/saved"));
    assert.deepEqual([source.length, source.fingerprint], [local.length, local.fingerprint]);
    for (const index of [2, 0]) {
      const { image, key } = await source.get(index, { seed: 0, epoch: 0 });
      const own = await local.get(index, { seed: 0, epoch: 0 });
      const { path, offset, length } = own.image as ImageRange;
      const expected = readFileSync(path).subarray(offset, offset + length);
      assert.deepEqual([Buffer.from(image as Uint8Array), key], [expected, own.key]);
    }
    assert.ok(server.fetched().length > 2);
  });

  test("what has been fetched is not fetched again", async () => {
    const server = await serve(shardsOf(2, 3));
    const options = quick();
    const read = async () => {
      const source = await openWebDataset(`${server.url}/{000..001}.tar`, options);
      for (let i = 0; i < source.length; i += 1) await source.get(i, { seed: 0, epoch: 0 });
    };
    await read();
    server.requests.length = 0;
    await read();
    assert.deepEqual(paths(server).sort(), ["/000.tar", "/001.tar"]); // asked at the same time
    assert.ok(server.requests.every(({ method }) => method === "HEAD"));
  });
});

describe("images of a manifest", () => {
  test("may be URLs, beside a root that is one", async () => {
    const server = await serve({ "/a b/jpeg-420.jpg": imageBytes[0] as Buffer });
    const elsewhere = `${server.url}/a%20b/jpeg-420.jpg`;
    const lines = [
      { image: elsewhere, text: "x" },
      { image: "jpeg-420.jpg", text: "y" },
    ];
    const path = join(
      folderOf({ "x.jsonl": lines.map((line) => JSON.stringify(line)).join("\n") }),
      "x.jsonl",
    );
    const source = await openManifest(path, { root: `${server.url}/a b`, ...quick() });
    for (const index of [0, 1]) {
      const { image } = await source.get(index, { seed: 0, epoch: 0 });
      assert.deepEqual(Buffer.from(image as Uint8Array), imageBytes[0]);
    }
    assert.equal(server.requests.length, 1); // they are one image
  });

  test("of a manifest that is elsewhere are no files of this machine", async () => {
    const lines = ["/etc/passwd", "file:///etc/passwd", "../x.jpg"].map((image) =>
      JSON.stringify({ image, text: "x" }),
    );
    const server = await serve({ "/set/x.jsonl": Buffer.from(lines.join("\n")) });
    const source = await openManifest(`${server.url}/set/x.jsonl`, quick());
    for (const index of [0, 1, 2]) {
      await assert.rejects(async () => source.get(index, { seed: 0, epoch: 0 }), {
        code: "INVALID_MANIFEST",
        index,
        source: `${server.url}/set/x.jsonl`,
      });
    }
  });
});

test("a bad row of a manifest that is elsewhere names its URL, also where its text alone is read", async () => {
  const server = await serve({
    "/x.jsonl": Buffer.from('{"image":"a","text":"b"}\n{"image":"a"}\n'),
  });
  const source = await openManifest(`${server.url}/x.jsonl`, quick());
  assert.equal(await source.texts?.(0), "b");
  await assert.rejects(async () => source.texts?.(1), {
    ...{ code: "INVALID_MANIFEST", index: 1 },
    source: `${server.url}/x.jsonl`,
  });
});

describe("what is not found says so:", () => {
  test("a folder of a web server", async () => {
    const server = await serve({});
    await assert.rejects(openSource(`${server.url}/folder`, quick()), {
      code: "UNKNOWN_SOURCE",
      reason: /a web server does not list its files/,
    });
  });

  test("a file that is not there", async () => {
    const server = await serve({});
    await assert.rejects(openSource(`${server.url}/x.tar`, quick()), {
      code: "REMOTE_NOT_FOUND",
      source: `${server.url}/x.tar`,
      reason: "the server answered with status 404",
    });
  });

  test("files here and elsewhere as one source", async () => {
    await assert.rejects(openSource(["a.tar", "https://example.org/b.tar"]), {
      code: "UNKNOWN_SOURCE",
      source: "a.tar",
    });
  });
});
