// Models on the Hugging Face hub, which here is a server of our own; nothing leaves this machine.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { type FromPretrainedOptions, PixtokError, Tokenizer } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { checksumOf, type Fault, type HubServer, startHub } from "../support/hub-server.js";

const read = (path: string) => readFileSync(fixture(path), "utf8");
const wordpiece = {
  "tokenizer.json": read("wordpiece/tokenizer.json"),
  "tokenizer_config.json": read("wordpiece/tokenizer_config.json"),
  "vocab.txt": read("wordpiece/vocab.txt"),
  "model.safetensors": "weights ".repeat(1000),
};
const bpe = {
  "tokenizer.json": read("bpe/tokenizer.json"),
  "tokenizer_config.json": wordpiece["tokenizer_config.json"],
};
const [first, second] = ["1".repeat(40), "2".repeat(40)] as const;

const variables = [
  "HF_ENDPOINT",
  "HF_HOME",
  "HF_HUB_CACHE",
  "HUGGINGFACE_HUB_CACHE",
  "HF_TOKEN",
  "HUGGING_FACE_HUB_TOKEN",
  "HF_TOKEN_PATH",
  "HF_HUB_DISABLE_IMPLICIT_TOKEN",
  "HF_HUB_OFFLINE",
  "HF_HUB_DOWNLOAD_TIMEOUT",
  "TRANSFORMERS_OFFLINE",
  "XDG_CACHE_HOME",
];

let hub: HubServer;
let home: string;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  environment = { ...process.env };
  for (const name of variables) delete process.env[name];
  home = mkdtempSync(join(tmpdir(), "pixtok-hub-"));
  hub = await startHub({
    "org/model": { refs: { main: first }, commits: { [first]: wordpiece } },
    single: {
      refs: { main: first },
      commits: { [first]: { "vocab.txt": wordpiece["vocab.txt"] } },
    },
    "org/gated": { refs: { main: first }, commits: { [first]: wordpiece }, gate: "hf_good" },
    "org/weights": {
      refs: { main: first },
      commits: { [first]: { "model.safetensors": "weights" } },
    },
  });
  process.env.HF_ENDPOINT = hub.url;
  process.env.HF_HOME = home;
});

afterEach(async () => {
  process.env = environment;
  await hub.close();
  rmSync(home, { recursive: true });
});

