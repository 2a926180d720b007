// What keeps a set from being packed into a bucket, or comes in between: faults of servers, other processes, signals.

import assert from "node:assert/strict";
import { ftruncateSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  missingParts,
  type PackDatasetOptions,
  type PixtokError,
  packDataset,
  verifyPack,
} from "pixtok";
import { exitCodeOf } from "../../src/cli/exit-code.js";
import { bucketFile, uploadOf } from "../../src/packing/bucket-file.js";
import { serverReaders } from "../../src/remote/remote-options.js";
import { neverAborted } from "../../src/shared/abort.js";
import { readOptions } from "../../src/shared/options.js";
import { bucketPlace } from "../../src/sources/packed/bucket-place.js";
import {
  assertSameFiles,
  namesBelow,
  bucketPrefix as prefix,
  bucketUrl as url,
} from "../support/packed-buckets.js";
import { packsIntoBuckets } from "../support/packs-into-buckets.js";
import { smallTokenizer } from "../support/pairs.js";
import { passingWaits } from "../support/passing-waits.js";
import { contentsOf } from "../support/remote-sets.js";
import type { S3Server } from "../support/s3-server.js";
import { temporaryVariable } from "../support/temporary-variable.js";

const { temporary, serve, datasetOf, six, pack, here, assertNoTemporaryFiles } = packsIntoBuckets(
  await smallTokenizer(),
);
passingWaits();
const namesIn = (server: S3Server) => namesBelow(server, prefix);
const isDataFile = (asked: string) => /^(PUT|POST) .*data-/.test(asked);
const sixHere = here();

