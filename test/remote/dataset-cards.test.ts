// What the README of a dataset says of its sets, on the hub and in a folder that has its files; a hub of our own,
// nothing leaves this machine.

import assert from "node:assert/strict";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { MultimodalDataset, openSource, PixtokError, packDataset } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { startHub } from "../support/hub-server.js";
import { numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";
import {
  contentsOf,
  folderOf,
  imageBytes,
  newFolder,
  quick,
  shardOf,
} from "../support/remote-sets.js";
import { tarOf } from "../support/tar.js";

const hub = await startHub({});
after(() => hub.close());
process.env.HF_ENDPOINT = hub.url;
process.env.HF_HOME = newFolder();
const [jpeg, png] = imageBytes as [Buffer, Buffer];

const golden = JSON.parse(readFileSync(fixture("goldens/dataset-cards.json"), "utf8")) as {
  files: string[];
  cards: {
    name: string;
    readme: string;
    default: string | null;
    configs: Record<string, Record<string, string[]>>;
  }[];
};

let made = 0;
/** The id of a new dataset on the hub. */
function put(files: Record<string, Buffer | string>): string {
  const id = `org/cards-${made++}`;
  const commit = "1".repeat(40);
  hub.repos[`datasets/${id}`] = { refs: { main: commit }, commits: { [commit]: files } };
  return id;
}

/** Where a dataset may be, and what puts it there and gives its name. */
const places = [
  ["on the hub", put],
  ["here", folderOf],
] as const;

const card = (configs: string) => `---\n${configs}\n---\n# A set\n`;

async function textsOf(data: string, options = {}): Promise<unknown[]> {
  const source = await openSource(data, { ...options, ...cache });
  return Promise.all(Array.from({ length: source.length }, (_, i) => source.texts?.(i)));
}
const cache = quick();

const refused = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === "UNKNOWN_SOURCE";
};

describe("configs of a README name the files that datasets takes", () => {
  const rows = (path: string) => `image,text\nx.jpg,${path}\n`;
  const cases = places.flatMap(([place, putThere]) =>
    golden.cards.map((one) => ({ ...one, place, putThere })),
  );
  for (const { name, place, putThere, readme, default: first, configs } of cases) {
    test(`${name}, ${place}`, async () => {
      const files = golden.files.map((path) => [path, rows(path)] as const);
      const id = putThere({ "README.md": readme, ...Object.fromEntries(files) });
      for (const [config, splits] of Object.entries(configs)) {
        for (const [split, expected] of Object.entries(splits)) {
          assert.deepEqual(await textsOf(id, { config, split }), expected);
        }
        const [[only, expected] = [], second] = Object.entries(splits);
        if (only !== undefined && second === undefined) {
          assert.deepEqual(await textsOf(id, { config }), expected);
          if (config === first) assert.deepEqual(await textsOf(id), expected);
        }
      }
      if (first === null) {
        await assert.rejects(textsOf(id), refused(/config: expected one of a, b$/));
      }
    });
  }
});