const cached = (...parts: string[]) => join(home, "hub", ...parts);
const asked = () => hub.requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`);

/** Everything in the cache, as paths from it. */
function cacheEntries(): string[] {
  if (!existsSync(cached())) return [];
  const entries = readdirSync(cached(), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(cached().length + 1))
    .sort();
}

async function idsOf(tokenizer: Tokenizer): Promise<bigint[]> {
  return [...(await tokenizer.encode("a red circle above two blue squares")).input_ids.data];
}

const localIds = await idsOf(await Tokenizer.fromPretrained(fixture("wordpiece")));

async function loads(id: string, options: FromPretrainedOptions = {}): Promise<void> {
  assert.deepEqual(await idsOf(await Tokenizer.fromPretrained(id, options)), localIds);
}

async function fails(id: string, code: string, message: RegExp): Promise<void> {
  await assert.rejects(Tokenizer.fromPretrained(id), (error) => {
    assert.ok(error instanceof PixtokError, String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.source, id);
    assert.match(error.message, message);
    return true;
  });
}

/** The next `times` requests for a file of `path` fail. */
function failing(path: RegExp, fault: Fault, times = Number.POSITIVE_INFINITY): void {
  let left = times;
  hub.fault = (request) => (path.test(request.path) && left-- > 0 ? fault : undefined);
}

const large = checksumOf(wordpiece["tokenizer.json"]);
const small = checksumOf(wordpiece["tokenizer_config.json"]);

describe("a download that breaks", () => {
  const file = new RegExp(`/${large}$`);

  for (const kind of ["drop", "short", "corrupt"] as const) {
    test(`${kind}, once: it is tried again`, async () => {
      failing(file, { kind }, 1);
      await loads("org/model");
      assert.equal(cacheEntries().length, 5);
      assert.equal(hub.requests.filter(({ path }) => file.test(path)).length, 2);
    });
  }

  test("a busy hub, once: it is asked again", async () => {
    failing(/revision/, { kind: "status", status: 429 }, 1);
    await loads("org/model");
  });

  const cases: [Fault, string, RegExp][] = [
    [{ kind: "drop" }, "HUB_UNREACHABLE", /downloading tokenizer\.json from .* failed: terminated/],
    [{ kind: "short" }, "HUB_CORRUPT_FILE", /gave \d+ of \d+ bytes/],
    [{ kind: "corrupt" }, "HUB_CORRUPT_FILE", /gave bytes of another checksum/],
  ];
  for (const [fault, code, message] of cases) {
    test(`${fault.kind}, always: ${code}, and nothing of it is kept`, async () => {
      failing(file, fault);
      await fails("org/model", code, message);
      // the other file arrived whole
      assert.deepEqual(cacheEntries(), [
        `models--org--model/blobs/${small}`,
        `models--org--model/snapshots/${first}/tokenizer_config.json`,
      ]);
      process.env.HF_HUB_OFFLINE = "1";
      await fails("org/model", "HUB_NOT_CACHED", /has no tokenizer\.json/);
      delete process.env.HF_HUB_OFFLINE;
      hub.fault = () => undefined;
      await loads("org/model");
    });
  }

  test("leaves the earlier state to be used", async () => {
    await loads("org/model");
    const model = hub.repos["org/model"];
    assert.ok(model);
    model.commits[second] = bpe;
    model.refs = { main: second };
    failing(new RegExp(`/${checksumOf(bpe["tokenizer.json"])}$`), { kind: "drop" });
    await loads("org/model");
    assert.equal(readFileSync(cached("models--org--model/refs/main"), "utf8"), first);
  });

  test("bytes as the hub has them that are no tokenizer: INVALID_TOKENIZER", async () => {
    const model = hub.repos["org/model"];
    assert.ok(model);
    model.commits[first] = { "tokenizer.json": "half a tok" };
    await assert.rejects(Tokenizer.fromPretrained("org/model"), {
      code: "INVALID_TOKENIZER",
      source: cached("models--org--model/snapshots", first, "tokenizer.json"),
      message: /not JSON/,
    });
  });
});

describe("a hub that means no good", () => {
  test("sends no end of an answer: it is given up, in little memory", async () => {
    failing(/^\/api\//, { kind: "flood" });
    const before = process.memoryUsage().rss;
    await fails("org/model", "HUB_UNREACHABLE", /the answer is longer than 16777216 bytes/);
    assert.ok(process.memoryUsage().rss - before < 400 * 2 ** 20);
  });
  test("sends more of a file than there is of it: HUB_UNREACHABLE", async () => {
    failing(new RegExp(`^/${large}`), { kind: "flood" });
    await fails("org/model", "HUB_UNREACHABLE", /the answer is longer than \d+ bytes/);
    assert.ok(!cacheEntries().some((entry) => entry.includes(large)));
  });
  for (const path of [/^\/api\//, new RegExp(`^/${large}`)]) {
    test(`stops in the middle of ${path}: it is given up`, async () => {
      process.env.HF_HUB_DOWNLOAD_TIMEOUT = "0.3";
      failing(path, { kind: "stall" });
      await fails("org/model", "HUB_UNREACHABLE", /nothing came for 0.3 seconds/);
    });
  }
  test("is slow but goes on: it is waited for", async () => {
    process.env.HF_HUB_DOWNLOAD_TIMEOUT = "0.5";
    failing(new RegExp(`^/${large}`), { kind: "trickle", milliseconds: 150 });
    await loads("org/model");
  });
  test("sends from place to place without end: HUB_UNREACHABLE", async () => {
    failing(/^\/api\//, { kind: "redirect" });
    await fails("org/model", "HUB_UNREACHABLE", /cannot be reached/);
  });
  test("tells of a file of gigabytes: it is not asked for", async () => {
    const info = { type: "file", path: "tokenizer.json", oid: first, size: 3 * 2 ** 30 };
    failing(/paths-info/, { kind: "body", body: JSON.stringify([info]) });
    await fails("org/model", "FILE_TOO_LARGE", /tokenizer.json has 3221225472 bytes/);
    assert.ok(!asked().some((one) => one.includes("/resolve/")));
  });
  test("tells of no size: HUB_UNREACHABLE", async () => {
    const info = { type: "file", path: "tokenizer.json", oid: first, size: -1 };
    failing(/paths-info/, { kind: "body", body: JSON.stringify([info]) });
    await fails("org/model", "HUB_UNREACHABLE", /the answer has no size of tokenizer.json/);
  });
});
