// Models on the Hugging Face hub, which here is a server of our own; nothing leaves this machine.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { PixtokError, Tokenizer } from "pixtok";
import {
  asked,
  bpe,
  cached,
  cacheEntries,
  failing,
  fails,
  first,
  home,
  hub,
  idsOf,
  large,
  loads,
  localIds,
  second,
  serveModels,
  small,
  wordpiece,
} from "../support/hub-models.js";
import { passingWaits } from "../support/passing-waits.js";

serveModels();
passingWaits();

describe("a model's files", () => {
  test("are downloaded into the folders that huggingface_hub uses", async () => {
    await loads("org/model");
    const model = "models--org--model";
    const snapshot = `${model}/snapshots/${first}`;
    assert.deepEqual(
      cacheEntries(),
      [
        `${model}/blobs/${large}`,
        `${model}/blobs/${small}`,
        `${model}/refs/main`,
        `${snapshot}/tokenizer.json`,
        `${snapshot}/tokenizer_config.json`,
      ].sort(),
    );
    assert.equal(readFileSync(cached(model, "refs/main"), "utf8"), first);
    const pointer = cached(snapshot, "tokenizer.json");
    assert.ok(lstatSync(pointer).isSymbolicLink());
    assert.equal(readlinkSync(pointer), `../../blobs/${large}`);
    assert.equal(readFileSync(pointer, "utf8"), wordpiece["tokenizer.json"]);
  });

  test("are asked for once, and no other files", async () => {
    await loads("org/model");
    assert.deepEqual(
      asked().sort(),
      [
        "GET /api/models/org/model/revision/main",
        `POST /api/models/org/model/paths-info/${first}`,
        `GET /org/model/resolve/${first}/tokenizer.json`,
        `GET /${large}`,
        `GET /org/model/resolve/${first}/tokenizer_config.json`,
      ].sort(),
    );
    hub.requests.length = 0;
    await loads("org/model");
    assert.deepEqual(asked(), [
      "GET /api/models/org/model/revision/main",
      `POST /api/models/org/model/paths-info/${first}`,
    ]);
  });

  test("may be of a model without an organization, and a vocab.txt", async () => {
    await loads("single");
    assert.ok(existsSync(cached("models--single", "snapshots", first, "vocab.txt")));
  });

  test("are those of a branch, tag, pull request or commit", async () => {
    const model = hub.repos["org/model"];
    assert.ok(model);
    model.commits[second] = bpe;
    model.refs = { main: second, "v1.0": first, "refs/pr/1": first };
    for (const revision of ["v1.0", "refs/pr/1", first]) await loads("org/model", { revision });
    assert.equal(readFileSync(cached("models--org--model/refs/refs/pr/1"), "utf8"), first);
    const main = await Tokenizer.fromPretrained("org/model");
    assert.notDeepEqual(await idsOf(main), localIds);
  });

  test("of a commit are not asked for again", async () => {
    const model = hub.repos["org/model"];
    assert.ok(model?.commits[first]);
    model.commits[first] = { ...wordpiece, "special_tokens_map.json": "{}" };
    await loads("org/model", { revision: first });
    hub.requests.length = 0;
    await loads("org/model", { revision: first });
    assert.deepEqual(asked(), []);
  });

  test("of a commit are asked for where the cache has only some of them", async () => {
    const snapshot = cached("models--org--model/snapshots", first);
    const file = "tokenizer_config.json";
    mkdirSync(snapshot, { recursive: true });
    writeFileSync(join(snapshot, "tokenizer.json"), wordpiece["tokenizer.json"]);
    await loads("org/model", { revision: first });
    assert.equal(readFileSync(join(snapshot, file), "utf8"), wordpiece[file]);
  });

  test("are new where the branch has moved, and unchanged ones are not downloaded", async () => {
    const model = hub.repos["org/model"];
    assert.ok(model);
    // with every file that is asked for
    const map = { "special_tokens_map.json": "{}" };
    model.commits[first] = { ...wordpiece, ...map };
    await loads("org/model");
    model.commits[second] = { ...bpe, ...map };
    model.refs = { main: second };
    hub.requests.length = 0;
    const tokenizer = await Tokenizer.fromPretrained("org/model");
    assert.notDeepEqual(await idsOf(tokenizer), localIds);
    assert.ok(!asked().some((request) => request.endsWith("tokenizer_config.json")));
    assert.equal(readFileSync(cached("models--org--model/refs/main"), "utf8"), second);
    await loads("org/model", { revision: first });
  });

  test("are the same for many who ask at the same time", async () => {
    await Promise.all(Array.from({ length: 8 }, () => loads("org/model")));
    assert.equal(cacheEntries().length, 5);
  });

  test("go to HF_HUB_CACHE, or below XDG_CACHE_HOME", async () => {
    process.env.HF_HUB_CACHE = join(home, "elsewhere");
    await loads("org/model");
    assert.ok(existsSync(join(home, "elsewhere", "models--org--model")));
    delete process.env.HF_HUB_CACHE;
    delete process.env.HF_HOME;
    process.env.XDG_CACHE_HOME = join(home, "xdg");
    await loads("org/model");
    assert.ok(existsSync(join(home, "xdg/huggingface/hub/models--org--model")));
  });

  test("are not asked for where a folder has the name", async () => {
    const here = process.cwd();
    mkdirSync(join(home, "org/model"), { recursive: true });
    for (const [name, content] of Object.entries(wordpiece)) {
      writeFileSync(join(home, "org/model", name), content);
    }
    process.chdir(home);
    try {
      await loads("org/model");
    } finally {
      process.chdir(here);
    }
    assert.deepEqual(asked(), []);
  });
});

