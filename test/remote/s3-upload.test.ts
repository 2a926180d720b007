// Large files that are put into buckets, which here are those of a server of our own.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { serverReaders } from "../../src/remote/remote-options.js";
import { partLength, s3Upload, type UploadedFile } from "../../src/remote/s3-upload.js";
import { isUnauthorized, s3Put } from "../../src/remote/s3-write.js";
import { neverAborted } from "../../src/shared/abort.js";
import { readOptions } from "../../src/shared/options.js";
import { closedServers } from "../support/closed-servers.js";
import { passingWaits } from "../support/passing-waits.js";
import { type S3Server, s3Environment, startS3 } from "../support/s3-server.js";

Object.assign(process.env, s3Environment);

const start = closedServers(startS3);
const serve = () => start({});
const settingsOf = (server: S3Server) => {
  const given = { endpoint: server.url, timeoutSeconds: 5, remoteRetries: 2 };
  return readOptions("test", given, serverReaders);
};

describe("a file that is uploaded in parts", () => {
  passingWaits();

  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (7 * i) % 251));
  const file: UploadedFile = {
    bytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
  const place = { bucket: "b", path: "x" };
  const upload = (server: S3Server, signal = neverAborted) =>
    s3Upload("s3://b/x", place, file, settingsOf(server), signal, 300);

  test("is there when all of it is", async () => {
    const server = await serve();
    server.fault = (asked) => {
      if (/uploadId/.test(asked)) assert.equal(server.objects.size, 0);
      return undefined;
    };
    assert.equal(await upload(server), true);
    assert.deepEqual(server.objects.get("b/x"), bytes);
    const parts = server.requests.filter((asked) => /^PUT .*partNumber/.test(asked));
    assert.equal(parts.length, 4);
    assert.equal(server.uploads.size, 0);
  });

  /** What the checksums of an upload's parts are of, as the server is told when it begins. */
  async function algorithmsOf(server: S3Server) {
    const seen = new Set<string | undefined>();
    server.fault = (asked) => {
      if (/uploadId/.test(asked))
        for (const { algorithm } of server.uploads.values()) seen.add(algorithm);
      return undefined;
    };
    assert.equal(await upload(server), true);
    assert.deepEqual(server.objects.get("b/x"), bytes);
    return [...seen];
  }

  test("says which checksums its parts have, which the server compares", async () => {
    assert.deepEqual(await algorithmsOf(await serve()), ["CRC32"]);
  });

  test("has none where checksums are sent only where they have to be", async () => {
    process.env.AWS_REQUEST_CHECKSUM_CALCULATION = "WHEN_REQUIRED";
    try {
      assert.deepEqual(await algorithmsOf(await serve()), [undefined]);
    } finally {
      delete process.env.AWS_REQUEST_CHECKSUM_CALCULATION;
    }
  });

  test("sends a part again that failed, and no other", async () => {
    const server = await serve();
    let failures = 0;
    server.fault = (asked) => {
      if (!/partNumber=2/.test(asked) || failures === 2) return undefined;
      failures += 1;
      return 503;
    };
    assert.equal(await upload(server), true);
    assert.deepEqual(server.objects.get("b/x"), bytes);
    assert.equal(server.requests.filter((asked) => /partNumber=[134]/.test(asked)).length, 3);
  });

  test("leaves no parts where one of them fails for good", async () => {
    const server = await serve();
    server.fault = (asked) => (/partNumber=3/.test(asked) ? 403 : undefined);
    await assert.rejects(upload(server), { code: "REMOTE_REFUSED", source: "s3://b/x" });
    assert.deepEqual([server.uploads.size, server.objects.size], [0, 0]);
  });

  test("leaves no parts where it is ended", async () => {
    const server = await serve();
    const stop = new AbortController();
    server.isSilent = (asked) => {
      const isPart = asked === "PUT b/x";
      if (isPart) stop.abort(new Error("enough"));
      return isPart;
    };
    await assert.rejects(upload(server, stop.signal), /^Error: enough$/);
    assert.deepEqual([server.uploads.size, server.objects.size], [0, 0]);
  });

  test("is refused by a server that does not begin it, and puts nothing there", async () => {
    const server = await serve();
    server.fault = (asked) => (/^POST .*uploads/.test(asked) ? 200 : undefined);
    await assert.rejects(upload(server), {
      code: "REMOTE_REFUSED",
      message: /the server's answer is none of S3: check endpoint/,
    });
    assert.deepEqual([server.uploads.size, server.objects.size], [0, 0]);
  });

  for (const [what, fault] of [
    ["fails", 503],
    ["is done, and its answer lost", "lost"],
  ] as const) {
    test(`asks again for its parts to be removed where that ${what}, and no more often`, async () => {
      const server = await serve();
      let times = 0;
      server.fault = (asked) => {
        if (/^PUT .*partNumber=3/.test(asked)) return 403;
        if (!asked.startsWith("DELETE")) return undefined;
        times += 1;
        return times === 1 ? fault : undefined;
      };
      await assert.rejects(upload(server), { code: "REMOTE_REFUSED", reason: /status 403/ });
      assert.deepEqual([times, server.uploads.size], [2, 0]);
    });
  }

  test("removes the parts that a process has left which was killed, and no others", async () => {
    const server = await serve();
    server.uploads.set("left", { key: "b/x", parts: new Map() });
    server.uploads.set("other", { key: "b/xy", parts: new Map() });
    assert.equal(await upload(server), true);
    assert.deepEqual([...server.uploads.keys()], ["other"]);
  });

  test("is uploaded by who may not list what is left", async () => {
    const server = await serve();
    server.fault = (asked) => (asked.startsWith("GET") ? 403 : undefined);
    assert.equal(await upload(server), true);
  });

  test("does not take the place of one that is there", async () => {
    const server = await serve();
    const other = Buffer.from("other");
    server.objects.set("b/x", other);
    assert.equal(await upload(server), false);
    assert.equal(server.objects.get("b/x"), other);
    assert.equal(server.uploads.size, 0);
  });

  test("is looked for where the answer is lost that said that it is complete", async () => {
    const server = await serve();
    let times = 0;
    server.fault = (asked) => {
      if (!/^POST .*uploadId/.test(asked)) return undefined;
      times += 1;
      return times === 1 ? "lost" : undefined;
    };
    assert.equal(await upload(server), false);
    assert.deepEqual(server.objects.get("b/x"), bytes);
  });
});

