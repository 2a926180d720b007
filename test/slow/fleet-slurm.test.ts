// examples/fleet/slurm: an array that packs a set, with processes killed and jobs put back into the queue at random.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { MultimodalDataset, verifyPack } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { randomIntegers, seed } from "../support/pairs.js";
import { type Slurm, startSlurm, withoutSlurm } from "../support/slurm.js";

const submit = fileURLToPath(new URL("../../examples/fleet/slurm/submit.sh", import.meta.url));
const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const PAIRS = 1200;
const FILE_PAIRS = 100;
const PARTS = 4;

/** Processes that pack into a folder. */
function packers(folder: string): number[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const [command, , name, ...parameters] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split(
        "\0",
      );
      return command === process.execPath && name === "pack" && parameters.includes(folder)
        ? [Number(pid)]
        : [];
    } catch {
      return []; // it has ended, or is no process
    }
  });
}

describe("an array of Slurm", { skip: withoutSlurm, timeout: 1_200_000 }, () => {
  const root = mkdtempSync("/tmp/pixtok-slurm-");
  const manifest = join(root, "pairs.jsonl");
  let slurm: Slurm;
  before(async () => {
    const rows = Array.from({ length: PAIRS }, (_, i) =>
      JSON.stringify({ image: "jpeg-500x375.jpg", text: `image ${i}`, number: i }),
    );
    writeFileSync(manifest, rows.join("\n"));
    slurm = await startSlurm(root);
  });
  after(async () => {
    await slurm?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const send = (folder: string, ...more: string[]) => {
    const parameters = [
      ...[String(PARTS), folder, manifest, "--root", fixture("images"), "--no-texts"],
      ...[
        "--columns",
        "number:int64",
        "--size",
        "16",
        "--file-size",
        String(FILE_PAIRS * (3 * 256 + 8)),
      ],
      ...more,
    ];
    mkdirSync(`${folder}.log`);
    execFileSync("bash", [submit, ...parameters], {
      env: {
        ...slurm.env,
        PIXTOK: `${process.execPath} ${program}`,
        SBATCH_OUTPUT: join(`${folder}.log`, "%x-%A-%a.txt"),
      },
    });
  };
  const logs = (folder: string) =>
    readdirSync(`${folder}.log`)
      .map((name) => `${name}: ${readFileSync(join(`${folder}.log`, name), "utf8")}`)
      .join("\n");

  for (let round = 0; round < 5; round += 1) {
    test(`packs every file once, whatever is killed or put back (seed ${seed + round})`, {
      timeout: 300_000,
    }, async () => {
      const random = randomIntegers(seed + round);
      const folder = join(root, `packed-${round}`);
      send(folder);
      let ended = false;
      const end = slurm.ended().finally(() => {
        ended = true;
      });
      for (let faults = 0; faults < 4 && !ended; ) {
        await setTimeout(200 + random(800));
        const pids = packers(folder);
        if (pids.length === 0) continue;
        faults += 1;
        try {
          const running = ["-h", "-r", "-t", "RUNNING", "-n", "pixtok-pack", "-o", "%i"];
          const [job] = slurm.run("squeue", ...running).match(/\S+/g) ?? [];
          if (random(3) === 0 && job !== undefined) slurm.run("scontrol", "requeue", job);
          else process.kill(pids[random(pids.length)] as number, "SIGKILL");
        } catch {
          // it has just ended, or the controller has no time
        }
      }
      await end;
      const report = await verifyPack(folder);
      const files = PAIRS / FILE_PAIRS;
      assert.deepEqual(report, { ok: true, files, pairs: PAIRS, problems: [] }, logs(folder));
      const whole = logs(folder).match(/^(?:\S+: )?12 files, 1200 pairs: whole$/gm);
      assert.equal(whole?.length, 2, `by their ends, and by every byte: ${logs(folder)}`);
      const left = readdirSync(folder).filter((name) => /incomplete|claim/.test(name));
      assert.deepEqual(left, []);
      const dataset = await MultimodalDataset.from(folder, {
        text: null,
        columns: { number: "int32" },
      });
      for (const index of [0, 99, 100, 1199]) {
        const { data } = (await dataset.get(index)).columns.number;
        assert.deepEqual([...data], [index]);
      }
    });
  }

  test("tries what will never be done once a round, and says so at the end", async () => {
    const folder = join(root, "never");
    send(folder, "--where", "minSide>=5000");
    await slurm.ended();
    const said = logs(folder);
    assert.equal(said.match(/some of the 1200 pairs are like/g)?.length, 3 * PARTS, said);
    assert.match(said, /parts 0-3 are missing after 3 rounds\n/);
  });
});