describe("without a connection", () => {
  test("the cache is used, with a warning", { timeout: 60_000 }, async () => {
    await loads("org/model");
    await hub.close();
    const warned = once(process, "warning");
    await loads("org/model");
    const [{ code, message }] = await warned;
    assert.equal(code, "PIXTOK_HUB_UNREACHABLE");
    assert.match(message, /the cached copy is used, .*"org\/model".*ECONNREFUSED/);
  });

  test("and nothing in the cache: HUB_UNREACHABLE", async () => {
    await hub.close();
    await fails(
      "org/model",
      "HUB_UNREACHABLE",
      /there is no folder or file of this name, and .* cannot be reached: .*ECONNREFUSED.* \(check/,
    );
    assert.deepEqual(cacheEntries(), []);
  });

  test("HF_HUB_OFFLINE: the cache is used and nothing asked", async () => {
    await loads("org/model");
    hub.requests.length = 0;
    for (const value of ["1", "true", "YES", "on"]) {
      process.env.HF_HUB_OFFLINE = value;
      await loads("org/model");
      await loads("org/model", { revision: first });
    }
    assert.deepEqual(asked(), []);
    process.env.HF_HUB_OFFLINE = "0";
    await loads("org/model");
    assert.notDeepEqual(asked(), []);
  });

  test("HF_HUB_OFFLINE and nothing in the cache: HUB_NOT_CACHED", async () => {
    process.env.HF_HUB_OFFLINE = "1";
    await fails("org/model", "HUB_NOT_CACHED", /no tokenizer\.json or vocab\.txt .* "main"/);
    assert.deepEqual(asked(), []);
  });

  test("a cache as huggingface_hub writes it is read", async () => {
    const model = cached("models--org--other");
    mkdirSync(join(model, "blobs"), { recursive: true });
    mkdirSync(join(model, "refs"), { recursive: true });
    mkdirSync(join(model, "snapshots", second), { recursive: true });
    writeFileSync(join(model, "blobs", large), wordpiece["tokenizer.json"]);
    writeFileSync(join(model, "refs/main"), second);
    writeFileSync(join(model, "refs/by-hand"), `${second}\n`);
    symlinkSync(`../../blobs/${large}`, join(model, "snapshots", second, "tokenizer.json"));
    process.env.HF_HUB_OFFLINE = "1";
    await loads("org/other");
    await loads("org/other", { revision: "by-hand" });
  });
});

describe("what cannot be had", () => {
  test("no such model: HUB_REPO_NOT_FOUND", async () => {
    const message = /neither a folder or file of this name nor such a model at http:\/\/127/;
    await fails("org/missing", "HUB_REPO_NOT_FOUND", message);
    failing(/missing/, { kind: "status", status: 404 });
    await fails("missing", "HUB_REPO_NOT_FOUND", message);
  });

  test("no such revision: HUB_REVISION_NOT_FOUND", async () => {
    for (const revision of ["v9", second]) {
      await assert.rejects(Tokenizer.fromPretrained("org/model", { revision }), {
        code: "HUB_REVISION_NOT_FOUND",
        source: "org/model",
        message: /Invalid rev id/,
      });
    }
  });

  test("no tokenizer in the model: TOKENIZER_NOT_FOUND", async () => {
    await fails("org/weights", "TOKENIZER_NOT_FOUND", /no tokenizer\.json or vocab\.txt/);
  });

  test("a gated model without a token: HUB_ACCESS_DENIED", async () => {
    await fails("org/gated", "HUB_ACCESS_DENIED", /gated: Access to model .*restricted.*HF_TOKEN/);
    process.env.HF_TOKEN = "hf_bad";
    await fails("org/gated", "HUB_ACCESS_DENIED", /gated/);
    assert.deepEqual(cacheEntries(), []);
  });

  test("a token that the hub does not know: HUB_ACCESS_DENIED", async () => {
    const headers = { "X-Error-Message": "Invalid credentials in Authorization header" };
    failing(/./, { kind: "status", status: 401, headers });
    await fails("org/model", "HUB_ACCESS_DENIED", /refuses access: Invalid credentials/);
  });

  test("a hub that fails: HUB_UNREACHABLE", async () => {
    failing(/./, { kind: "status", status: 503 });
    await fails("org/model", "HUB_UNREACHABLE", /answered with status 503/);
    assert.equal(hub.requests.length, 3);
  });

  test("an answer that is not the hub's: HUB_UNREACHABLE", async () => {
    failing(/./, { kind: "body", body: "<html>Please log in</html>" });
    await fails("org/model", "HUB_UNREACHABLE", /reading the commit of "main" from .* failed/);
  });

  test("names that lead out of the cache are refused", async () => {
    const paths = ["/api/models/org/model/revision", "paths-info"];
    const bodies = [
      { sha: "../../../../evil" },
      [{ type: "file", path: "tokenizer.json", size: 1, oid: "../../../../evil" }],
    ];
    for (const [at, body] of bodies.entries()) {
      failing(new RegExp(paths[at] as string), { kind: "body", body: JSON.stringify(body) });
      await fails("org/model", "HUB_UNREACHABLE", /the answer has no/);
    }
    assert.deepEqual(cacheEntries(), []);
  });

  test("a cache that cannot be written to: HUB_CACHE_UNWRITABLE", async () => {
    writeFileSync(join(home, "file"), "");
    process.env.HF_HOME = join(home, "file");
    await fails("org/model", "HUB_CACHE_UNWRITABLE", /cannot be written to: .*HF_HUB_CACHE/);
  });
});

describe("a token", () => {
  test("is that of HF_TOKEN, whatever it begins with", async () => {
    for (const token of ["hf_good", "another-kind"]) {
      const gated = hub.repos["org/gated"];
      assert.ok(gated);
      gated.gate = token;
      process.env.HF_TOKEN = `${token}\n`;
      process.env.HF_HUB_CACHE = join(home, token);
      await loads("org/gated");
    }
  });

  test("is in a file of HF_HOME, or where HF_TOKEN_PATH says", async () => {
    writeFileSync(join(home, "token"), "hf_good\n");
    await loads("org/gated");
    process.env.HF_HUB_CACHE = join(home, "again");
    process.env.HF_TOKEN_PATH = join(home, "other-token");
    await fails("org/gated", "HUB_ACCESS_DENIED", /gated/);
    writeFileSync(join(home, "other-token"), "hf_good");
    await loads("org/gated");
  });

  test("is not sent with HF_HUB_DISABLE_IMPLICIT_TOKEN", async () => {
    process.env.HF_TOKEN = "hf_good";
    process.env.HF_HUB_DISABLE_IMPLICIT_TOKEN = "1";
    await loads("org/model");
    assert.ok(hub.requests.every(({ authorization }) => authorization === undefined));
  });

  test("is not sent to the server that keeps large files", async () => {
    process.env.HF_TOKEN = "hf_good";
    await loads("org/gated");
    const withToken = hub.requests.filter(({ authorization }) => authorization !== undefined);
    assert.equal(hub.requests.length, 5);
    assert.equal(withToken.length, 4);
    assert.ok(withToken.every(({ path }) => path !== `/${large}`));
  });
});

describe("what is secret", () => {
  const secret = "hf_SECRETsecret";
  const assertHidden = async (part: RegExp) => {
    await assert.rejects(Tokenizer.fromPretrained("org/model"), (error) => {
      assert.ok(error instanceof PixtokError);
      assert.match(error.message, part);
      for (let one: unknown = error; one instanceof Error; one = one.cause) {
        assert.ok(!`${one.stack}`.includes("SECRET"), one.stack);
      }
      return true;
    });
  };
  test("a token's line ends are taken away, as by huggingface_hub", async () => {
    for (const token of [`${secret}\n`, `hf_SECRET\r\nsecret`, `\n ${secret}`]) {
      process.env.HF_TOKEN = token;
      hub.requests.length = 0;
      await loads("org/model");
      assert.equal(hub.requests[0]?.authorization, `Bearer ${secret}`);
    }
  });
  test("a token in a file with a line end is taken without it", async () => {
    writeFileSync(join(home, "token"), `${secret}\r\n`);
    await loads("org/model");
    assert.equal(hub.requests[0]?.authorization, `Bearer ${secret}`);
  });
  test("a token that is none is refused, and not shown", async () => {
    process.env.HF_TOKEN = `${secret}\u0007\u00e9`;
    await assertHidden(/HF_TOKEN: expected a token, got 17 characters/);
  });
  test("a password in HF_ENDPOINT is refused, and not shown", async () => {
    process.env.HF_ENDPOINT = hub.url.replace("http://", "http://user:SECRET@");
    await assertHidden(/HF_ENDPOINT: expected a URL/);
  });
});
