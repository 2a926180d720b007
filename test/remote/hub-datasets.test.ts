// Datasets on the Hugging Face hub, which here is a server of our own; nothing leaves this machine.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import {
  MultimodalDataset,
  openManifest,
  openSource,
  openWebDataset,
  type PixtokError,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { type HubRepo, type HubServer, startHub } from "../support/hub-server.js";
import { assertSameEpoch } from "../support/packs.js";
import { smallTokenizer } from "../support/pairs.js";
import { passingWaits } from "../support/passing-waits.js";
import {
  contentsOf,
  folderOf,
  imageBytes,
  imageNames,
  newFolder,
  quick,
  shardOf,
} from "../support/remote-sets.js";

const tokenizer = await smallTokenizer();
const [first, second] = ["1".repeat(40), "2".repeat(40)];
const context = { seed: 0, epoch: 0 };
const parquet = readFileSync(fixture("parquet/hub-none.parquet"));

const hub: HubServer = await startHub({});
after(() => hub.close());
process.env.HF_ENDPOINT = hub.url;
process.env.HF_HOME = newFolder();
delete process.env.HF_TOKEN;

beforeEach(() => {
  hub.requests.length = 0;
  hub.fault = () => undefined;
  delete process.env.HF_HUB_OFFLINE;
  delete process.env.HF_TOKEN;
});

function put(id: string, repo: Partial<HubRepo> & { files: Record<string, Buffer | string> }) {
  const { files, ...rest } = repo;
  hub.repos[`datasets/${id}`] = { refs: { main: first }, commits: { [first]: files }, ...rest };
}

/** Files of a dataset as huggingface_hub keeps what it has downloaded. */
function download(id: string, files: Record<string, Buffer>) {
  const root = join(process.env.HF_HOME as string, `hub/datasets--${id.replace("/", "--")}`);
  for (const folder of ["blobs", "refs"]) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "refs/main"), first);
  for (const [name, content] of Object.entries(files)) {
    const blob = join(root, "blobs", createHash("sha256").update(content).digest("hex"));
    const path = join(root, "snapshots", first, name);
    writeFileSync(blob, content);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(relative(dirname(path), blob), path);
  }
}

passingWaits();

