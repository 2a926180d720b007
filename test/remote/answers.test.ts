// What is read of a server's answer.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { PixtokError } from "pixtok";
import { answerOf, contentRange, factsOf, rangeHeader } from "../../src/remote/remote-answer.js";
import { answeredWith, isBeyondEnd, waitOf } from "../../src/remote/remote-errors.js";
import { remoteReaders } from "../../src/remote/remote-options.js";
import { requestFacts } from "../../src/remote/remote-request.js";
import { failure } from "../../src/remote/s3-client.js";
import { stayAlive } from "../../src/remote/stay-alive.js";
import { neverAborted } from "../../src/shared/abort.js";
import { readOptions } from "../../src/shared/options.js";
import { closedServers } from "../support/closed-servers.js";
import { startFileServer } from "../support/file-server.js";
import { quick } from "../support/remote-sets.js";

const serve = closedServers(startFileServer);
const source = "http://server/file";
const remoteSettings = () => readOptions("test", quick(), remoteReaders);

function response(statusCode: number, headers: IncomingMessage["headers"] = {}) {
  const given = {
    statusCode,
    headers,
    isDestroyed: false,
    destroy() {
      given.isDestroyed = true;
    },
  };
  return given as typeof given & IncomingMessage;
}

test("options have their defaults and limits", () => {
  const read = (options: object) => readOptions("openSource", options, remoteReaders);
  const { cacheDir, ...rest } = read({});
  assert.ok(cacheDir.length > 0);
  assert.deepEqual(rest, {
    cacheBytes: 100 * 2 ** 30,
    endpoint: undefined,
    timeoutSeconds: 30,
    remoteRetries: 4,
    unreachableImages: "end",
  });
  assert.equal(read({ cacheBytes: 0 }).cacheBytes, 0);
  assert.equal(read({ timeoutSeconds: 0.001 }).timeoutSeconds, 0.001);
  assert.equal(read({ remoteRetries: 0 }).remoteRetries, 0);
  assert.equal(read({ unreachableImages: "bad" }).unreachableImages, "bad");
  assert.equal(read({ endpoint: "HTTPS://h" }).endpoint, "HTTPS://h");
  assert.equal(read({ cacheDir: "a" }).cacheDir, resolve("a"));
  for (const [options, message] of [
    [{ cacheBytes: -1 }, /^cacheBytes: expected an integer of at least 0, got -1/],
    [{ timeoutSeconds: 0 }, /^timeoutSeconds: expected a number from 0\.001 to 2000000, got 0/],
    [{ remoteRetries: -1 }, /^remoteRetries: expected an integer from 0 to 100, got -1/],
    [{ cacheDir: 1 }, /^cacheDir: expected the path of a folder, got 1/],
    [{ endpoint: "localhost:9000" }, /^endpoint: expected the URL .* got "localhost:9000"/],
    [{ endpoint: "http://" }, /^endpoint: expected the URL of a server/],
    [{ endpoint: 1 }, /^endpoint: expected the URL of a server, .* got 1/],
    [{ unreachableImages: "skip" }, /^unreachableImages: expected one of "end", "bad"/],
  ] as const) {
    assert.throws(() => read(options), { message });
  }
});

describe("a range", () => {
  test("is asked for with its last byte, or to the end", () => {
    assert.equal(rangeHeader({ first: 5 }), "bytes=5-");
    assert.equal(rangeHeader({ first: 5, end: 6 }), "bytes=5-5");
    assert.equal(rangeHeader({ first: 0, end: 100 }), "bytes=0-99");
  });

  test("that has come says where it begins, and how long the whole is", () => {
    assert.deepEqual(contentRange("bytes 5-9/20"), { first: 5, size: 20 });
    assert.deepEqual(contentRange("bytes 0-0/*"), { first: 0, size: undefined });
    for (const header of [undefined, "bytes */20", "5-9/20", "bytes 5-9"]) {
      assert.ok(Number.isNaN(contentRange(header).first), String(header));
    }
  });
});

describe("of a file is known", () => {
  const facts = (headers: IncomingMessage["headers"], status = 200) =>
    factsOf(source, response(status, headers));
  const nothing = { size: undefined, validator: undefined, checksum: undefined };

  test("nothing where nothing is said", () => {
    assert.deepEqual(facts({}), nothing);
    assert.deepEqual(facts({ "content-length": "1e3" }), nothing);
  });

  test("its size, of a part that of the whole", () => {
    assert.equal(facts({ "content-length": "12" }).size, 12);
    const part = { "content-length": "5", "content-range": "bytes 0-4/12" };
    assert.equal(facts(part, 206).size, 12);
  });

  test("a validator: the ETag, weak or not, else the date", () => {
    const date = { "last-modified": "Fri, 27 Nov 2026 10:00:00 GMT" };
    assert.equal(facts({ ...date, etag: '"a"' }).validator, '"a"');
    assert.equal(facts({ ...date, etag: 'W/"a"' }).validator, '"a"');
    assert.equal(facts(date).validator, date["last-modified"]);
  });

  test("a digest by any of its headers, of the whole alone", () => {
    const sha256 = createHash("sha256").update("x");
    const md5 = createHash("md5").update("x").digest();
    const digest = sha256.digest();
    const text = digest.toString("base64");
    const expected = { algorithm: "sha256", digest: digest.toString("hex") };
    for (const headers of [
      { "repr-digest": `sha-256=:${text}:` },
      { "repr-digest": `sha-512=:abc:, sha-256=:${text}:` },
      { digest: `SHA-256=${text}` },
    ]) {
      assert.deepEqual(facts(headers).checksum, expected);
      assert.equal(facts({ ...headers, "content-range": "bytes 0-0/2" }, 206).checksum, undefined);
    }
    assert.deepEqual(facts({ "content-md5": md5.toString("base64") }).checksum, {
      algorithm: "md5",
      digest: md5.toString("hex"),
    });
    assert.equal(facts({ "content-md5": "short==" }).checksum, undefined);
  });
});

