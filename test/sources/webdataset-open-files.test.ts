import assert from "node:assert/strict";
import { existsSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openWebDataset } from "pixtok";
import { folder, good, newFolder, write } from "../support/shards.js";
import { tarOf } from "../support/tar.js";

test("files of more shards than are kept open are read at once, and all closed after a while", {
  skip: existsSync("/proc/self/fd") ? false : "there is no list of open files here",
}, async () => {
  const below = newFolder();
  for (let i = 0; i < 40; i += 1) write(tarOf(good(String(i))), `${below}/${i}.tar`);
  const shards = join(folder, below, "{0..39}.tar");
  const source = await openWebDataset(shards);
  const ours = join(realpathSync(folder), below);
  const openNow = () =>
    readdirSync("/proc/self/fd").filter((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(ours);
      } catch {
        return false; // that of the listing itself
      }
    }).length;
  const all = Array.from({ length: 400 }, (_, i) => i % 40);
  const texts = await Promise.all(all.map((i) => source.texts?.(i)));
  assert.deepEqual(
    texts,
    all.map((i) => `text ${i}`),
  );
  await sleep(50);
  assert.ok(openNow() <= 16, `${openNow()} are open`);
  await sleep(1500);
  assert.equal(openNow(), 0);
  assert.equal(await source.texts?.(7), "text 7");
});
