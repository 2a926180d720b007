// A set that many processes pack: which part each has, what is missing afterwards, and what runs again.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, describe, test } from "node:test";
import { numberRanges } from "../../src/shared/number-ranges.js";
import { runCommand } from "../support/command-line.js";
import { fixture } from "../support/fixtures.js";
import { batchArray, indexedJob, slurmArray, type Variables } from "../support/launchers.js";
import { fc } from "../support/properties.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-fleet-"));
after(() => rmSync(folder, { recursive: true }));

const manifest = join(folder, "pairs.jsonl");
const rows = Array.from({ length: 6 }, () => JSON.stringify({ image: "png-rgb.png", text: "a" }));
writeFileSync(manifest, rows.join("\n"));
/** Six files of an image each. */
const packing = [
  ...["pack", manifest, "--root", fixture("images"), "--no-texts"],
  ...["--size", "8", "--file-size", "192"],
];

const before = { ...process.env };
function setEnvironment(values: Variables): void {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, before, values);
}
afterEach(() => setEnvironment({}));

async function pack(out: string, part: string, variables: Variables) {
  setEnvironment(variables);
  return runCommand(...packing, "--out", out, "--part", part);
}

const filesIn = (out: string) =>
  readdirSync(out)
    .flatMap((name) => /^data-(\d+)-of-00006\.arrow$/.exec(name)?.[1] ?? [])
    .map(Number);

describe("pixtok pack --part environment", () => {
  for (const [scheduler, tasks, part] of [
    ["an array of Slurm", slurmArray([0, 1, 2]), "environment"],
    ["an array of AWS Batch", batchArray(3), "environment"],
    ["an indexed job of Kubernetes", indexedJob(3), "environment/3"],
  ] as [string, Variables[], string][]) {
    test(`packs in each task of ${scheduler} the files of that part`, async () => {
      const out = join(folder, scheduler.replaceAll(" ", "-"));
      for (const [index, variables] of tasks.entries()) {
        const { code, stderr } = await pack(out, part, variables);
        assert.equal(code, 0, stderr);
        assert.equal(filesIn(out).length, 2 * (index + 1));
      }
      assert.equal((await runCommand("verify", out)).code, 0);
    });
  }

  test("says what to give where the scheduler does not tell the number of parts", async () => {
    for (const variables of [...indexedJob(3), ...slurmArray([1, 2])]) {
      const { code, stderr } = await pack(join(folder, "none"), "environment", variables);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /part\.of: expected the number of parts \(--part environment\/8, of: 8\)/,
      );
    }
  });

  for (const part of ["environment/0", "environment/", "/3", "3", "3/3", "environment/x", ""]) {
    test(`refuses "${part}"`, async () => {
      const { code, stderr } = await pack(join(folder, "none"), part, {});
      assert.equal(code, 1);
      assert.match(stderr, /Expected i\/n, with i from 0 to n - 1, such as 0\/8; or environment/);
    });
  }
});

test("--threads says how many prepare images", async () => {
  const out = join(folder, "threads");
  assert.equal((await runCommand(...packing, "--out", out, "--threads", "1")).code, 0);
  const refused = await runCommand(...packing, "--out", out, "--threads", "100000");
  assert.match(refused.stderr, /threads: expected an integer from 1 to 1024, got 100000/);
});

