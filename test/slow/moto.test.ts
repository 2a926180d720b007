// Buckets of moto's server of S3, which is written by others than the one in test/support.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { DataLoader, MultimodalDataset, openSource, packDataset } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { smallTokenizer } from "../support/pairs.js";
import { python, withoutPython } from "../support/python.js";
import {
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

describe("of a bucket of moto's there can be opened", {
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

  test("shards, by folder and by pattern, which are compared with their checksums", async () => {
    const tokenizer = await smallTokenizer();
    const here = await MultimodalDataset.from(shards, { tokenizer });
    for (const data of ["s3://sets/shards", "s3://sets/shards/*.tar"]) {
      await assertSameEpoch(await MultimodalDataset.from(data, { tokenizer, ...options }), here);
    }
  });

  test("images in folders of classes, whatever their names", async () => {
    const of = { text: null, columns: { label: "int64" } } as const;
    await assertSameEpoch(
      await MultimodalDataset.from("s3://sets/classes/", { ...of, ...options }),
      await MultimodalDataset.from(classes, of),
    );
  });

  test("a packed set", async () => {
    const dataset = await MultimodalDataset.from("s3://sets/packed", options);
    await assertSameEpoch(dataset, await MultimodalDataset.from(packed));
    for await (const batch of new DataLoader(dataset, { batchSize: 2 })) batch.release();
  });

  test("a folder of more images than a page of its list has", async () => {
    const source = await openSource("s3://sets/many", { texts: false, ...options });
    assert.equal(source.length, 1001);
  });

  test("nothing where there is nothing", async () => {
    for (const url of ["s3://sets/none", "s3://no-such-bucket/x.tar"]) {
      await assert.rejects(openSource(url, options), { code: "REMOTE_NOT_FOUND" });
    }
  });
});
