// pixtok plan: bytes that machines fetch are those that it says, where each has the cache that it says.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DataLoader, MultimodalDataset, openWebDataset } from "pixtok";
import { planFor } from "../../src/planning/plan.js";
import { closedServers } from "../support/closed-servers.js";
import { startFileServer } from "../support/file-server.js";
import { newFolder, quick, shardsOf } from "../support/remote-sets.js";

const SHARDS = 64;
const SHARD_PAIRS = 100;
const WINDOW = 8;
const BATCH = 16;

const serve = closedServers(startFileServer);

const root = newFolder();
for (const [name, bytes] of Object.entries(shardsOf(SHARDS, SHARD_PAIRS))) {
  writeFileSync(join(root, name), bytes);
}
await openWebDataset(join(root, "{000..063}.tar")); // writes the indexes
const files = Object.fromEntries(
  readdirSync(root).map((name) => [`/${name}`, readFileSync(join(root, name))]),
);
const bytes = Object.entries(files)
  .filter(([name]) => name.endsWith(".tar"))
  .reduce((sum, [, { length }]) => sum + length, 0);
const unmeasured = { opening: null, openingAgain: null, memory: null, readRate: null };
const figures = { pairBytes: bytes / (SHARDS * SHARD_PAIRS), blockPairs: SHARD_PAIRS };

describe("the bytes of shards that are fetched in an epoch are those of the plan:", () => {
  for (const [ranks, nodes] of [
    [1, 1],
    [2, 2],
    [4, 2],
    [8, 4],
  ] as const) {
    test(`${ranks} ranks on ${nodes} machines`, async () => {
      const fleet = { ranks, nodes, bandwidth: null, batchSize: BATCH, window: WINDOW } as const;
      const asIt = { asItIs: { ...figures, ...unmeasured }, packed: null };
      const { asItIs: planned } = planFor(asIt, SHARDS * SHARD_PAIRS, {
        ...fleet,
        shuffle: "blocks",
      });
      const server = await serve(files);
      const read = async (rank: number, cacheDir: string) => {
        const cacheBytes = Math.ceil(planned.cacheBytes);
        const source = await openWebDataset(`${server.url}/{000..063}.tar`, {
          ...quick({ cacheDir, cacheBytes }),
        });
        const dataset = await MultimodalDataset.from(source, { text: null });
        const loader = new DataLoader(dataset, {
          batchSize: BATCH,
          shuffle: "blocks",
          shuffleWindow: WINDOW,
          rank,
          worldSize: ranks,
          threads: 1,
        });
        for await (const batch of loader) batch.release();
      };
      const machines = Array.from({ length: nodes }, newFolder);
      await Promise.all(
        Array.from({ length: ranks }, (_, rank) =>
          read(rank, machines[Math.floor((rank * nodes) / ranks)] as string),
        ),
      );
      const fetched = server.requests
        .filter(({ method, path, range }) => {
          return method === "GET" && path.endsWith(".tar") && range === undefined;
        })
        .reduce((sum, { path }) => sum + (files[path]?.length as number), 0);
      const ratio = planned.fetchedBytes / fetched;
      assert.ok(Math.abs(ratio - 1) < 0.2, `planned ${planned.fetchedBytes}, fetched ${fetched}`);
    });
  }
});
