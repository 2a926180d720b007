// Buckets of moto's server of S3, which is written by others than the one in test/support.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import {
  DataLoader,
  ImageProcessor,
  MultimodalDataset,
  openSource,
  packDataset,
  verifyPack,
} from "pixtok";
import { readSmallFile } from "../../src/remote/read-small-file.js";
import { serverReaders } from "../../src/remote/remote-options.js";
import { s3List } from "../../src/remote/s3.js";
import { stayAlive } from "../../src/remote/stay-alive.js";
import { neverAborted } from "../../src/shared/abort.js";
import { readOptions } from "../../src/shared/options.js";
import { fixture } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { numberedPairs, smallTokenizer } from "../support/pairs.js";
import { python, withoutPython } from "../support/python.js";
import {
  contentsOf,
  folderOf,
  imageBytes,
  imageNames,
  newFolder,
  quick,
  shardsOf,
} from "../support/remote-sets.js";
import { s3Environment } from "../support/s3-server.js";

Object.assign(process.env, s3Environment);

/** Serves a bucket with the files below the folders of its arguments, each by NAME=FOLDER, until its input ends. */
const program = `
import logging, pathlib, sys
import boto3
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
url = "http://%s:%d" % server.get_host_and_port()
client = boto3.client("s3", endpoint_url=url)
client.create_bucket(Bucket="sets", CreateBucketConfiguration={"LocationConstraint": client.meta.region_name})
for one in sys.argv[1:]:
    name, folder = one.split("=", 1)
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            client.put_object(Bucket="sets", Key=f"{name}/{path.relative_to(folder)}", Body=path.read_bytes())
print(url, flush=True)
sys.stdin.read()
server.stop()
`;

describe("a bucket of moto's", {
  skip: withoutPython({ moto: "5.", boto3: "1." }),
  timeout: 100_000,
}, () => {
  const [jpeg] = imageBytes as [Buffer];
  const shards = folderOf(shardsOf(3, 4));
  const classes = folderOf({ "cat/1.jpg": jpeg, "dog/2 ä+.jpg": jpeg });
  const many = folderOf(
    Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`c${i % 7}/${i}.jpg`, "x"])),
  );
  const packed = newFolder();
  const child = { end: () => {} };
  let options = quick();

  before(async () => {
    const imagePaths = imageNames.map((name) => fixture(`images/${name}`));
    const dataset = new MultimodalDataset({ imagePaths, text: null });
    await packDataset(dataset, packed);
    const folders = Object.entries({ shards, classes, many, packed });
    const arguments_ = folders.map(([name, folder]) => `${name}=${folder}`);
    const server = spawn(python, ["-c", program, ...arguments_], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.end = () => server.stdin.end();
    const [endpoint] = await once(createInterface(server.stdout), "line");
    options = quick({ endpoint, timeoutSeconds: 30 });
  });
  after(() => child.end());

  test("gives shards, by folder and by pattern, which are compared with their checksums", async () => {
    const tokenizer = await smallTokenizer();
    const here = await MultimodalDataset.from(shards, { tokenizer });
    for (const data of ["s3://sets/shards", "s3://sets/shards/*.tar"]) {
      await assertSameEpoch(await MultimodalDataset.from(data, { tokenizer, ...options }), here);
    }
  });

  test("gives images in folders of classes, whatever their names", async () => {
    const of = { text: null, columns: { label: "int64" } } as const;
    await assertSameEpoch(
      await MultimodalDataset.from("s3://sets/classes/", { ...of, ...options }),
      await MultimodalDataset.from(classes, of),
    );
  });

  test("gives a packed set", async () => {
    const dataset = await MultimodalDataset.from("s3://sets/packed", options);
    await assertSameEpoch(dataset, await MultimodalDataset.from(packed));
    for await (const batch of new DataLoader(dataset, { batchSize: 2 })) batch.release();
  });

  test("gives a folder of more images than a page of its list has", async () => {
    const source = await openSource("s3://sets/many", { texts: false, ...options });
    assert.equal(source.length, 1001);
  });

  test("gives nothing where there is nothing", async () => {
    for (const url of ["s3://sets/none", "s3://no-such-bucket/x.tar"]) {
      await assert.rejects(openSource(url, options), { code: "REMOTE_NOT_FOUND" });
    }
  });

  test("takes a packed set by parts, with a file that is uploaded in pieces, and more rows", async () => {
    const image = new ImageProcessor({ resize: { width: 512, height: 512 } });
    const of = (length: number, fingerprint: string) =>
      new MultimodalDataset({
        source: { ...numberedPairs(length), fingerprint },
        text: null,
        image,
      });
    // the first of 16 MiB and some
    const [first, more] = [of(26, "the first"), of(2, "more")];
    const fileBytes = 22 * 3 * 512 * 512;
    const url = "s3://sets/packed ä+/here";
    const { endpoint = "" } = options;
    const given = { endpoint, fileBytes };
    const folder = newFolder();
    await packDataset(first, folder, { fileBytes });
    const parts = [0, 1].map((index) =>
      packDataset(first, url, { ...given, part: { index, of: 2 } }),
    );
    for (const { written } of await Promise.all(parts)) assert.equal(written, 1);
    assert.equal((await packDataset(first, url, given)).kept, 2);
    await packDataset(more, folder, { fileBytes, append: true });
    assert.equal((await packDataset(more, url, { ...given, append: true })).version, 2);
    const settings = readOptions("test", { endpoint }, serverReaders);
    const files = contentsOf(folder);
    for (const [name, bytes] of Object.entries(files)) {
      assert.ok((await readSmallFile(`${url}${name}`, 2 ** 26, settings)).equals(bytes), name);
    }
    const place = { bucket: "sets", path: "packed ä+/" };
    const listed = await stayAlive(s3List(url, place, settings, neverAborted));
    assert.equal(listed.length, Object.keys(files).length);
    assert.deepEqual((await verifyPack(url, { endpoint })).problems, []);
    await assertSameEpoch(
      await MultimodalDataset.from(url, options),
      await MultimodalDataset.from(folder),
    );
  });

  test("is to be there before a set is packed into it", async () => {
    const dataset = new MultimodalDataset({ source: numberedPairs(2), text: null });
    const packing = packDataset(dataset, "s3://no-such-bucket/set", {
      endpoint: options.endpoint ?? "",
    });
    await assert.rejects(packing, { code: "REMOTE_NOT_FOUND" });
  });
});