describe("into a bucket, packing", () => {
  test("of another configuration than the set's is refused", async () => {
    const server = await serve();
    await pack(server);
    const before = namesIn(server);
    for (const [dataset, options] of [
      [datasetOf(8), {}],
      [six, { fileBytes: 3 }],
    ] as const) {
      await assert.rejects(pack(server, options, dataset), { code: "PACK_MISMATCH" });
    }
    assert.deepEqual(namesIn(server), before);
  });

  /** Puts the claim of a process that is not on this machine. */
  async function rival(server: S3Server, options: PackDatasetOptions, dataset = six) {
    const other = await serve();
    let claim: [string, Buffer] | undefined;
    other.fault = (asked) => {
      const found = [...other.objects].find(([key]) => key.includes("/files-"));
      claim ??= found;
      return isDataFile(asked) ? 403 : undefined;
    };
    await assert.rejects(pack(other, options, dataset), { code: "REMOTE_REFUSED" });
    const [key, content] = claim as [string, Buffer];
    const elsewhere = { ...JSON.parse(content.toString()), processes: "elsewhere", host: "other" };
    server.objects.set(key, Buffer.from(`${JSON.stringify(elsewhere)}\n`));
    return key;
  }

  test("is refused while another process packs the same files, and is not while it packs others", async () => {
    const server = await serve();
    await rival(server, { part: { index: 0, of: 3 } });
    await assert.rejects(pack(server, { part: { index: 0, of: 2 } }), (error: PixtokError) => {
      assert.deepEqual([error.code, error.source, exitCodeOf(error)], ["PACK_IN_USE", url, 75]);
      assert.match(error.message, /on other is packing the same files/);
      return true;
    });
    assert.equal((await pack(server, { part: { index: 1, of: 2 } })).written, 2);
  });

  test("is refused while another process has begun another set", async () => {
    const server = await serve();
    await rival(server, {}, datasetOf(8));
    await assert.rejects(pack(server), { code: "PACK_MISMATCH" });
  });

  test("takes files over whose process has not been heard of for long", async () => {
    const server = await serve();
    const key = await rival(server, {});
    server.written.set(key, Date.now() - 6 * 60_000);
    await pack(server);
    assertSameFiles(server, prefix, await sixHere);
  });

  test("knows by the server's clock how long a process has not been heard of", async () => {
    const anHourAgo = Date.now() - 60 * 60_000;
    const server = await serve();
    server.headers = { Date: new Date(anHourAgo).toUTCString() };
    const key = await rival(server, {});
    server.written.set(key, anHourAgo);
    await assert.rejects(pack(server), { code: "PACK_IN_USE" });
  });

  test("leaves objects of others alone that have the names of claims", async () => {
    const server = await serve();
    const keys = [
      "pack.claim-1",
      "files-0-to-2-of-3.claim-1",
      "files-mine.claim-1",
      "files-b/pack.claim-0",
    ];
    for (const key of keys) {
      server.objects.set(`sets/a/set/${key}`, Buffer.from("mine"));
      server.written.set(`sets/a/set/${key}`, Date.now() - 6 * 60_000);
    }
    await pack(server);
    for (const key of keys) {
      assert.equal(String(server.objects.get(`sets/a/set/${key}`)), "mine", key);
    }
  });

  test("does not overwrite a file that another process was faster with", async () => {
    const folder = contentsOf(await sixHere);
    const server = await serve();
    const put = (bytes: Buffer) => {
      server.fault = (asked) => {
        if (isDataFile(asked)) server.objects.set("sets/a/set/data-00000-of-00003.arrow", bytes);
        return undefined;
      };
    };
    const packed = folder["/data-00001-of-00003.arrow"] as Buffer;
    for (const other of [Buffer.from("another file"), packed]) {
      put(other);
      await assert.rejects(pack(server), (error: PixtokError) => {
        assert.deepEqual([error.code, exitCodeOf(error)], ["PACK_IN_USE", 75]);
        return true;
      });
      assert.equal(server.objects.get("sets/a/set/data-00000-of-00003.arrow"), other);
      server.objects.clear();
    }
    // the same file is as good
    put(folder["/data-00000-of-00003.arrow"] as Buffer);
    assert.equal((await pack(server)).files, 3);
    assertNoTemporaryFiles();
  });

  for (const [what, fault] of [
    ["fails", 503],
    ["is done, and its answer lost", "lost"],
    ["comes while another one is under way", 409],
  ] as const) {
    test(`goes on where each request that writes ${what} twice`, async () => {
      const server = await serve();
      const times = new Map<string, number>();
      server.fault = (asked) => {
        if (!/^(PUT|POST|DELETE) .*(lock|files-|data-00001|pack)/.test(asked)) return undefined;
        const before = times.get(asked) ?? 0;
        times.set(asked, before + 1);
        return before < 2 ? fault : undefined;
      };
      await pack(server, { remoteRetries: 3 });
      assertSameFiles(server, prefix, await sixHere);
    });
  }

  for (const [status, code, exit] of [
    [503, "REMOTE_UNREACHABLE", 75],
    [403, "REMOTE_REFUSED", 1],
  ] as const) {
    test(`ends where the server answers with ${status} for good, with code ${exit}, and leaves no index`, async () => {
      const server = await serve();
      server.fault = (asked) => (/data-00001/.test(asked) ? status : undefined);
      const packing = pack(server, { onError: "skip", remoteRetries: 1 });
      await assert.rejects(packing, (error: PixtokError) => {
        assert.deepEqual([error.code, exitCodeOf(error)], [code, exit]);
        assert.equal(error.source, `${url}/data-00001-of-00003.arrow`);
        return true;
      });
      const names = namesIn(server);
      assert.ok(!names.some((name) => /index|claim|data-0000[12]/.test(name)), names.join());
      assertNoTemporaryFiles();
      server.fault = () => undefined;
      await pack(server);
      assertSameFiles(server, prefix, await sixHere);
    });
  }

  test("says what S3 calls a fault, and that it was about writing", async () => {
    const server = await serve();
    server.fault = (asked) => (asked.startsWith("PUT") ? [400, "ExpiredToken"] : undefined);
    await assert.rejects(pack(server), {
      code: "REMOTE_REFUSED",
      message: /status 400, ExpiredToken \(check the URL, and what authorizes to write it\)$/,
    });
  });

  test("says where there is no such bucket", async () => {
    const server = await serve();
    server.fault = () => [404, "NoSuchBucket"];
    await assert.rejects(pack(server), {
      code: "REMOTE_NOT_FOUND",
      message: /status 404, NoSuchBucket: there is no such bucket/,
    });
  });

  test("does not overwrite a lock or a model's file that another process was faster with", async () => {
    for (const [name, code] of [
      ["pixtok.lock.json", "INVALID_LOCK"],
      ["tokenizer.json", "PACK_IN_USE"],
    ] as const) {
      const server = await serve();
      server.fault = (asked) => {
        if (asked === `PUT ${prefix}/${name}?x-id=PutObject`) {
          server.objects.set(`${prefix}/${name}`, Buffer.from("another"));
        }
        return undefined;
      };
      await assert.rejects(pack(server), { code });
      assert.equal(String(server.objects.get(`${prefix}/${name}`)), "another");
    }
  });

  test("leaves the index to who has taken the claim on the place over", async () => {
    const server = await serve();
    const index = `${prefix}/pixtok.index`;
    await pack(server);
    server.objects.delete(`${prefix}/data-00001-of-00003.arrow`);
    server.objects.set(index, Buffer.from("another"));
    server.fault = (asked) => {
      if (asked.startsWith(`HEAD ${index}`)) server.objects.delete(`${prefix}/pack.claim-0`);
      return undefined;
    };
    await assert.rejects(pack(server), { code: "PACK_IN_USE", message: /taken its work over/ });
    assert.equal(String(server.objects.get(index)), "another");
  });

  test("says what is missing in the bucket's policy", async () => {
    const server = await serve();
    server.fault = (asked) => (asked.startsWith("PUT") ? 403 : undefined);
    await assert.rejects(pack(server), {
      code: "REMOTE_REFUSED",
      message: /s3:PutObject, s3:DeleteObject and s3:ListBucket/,
    });
  });

  for (const header of ["if-none-match", "if-match"] as const) {
    test(`is refused by a store that does not heed ${header}, before there is a file`, async () => {
      const server = await serve();
      server.ignored.add(header);
      await assert.rejects(pack(server), { code: "REMOTE_REFUSED", message: /If-None-Match/ });
      assert.deepEqual(namesIn(server), []);
    });
  }

  test("is refused by a store that does not know conditions, or checksums", async () => {
    const server = await serve();
    server.fault = (asked) => (asked.startsWith("PUT") ? [501, "NotImplemented"] : undefined);
    await assert.rejects(pack(server), {
      code: "REMOTE_REFUSED",
      reason: /status 501, NotImplemented/,
      message: /If-None-Match.*set AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED/,
    });
  });

  test("needs room for a file here, and says where", async () => {
    const server = await serve();
    const none = join(temporary, "none");
    process.env[temporaryVariable] = none;
    try {
      await assert.rejects(pack(server), {
        code: "FILE_UNWRITABLE",
        source: none,
        message: new RegExp(`set ${temporaryVariable} to a folder with room`),
      });
    } finally {
      process.env[temporaryVariable] = temporary;
    }
  });

  test("uploads each piece of its file here from its own place", async () => {
    const handle = await open(join(temporary, "pieces"), "wx+");
    try {
      await handle.write("abcdefg");
      const file = await uploadOf(handle);
      assert.equal(file.bytes, 7);
      assert.equal((await file.read(0, 3)).toString(), "abc");
      assert.equal((await file.read(3, 4)).toString(), "defg");
    } finally {
      await handle.close();
    }
  });

  test("does not upload what its file here has lost", async () => {
    const server = await serve();
    const given = { endpoint: server.url, timeoutSeconds: 5, remoteRetries: 2 };
    const settings = readOptions("test", given, serverReaders);
    const place = { bucket: "sets", path: "a/set/data" };
    const made = bucketFile(bucketPlace(url, settings), "data", place, settings, neverAborted);
    const file = await made.begin();
    const bytes = 17 * 2 ** 20;
    await file.handle.truncate(bytes);
    server.fault = (asked) => {
      if (/^POST .*uploads/.test(asked)) ftruncateSync(file.handle.fd, 9);
      return undefined;
    };
    await assert.rejects(file.finish(), {
      code: "STORAGE_FAILED",
      source: temporary,
      reason: `a file that is made here is shorter than the ${bytes} bytes that it had`,
    });
    await file.discard();
    assert.deepEqual([server.objects.size, server.uploads.size], [0, 0]);
    assertNoTemporaryFiles();
  });

  for (const file of [0, 2]) {
    test(`ends at a signal while file ${file} of 3 is uploaded, and lets go of its claims`, async () => {
      const server = await serve();
      const stop = new AbortController();
      const reason = new Error("enough");
      server.isSilent = (asked) => {
        if (!asked.startsWith("PUT") || !asked.includes(`data-0000${file}`)) return false;
        stop.abort(reason);
        return true;
      };
      await assert.rejects(pack(server, { signal: stop.signal }), reason);
      const names = namesIn(server);
      assert.equal(names.filter((name) => name.startsWith("data")).length, file);
      assert.ok(!names.some((name) => name.includes("claim")), names.join());
      assertNoTemporaryFiles();
    });
  }

  test("ends where its claim has been taken over, and does not write it anew", async () => {
    const server = await serve();
    server.fault = (asked) => {
      if (!isDataFile(asked)) return undefined;
      for (const key of server.objects.keys()) {
        if (key.includes("/files-")) server.objects.delete(key);
      }
      return undefined;
    };
    await assert.rejects(pack(server), {
      code: "PACK_IN_USE",
      message: /another process has taken its work over/,
    });
    const names = namesIn(server);
    assert.ok(!names.some((name) => /claim|data-0000[12]/.test(name)), names.join());
    assertNoTemporaryFiles();
  });

  for (const folder of [
    "https://example.org/set",
    "s3://",
    "s3:///set",
    "hf://datasets/a/b",
    "s3:/sets/x",
    "gs://b/x",
  ]) {
    test(`${folder} is no place for it`, async () => {
      const expected = {
        name: "RangeError",
        message: /folder: expected the path of a folder, or s3:\/\/BUCKET\/PREFIX/,
      };
      await assert.rejects(packDataset(six, folder), expected);
      await assert.rejects(verifyPack(folder), expected);
      await assert.rejects(missingParts(folder, 2), expected);
    });
  }
});