test("a file has 10 000 parts at most, as S3 takes no more, of 16 MiB where these suffice", () => {
  const usual = 16 * 2 ** 20;
  for (const bytes of [usual + 1, 10_000 * usual]) assert.equal(partLength(bytes), usual);
  for (const bytes of [10_000 * usual + 1, 5 * 2 ** 40]) {
    const length = partLength(bytes);
    assert.ok(length > usual && Math.ceil(bytes / length) <= 10_000, `${length} of ${bytes}`);
  }
});

test("who is not authorized to write is told what it takes, and no one else", async () => {
  for (const [status, isOfRights] of [
    [400, false],
    [401, true],
    [403, true],
  ] as const) {
    const server = await serve();
    server.fault = () => status;
    const place = { bucket: "b", path: "x" };
    const put = s3Put(
      "s3://b/x",
      place,
      Buffer.from("a"),
      undefined,
      settingsOf(server),
      neverAborted,
    );
    await assert.rejects(put, (error: Error) => {
      assert.equal(isUnauthorized(error), isOfRights);
      assert.equal(/s3:PutObject/.test(error.message), isOfRights, error.message);
      return true;
    });
  }
});

test("an object is put where the server gives it no tag", async (context) => {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.end());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  context.after(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = readOptions("test", { endpoint }, serverReaders);
  const place = { bucket: "b", path: "x" };
  const put = s3Put(
    "s3://b/x",
    place,
    Buffer.from("a"),
    { isAbsent: true },
    settings,
    neverAborted,
  );
  assert.equal(await put, "");
});

test("an object is put again after faults that pass, whatever their status", async () => {
  const server = await serve();
  const faults = new Map([
    ["RequestTimeout", 400],
    ["IncompleteBody", 400],
    ["BadDigest", 400],
    ["XAmzContentSHA256Mismatch", 400],
    ["XAmzContentChecksumMismatch", 400],
    ["RequestTimeTooSkewed", 403],
  ]);
  const names = [...faults.keys()];
  server.fault = (asked) => {
    const code = names.find((name) => asked.includes(`/${name}?`)) ?? "";
    const status = faults.get(code);
    faults.delete(code);
    return status === undefined ? undefined : [status, code];
  };
  const put = (path: string) =>
    s3Put(
      `s3://b/${path}`,
      { bucket: "b", path },
      Buffer.from(path),
      undefined,
      settingsOf(server),
      neverAborted,
    );
  await Promise.all(names.map(put));
  assert.equal(faults.size, 0);
  assert.deepEqual([...server.objects.keys()].sort(), names.map((name) => `b/${name}`).sort());
});
