// Lists of many files: what is made and asked for does not grow with them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openSource } from "pixtok";
import type { RemoteFile } from "../../src/remote/remote-file.js";
import { remoteFolder } from "../../src/remote/remote-folder.js";
import type { ListedFile } from "../../src/remote/remote-listing.js";
import { closedServers } from "../support/closed-servers.js";
import { imageBytes, quick } from "../support/remote-sets.js";
import { credentials, startS3 } from "../support/s3-server.js";

process.env.AWS_ACCESS_KEY_ID = credentials.key;
process.env.AWS_SECRET_ACCESS_KEY = credentials.secret;
process.env.AWS_REGION = "eu-central-1";

const start = closedServers(startS3);

describe("a folder that has been listed", () => {
  const paths = ["a/1.jpg", "a/2.jpg", "a/b/3.jpg", "ab/4.jpg"];
  const listed = paths.map((path): ListedFile => {
    return { path: `name/${path}`, size: 1, validator: undefined, checksum: undefined };
  });
  const made: string[] = [];
  const folder = remoteFolder(new Map(listed.map((one, i) => [paths[i] as string, one])), (one) => {
    made.push(one.path);
    return { url: one.path } as RemoteFile;
  });

  test("makes those files alone that are asked for", () => {
    assert.deepEqual([...folder.within("a").paths()], ["1.jpg", "2.jpg", "b/3.jpg"]);
    assert.equal(folder.only(["a/2.jpg", "x"]).size, 1);
    assert.deepEqual(made, []);
    assert.equal(folder.within("a").within("b").file("3.jpg")?.url, "name/a/b/3.jpg");
    assert.equal(folder.only(["a/2.jpg"]).file("a/1.jpg"), undefined);
    assert.deepEqual(made, ["name/a/b/3.jpg"]);
  });
});

test("a bucket's folder of 5000 images is opened by a request for each page of its list, and one for an image", async () => {
  const [jpeg] = imageBytes as [Buffer];
  const names = Array.from({ length: 5000 }, (_, i) => `sets/name/c${i % 50}/${i}.jpg`);
  const server = await start(Object.fromEntries(names.map((name) => [name, jpeg])));
  const source = await openSource("s3://sets/name", quick({ endpoint: server.url }));
  assert.equal(source.length, 5000);
  assert.equal(server.requests.length, 5);
  await source.get(4999, { seed: 0, epoch: 0 });
  assert.equal(server.requests.length, 6);
});