describe("a dataset of the hub", () => {
  test("is opened by its id, as load_dataset takes it", async () => {
    put("org/parquet", {
      files: { "README.md": "# x", "data/train-00000-of-00001.parquet": parquet },
    });
    await assertSameEpoch(
      await MultimodalDataset.from("org/parquet", { tokenizer, ...quick() }),
      await MultimodalDataset.from(fixture("parquet/hub-none.parquet"), { tokenizer }),
    );
  });

  test("is opened that save_to_disk wrote, by its files' own list, one of its splits by its name", async () => {
    const files = Object.entries(contentsOf(fixture("arrow")));
    put("org/saved", {
      files: Object.fromEntries(
        files.flatMap(([path, bytes]) =>
          path.startsWith("/splits/") ? [[path.slice("/splits/".length), bytes]] : [],
        ),
      ),
    });
    const source = await openSource("org/saved", { split: "train", ...quick() });
    const local = await openSource(fixture("arrow/splits"), { split: "train" });
    assert.equal(source.fingerprint, local.fingerprint);
    assert.equal(await source.texts?.(0), await local.texts?.(0));
  });

  test("is opened by its address, and by that of a folder or file in it, at a revision", async () => {
    put("org/shards", {
      refs: { main: second, old: first, "refs/convert/parquet": second },
      commits: {
        [first]: { "train/0.tar": shardOf(0, 4) },
        [second]: { "train/0.tar": shardOf(1, 4), "train/1.tar": shardOf(2, 4), "x.txt": "x" },
      },
      files: {},
    });
    for (const [url, length, text] of [
      ["hf://datasets/org/shards", 8, "text 0 of shard 1"],
      ["hf://datasets/org/shards@old", 4, "text 0 of shard 0"],
      [`hf://datasets/org/shards@${first}/train`, 4, "text 0 of shard 0"],
      ["hf://datasets/org/shards/train/*.tar", 8, "text 0 of shard 1"],
      ["hf://datasets/org/shards@refs/convert/parquet/train/{1..1}.tar", 4, "text 0 of shard 2"],
      ["hf://datasets/org/shards@refs%2Fconvert%2Fparquet/train/1.tar", 4, "text 0 of shard 2"],
    ] as const) {
      const source = await openSource(url, quick());
      assert.equal(source.length, length, url);
      assert.equal((await source.get(0, context)).text, text, url);
    }
    await assert.rejects(openManifest("hf://datasets/org/shards/train/*.tar", quick()), {
      name: "RangeError",
      message: /path: expected one file, not a pattern of several/,
    });
  });

  test("is asked for by main, where an address of a file names no revision", async () => {
    put("org/one", { files: { "x.tar": shardOf(0, 1) } });
    const source = await openSource("hf://datasets/org/one/x.tar", quick());
    assert.equal(source.length, 1);
    const files = hub.requests.filter(({ path }) => path.includes("/resolve/"));
    assert.ok(files.length > 0);
    for (const { path } of files) assert.match(path, /\/resolve\/(main|1{40})\/x\.tar$/);
  });

  test("may be an imagefolder", async () => {
    const rows = imageNames.map((file_name, i) => JSON.stringify({ file_name, text: `text ${i}` }));
    const images = Object.fromEntries(imageNames.map((name, i) => [name, imageBytes[i] as Buffer]));
    const files = { ...images, "metadata.jsonl": rows.join("\n") };
    put("org/folder", { files });
    await assertSameEpoch(
      await MultimodalDataset.from("org/folder", { tokenizer, ...quick() }),
      await MultimodalDataset.from(folderOf(files), { tokenizer }),
    );
  });

  test("with several splits names them, by their addresses", async () => {
    put("org/splits", {
      files: {
        "data/train-00000-of-00001.parquet": parquet,
        "data/test-00000-of-00001.parquet": parquet,
      },
    });
    await assert.rejects(openSource("hf://datasets/org/splits", quick()), {
      code: "UNKNOWN_SOURCE",
      source: "hf://datasets/org/splits/data",
      reason: /several splits.*such as hf:\/\/datasets\/org\/splits\/data\/te?.*\*\.parquet/,
    });
  });

  test("is read with the token of HF_TOKEN, which goes to the hub alone", async () => {
    put("org/gated", { files: { "0.tar": shardOf(0, 4) }, gate: "hf_secret" });
    await assert.rejects(openWebDataset("hf://datasets/org/gated/0.tar", quick()), {
      code: "HUB_ACCESS_DENIED",
    });
    process.env.HF_TOKEN = "hf_secret";
    hub.requests.length = 0;
    const source = await openWebDataset("hf://datasets/org/gated/0.tar", quick());
    assert.equal(source.length, 4);
    const storage = hub.requests.filter(({ path }) => /^\/[0-9a-f]{64}$/.test(path));
    assert.ok(storage.length > 0);
    assert.ok(storage.every(({ authorization }) => authorization === undefined));
  });

  const page = JSON.stringify([{ type: "file", path: "0.tar", size: 1, oid: "0".repeat(40) }]);
  const isTree = (path: string) => path.includes("/tree/");

  test("whose list goes on at another server does not give it the token", async () => {
    const other = await startHub({});
    try {
      put("org/elsewhere", { files: {} });
      process.env.HF_TOKEN = "hf_secret";
      other.fault = () => ({ kind: "body", body: "[]" });
      const headers = { Link: `<${other.url}/next>; rel="next"` };
      hub.fault = ({ path }) => (isTree(path) ? { kind: "body", body: page, headers } : undefined);
      await assert.rejects(openSource("hf://datasets/org/elsewhere/1.tar", quick()), {
        code: "REMOTE_NOT_FOUND",
      });
      assert.deepEqual(
        other.requests.map(({ path, authorization }) => ({ path, authorization })),
        [{ path: "/next", authorization: undefined }],
      );
    } finally {
      await other.close();
    }
  });

  test("whose list leads to itself is an error", async () => {
    put("org/endless", { files: {} });
    hub.fault = ({ path }) => {
      const headers = { Link: `<${hub.url}${path}>; rel="next"` };
      return isTree(path) ? { kind: "body", body: page, headers } : undefined;
    };
    await assert.rejects(openSource("hf://datasets/org/endless", quick()), {
      code: "HUB_UNREACHABLE",
      reason: /the answer has 0.tar twice/,
    });
  });

  for (const path of ["../../x.tar", "a\0b.tar", "a\\b.tar", 5]) {
    test(`that has a file ${JSON.stringify(path)} is refused`, async () => {
      put("org/hostile", { files: {} });
      const body = JSON.stringify([{ type: "file", path, size: 1, oid: "0".repeat(40) }]);
      hub.fault = (request) => (isTree(request.path) ? { kind: "body", body } : undefined);
      await assert.rejects(
        openSource("hf://datasets/org/hostile", quick()),
        ({ code }: PixtokError) =>
          code === (typeof path === "string" ? "UNKNOWN_SOURCE" : "HUB_UNREACHABLE"),
      );
    });
  }

  test("is compared with the checksums that the hub has", async () => {
    put("org/corrupt", { files: { "0.tar": shardOf(0, 4) } });
    hub.fault = ({ path }) => (/^\/[0-9a-f]{64}$/.test(path) ? { kind: "corrupt" } : undefined);
    await assert.rejects(openWebDataset("hf://datasets/org/corrupt/0.tar", quick()), {
      code: "REMOTE_CORRUPT_FILE",
      reason: /sha256/,
    });
  });

  test("that does not exist is named as neither here nor there", async () => {
    await assert.rejects(openSource("org/none", quick()), {
      code: "FILE_NOT_FOUND",
      source: "org/none",
      reason: /no such file or folder; nor .* nor such a dataset at/,
    });
    await assert.rejects(openSource("hf://datasets/org/none", quick()), {
      code: "HUB_REPO_NOT_FOUND",
    });
  });

  test("has no such file where the revision has none", async () => {
    put("org/one", { files: { "0.tar": shardOf(0, 4) } });
    await assert.rejects(openSource("hf://datasets/org/one/1.tar", quick()), {
      code: "REMOTE_NOT_FOUND",
      source: "hf://datasets/org/one/1.tar",
    });
  });
});

