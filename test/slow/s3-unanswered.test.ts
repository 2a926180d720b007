// Requests that a bucket's server leaves without an answer. The client waits for 3 seconds by itself.

import assert from "node:assert/strict";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openSource } from "pixtok";
import { inChild } from "../support/child.js";
import { closedServers } from "../support/closed-servers.js";
import { newFolder, shardsOf } from "../support/remote-sets.js";
import { s3Environment, startS3 } from "../support/s3-server.js";

Object.assign(process.env, s3Environment);

const start = closedServers(startS3);

test("a request that is not answered keeps no process alive that has what it wants", async () => {
  const objects = Object.entries(shardsOf(3, 4)).map(([path, bytes]) => [
    `sets/name${path}`,
    bytes,
  ]);
  const server = await start(Object.fromEntries(objects));
  const cacheDir = newFolder();
  const url = "s3://sets/name/{000..002}.tar";
  const options = { endpoint: server.url, cacheDir, timeoutSeconds: 60 };
  await openSource(url, { ...options, cacheBytes: 2 ** 20 }); // keeps the indexes
  for (const { parentPath, name } of readdirSync(join(cacheDir, "copies"), {
    recursive: true,
    withFileTypes: true,
  })) {
    const path = join(parentPath, name);
    if (statSync(path).isFile() && statSync(path).size > 10_000) rmSync(path);
  }
  server.isSilent = (asked) => /^GET .*00[12]\.tar$/.test(asked);
  const began = performance.now();
  const { value, ended, errors } = await inChild(
    `
      const { openSource } = await import("pixtok");
      const source = await openSource(${JSON.stringify(url)}, ${JSON.stringify(options)});
      return (await source.get(0, { seed: 0, epoch: 0 })).text;
    `,
    { seconds: 50 },
  );
  assert.equal(value, "text 0 of shard 0", errors);
  assert.equal(ended, 0);
  assert.ok(performance.now() - began < 40_000);
});