describe("pixtok verify --names --missing", () => {
  const missingOf = (out: string, ...more: string[]) =>
    runCommand("verify", out, "--names", "--missing", ...more);

  test("prints the parts that are to run again, and whether there are any", async () => {
    const out = join(folder, "by-names");
    for (const index of [1, 5]) await pack(out, `${index}/6`, {});
    const stderr = "4 of 6 parts have missing files\n";
    assert.deepEqual(await missingOf(out, "6"), { code: 1, stdout: "0,2-4\n", stderr });
    assert.deepEqual(JSON.parse((await missingOf(out, "3", "--json")).stdout), {
      missingParts: [0, 1, 2],
    });
    for (const index of [0, 2, 3, 4]) await pack(out, `${index}/6`, {});
    for (const name of readdirSync(out))
      if (name.endsWith(".arrow")) writeFileSync(join(out, name), "");
    assert.deepEqual(await missingOf(out, "6"), {
      ...{ code: 0, stdout: "", stderr: "0 of 6 parts have missing files\n" },
    });
  });

  test("needs the number of parts", async () => {
    const { code, stderr } = await runCommand("verify", folder, "--names");
    assert.equal(code, 1);
    assert.match(stderr, /--missing: expected a number with --names, got undefined/);
  });

  test("counts parts of the rows that are being appended", async () => {
    const out = join(folder, "appending");
    await runCommand(...packing, "--out", out);
    const others = join(folder, "others.jsonl");
    writeFileSync(others, rows.slice(0, 4).join("\n"));
    const append = (part: string) =>
      runCommand("pack", others, ...packing.slice(2), "--out", out, "--append", "--part", part);
    assert.equal((await append("2/4")).code, 0);
    assert.deepEqual((await missingOf(out, "4")).stdout, "0-1,3\n");
    for (const part of ["0/4", "1/4"]) await append(part);
    const { code, stdout } = await append("3/4");
    assert.deepEqual(
      [code, stdout],
      [0, "1 pairs in 1 files, 0 files kept, of 10 in version 2 of the set; 0 pairs left out\n"],
    );
    assert.equal((await missingOf(out, "4")).code, 0);
    assert.equal((await runCommand("verify", out)).stdout, "10 files, 10 pairs: whole\n");
  });
});

describe("pixtok verify --missing", () => {
  const verify = (out: string, ...more: string[]) => runCommand("verify", out, "--quick", ...more);

  test("prints the parts that are to run again, and an array of them brings the set to its end", async () => {
    const out = join(folder, "again");
    const tasks = slurmArray([0, 1, 2, 3, 4, 5]);
    for (const index of [1, 5]) await pack(out, "environment/6", tasks[index] as Variables);
    const missing = await verify(out, "--missing", "6");
    assert.deepEqual([missing.code, missing.stdout], [1, "0,2-4\n"]);
    assert.match(
      missing.stderr,
      /4 of 6 files are missing: parts 0,2-4 of 6\n2 files, 2 pairs: damaged\n/,
    );
    for (const variables of slurmArray([0, 2, 3, 4])) {
      assert.equal((await pack(out, "environment/6", variables)).code, 0);
    }
    assert.deepEqual(await verify(out, "--missing", "6"), {
      code: 0,
      stdout: "",
      stderr: "6 files, 6 pairs: whole\n",
    });
  });

  test("prints all of them where nothing is packed yet, and the same as JSON", async () => {
    const out = join(folder, "nothing");
    mkdirSync(out);
    assert.equal((await verify(out, "--missing", "6")).stdout, "0-5\n");
    const { code, stdout } = await verify(out, "--missing", "3", "--json");
    const { ok, missingParts } = JSON.parse(stdout);
    assert.deepEqual([code, ok, missingParts], [1, false, [0, 1, 2]]);
  });

  test("says what is damaged on standard error: running a part again does not write its files anew", async () => {
    const out = join(folder, "damaged");
    await runCommand(...packing, "--out", out);
    const [name = ""] = readdirSync(out).filter((file) => file.endsWith(".arrow"));
    writeFileSync(join(out, name), "");
    const { code, stdout, stderr } = await verify(out, "--missing", "6");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, new RegExp(`^${name}: `));
  });
});

test("numbers in ascending order are written as ranges that have these numbers, and no fewer than are needed", () => {
  const numbers = fc.uniqueArray(fc.nat(60)).map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(numbers, (list) => {
      const text = numberRanges(list);
      const ranges =
        text === "" ? [] : text.split(",").map((range) => range.split("-").map(Number));
      const read = ranges.flatMap(([first = 0, last = first]) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      );
      assert.deepEqual(read, list);
      const starts = list.filter((number, i) => i === 0 || list[i - 1] !== number - 1);
      assert.equal(ranges.length, starts.length);
    }),
  );
});