describe("with HF_HUB_OFFLINE", () => {
  test("what is in the cache is read, without a request", async () => {
    put("org/offline", { files: { "0.tar": shardOf(0, 4) } });
    const options = quick();
    await openSource("hf://datasets/org/offline", options);
    process.env.HF_HUB_OFFLINE = "1";
    hub.requests.length = 0;
    const source = await openSource("hf://datasets/org/offline", options);
    assert.equal((await source.get(3, context)).text, "text 3 of shard 0");
    assert.deepEqual(hub.requests, []);
  });

  test("what huggingface_hub has downloaded is read", async () => {
    download("org/downloaded", { "data/0.tar": shardOf(3, 4) });
    process.env.HF_HUB_OFFLINE = "1";
    const source = await openSource("hf://datasets/org/downloaded/data", quick());
    assert.equal((await source.get(3, context)).text, "text 3 of shard 3");
    assert.deepEqual(hub.requests, []);
  });

  test("what is in the cache of one revision is not read as another", async () => {
    put("org/revisions", {
      refs: { main: second, old: first },
      commits: { [first]: { "0.tar": shardOf(0, 4) }, [second]: { "0.tar": shardOf(1, 4) } },
      files: {},
    });
    const options = quick();
    const textOf = async (url: string) => {
      const source = await openSource(url, options);
      return (await source.get(0, context)).text;
    };
    await textOf("hf://datasets/org/revisions");
    process.env.HF_HUB_OFFLINE = "1";
    await assert.rejects(textOf("hf://datasets/org/revisions@old"), { code: "HUB_NOT_CACHED" });
    delete process.env.HF_HUB_OFFLINE;
    await textOf("hf://datasets/org/revisions@old");
    process.env.HF_HUB_OFFLINE = "1";
    assert.equal(await textOf("hf://datasets/org/revisions"), "text 0 of shard 1");
    assert.equal(await textOf("hf://datasets/org/revisions@old"), "text 0 of shard 0");
  });

  test("what is not in the cache is HUB_NOT_CACHED", async () => {
    put("org/uncached", { files: { "0.tar": shardOf(0, 4) } });
    process.env.HF_HUB_OFFLINE = "1";
    await assert.rejects(openSource("hf://datasets/org/uncached", quick()), {
      code: "HUB_NOT_CACHED",
      reason: /HF_HUB_OFFLINE is set/,
    });
    assert.deepEqual(hub.requests, []);
  });
});

describe("where the hub cannot be reached", () => {
  test("what is in the cache is read", async () => {
    put("org/unreachable", { files: { "0.tar": shardOf(0, 4) } });
    const options = quick();
    await openSource("org/unreachable", options);
    hub.fault = () => ({ kind: "status", status: 502 });
    const source = await openSource("org/unreachable", options);
    assert.equal((await source.get(3, context)).text, "text 3 of shard 0");
  });

  test("what huggingface_hub has downloaded is read, with a warning", async () => {
    download("org/kept", { "0.tar": shardOf(2, 4) });
    hub.fault = () => ({ kind: "status", status: 502 });
    const warned = once(process, "warning");
    const source = await openSource("org/kept", quick());
    assert.equal((await source.get(3, context)).text, "text 3 of shard 2");
    const [{ code, message }] = await warned;
    assert.equal(code, "PIXTOK_REMOTE_UNREACHABLE");
    assert.match(message, /^what has been downloaded is used, as .*502/);
  });

  test("and only there is what has been downloaded read: not where it refuses", async () => {
    download("org/refused", { "0.tar": shardOf(2, 4) });
    hub.fault = () => ({ kind: "status", status: 403 });
    await assert.rejects(openSource("org/refused", quick()), { code: "HUB_ACCESS_DENIED" });
  });

  test("what nobody has kept is an error, and no other version is read", async () => {
    download("org/other", { "0.tar": shardOf(2, 4) });
    hub.fault = () => ({ kind: "status", status: 502 });
    const opening = openSource(`hf://datasets/org/other@${second}`, quick());
    await assert.rejects(opening, { code: "HUB_UNREACHABLE" });
  });
});