for (const [place, putThere] of places) {
  describe(`a config ${place} may be`, () => {
    test("a folder of its own, looked into as a dataset is", async () => {
      const readme = card(
        "configs:\n- config_name: a\n  data_dir: one/\n- config_name: b\n  data_dir: two",
      );
      const id = putThere({
        "README.md": readme,
        "one/0.tar": shardOf(0, 2),
        "two/0.tar": shardOf(1, 2),
      });
      assert.deepEqual(await textsOf(id, { config: "b" }), [
        "text 0 of shard 1",
        "text 1 of shard 1",
      ]);
    });

    test("files of a hidden folder, and of one whose name begins with two points", async () => {
      for (const folder of [".one", "..two"]) {
        const files = { [`${folder}/0.tar`]: shardOf(0, 1) };
        for (const where of [
          `data_dir: ${folder}\n  data_files: '*.tar'`,
          `data_files: ${folder}/*`,
        ]) {
          const id = putThere({
            "README.md": card(`configs:\n- config_name: a\n  ${where}`),
            ...files,
          });
          assert.deepEqual(await textsOf(id), ["text 0 of shard 0"]);
        }
      }
    });

    test("shards, and images in folders of classes", async () => {
      const readme = card(
        "configs:\n- config_name: shards\n  data_files: '*.tar'\n- config_name: classes\n  data_files: images/**",
      );
      const files = { "images/cat/1.jpg": jpeg, "images/dog/1.png": png, "0.tar": shardOf(0, 1) };
      const id = putThere({ "README.md": readme, ...files });
      assert.deepEqual(await textsOf(id, { config: "shards" }), ["text 0 of shard 0"]);
      assert.deepEqual(await textsOf(id, { config: "classes" }), ["cat", "dog"]);
      const tokenizer = await smallTokenizer();
      const dataset = await MultimodalDataset.from(id, { tokenizer, config: "classes", ...cache });
      assert.equal(dataset.length, 2);
    });

    test("none, where the README has no list of them", async () => {
      for (const readme of [
        "# A set",
        card("license: mit"),
        card("configs:"),
        card("configs: []"),
      ]) {
        const id = putThere({ "README.md": readme, "0.tar": shardOf(0, 1) });
        for (const config of [undefined, "default"]) {
          assert.deepEqual(await textsOf(id, { config }), ["text 0 of shard 0"]);
        }
        await assert.rejects(
          textsOf(id, { config: "x" }),
          /config: expected none but with a dataset/,
        );
      }
    });
  });
}

