// What servers and connections do, and what becomes of it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DataLoader, MultimodalDataset, openWebDataset, PixtokError } from "pixtok";
import { closedServers } from "../support/closed-servers.js";
import { type FileServer, type ServerFault, startFileServer } from "../support/file-server.js";
import { smallTokenizer } from "../support/pairs.js";
import { passingWaits } from "../support/passing-waits.js";
import { quick, shardOf, shardsOf } from "../support/remote-sets.js";

const tokenizer = await smallTokenizer();
const shard = shardOf(0, 6);
const context = { seed: 0, epoch: 0 };

const start = closedServers(startFileServer);
const serve = (files: Record<string, Buffer> = { "/000.tar": shard }) => start(files);

/** The first so many whole shards that are asked for meet with a fault. */
function first(count: number, fault: ServerFault) {
  let met = 0;
  return ({ method, path }: { method: string; path: string }) => {
    if (method !== "GET" || !path.endsWith(".tar") || met >= count) return undefined;
    met += 1;
    return fault;
  };
}

const read = async (server: FileServer, options = quick()) => {
  const source = await openWebDataset(`${server.url}/000.tar`, options);
  return (await source.get(5, context)).text;
};
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
const copiesIn = (options: { cacheDir?: string }) =>
  filesIn(join(options.cacheDir as string, "copies"));

describe("a request is made again", () => {
  const faults: [string, ServerFault][] = [
    ["whose connection is cut", { kind: "cut", bytes: 1000 }],
    ["that the server answers with an error of its own", { kind: "status", status: 503 }],
    ["that is one of too many", { kind: "status", status: 429, headers: { "Retry-After": "0" } }],
    ["that stalls", { kind: "stall", bytes: 1000 }],
    ["that is not answered", { kind: "silence" }],
  ];
  for (const [what, fault] of faults) {
    test(what, async () => {
      const server = await serve();
      server.fault = first(1, fault);
      // on a busy machine, answers that do come may take longer than what is silent is waited for
      const isSilent = fault.kind === "stall" || fault.kind === "silence";
      const options = isSilent ? { timeoutSeconds: 0.2, remoteRetries: 9 } : {};
      assert.equal(await read(server, quick(options)), "text 5 of shard 0");
    });
  }

  test("from the start, where it does not", async () => {
    const server = await serve();
    server.ranges = false;
    server.fault = first(1, { kind: "cut", bytes: 1000 });
    assert.equal(await read(server), "text 5 of shard 0");
  });

  test("as late as the server wants", async () => {
    const server = await serve();
    const start = performance.now();
    server.fault = first(1, { kind: "status", status: 429, headers: { "Retry-After": "1" } });
    await read(server);
    assert.ok(performance.now() - start >= 1000);
  });
});

describe("a transfer that fails for good", () => {
  passingWaits();

  test("is REMOTE_UNREACHABLE, and leaves nothing in the cache", async () => {
    const server = await serve();
    const options = quick();
    server.ranges = false;
    server.fault = first(99, { kind: "cut", bytes: 1000 });
    await assert.rejects(read(server, options), {
      code: "REMOTE_UNREACHABLE",
      source: `${server.url}/000.tar`,
    });
    const shards = copiesIn(options).filter(({ name }) => name.length > 0);
    // what the server says of the shard is kept
    assert.equal(shards.length, 1);
  });

  test("ends where nothing comes for timeoutSeconds", async () => {
    const server = await serve();
    server.fault = first(99, { kind: "stall", bytes: 1000 });
    await assert.rejects(read(server, quick({ timeoutSeconds: 0.1, remoteRetries: 0 })), {
      code: "REMOTE_UNREACHABLE",
      reason: /nothing came for 0.1 seconds/,
    });
  });

  test("is not tried again where the server says no", async () => {
    const server = await serve();
    server.fault = first(99, { kind: "status", status: 403 });
    await assert.rejects(read(server), { code: "REMOTE_REFUSED", reason: /status 403/ });
    assert.equal(server.fetched().filter((path) => path === "/000.tar").length, 1);
  });

  test("is REMOTE_CORRUPT_FILE where the bytes have not the checksum that the server says", async () => {
    const server = await serve();
    const digest = createHash("sha256").update(shard).digest("base64");
    server.headers = { "Repr-Digest": `sha-256=:${digest}:` };
    server.fault = first(99, { kind: "corrupt" });
    await assert.rejects(read(server), { code: "REMOTE_CORRUPT_FILE", reason: /sha256/ });
    server.fault = first(1, { kind: "corrupt" });
    assert.equal(await read(server), "text 5 of shard 0");
  });

  test("is an error where fewer bytes come than the server has said", async () => {
    const server = await serve();
    server.ranges = false;
    server.etags = false;
    server.fault = ({ method, path }) => {
      if (method === "GET" && path.endsWith(".tar"))
        server.files.set("/000.tar", shard.subarray(0, 512));
      return undefined;
    };
    await assert.rejects(read(server), { code: "SOURCE_CHANGED" });
  });

  test("is told from one whose server is not there", async () => {
    const server = await serve();
    await server.close();
    await assert.rejects(read(server, quick({ remoteRetries: 0 })), {
      code: "REMOTE_UNREACHABLE",
      reason: /ECONNREFUSED/,
    });
  });
});