describe("an answer", () => {
  const refused = (given: ReturnType<typeof response>, code: string, words: RegExp) => {
    assert.throws(
      () => answerOf(source, given),
      (error) =>
        error instanceof PixtokError &&
        error.code === code &&
        error.source === source &&
        words.test(error.reason),
    );
    assert.ok(given.isDestroyed, "the connection is kept");
  };

  test("with the file begins where the part does", () => {
    const part = { "content-range": "bytes 5-9/20" };
    assert.equal(answerOf(source, response(206, part)).first, 5);
    // a server may give the whole file, and say nothing of parts
    assert.equal(answerOf(source, response(200, part)).first, 0);
    assert.ok(!response(200).isDestroyed);
  });

  const codes: [number, string][] = [
    [404, "REMOTE_NOT_FOUND"],
    [410, "REMOTE_NOT_FOUND"],
    [400, "REMOTE_REFUSED"],
    [403, "REMOTE_REFUSED"],
    [204, "REMOTE_REFUSED"],
    [304, "REMOTE_REFUSED"],
    [408, "REMOTE_UNREACHABLE"],
    [425, "REMOTE_UNREACHABLE"],
    [429, "REMOTE_UNREACHABLE"],
    [500, "REMOTE_UNREACHABLE"],
    [599, "REMOTE_UNREACHABLE"],
    [600, "REMOTE_REFUSED"],
  ];
  for (const [status, code] of codes) {
    test(`of status ${status} is ${code}, and is let go of`, () =>
      refused(response(status), code, new RegExp(`status ${status}`)));
  }

  test("that does not say which part it has is let go of", () =>
    refused(response(206), "REMOTE_CORRUPT_FILE", /which part/));

  test("that is compressed is let go of, and one whose encoding is none is not", () => {
    for (const encoding of ["gzip", "deflate", "br", "zstd", "compress", "dcb", "dcz", "GZIP"]) {
      const headers = { "content-encoding": encoding };
      refused(response(200, headers), "REMOTE_REFUSED", new RegExp(`Encoding: ${encoding}`));
    }
    assert.equal(answerOf(source, response(200, { "content-encoding": "utf-8" })).first, 0);
  });
});

describe("a server that wants nobody to ask again", () => {
  test("says for how many seconds, or until when", () => {
    const after = (text: string | undefined) => waitOf(answeredWith(source, 503, text));
    assert.equal(after("7"), 7000);
    assert.equal(after(" 7 "), 7000);
    assert.equal(after(undefined), undefined);
    assert.equal(after("soon"), undefined);
    assert.equal(after("Fri, 27 Nov 2020 10:00:00 GMT"), 0);
    const wait = after(new Date(Date.now() + 60_000).toUTCString()) as number;
    assert.ok(wait > 50_000 && wait <= 60_000, String(wait));
  });

  test("is waited for where it speaks S3, too", () => {
    const thrown = {
      ...{ name: "SlowDown", message: "Please reduce your request rate.", Code: "SlowDown" },
      ...{ $metadata: { httpStatusCode: 503 }, $response: { headers: { "retry-after": "7" } } },
    };
    assert.equal(waitOf(failure(source, thrown)), 7000);
  });

  test("is quoted", () => {
    assert.match(answeredWith(source, 503, "7").reason, /asked again in 7 seconds/);
    assert.doesNotMatch(answeredWith(source, 503, "0").reason, /asked again/);
  });
});

describe("what a server says of a file, without giving it", () => {
  const settings = remoteSettings();

  async function askedOf(headStatus: number | undefined, bytes = 12) {
    const server = await serve({ "/a": Buffer.alloc(bytes) });
    server.fault = ({ method }) =>
      method === "HEAD" && headStatus !== undefined
        ? { kind: "status", status: headStatus }
        : undefined;
    const facts = await stayAlive(requestFacts(`${server.url}/a`, settings, neverAborted));
    const asked = server.requests.map(({ method, range }) => [method, range]);
    return { facts, asked };
  }

  test("is what it says to HEAD", async () => {
    const { facts, asked } = await askedOf(undefined);
    assert.equal(facts.size, 12);
    assert.deepEqual(asked, [["HEAD", undefined]]);
  });

  for (const status of [400, 401, 403, 404, 405, 501]) {
    test(`is asked by a part where HEAD is answered with ${status}`, async () => {
      const { facts, asked } = await askedOf(status);
      assert.equal(facts.size, 12);
      assert.deepEqual(asked, [
        ["HEAD", undefined],
        ["GET", "bytes=0-0"],
      ]);
    });
  }

  test("is asked by the whole where HEAD says that it is empty", async () => {
    const { facts, asked } = await askedOf(undefined, 0);
    assert.equal(facts.size, 0);
    assert.deepEqual(asked.at(-1), ["GET", undefined]);
  });

  test("is not asked where HEAD says what a GET would", async () => {
    await assert.rejects(askedOf(503), { code: "REMOTE_UNREACHABLE", message: /status 503/ });
    await assert.rejects(askedOf(410), { code: "REMOTE_NOT_FOUND", message: /status 410/ });
  });
});

test("the end of a file is told from other refusals", () => {
  assert.ok(isBeyondEnd(answeredWith(source, 416)));
  assert.ok(!isBeyondEnd(answeredWith(source, 404)));
  assert.ok(!isBeyondEnd(new Error("416")));
});
