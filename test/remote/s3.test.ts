// Buckets, which here are a server of our own that checks signatures; nothing leaves this machine.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MultimodalDataset, openSource, type PixtokError, packDataset } from "pixtok";
import type { ByteSpan } from "../../src/remote/remote-answer.js";
import { remoteReaders } from "../../src/remote/remote-options.js";
import { remotePlaces } from "../../src/remote/remote-places.js";
import { requestFile } from "../../src/remote/remote-request.js";
import { s3Facts, s3Get, s3List } from "../../src/remote/s3.js";
import { stayAlive } from "../../src/remote/stay-alive.js";
import { neverAborted } from "../../src/shared/abort.js";
import { readOptions } from "../../src/shared/options.js";
import { closedServers } from "../support/closed-servers.js";
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
import { credentials, type S3Server, s3Environment, startS3 } from "../support/s3-server.js";

Object.assign(process.env, s3Environment);

const start = closedServers(startS3);
const tokenizer = await smallTokenizer();

/** The files of a folder as objects below "sets/NAME/". */
function serve(files: Record<string, Buffer>): Promise<S3Server> {
  const objects = Object.entries(files).map(([path, bytes]) => [`sets/name${path}`, bytes]);
  return start(Object.fromEntries(objects));
}

describe("of a bucket there can be opened", () => {
  test("a prefix that has shards, listed page by page", async () => {
    const files = shardsOf(3, 4);
    const server = await serve(files);
    server.pageSize = 2;
    await assertSameEpoch(
      await MultimodalDataset.from("s3://sets/name", {
        tokenizer,
        ...quick({ endpoint: server.url }),
      }),
      await MultimodalDataset.from(folderOf(files), { tokenizer }),
    );
  });

  test("what is kept of its own prefix, where the server cannot be reached", async () => {
    const shards = shardsOf(2, 4);
    const server = await start({
      "sets/a/0.tar": shards["/000.tar"] as Buffer,
      "sets/b/0.tar": shards["/001.tar"] as Buffer,
    });
    const options = quick({ endpoint: server.url });
    const textOf = async (url: string) => {
      const source = await openSource(url, options);
      return (await source.get(0, { seed: 0, epoch: 0 })).text;
    };
    const [a, b] = [await textOf("s3://sets/a"), await textOf("s3://sets/b")];
    assert.notEqual(a, b);
    server.fault = () => 503;
    assert.equal(await textOf("s3://sets/a"), a);
    assert.equal(await textOf("s3://sets/b"), b);
    await assert.rejects(textOf("s3://sets/c"), { code: "REMOTE_UNREACHABLE" });
  });

  test("a pattern of shards, and one by its name", async () => {
    const server = await serve(shardsOf(3, 4));
    const options = quick({ endpoint: server.url });
    for (const [pattern, length] of [
      ["s3://sets/name/{000..001}.tar", 8],
      ["s3://sets/name/*.tar", 12],
      ["s3://sets/name/002.tar", 4],
    ] as const) {
      assert.equal((await openSource(pattern, options)).length, length);
    }
  });

  test("an imagefolder, with its images", async () => {
    const rows = imageNames.map((file_name, i) => JSON.stringify({ file_name, text: `text ${i}` }));
    const images = Object.fromEntries(imageNames.map((name, i) => [name, imageBytes[i] as Buffer]));
    const root = folderOf({ ...images, "metadata.jsonl": rows.join("\n") });
    const server = await serve(contentsOf(root));
    await assertSameEpoch(
      await MultimodalDataset.from("s3://sets/name/", {
        tokenizer,
        ...quick({ endpoint: server.url }),
      }),
      await MultimodalDataset.from(root, { tokenizer }),
    );
  });

  test("a packed set", async () => {
    const imagePaths = imageNames.map((name) => fixture(`images/${name}`));
    const root = newFolder();
    await packDataset(
      new MultimodalDataset({ imagePaths, texts: ["a", "b", "c"], tokenizer }),
      root,
    );
    const server = await serve(contentsOf(root));
    await assertSameEpoch(
      await MultimodalDataset.from("s3://sets/name", quick({ endpoint: server.url })),
      await MultimodalDataset.from(root),
    );
  });
});