describe("a file that is changed", () => {
  test("while it is in use ends the epoch, whatever onError is", async () => {
    const server = await serve(shardsOf(2, 6));
    // one shard has room, so that the other is fetched anew
    const options = quick({ cacheBytes: Math.round(1.3 * shard.length) });
    const dataset = await MultimodalDataset.from(`${server.url}/{000..001}.tar`, {
      tokenizer,
      ...options,
    });
    server.files.set("/000.tar", shardOf(7, 6));
    server.files.set("/001.tar", shardOf(8, 6));
    await assert.rejects(
      async () => {
        const loader = new DataLoader(dataset, { batchSize: 6, onError: "skip", prefetch: 0 });
        for await (const batch of loader) batch.release();
      },
      { code: "SOURCE_CHANGED", reason: /changed on the server since it was opened/ },
    );
  });

  test("before it is opened again is read anew", async () => {
    const server = await serve();
    const options = quick();
    assert.equal(await read(server, options), "text 5 of shard 0");
    server.files.set("/000.tar", shardOf(9, 6));
    assert.equal(await read(server, options), "text 5 of shard 9");
  });

  test("for a shorter one while it comes is not taken for a refusal", async () => {
    const server = await serve();
    const dropped = first(1, { kind: "cut", bytes: 1000 });
    server.fault = (request) => {
      const fault = dropped(request);
      if (fault !== undefined) setImmediate(() => server.files.set("/000.tar", shard.subarray(9)));
      if (request.range === undefined) return fault;
      return { kind: "status", status: 416 };
    };
    await assert.rejects(read(server), { code: "SOURCE_CHANGED" });
  });

  test("between two parts of it is not put together from both", async () => {
    const server = await serve();
    const source = await openWebDataset(`${server.url}/000.tar`, quick());
    const dropped = first(1, { kind: "cut", bytes: 1000 });
    assert.equal(source.length, 6);
    const other = await serve();
    other.fault = (request) => {
      const fault = dropped(request);
      if (fault !== undefined) setImmediate(() => other.files.set("/000.tar", shardOf(5, 6)));
      return fault;
    };
    await assert.rejects(openWebDataset(`${other.url}/000.tar`, quick()), {
      code: "SOURCE_CHANGED",
    });
  });
});

describe("a server", () => {
  test("may call an encoding what compresses nothing", async () => {
    const server = await serve();
    server.headers = { "Content-Encoding": "utf-8" };
    assert.equal(await read(server), "text 5 of shard 0");
  });

  test("that compresses what it gives is refused, at the first time", async () => {
    const server = await serve();
    server.headers = { "Content-Encoding": "gzip" };
    await assert.rejects(read(server), {
      code: "REMOTE_REFUSED",
      reason: /Content-Encoding: gzip/,
    });
    assert.equal(server.requests.length, 1);
  });

  const heads: [string, ServerFault][] = [
    ["no HEAD", { kind: "status", status: 404 }],
    [
      "a HEAD that counts no bytes",
      { kind: "status", status: 200, headers: { "Content-Length": "0" } },
    ],
  ];
  for (const [what, fault] of heads) {
    test(`may have ${what}`, async () => {
      const server = await serve();
      server.fault = ({ method }) => (method === "HEAD" ? fault : undefined);
      assert.equal(await read(server), "text 5 of shard 0");
    });
  }

  test("may end a transfer without its length right before its end", async () => {
    const server = await serve();
    server.lengths = false;
    server.fault = first(1, { kind: "cut", bytes: shard.length });
    assert.equal(await read(server), "text 5 of shard 0");
  });
});

