// examples/fleet/bullmq: workers of a queue that pack a set, killed at random, one of them frozen and woken. Its packages are
// installed by `npm ci --prefix examples/fleet/bullmq`.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { MultimodalDataset, verifyPack } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { installedExample } from "../support/installed-example.js";
import { randomIntegers, seed } from "../support/pairs.js";
import { startRedis, withoutRedis } from "../support/redis.js";

const example = installedExample("fleet/bullmq");
const exampleFolder = fileURLToPath(new URL("../../examples/fleet/bullmq", import.meta.url));

const PAIRS = 1200;
const FILE_PAIRS = 100;
const PARTS = 6;

/** Times that a fleet has in minutes. */
const times = { LOCK_MS: "2000", RETRY_MS: "700", WATCH_MS: "200" };

/**
 * Workers, as many as are wanted at any time.
 *
 * @param onBegin called with a worker that has begun a part, and how many have been begun before it.
 */
function startFleet(
  size: number,
  env: NodeJS.ProcessEnv,
  onBegin: (worker: ChildProcess, before: number) => void = () => {},
) {
  const workers = new Set<ChildProcess>();
  let isOver = false;
  let begun = 0;
  let said = "";
  const start = () => {
    const worker = spawn(process.execPath, ["--import", "tsx", "main.ts", "work"], {
      cwd: exampleFolder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    workers.add(worker);
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        for (const _ of text.matchAll(/^begun: /gm)) {
          onBegin(worker, begun);
          begun += 1;
        }
      });
    }
    worker.once("exit", () => {
      workers.delete(worker);
      if (!isOver) start();
    });
  };
  for (let i = 0; i < size; i += 1) start();
  return {
    workers,
    said: () => said,
    /** Waits until workers have said so. */
    async says(what: RegExp) {
      for (let tries = 0; tries < 1200 && !what.test(said); tries += 1) await setTimeout(100);
      assert.match(said, what);
    },
    async stop() {
      isOver = true;
      const ends = [...workers].map(
        (worker) => new Promise((resolve) => worker.once("exit", resolve)),
      );
      for (const worker of workers) worker.kill("SIGKILL");
      await Promise.all(ends);
    },
  };
}

const skip = example.skip || withoutRedis;

describe("a queue of BullMQ", { skip, timeout: 1_200_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), "pixtok-bullmq-"));
  const manifest = join(root, "pairs.jsonl");
  before(() => {
    const rows = Array.from({ length: PAIRS }, (_, i) =>
      JSON.stringify({ image: "jpeg-500x375.jpg", text: `image ${i}` }),
    );
    writeFileSync(manifest, rows.join("\n"));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  const produce = (folder: string, env: NodeJS.ProcessEnv, ...more: string[]) =>
    example.run(
      [
        ...["produce", manifest, folder, "--parts", `${PARTS}`, "--root", fixture("images")],
        ...["--size", "16", "--file-bytes", String(FILE_PAIRS * 3 * 256), ...more],
      ],
      undefined,
      env,
    );
  const watch = (folder: string, env: NodeJS.ProcessEnv) =>
    example.run(["watch", folder, "--parts", `${PARTS}`], undefined, env);

  test("compiles", async () => {
    assert.deepEqual(await example.typeErrors(), []);
  });

  test("refuses what is no number of parts", async () => {
    const produced = example.run(["produce", manifest, join(root, "none"), "--parts", "eight"]);
    await assert.rejects(produced, /ended by 1: --parts is a number of parts/);
  });

  for (let round = 0; round < 5; round += 1) {
    test(`packs every file once, with workers killed and one frozen (seed ${seed + round})`, {
      timeout: 300_000,
    }, async () => {
      const random = randomIntegers(seed + round);
      const folder = join(root, `packed-${round}`);
      const redis = await startRedis(root);
      const env = { REDIS_URL: redis.url, ...times };
      // at once, so that it has the part still
      const which = random(3);
      let frozen: ChildProcess | undefined;
      const fleet = startFleet(2, env, (worker, before) => {
        if (before !== which) return;
        worker.kill("SIGSTOP");
        frozen = worker;
      });
      try {
        await produce(folder, env);
        await fleet.says(new RegExp(`(?:^begun: [^]*){${which + 1}}`, "m"));
        for (let kills = 0; kills < 2; kills += 1) {
          await setTimeout(300 + random(1200));
          const others = [...fleet.workers].filter((worker) => worker !== frozen);
          others[random(others.length)]?.kill("SIGKILL");
        }
        // its lock is void, and another one has been given its part
        await fleet.says(/^taken over: /m);
        frozen?.kill("SIGCONT");
        const lines = await watch(folder, env);
        assert.match(lines.at(-1) ?? "", /^12 files, 1200 pairs: whole$/, fleet.said());
        assert.match(lines.at(-2) ?? "", /^0 parts left, 6 done, 0 failed/, fleet.said());
      } finally {
        await fleet.stop();
        await redis.stop();
      }
      const report = await verifyPack(folder);
      const files = PAIRS / FILE_PAIRS;
      assert.deepEqual(report, { ok: true, files, pairs: PAIRS, problems: [] });
      const left = readdirSync(folder).filter((name) => /incomplete|claim/.test(name));
      assert.deepEqual(left, [], fleet.said());
      assert.equal((await MultimodalDataset.from(folder, { text: null })).length, PAIRS);
    });
  }

  test("says which parts can never be packed, and what is missing; what is put in again is packed", {
    timeout: 300_000,
  }, async () => {
    const folder = join(root, "never");
    const redis = await startRedis(root);
    const env = { REDIS_URL: redis.url, ...times };
    mkdirSync(folder);
    const fleet = startFleet(1, env);
    try {
      const bad = join(root, "bad.jsonl");
      writeFileSync(bad, JSON.stringify({ image: "none.jpg", text: "a" }));
      await example.run(["produce", bad, folder, "--parts", "1"], undefined, env);
      await assert.rejects(
        example.run(["watch", folder, "--parts", "1"], undefined, env),
        /fleet\/bullmq ended by 1/,
      );
      await fleet.says(/part 0 of 1: .*no such file/);
      await produce(join(root, "only"), env, "--only", "1,3");
      await produce(join(root, "only"), env, "--only", "1,3"); // adds none
      await assert.rejects(watch(join(root, "only"), env), /ended by 1/);
      await produce(join(root, "only"), env, "--only", "0,1,2,4,5");
      const lines = await watch(join(root, "only"), env);
      assert.equal(lines.at(-1), "12 files, 1200 pairs: whole");
      const [file = ""] = readdirSync(join(root, "only")).filter((name) =>
        name.startsWith("data-"),
      );
      truncateSync(join(root, "only", file), 1000);
      await assert.rejects(watch(join(root, "only"), env), /ended by 1/);
    } finally {
      await fleet.stop();
      await redis.stop();
    }
  });
});
