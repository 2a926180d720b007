// Models on the Hugging Face hub, which here is a server of our own; nothing leaves this machine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { Tokenizer } from "pixtok";
import {
  asked,
  bpe,
  cached,
  cacheEntries,
  failing,
  fails,
  first,
  hub,
  large,
  loads,
  second,
  serveModels,
  small,
} from "../support/hub-models.js";
import { checksumOf, type Fault } from "../support/hub-server.js";

serveModels();

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

describe("a hub that cannot be trusted", () => {
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
  test("declares a file of gigabytes: it is not asked for", async () => {
    const info = { type: "file", path: "tokenizer.json", oid: first, size: 3 * 2 ** 30 };
    failing(/paths-info/, { kind: "body", body: JSON.stringify([info]) });
    await fails("org/model", "FILE_TOO_LARGE", /tokenizer.json has 3221225472 bytes/);
    assert.ok(!asked().some((one) => one.includes("/resolve/")));
  });
  test("declares no size: HUB_UNREACHABLE", async () => {
    const info = { type: "file", path: "tokenizer.json", oid: first, size: -1 };
    failing(/paths-info/, { kind: "body", body: JSON.stringify([info]) });
    await fails("org/model", "HUB_UNREACHABLE", /the answer has no size of tokenizer.json/);
  });
});