describe("what a message shows", () => {
  test("is no password and no signature", async () => {
    const server = await serve({});
    const secret = `${server.url.replace("//", "//user:pass-word@")}/000.tar?X-Amz-Signature=sig-nature`;
    await assert.rejects(openWebDataset(secret, quick()), (error: PixtokError) => {
      assert.equal(error.source, `${server.url}/000.tar`);
      for (let one: unknown = error; one instanceof Error; one = one.cause) {
        assert.doesNotMatch(`${one.message} ${one.stack}`, /pass-word|sig-nature/);
      }
      return error instanceof PixtokError;
    });
  });
});

describe("what is told of a pattern", () => {
  test("is no password either", async () => {
    await assert.rejects(openWebDataset("https://u:pass-word@h.invalid/{a,b.tar", quick()), {
      name: "RangeError",
      message: /closing braces.*got "https:\/\/h.invalid/,
    });
  });
});

describe("a redirect", () => {
  test("is followed, without what authorizes", async () => {
    const back = await serve();
    const front = await serve({});
    front.redirects.set("/000.tar", `${back.url}/000.tar`);
    const url = `${front.url.replace("//", "//user:password@")}/000.tar`;
    const source = await openWebDataset(url, quick());
    assert.equal(source.length, 6);
    assert.ok(front.requests.every(({ authorization }) => authorization !== undefined));
    assert.ok(back.requests.every(({ authorization }) => authorization === undefined));
  });

  test("within the server goes on with what authorizes", async () => {
    const server = await serve();
    server.redirects.set("/a.tar", `${server.url}/000.tar`);
    const url = `${server.url.replace("//", "//user:password@")}/a.tar`;
    assert.equal((await openWebDataset(url, quick())).length, 6);
    const asked = server.requests.filter(({ path }) => path === "/000.tar");
    assert.ok(asked.length > 0 && asked.every(({ authorization }) => authorization !== undefined));
  });

  test("without an end is refused", async () => {
    const server = await serve({});
    server.redirects.set("/000.tar", "/000.tar");
    await assert.rejects(read(server), { code: "REMOTE_REFUSED", reason: /redirects more than/ });
  });
});

describe("where the server cannot be reached any more", () => {
  passingWaits();

  test("what is in the cache is used", async () => {
    const server = await serve(shardsOf(3, 6));
    const options = quick({ remoteRetries: 0 });
    const pattern = `${server.url}/{000..002}.tar`;
    await openWebDataset(pattern, options);
    await server.close();
    const source = await openWebDataset(pattern, options);
    assert.equal((await source.get(17, context)).text, "text 5 of shard 2");
  });
});

describe("a signal", () => {
  test("ends what is being fetched, and the next loop fetches it again", async () => {
    const server = await serve();
    const options = quick();
    // the index alone is kept: the shard is gone when the epoch begins
    const dataset = await MultimodalDataset.from(`${server.url}/000.tar`, {
      tokenizer,
      ...options,
      cacheBytes: Math.round(1.3 * shard.length),
    });
    const other = await serve({ "/x.tar": shard });
    await openWebDataset(`${other.url}/x.tar`, {
      ...options,
      cacheBytes: Math.round(1.3 * shard.length),
    });
    const stop = new AbortController();
    server.fault = ({ method }) => {
      if (method !== "GET") return undefined;
      stop.abort(new Error("enough"));
      return { kind: "stall", bytes: 1000 };
    };
    const loop = async (signal?: AbortSignal) => {
      let rows = 0;
      const loader = new DataLoader(dataset, { batchSize: 6, ...(signal && { signal }) });
      for await (const batch of loader) rows += batch.indices.length;
      return rows;
    };
    await assert.rejects(loop(stop.signal), /enough/);
    server.fault = () => undefined;
    assert.equal(await loop(), 6);
  });
});
