// examples/fleet/bullmq: workers of a queue that pack a set, killed at random, one of them frozen and woken. Its packages are
// installed by `npm ci --prefix examples/fleet/bullmq`.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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

/** Workers, of which there are always as many as are wanted. */
function startFleet(size: number, env: NodeJS.ProcessEnv) {
  const workers = new Set<ChildProcess>();
  let isOver = false;
  let said = "";
  const start = () => {
    const worker = spawn(process.execPath, ["--import", "tsx", "main.ts", "work"], {
      cwd: exampleFolder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    workers.add(worker);
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.on("data", (text) => {
        said += text;
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

  for (let round = 0; round < 5; round += 1) {
    test(`packs every file once, with workers killed and one frozen (seed ${seed + round})`, {
      timeout: 300_000,
    }, async () => {
      const random = randomIntegers(seed + round);
      const folder = join(root, `packed-${round}`);
      const redis = await startRedis(root);
      const env = { REDIS_URL: redis.url, ...times };
      await produce(folder, env);
      const fleet = startFleet(2, env);
      const any = () => [...fleet.workers][random(fleet.workers.size)] as ChildProcess;
      const isPacking = () => {
        try {
          return readdirSync(folder).some((name) => name.endsWith(".incomplete"));
        } catch {
          return false; // there is no folder yet
        }
      };
      const packing = async () => {
        for (let tries = 0; tries < 1200; tries += 1) {
          if (isPacking()) return;
          await setTimeout(50);
        }
        assert.fail(fleet.said());
      };
      try {
        await packing();
        const frozen = any();
        frozen.kill("SIGSTOP");
        for (let kills = 0; kills < 2; kills += 1) {
          await setTimeout(300 + random(1200));
          const others = [...fleet.workers].filter((worker) => worker !== frozen);
          others[random(others.length)]?.kill("SIGKILL");
        }
        // its lock is void, and another one has been given its part
        for (let tries = 0; tries < 600 && !/^taken over: /m.test(fleet.said()); tries += 1) {
          await setTimeout(100);
        }
        frozen.kill("SIGCONT");
        const lines = await watch(folder, env);
        assert.match(lines.at(-1) ?? "", /^12 files, 1200 pairs: whole$/, fleet.said());
        assert.match(lines.at(-2) ?? "", /^0 parts left, 6 done, 0 failed/, fleet.said());
        assert.match(fleet.said(), /^taken over: /m);
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
      assert.match(fleet.said(), /part 0 of 1: .*no such file/);
      await produce(join(root, "only"), env, "--only", "1,3");
      await produce(join(root, "only"), env, "--only", "1,3"); // adds none
      await assert.rejects(watch(join(root, "only"), env), /ended by 1/);
      await produce(join(root, "only"), env, "--only", "0,1,2,4,5");
      const lines = await watch(join(root, "only"), env);
      assert.equal(lines.at(-1), "12 files, 1200 pairs: whole");
    } finally {
      await fleet.stop();
      await redis.stop();
    }
  });
});
