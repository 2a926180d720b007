// Sets that are packed into buckets, which here are a server of our own that checks signatures and digests.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { attestPack, MultimodalDataset, packDataset } from "pixtok";
import {
  assertSameFiles,
  namesBelow,
  bucketPrefix as prefix,
  bucketUrl as url,
} from "../support/packed-buckets.js";
import { assertSameEpoch } from "../support/packs.js";
import { fileBytes, packsIntoBuckets } from "../support/packs-into-buckets.js";
import { smallTokenizer } from "../support/pairs.js";
import { contentsOf, quick } from "../support/remote-sets.js";
import type { S3Server } from "../support/s3-server.js";

const { serve, datasetOf, six, at, pack, here, assertNoTemporaryFiles } = packsIntoBuckets(
  await smallTokenizer(),
);
const namesIn = (server: S3Server) => namesBelow(server, prefix);
const sixHere = here();

/** As many files as have an index. */
const many = datasetOf(65);
const manyHere = here(many, { fileBytes: 3 });

describe("a set that is packed into a bucket", () => {
  test("has the files that it has in a folder, to the last byte, and is opened", async () => {
    const server = await serve();
    const folder = await sixHere;
    const result = await packDataset(six, `${url}/`, at(server));
    assert.deepEqual([result.files, result.written, result.kept, result.pairs], [3, 3, 0, 6]);
    assertSameFiles(server, prefix, folder);
    assertNoTemporaryFiles();
    await assertSameEpoch(
      await MultimodalDataset.from(url, quick({ endpoint: server.url })),
      await MultimodalDataset.from(folder),
    );
  });

  test("has the index of a folder's where its files are many", async () => {
    const server = await serve();
    await pack(server, { fileBytes: 3 }, many);
    assertSameFiles(server, prefix, await manyHere);
    assert.ok(namesIn(server).includes("pixtok.index"));
  });

  test("can be the whole of a bucket", async () => {
    const server = await serve();
    await packDataset(six, "s3://whole", at(server));
    const names = [...server.objects.keys()].filter((key) => key.startsWith("whole/data-"));
    assert.equal(names.length, 3);
  });

  test("is made of parts, by processes that pack at the same time", async () => {
    const server = await serve();
    const parts = [0, 1, 2].map((index) => pack(server, { part: { index, of: 3 } }));
    for (const { written } of await Promise.all(parts)) assert.equal(written, 1);
    assertSameFiles(server, prefix, await sixHere);
  });

  test("goes on behind the files that are there, which stay as they are", async () => {
    const server = await serve();
    await pack(server, { part: { index: 1, of: 3 } });
    server.requests.length = 0;
    const { written, kept } = await pack(server);
    assert.deepEqual([written, kept], [2, 1]);
    assert.ok(!server.requests.some((asked) => /^PUT .*data-00001/.test(asked)));
    server.requests.length = 0;
    const again = await pack(server);
    assert.deepEqual([again.written, again.kept], [0, 3]);
    assert.deepEqual(
      server.requests.filter((asked) => !asked.startsWith("GET")),
      [],
    );
    assertSameFiles(server, prefix, await sixHere);
  });

  test("gets a file again that was deleted", async () => {
    const server = await serve();
    await pack(server);
    server.objects.delete("sets/a/set/data-00002-of-00003.arrow");
    assert.equal((await pack(server)).written, 1);
    assertSameFiles(server, prefix, await sixHere);
  });

  test("gets a version by rows that are appended, as a folder does", async () => {
    const server = await serve();
    const folder = await here();
    await pack(server);
    const more = datasetOf(3, "others");
    await packDataset(more, folder, { fileBytes, append: true });
    const { version } = await pack(server, { append: true }, more);
    assert.equal(version, 2);
    assertSameFiles(server, prefix, folder);
    assert.equal((await pack(server, { append: true }, more)).written, 0);
  });

  test("is not appended to where there is none", async () => {
    const server = await serve();
    await assert.rejects(pack(server, { append: true }), { code: "NOT_A_PACK", source: url });
    assert.deepEqual(namesIn(server), []);
  });
});

test("into a bucket, packing writes no index where its claim on the place has been taken over", async () => {
  const server = await serve();
  for (const [name, content] of Object.entries(contentsOf(await manyHere))) {
    if (!/index/.test(name)) server.objects.set(`${prefix}${name}`, content);
  }
  server.fault = (asked) => {
    if (/^HEAD .*pixtok.index/.test(asked)) server.objects.delete(`${prefix}/pack.claim-0`);
    return undefined;
  };
  await assert.rejects(pack(server, { fileBytes: 3 }, many), {
    code: "PACK_IN_USE",
    message: /taken its work over/,
  });
  assert.ok(!server.objects.has(`${prefix}/pixtok.index`));
});

test("into a bucket, packing fails where the index of what it has packed is refused", async () => {
  const server = await serve();
  for (const [name, content] of Object.entries(contentsOf(await manyHere))) {
    if (!/data-00064|index/.test(name)) server.objects.set(`${prefix}${name}`, content);
  }
  server.fault = (asked) => (/^PUT .*pixtok.index/.test(asked) ? 403 : undefined);
  const source = `${url}/pixtok.index`;
  await assert.rejects(pack(server, { fileBytes: 3 }, many), { code: "REMOTE_REFUSED", source });
  // of a set that is there, a place to read is as good without one, and one whose requests are wrong is not
  assert.equal((await pack(server, { fileBytes: 3 }, many)).written, 0);
  server.fault = (asked) => (/^PUT .*pixtok.index/.test(asked) ? 400 : undefined);
  await assert.rejects(pack(server, { fileBytes: 3 }, many), { code: "REMOTE_REFUSED", source });
});

test("a set in a bucket is not attested: its lock is to be copied", async () => {
  await assert.rejects(attestPack(url), {
    name: "RangeError",
    message: /copy pixtok\.lock\.json .*got "s3:\/\/sets\/a\/set"/,
  });
});
