// What an answer of the hub may cost, and what the environment may say.

import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { CachedRepo } from "../../src/hub/cache.js";
import { hubClient } from "../../src/hub/client.js";
import { hubEnvironment } from "../../src/hub/environment.js";
import { hubFetch, reasonOf } from "../../src/hub/hub-fetch.js";
import { withRetries } from "../../src/hub/hub-retries.js";
import { isHubId, isRevision } from "../../src/hub/snapshot.js";
import { PixtokError } from "../../src/shared/errors.js";
import {
  bpe,
  cached,
  cacheEntries,
  failing,
  first,
  home,
  hub,
  large,
  loads,
  second,
  serveModels,
  wordpiece,
} from "../support/hub-models.js";
import { checksumOf } from "../support/hub-server.js";
import { passingWaits } from "../support/passing-waits.js";

serveModels();
passingWaits();

/** What is asked of the hub, with limits. */
async function answer(limits: { bytes: number; seconds?: number }): Promise<string> {
  const ask = hubFetch("org/model", await hubEnvironment(), limits);
  return (await ask(`${hub.url}/api/models/org/model/revision/main`)).text();
}

describe("an answer", () => {
  test("may have as many bytes as are allowed, and no more", async () => {
    failing(/./, { kind: "body", body: "x".repeat(1000) });
    assert.equal(await answer({ bytes: 1000 }), "x".repeat(1000));
    await assert.rejects(answer({ bytes: 999 }), /^Error: the answer is longer than 999 bytes$/);
  });

  test("that stops coming is given up", async () => {
    process.env.HF_HUB_DOWNLOAD_TIMEOUT = "0.2";
    failing(/./, { kind: "stall" });
    await assert.rejects(answer({ bytes: 1 << 20 }), /no(thing came| answer) for 0.2 seconds/);
  });

  test("may take its time where it has no limit, and no longer where it has one", async () => {
    failing(/./, { kind: "trickle", milliseconds: 10 });
    assert.match(await answer({ bytes: 1 << 20 }), /siblings/);
    await assert.rejects(
      answer({ bytes: 1 << 20, seconds: 0.03 }),
      /the answer took over 0.03 seconds/,
    );
    assert.match(await answer({ bytes: 1 << 20, seconds: 60 }), /siblings/);
  });

  const headers = (code: string, said: string) => ({
    "X-Error-Code": code,
    "X-Error-Message": said,
  });
  for (const [status, given, code, message] of [
    [403, undefined, "HUB_ACCESS_DENIED", /refuses access \(/],
    [403, headers("GatedRepo", "ask"), "HUB_ACCESS_DENIED", /the model is gated: ask \(/],
    [
      401,
      headers("", "Invalid credentials in Authorization header"),
      "HUB_ACCESS_DENIED",
      /refuses access: Invalid/,
    ],
    [401, headers("", "other"), "HUB_REPO_NOT_FOUND", /nor such a model at .*: other \(/],
    [
      404,
      undefined,
      "HUB_REPO_NOT_FOUND",
      /neither a folder or file of this name nor such a model/,
    ],
    [
      404,
      headers("RevisionNotFound", "no"),
      "HUB_REVISION_NOT_FOUND",
      /the model has no such revision: no/,
    ],
    [500, undefined, "HUB_UNREACHABLE", /answered with status 500/],
  ] as const) {
    test(`of status ${status}${given ? `, ${given["X-Error-Message"]}` : ""}: ${code}`, async () => {
      failing(/./, { kind: "status", status, ...(given && { headers: given }) });
      await assert.rejects(answer({ bytes: 1 }), { code, source: "org/model", message });
    });
  }
});

describe("a question", () => {
  const unreachable = new PixtokError("HUB_UNREACHABLE", "away");

  test("is asked three times where the hub fails, and once where it answers", async () => {
    const failuresOf = async (error: Error, failures: number) => {
      let asked = 0;
      const result = withRetries(async () => {
        asked += 1;
        if (asked <= failures) throw error;
      });
      await result.catch((thrown) => assert.equal(thrown, error));
      return asked;
    };
    assert.deepEqual(
      await Promise.all([
        failuresOf(unreachable, 0),
        failuresOf(unreachable, 1),
        failuresOf(unreachable, 2),
        failuresOf(new PixtokError("HUB_CORRUPT_FILE", "bad"), 9),
        failuresOf(new PixtokError("HUB_ACCESS_DENIED", "no"), 9),
        failuresOf(new Error("other"), 9),
      ]),
      [1, 2, 3, 3, 1, 1],
    );
  });

  test("that fails is reported with what is behind it", () => {
    assert.equal(reasonOf("text"), "text");
    assert.equal(reasonOf(new Error("failed")), "failed");
    assert.equal(reasonOf(new Error("failed", { cause: new Error("reset") })), "failed: reset");
    const coded = Object.assign(new Error(""), { code: "ECONNREFUSED" });
    assert.equal(reasonOf(new Error("failed", { cause: coded })), "failed: ECONNREFUSED");
  });

  test("about files gives those that there are, with size and checksum", async () => {
    const client = await hubClient("org/model", await hubEnvironment());
    const found = await client.filesAt(first, ["tokenizer.json", "tokenizer_config.json", "none"]);
    assert.deepEqual(
      found,
      (["tokenizer.json", "tokenizer_config.json"] as const).map((path) => ({
        path,
        size: Buffer.byteLength(wordpiece[path]),
        etag: checksumOf(wordpiece[path]),
      })),
    );
    for (const [fields, message] of [
      [{ oid: `${first}0` }, /the answer has no checksum of tokenizer.json/],
      [{ oid: first, size: 1.5 }, /the answer has no size of tokenizer.json/],
      [{ oid: first, size: 2 ** 28 + 1 }, undefined],
    ] as const) {
      const file = { type: "file", path: "tokenizer.json", size: 5, ...fields };
      const folder = { ...file, type: "directory" };
      failing(/paths-info/, { kind: "body", body: JSON.stringify([folder, file]) });
      const asking = client.filesAt(first, ["tokenizer.json"]);
      if (message !== undefined) await assert.rejects(asking, { code: "HUB_UNREACHABLE", message });
      else {
        const [large] = await asking;
        assert.ok(large);
        await assert.rejects(client.download(first, large), {
          code: "FILE_TOO_LARGE",
          message: /has 268435457 bytes; at most 268435456 are read/,
        });
      }
    }
  });
});

describe("what nobody asked for", () => {
  test("is none of the files that an answer about others has", async () => {
    const client = await hubClient("org/model", await hubEnvironment());
    const [asked, other] = ["tokenizer.json", "vocab.txt"].map((path) => {
      return { type: "file", path, size: 5, oid: first };
    });
    const folder = { ...asked, type: "directory", size: 0 };
    failing(/paths-info/, { kind: "body", body: JSON.stringify([other, folder, asked]) });
    assert.deepEqual(await client.filesAt(first, ["tokenizer.json"]), [
      { path: "tokenizer.json", size: 5, etag: first },
    ]);
  });

  test("is not read of a file that goes on behind its size", async () => {
    const client = await hubClient("org/model", await hubEnvironment());
    const file = { path: "tokenizer.json", size: 100, etag: first };
    failing(/tokenizer\.json$/, { kind: "body", body: "x".repeat(101) });
    await assert.rejects(client.download(first, file), {
      code: "HUB_UNREACHABLE",
      message: /downloading tokenizer\.json .* failed: the answer is longer than 100 bytes/,
    });
  });
});

describe("a download", () => {
  for (const kind of ["short", "corrupt"] as const) {
    test(`that is ${kind} once is tried again, and nothing of it is kept`, async () => {
      failing(new RegExp(`/${large}$`), { kind }, 1);
      await loads("org/model");
      assert.equal(hub.requests.filter(({ path }) => path === `/${large}`).length, 2);
      assert.equal(cacheEntries().length, 5);
    });
  }

  test("that stays short or corrupt says which of the two it is", async () => {
    const client = await hubClient("org/model", await hubEnvironment());
    const [file] = await client.filesAt(first, ["tokenizer.json"]);
    assert.ok(file);
    for (const [kind, message] of [
      ["short", /downloading tokenizer\.json gave \d+ of \d+ bytes \(/],
      ["corrupt", /downloading tokenizer\.json gave bytes of another checksum \(/],
    ] as const) {
      failing(new RegExp(`/${large}$`), { kind });
      const downloading = client.download(first, file);
      await assert.rejects(downloading, { code: "HUB_CORRUPT_FILE", source: "org/model", message });
    }
  });

  test("of which one file fails leaves the branch where it was", async () => {
    await loads("org/model");
    const model = hub.repos["org/model"];
    assert.ok(model);
    model.commits[second] = bpe;
    model.refs = { main: second };
    failing(new RegExp(`/${checksumOf(bpe["tokenizer.json"])}$`), { kind: "status", status: 403 });
    await assert.rejects(loads("org/model"), { code: "HUB_ACCESS_DENIED" });
    const cache = new CachedRepo(cached(), "org/model");
    assert.equal(await cache.commitOf("main"), first);
    assert.equal(await cache.commitOf(second), second);
    assert.equal(await cache.commitOf("other"), undefined);
    assert.equal(await cache.has(second, "tokenizer.json"), false);
    assert.equal(await cache.has(first, "tokenizer.json"), true);
  });
});

describe("the environment", () => {
  const environmentWith = (values: Record<string, string>) => {
    Object.assign(process.env, values);
    return hubEnvironment();
  };

  test("has huggingface_hub's defaults", async () => {
    for (const name of ["HF_ENDPOINT", "HF_HOME"]) delete process.env[name];
    process.env.HF_TOKEN_PATH = join(home, "none");
    assert.deepEqual(await hubEnvironment(), {
      endpoint: "https://huggingface.co",
      cacheFolder: join(homedir(), ".cache/huggingface/hub"),
      offline: false,
      token: undefined,
      timeoutSeconds: 30,
    });
  });

  for (const [value, seconds] of [
    ["5", 5],
    ["0.5", 0.5],
    ["2000000", 2_000_000],
    ["2000001", 30],
    ["0", 30],
    ["-1", 30],
    ["soon", 30],
    ["", 30],
  ] as const) {
    test(`HF_HUB_DOWNLOAD_TIMEOUT=${value} waits ${seconds} seconds`, async () => {
      const { timeoutSeconds } = await environmentWith({ HF_HUB_DOWNLOAD_TIMEOUT: value });
      assert.equal(timeoutSeconds, seconds);
    });
  }

  test("has older names, which the newer ones win over", async () => {
    const older = {
      HUGGINGFACE_HUB_CACHE: join(home, "older"),
      HUGGING_FACE_HUB_TOKEN: "hf_older",
      TRANSFORMERS_OFFLINE: "1",
    };
    const { cacheFolder, token, offline } = await environmentWith(older);
    assert.deepEqual([cacheFolder, token, offline], [join(home, "older"), "hf_older", true]);
    const newer = { HF_HUB_CACHE: join(home, "newer"), HF_TOKEN: "hf_newer", HF_HUB_OFFLINE: "0" };
    const both = await environmentWith(newer);
    assert.deepEqual(
      [both.cacheFolder, both.token, both.offline],
      [join(home, "newer"), "hf_newer", false],
    );
  });

  test("may name the home folder by ~, and an endpoint with slashes at its end", async () => {
    const values = { HF_HOME: "~/a", HF_ENDPOINT: "https://mirror.test/hub//" };
    const { cacheFolder, endpoint } = await environmentWith(values);
    assert.deepEqual(
      [cacheFolder, endpoint],
      [join(homedir(), "a/hub"), "https://mirror.test/hub"],
    );
    assert.equal((await environmentWith({ HF_HUB_CACHE: "~" })).cacheFolder, join(homedir(), ""));
    assert.equal((await environmentWith({ HF_HUB_CACHE: "~other" })).cacheFolder, "~other");
  });

  for (const endpoint of [
    "ftp://a.test",
    "no address",
    "https://user@a.test",
    "https://:word@a.test",
  ]) {
    test(`HF_ENDPOINT=${endpoint} is refused, and not shown`, async () => {
      await assert.rejects(environmentWith({ HF_ENDPOINT: endpoint }), (error) => {
        assert.ok(error instanceof PixtokError);
        assert.equal(error.code, "HUB_UNREACHABLE");
        assert.match(error.message, /^HF_ENDPOINT: expected a URL that begins with http/);
        assert.ok(!error.message.includes(endpoint));
        return true;
      });
    });
  }
});

describe("a name", () => {
  const part = "a".repeat(96);
  for (const id of ["bert", "org/model", "a.b-c_d/e.f-g_h", part, `${part}/${part}`]) {
    test(`${id.slice(0, 20)} can be a model's`, () => assert.equal(isHubId(id), true));
  }
  const none = [
    "",
    "a/b/c",
    ".a",
    "-a",
    "a--b",
    "a..b",
    "a.",
    "a-",
    "a-/b",
    "a.git",
    `${part}a`,
    `${part}a/b`,
    "a b",
  ];
  for (const id of none) {
    test(`${JSON.stringify(id.slice(0, 20))} cannot`, () => assert.equal(isHubId(id), false));
  }

  test("of a revision leads nowhere else", () => {
    for (const revision of ["main", "v1.0", "refs/pr/1", first])
      assert.equal(isRevision(revision), true);
    for (const revision of ["", "/a", "a/", "a//b", "..", "a/../b", "a..b", "a b", ".a"]) {
      assert.equal(isRevision(revision), false);
    }
  });
});