describe("a folder that has the files of a dataset", () => {
  const readme = card("configs:\n- config_name: a\n  data_files: 'data/*.csv'");

  test("may have links to them, as the hub's cache has", async () => {
    const blobs = folderOf({ "1": readme, "2": "image,text\nx.jpg,linked\n" });
    const snapshot = folderOf({ "data/other.txt": "" });
    symlinkSync(join(blobs, "1"), join(snapshot, "README.md"));
    symlinkSync(join(blobs, "2"), join(snapshot, "data/x.csv"));
    assert.deepEqual(await textsOf(snapshot), ["linked"]);
  });

  test("never gives images of links that lead out of it, unless that is allowed", async () => {
    const outside = folderOf({ "1.jpg": jpeg });
    const images = card("configs:\n- config_name: a\n  data_files: 'images/**'");
    const here = folderOf({
      "README.md": images,
      "images/cat/0.jpg": jpeg,
      "other/dog/0.jpg": jpeg,
    });
    symlinkSync(join(outside, "1.jpg"), join(here, "images/cat/1.jpg"));
    const source = await openSource(here);
    assert.equal(source.length, 2);
    await assert.rejects(async () => source.get(1, { seed: 0, epoch: 0 }), {
      code: "INVALID_SAMPLE",
      message: /leads out/,
    });
    const allowed = await openSource(here, { allowOutsideRoot: true });
    assert.equal((await allowed.get(1, { seed: 0, epoch: 0 })).text, "cat");
  });

  const row = "image,text\nx.jpg,outside\n";
  for (const [what, configs] of [
    ["a file of its patterns", "configs:\n- config_name: a\n  data_files: up/x.csv"],
    ["its folder", "configs:\n- config_name: a\n  data_dir: up"],
  ] as const) {
    test(`never has ${what} behind a link to a folder elsewhere, unless that is allowed`, async () => {
      const outside = folderOf({ "x.csv": row, "train.csv": row });
      const here = folderOf({ "README.md": card(configs) });
      symlinkSync(outside, join(here, "up"));
      await assert.rejects(
        textsOf(here, { split: "train" }),
        refused(/up.* outside .*unless allowOutsideRoot is true/),
      );
      const options = { split: "train", allowOutsideRoot: true };
      assert.deepEqual(await textsOf(here, options), ["outside"]);
    });
  }

  for (const configs of [
    "configs:\n- config_name: a\n  data_files: up/*.tar",
    "configs:\n- config_name: a\n  data_dir: up",
  ]) {
    test(`of shards behind such a link says what helps: not an option, but their own folder (${configs.slice(-12)})`, async () => {
      const outside = folderOf({
        "train-0.tar": tarOf([
          ["a.jpg", jpeg],
          ["a.txt", "of a shard"],
        ]),
      });
      const here = folderOf({ "README.md": card(configs) });
      symlinkSync(outside, join(here, "up"));
      const advice =
        /unless allowOutsideRoot is true; shards and packed sets do not take that: open the folder that it leads to/;
      await assert.rejects(textsOf(here, { split: "train" }), refused(advice));
      const options = { split: "train", allowOutsideRoot: true };
      await assert.rejects(textsOf(here, options), /allowOutsideRoot/);
      assert.deepEqual(await textsOf(outside), ["of a shard"]);
    });
  }

  test("is looked into only where its patterns may mean something", async () => {
    const here = folderOf({ "README.md": readme, "data/x.csv": "image,text\nx.jpg,x\n" });
    for (const link of ["root", "data/root"]) symlinkSync("/", join(here, link));
    if (process.platform !== "linux") return; // no other one has names that are not UTF-8
    writeFileSync(Buffer.from(`${here}/\xff.csv`, "latin1"), "");
    writeFileSync(Buffer.from(`${here}/data/\xff.txt`, "latin1"), "");
    assert.deepEqual(await textsOf(here, { allowOutsideRoot: true }), ["x"]);
    assert.deepEqual(await textsOf(here), ["x"]);
    writeFileSync(Buffer.from(`${here}/data/\xff.csv`, "latin1"), "");
    await assert.rejects(textsOf(here), refused(/the name "data\/.*xFF\.csv" is not UTF-8/));
  });

  test("has the rows and images of one split where each is in a folder of its own", async () => {
    const configs =
      "configs:\n- config_name: a\n  data_files: [{split: train, path: a/**}, {split: test, path: b/**}]";
    const rows = (text: string) => JSON.stringify({ file_name: "x.jpg", text });
    const files = {
      "README.md": card(configs),
      "a/metadata.jsonl": rows("of a"),
      "a/x.jpg": jpeg,
      "b/metadata.jsonl": rows("of b"),
      "b/x.jpg": jpeg,
    };
    for (const [, putThere] of places) {
      assert.deepEqual(await textsOf(putThere(files), { split: "test" }), ["of b"]);
    }
  });

  test("may be of a packed set, whose files are opened together", async () => {
    const packed = newFolder();
    const dataset = new MultimodalDataset({
      source: numberedPairs(40),
      text: null,
      image: tinyImage,
    });
    await packDataset(dataset, packed, { fileBytes: 60 });
    const ofSplit = (path: string) =>
      card(`configs:\n- config_name: a\n  data_files: [{split: train, path: ${path}}]`);
    const putHere = (readme: string, below: string) => {
      const files = Object.entries(contentsOf(packed));
      const there = files.map(([name, bytes]) => [`${below}${name.slice(1)}`, bytes] as const);
      return folderOf({ "README.md": readme, ...Object.fromEntries(there) });
    };
    const expected = (await openSource(packed)).fingerprint;
    for (const [path, below] of [
      ["data-*.arrow", ""],
      ["x/*.arrow", "x/"],
    ] as const) {
      const source = await openSource(putHere(ofSplit(path), below), { split: "train" });
      assert.deepEqual([source.length, source.fingerprint], [40, expected]);
    }
    const part = putHere(ofSplit("data-00000-*"), "");
    await assert.rejects(openSource(part), refused(/its 2 files, in one folder, got 1 /));
  });

  test("has what is of a kind that is asked for, whatever the README says of others", async () => {
    const here = folderOf({
      "README.md": card(
        "configs:\n- config_name: a\n  data_files: a.csv\n- config_name: b\n  data_files: b.csv",
      ),
      "a.csv": row,
      "b.csv": row,
      "cat/1.jpg": jpeg,
    });
    assert.equal((await openSource(here, { kind: "images", texts: false })).length, 1);
    await assert.rejects(
      openSource(here, { kind: "images", config: "b" }),
      refused(/kind: expected "manifest", which the files of the config "b" are, got "images"/),
    );
  });

  test("need not have a README that can be read as text, or is a file", async () => {
    const here = folderOf({ "README.md/x.txt": "", "a.tar": shardOf(0, 1) });
    assert.deepEqual(await textsOf(here), ["text 0 of shard 0"]);
  });

  test("is not looked into where one of its folders or files is given", async () => {
    const here = folderOf({
      "README.md": readme,
      "data/x.csv": "image,text\nx.jpg,x\n",
      "0.tar": shardOf(0, 1),
    });
    assert.deepEqual(await textsOf(here), ["x"]);
    assert.deepEqual(await textsOf(join(here, "0.tar")), ["text 0 of shard 0"]);
  });
});