describe("of a bucket", () => {
  test("what comes is compared with the checksum that S3 keeps", async () => {
    const server = await serve(shardsOf(1, 4));
    server.isCorrupt = true;
    await assert.rejects(openSource("s3://sets/name/000.tar", quick({ endpoint: server.url })), {
      code: "REMOTE_CORRUPT_FILE",
      reason: /crc32/,
    });
  });

  test("a transfer that stalls ends", async () => {
    const server = await serve(shardsOf(1, 4));
    server.isStalling = true;
    const options = quick({ endpoint: server.url, timeoutSeconds: 0.5, remoteRetries: 0 });
    await assert.rejects(openSource("s3://sets/name/000.tar", options), {
      code: "REMOTE_UNREACHABLE",
      source: "s3://sets/name/000.tar",
    });
  });

  test("a pattern is of names in one folder, that of the bucket too", async () => {
    const names = ["0.tar", "1.tar", "2xtar", "2.tar.gz", "sub/3.tar"];
    const shard = shardsOf(1, 4)["/000.tar"] as Buffer;
    const server = await start(Object.fromEntries(names.map((name) => [`bucket/${name}`, shard])));
    const options = quick({ endpoint: server.url });
    assert.equal((await openSource("s3://bucket/*.tar", options)).length, 8);
    assert.equal((await openSource("s3://bucket/sub/*.tar", options)).length, 4);
    const whole = await start({ "bucket/0.tar": shard, "bucket/folder/": Buffer.alloc(0) });
    for (const url of ["s3://bucket", "s3://bucket/"])
      assert.equal((await openSource(url, quick({ endpoint: whole.url }))).length, 4);
  });

  test("folders are listed each by itself, and a pattern leaves out indexes of what it means", async () => {
    const names = ["a/0.tar", "a/0.tar.idx", "a/1.tar", "c/2.tar", "c/x.idx"];
    const some = names.map((name) => [`bucket/${name}`, Buffer.from("x")] as const);
    const server = await start(Object.fromEntries(some));
    const settings = readOptions("test", quick({ endpoint: server.url }), remoteReaders);
    const places = remotePlaces(settings);
    const found = async (url: string) =>
      (await places.files(url)).map(({ name }) => name.slice(12));
    assert.deepEqual(await found("s3://bucket/a/*"), ["a/0.tar", "a/1.tar"]);
    assert.deepEqual(await found("s3://bucket/c/*"), ["c/2.tar", "c/x.idx"]);
  });

  test("the checksum of a whole object is known, and none of its parts'", async () => {
    const server = await start({ "b/x": Buffer.from("abc") });
    const settings = readOptions("test", quick({ endpoint: server.url }), remoteReaders);
    const checksum = async (headers: Record<string, string>, span?: ByteSpan) => {
      server.headers = headers;
      const place = { bucket: "b", path: "x" };
      const got = await stayAlive(s3Get("s3://b/x", place, span, settings, neverAborted));
      got.body.destroy();
      return { ...got.checksum, first: got.first, size: got.size };
    };
    const none = { first: 0, size: 3 };
    const sha256 = createHash("sha256").update("abc");
    const digest = sha256.copy().digest("hex");
    const crc32 = { ...none, algorithm: "crc32", digest: "352441c2" };
    assert.deepEqual(await checksum({}), crc32);
    const header = "x-amz-checksum-sha256";
    const base64 = sha256.digest("base64");
    assert.deepEqual(await checksum({ [header]: base64 }), {
      ...none,
      algorithm: "sha256",
      digest,
    });
    assert.deepEqual(await checksum({ [header]: `${base64}-2` }), crc32);
    assert.deepEqual(await checksum({ "x-amz-checksum-crc32": "NSRBwg==-2" }), none);
    assert.deepEqual(await checksum({ "x-amz-checksum-type": "COMPOSITE" }), none);
    const part = await checksum({}, { first: 1, end: 3 });
    assert.deepEqual(part, { first: 1, size: 3 });
  });

  test("what is said of an object without it is its size and its ETag", async () => {
    const server = await start({ "b/x": Buffer.from("abc") });
    const settings = readOptions("test", quick({ endpoint: server.url }), remoteReaders);
    const place = { bucket: "b", path: "x" };
    const facts = () => stayAlive(s3Facts("s3://b/x", place, settings, neverAborted));
    const etag = createHash("md5").update("abc").digest("hex");
    assert.deepEqual(await facts(), { size: 3, validator: `"${etag}"`, checksum: undefined });
    server.headers = { "Content-Encoding": "gzip" };
    await assert.rejects(facts(), { code: "REMOTE_REFUSED" });
  });

  test("a server that is not there is told with what was wrong", async () => {
    const settings = readOptions("test", quick({ endpoint: "http://127.0.0.1:1" }), remoteReaders);
    const asked = s3Facts("s3://b/x", { bucket: "b", path: "x" }, settings, neverAborted);
    await assert.rejects(stayAlive(asked), ({ code, cause }: PixtokError) => {
      assert.equal((cause as NodeJS.ErrnoException).code, "ECONNREFUSED");
      return code === "REMOTE_UNREACHABLE";
    });
  });

  test("a signal's reason is thrown, whatever is asked", async () => {
    const server = await start({ "b/x": Buffer.from("abc") });
    const settings = readOptions("test", quick({ endpoint: server.url }), remoteReaders);
    const signal = AbortSignal.abort(new Error("enough"));
    const place = { bucket: "b", path: "x" };
    for (const asked of [
      () => s3Facts("s3://b/x", place, settings, signal),
      () => s3Get("s3://b/x", place, undefined, settings, signal),
      () => s3List("s3://b/x", place, settings, signal),
    ])
      await assert.rejects(stayAlive<unknown>(asked()), /^Error: enough$/);
  });

  test("what comes ends where its signal is aborted", async () => {
    const server = await start({ "b/x": Buffer.alloc(2 ** 20) });
    const settings = readOptions("test", quick({ endpoint: server.url }), remoteReaders);
    const stop = new AbortController();
    const asked = requestFile("s3://b/x", undefined, settings, stop.signal);
    const { body } = await stayAlive(asked);
    const ended = once(body, "error");
    stop.abort();
    const [{ name }] = await ended;
    assert.equal(name, "AbortError");
  });

  describe("is asked by the environment:", () => {
    /** Opens a shard with other variables; another timeout makes another client. */
    let timeoutSeconds = 10;
    const withEnvironment = async (more: Record<string, string | undefined>, options = {}) => {
      const before = { ...process.env };
      timeoutSeconds += 1;
      try {
        for (const [name, value] of Object.entries(more)) {
          if (value === undefined) delete process.env[name];
          else process.env[name] = value;
        }
        const given = quick({ timeoutSeconds, remoteRetries: 0, ...options });
        return (await openSource("s3://sets/name/000.tar", given)).length;
      } finally {
        for (const name of Object.keys(more)) delete process.env[name];
        Object.assign(process.env, before);
      }
    };

    test("its endpoint, that of S3 first", async () => {
      const { url } = await serve(shardsOf(1, 4));
      assert.equal(await withEnvironment({ AWS_ENDPOINT_URL: url }), 4);
      const both = { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_ENDPOINT_URL_S3: url };
      assert.equal(await withEnvironment(both), 4);
      assert.equal(await withEnvironment({ AWS_REGION: undefined }, { endpoint: url }), 4);
    });

    const refused: [string, Record<string, string | undefined>, RegExp][] = [
      [
        "no credentials",
        {
          ...{ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
          ...{ AWS_EC2_METADATA_DISABLED: "true", HOME: newFolder() },
        },
        /there are no credentials for S3: set AWS_ACCESS_KEY_ID/,
      ],
      [
        "no region",
        { AWS_REGION: undefined, HOME: newFolder() },
        /S3 needs a region: set AWS_REGION/,
      ],
      ["no URL", { AWS_ENDPOINT_URL: "nonsense" }, /AWS_ENDPOINT_URL is not the URL of a server/],
    ];
    for (const [what, more, message] of refused) {
      test(`${what} is refused`, async () => {
        const environment = { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1", ...more };
        const own = "AWS_ENDPOINT_URL" in more ? more : environment;
        await assert.rejects(withEnvironment(own), { code: "REMOTE_REFUSED", message });
      });
    }
  });

  test("what is not there says so", async () => {
    const server = await serve({});
    const options = quick({ endpoint: server.url });
    for (const url of ["s3://sets/name/000.tar", "s3://sets/other", "s3://sets/name/*.tar"]) {
      await assert.rejects(openSource(url, options), { code: "REMOTE_NOT_FOUND", source: url });
    }
  });

  test("a list that leads to itself is refused", async () => {
    const server = await serve(shardsOf(1, 4));
    server.list =
      "<ListBucketResult><Contents><Key>name/0.tar</Key><Size>1</Size></Contents>" +
      "<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>";
    await assert.rejects(openSource("s3://sets/name", quick({ endpoint: server.url })), {
      code: "REMOTE_REFUSED",
      reason: /a page leads to itself/,
    });
    assert.equal(server.requests.length, 2);
  });

  test("an answer that is none of S3 says that endpoint is to be checked", async () => {
    const server = await serve({});
    server.list = "<html>the console of the server</html>";
    await assert.rejects(openSource("s3://sets/name", quick({ endpoint: server.url })), {
      code: "REMOTE_REFUSED",
      reason: /none of S3: check endpoint/,
    });
  });

  test("a refusal has what S3 calls it, and no words of another kind or length in its place", async () => {
    const server = await serve({});
    for (const [code, isNamed] of [
      ["AccessDenied", true],
      ["Access denied by a proxy", false],
      ["Denied".repeat(11), false],
    ] as const) {
      server.fault = () => [403, code];
      await assert.rejects(
        openSource("s3://sets/name", quick({ endpoint: server.url })),
        (error: PixtokError) => {
          assert.equal(error.code, "REMOTE_REFUSED");
          assert.equal(error.message.includes(code), isNamed, error.message);
          return true;
        },
      );
    }
  });

  for (const endpoint of ["nonsense", "localhost:9000", "127.0.0.1:9000", "s3://x"]) {
    test(`${endpoint} is no endpoint`, async () => {
      await assert.rejects(openSource("s3://sets/name", { endpoint }), {
        name: "RangeError",
        message: /endpoint: expected the URL of a server, http:\/\/HOST or https:\/\/HOST/,
      });
    });
  }

  test("an object that is compressed on its way is refused, as from a web server", async () => {
    const server = await serve(shardsOf(1, 4));
    server.headers = { "Content-Encoding": "gzip" };
    await assert.rejects(openSource("s3://sets/name/000.tar", quick({ endpoint: server.url })), {
      code: "REMOTE_REFUSED",
      reason: /Content-Encoding: gzip/,
    });
  });

  for (const key of ["/../x.tar", "/./x.tar", "//x.tar", "/a\\b.tar", `/${"x".repeat(300)}.tar`]) {
    test(`${JSON.stringify(key.slice(0, 20))} is no name of a file below a folder, and is not left out`, async () => {
      const server = await serve({ ...shardsOf(1, 4), [key]: Buffer.from("x") });
      await assert.rejects(openSource("s3://sets/name", quick({ endpoint: server.url })), {
        code: "UNKNOWN_SOURCE",
        source: "s3://sets/name",
        reason: /cannot be the name of a file/,
      });
    });
  }

  test("a file that is below another one is no name of a file, either", async () => {
    const files = { "/a.tar": Buffer.from("x"), "/a.tar/b.tar": Buffer.from("x") };
    const server = await serve(files);
    await assert.rejects(openSource("s3://sets/name", quick({ endpoint: server.url })), {
      code: "UNKNOWN_SOURCE",
      reason: /cannot be the name of a file/,
    });
  });

  test("refusals show neither keys nor signatures", async () => {
    const server = await serve(shardsOf(1, 4));
    process.env.AWS_SECRET_ACCESS_KEY = "another-secret";
    try {
      // another timeout: clients of the same one keep their credentials
      const options = quick({ endpoint: server.url, timeoutSeconds: 4 });
      await assert.rejects(openSource("s3://sets/name/000.tar", options), (error: PixtokError) => {
        assert.equal(error.code, "REMOTE_REFUSED");
        for (let one: unknown = error; one instanceof Error; one = one.cause) {
          assert.doesNotMatch(`${one.message} ${one.stack}`, /another-secret|Signature=/);
        }
        return true;
      });
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = credentials.secret;
    }
  });
});

test("copies are kept where the environment says, else in the user's cache", () => {
  const folderWith = (more: Record<string, string>) => {
    const { PIXTOK_CACHE, XDG_CACHE_HOME } = process.env;
    delete process.env.PIXTOK_CACHE;
    delete process.env.XDG_CACHE_HOME;
    Object.assign(process.env, more);
    const { cacheDir } = readOptions("test", {}, remoteReaders);
    for (const name of Object.keys(more)) delete process.env[name];
    const before = { PIXTOK_CACHE, XDG_CACHE_HOME };
    for (const [name, value] of Object.entries(before)) if (value) process.env[name] = value;
    return cacheDir;
  };
  assert.equal(folderWith({ PIXTOK_CACHE: "/x/c", XDG_CACHE_HOME: "/y" }), "/x/c");
  assert.equal(folderWith({ XDG_CACHE_HOME: "/y" }), "/y/pixtok");
  assert.equal(folderWith({}), join(homedir(), ".cache/pixtok"));
  assert.equal(folderWith({ PIXTOK_CACHE: "", XDG_CACHE_HOME: "/y" }), "/y/pixtok");
  assert.equal(folderWith({ XDG_CACHE_HOME: "" }), join(homedir(), ".cache/pixtok"));
});
