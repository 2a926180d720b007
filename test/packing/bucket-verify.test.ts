// What is said of a set in a bucket: by commands, which are told of its server by the environment, and by functions.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { before, beforeEach, describe, test } from "node:test";
import { MultimodalDataset, missingParts, type PixtokError, packDataset, verifyPack } from "pixtok";
import { exitCodeOf } from "../../src/cli/exit-code.js";
import { serverReaders } from "../../src/remote/remote-options.js";
import { readOptions } from "../../src/shared/options.js";
import { bucketPlace } from "../../src/sources/packed/bucket-place.js";
import { runCommand } from "../support/command-line.js";
import { bucketPrefix, packingFour, bucketUrl as url } from "../support/packed-buckets.js";
import { packsIntoBuckets } from "../support/packs-into-buckets.js";
import { smallTokenizer, tinyImage } from "../support/pairs.js";

const { temporary, serve, pack, assertNoTemporaryFiles } = packsIntoBuckets(await smallTokenizer());

const server = await serve();
const onePixel = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 } as const;

describe("pixtok, with a set in a bucket,", () => {
  before(() => {
    process.env.AWS_ENDPOINT_URL_S3 = server.url;
  });
  beforeEach(() => server.objects.clear());

  test("says which parts have missing files", async () => {
    await runCommand(...packingFour(url));
    server.objects.delete("sets/a/set/data-00002-of-00004.arrow");
    for (const how of [["--names"], ["--quick"], []]) {
      const { code, stdout, stderr } = await runCommand("verify", url, ...how, "--missing", "4");
      assert.deepEqual([code, stdout], [1, "2\n"], `${how.join()} ${stderr}`);
    }
    assert.deepEqual(await missingParts(url, 2, { endpoint: server.url }), [1]);
  });

  test("names a file that is damaged, and one that is cut short", async () => {
    await runCommand(...packingFour(url));
    const key = (file: number) => `sets/a/set/data-0000${file}-of-00004.arrow`;
    const whole = server.objects.get(key(1)) as Buffer;
    const flipped = Buffer.from(whole);
    const middle = flipped.length - 60;
    flipped[middle] = (flipped[middle] as number) ^ 1;
    server.objects.set(key(1), flipped);
    server.objects.set(key(2), whole.subarray(0, -8));
    const { code, stdout } = await runCommand("verify", url);
    assert.equal(code, 1);
    assert.match(stdout, /data-00001-of-00004.arrow, rows 0 to 0: the checksum differs/);
    assert.match(stdout, /data-00002-of-00004.arrow: it has \d+ bytes, and should have \d+/);
    const quickly = await runCommand("verify", url, "--quick");
    assert.doesNotMatch(quickly.stdout, /data-00001/);
    assert.match(quickly.stdout, /data-00002/);
    assertNoTemporaryFiles();
  });

  test("says that there is none where there is none", async () => {
    const { code, stdout } = await runCommand("verify", url);
    assert.equal(code, 1);
    assert.match(stdout, /0 files, 0 pairs: no packed set/);
  });
});

const settingsOf = ({ url: endpoint }: { url: string }) =>
  readOptions("place", { endpoint, remoteRetries: 0 }, serverReaders);

describe("a set in a bucket", () => {
  let whole: Awaited<ReturnType<typeof serve>>;
  before(async () => {
    whole = await serve();
    await pack(whole);
  });

  test("is read whole from copies that are gone behind it", async () => {
    const { ok, pairs } = await verifyPack(url, { endpoint: whole.url });
    assert.deepEqual([ok, pairs], [true, 6]);
    assertNoTemporaryFiles();
  });

  test("may have schemas that are longer than what is first asked for", async () => {
    const server = await serve();
    const column = "c".repeat(2 ** 16);
    const columnTypes = { [column]: "int32" } as const;
    const get = () => ({ image: onePixel, text: "", columns: { [column]: 1 } });
    const source = { length: 1, columnTypes, get };
    const dataset = new MultimodalDataset({
      ...{ source, text: null, image: tinyImage },
      columns: "auto",
    });
    await packDataset(dataset, url, { endpoint: server.url });
    const { ok, problems } = await verifyPack(url, { endpoint: server.url, quick: true });
    assert.deepEqual([ok, problems], [true, []]);
  });

  test("is copied to the folder that is given for copies, a file at a time", async () => {
    const given = mkdtempSync(join(temporary, "given-"));
    const place = bucketPlace(url, settingsOf(whole), given);
    for (const file of await place.packedFiles()) {
      await place.opened(file, async () => assert.equal(readdirSync(given).length, 1));
      assert.deepEqual(readdirSync(given), []);
    }
  });

  test("has no file read in place of the one that was listed", async () => {
    const server = await serve();
    await pack(server);
    const place = bucketPlace(url, settingsOf(server));
    const [first] = await place.packedFiles();
    assert.ok(first);
    assert.equal((await place.ends(first)).metadata.shard, 0);
    const key = `${bucketPrefix}/${first.name}`;
    const other = Buffer.from(server.objects.get(key) as Buffer);
    other[other.length - 9] = 1 ^ (other.at(-9) as number);
    server.objects.set(key, other);
    await assert.rejects(place.ends(first), { code: "SOURCE_CHANGED" });
  });
});

test("a set in a bucket is not judged by a server that fails", async () => {
  const server = await serve();
  await pack(server);
  server.fault = (asked) => (/^GET .*data-00002/.test(asked) ? 503 : undefined);
  const verifying = verifyPack(url, { endpoint: server.url, remoteRetries: 0 });
  await assert.rejects(verifying, (error: PixtokError) => {
    assert.deepEqual([error.code, exitCodeOf(error)], ["REMOTE_UNREACHABLE", 75]);
    return true;
  });
  assertNoTemporaryFiles();
});