describe("what is refused of configs", () => {
  const ofSplits = card(
    "configs:\n- config_name: a\n  data_files:\n  - split: train\n    path: '*.csv'\n  - split: test\n    path: '*.no'",
  );
  const id = put({ "README.md": ofSplits, "x.csv": "image,text\nx.jpg,x\n" });

  test("names what there is, of configs and splits", async () => {
    for (const [options, message] of [
      [{ config: "b" }, /README\.md.*config: expected one of a, got "b"/],
      [{}, /split: expected one of train, test in the config "a"/],
      [{ split: "validation" }, /split: expected one of train, test in.*, got "validation"/],
      [{ split: "test" }, /the config "a" has no files that match \*\.no/],
    ] as const) {
      await assert.rejects(textsOf(id, options), refused(message));
    }
  });

  test("is what no README has", async () => {
    const here = folderOf({ "a.csv": "image,text\nx.jpg,x\n" });
    for (const data of [here, `${here}/a.csv`, `hf://datasets/${id}/x.csv`]) {
      await assert.rejects(textsOf(data, { config: "a" }), {
        name: "TypeError",
        message: /config: expected none but with a dataset whose README has configs, got "a"/,
      });
    }
  });

  const files = (value: string) => `configs:\n- config_name: a\n  data_files: ${value}`;
  for (const [what, configs, message] of [
    ["no list", "configs: 3", /configs: expected a list, got 3/],
    ["no YAML", "configs: [a", /configs: this is not YAML that can be read/],
    ["entries that are none", "configs: [a]", /entry 1: expected config_name and others/],
    ["no name", "configs: [{data_dir: x}]", /entry 1: config_name: expected a text, got undefined/],
    ["a folder that is none", "configs: [{config_name: a, data_dir: [x]}]", /data_dir: expected/],
    [
      "a folder elsewhere",
      "configs: [{config_name: a, data_dir: x/../..}]",
      /a folder in this one/,
    ],
    ["data_files that are none", files("3"), /data_files: expected a pattern, a list/],
    ["a split without a path", files("[{split: train}]"), /data_files: expected/],
    ["a split twice", files("[{split: a, path: one}, {split: a, path: two}]"), /each split once/],
    [
      "references that multiply",
      `configs:\n${"abcdefgh".replace(/./g, (l, i) => `- &${l} [${i === 0 ? "x" : Array(9).fill(`*${"abcdefgh"[i - 1]}`)}]\n`)}`,
      /not YAML that can be read: Excessive alias count/,
    ],
    ["depth without end", `configs: ${"[".repeat(4000)}`, /not YAML that can be read/],
    ["length without end", `configs: [${"x, ".repeat(100_000)}]`, /at most 262144 characters/],
  ] as const) {
    test(what, async () => {
      const bad = put({ "README.md": card(configs), "0.tar": shardOf(0, 1) });
      await assert.rejects(textsOf(bad), refused(message));
    });
  }
});
