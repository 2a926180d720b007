// How many threads prepare images where nobody says so: on a machine, in a job, in a container.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { threadsByDefault } from "../../src/native/default-threads.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-threads-"));
after(() => rmSync(folder, { recursive: true }));

/** A folder with these files of Linux. */
function machine(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, "root-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), `${content}\n`);
  }
  return root;
}

const without = machine({});
const threads = (environment: Record<string, string>, root = without) =>
  threadsByDefault({ environment, cores: 64, root });

describe("threads by default", () => {
  test("are one a core that the system gives", () => {
    assert.equal(threads({}), 64);
  });

  test("are those of PIXTOK_THREADS, whatever else is said", () => {
    assert.equal(threads({ PIXTOK_THREADS: "100", SLURM_CPUS_PER_TASK: "2" }), 100);
    assert.throws(() => threads({ PIXTOK_THREADS: "0" }), /PIXTOK_THREADS: expected an integer/);
  });

  test("are what Slurm gives to a task, else to the job on this node, and no more than there are", () => {
    assert.equal(threads({ SLURM_CPUS_PER_TASK: "4", SLURM_CPUS_ON_NODE: "16" }), 4);
    assert.equal(threads({ SLURM_CPUS_ON_NODE: "16" }), 16);
    assert.equal(threads({ SLURM_CPUS_PER_TASK: "128" }), 64);
    assert.equal(threads({ SLURM_CPUS_PER_TASK: "", SLURM_CPUS_ON_NODE: "16" }), 16);
    assert.throws(
      () => threads({ SLURM_CPUS_PER_TASK: "four" }),
      /SLURM_CPUS_PER_TASK: expected an integer of at least 1, got "four"/,
    );
  });

  for (const [where, files, expected] of [
    [
      "a container that has a group as its outermost",
      { "proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "250000 100000" },
      3,
    ],
    [
      "a group without a name, which is the outermost",
      { "proc/self/cgroup": "0::", "sys/fs/cgroup/cpu.max": "250000 100000" },
      3,
    ],
    [
      "a group outside of what a container sees",
      { "proc/self/cgroup": "0::/../pods", "sys/fs/cgroup/cpu.max": "250000 100000" },
      3,
    ],
    [
      "a container of less than a core",
      { "proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "50000 100000" },
      1,
    ],
    [
      "a group that has no bound, within one that has",
      {
        "proc/self/cgroup": "0::/pods/one",
        "sys/fs/cgroup/pods/one/cpu.max": "max 100000",
        "sys/fs/cgroup/pods/cpu.max": "800000 100000",
      },
      8,
    ],
    [
      "a group of version 1",
      {
        "proc/self/cgroup": "11:memory:/job\n5:cpuset:/other\n4:cpu,cpuacct:/job",
        "sys/fs/cgroup/cpu/other/cpu.cfs_quota_us": "100000",
        "sys/fs/cgroup/cpu/other/cpu.cfs_period_us": "100000",
        "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "400000",
        "sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "100000",
      },
      4,
    ],
    [
      "a container of version 1 that sees its own group alone",
      {
        "proc/self/cgroup": "4:cpu,cpuacct:/docker/0123",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
      },
      2,
    ],
    [
      "a group of version 1 without a bound",
      {
        "proc/self/cgroup": "4:cpu,cpuacct:/",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
      },
      64,
    ],
    ["groups that say nothing of cores", { "proc/self/cgroup": "0::/user.slice" }, 64],
    ["what is no group at all", { "proc/self/cgroup": "nonsense" }, 64],
  ] as [string, Record<string, string>, number][]) {
    test(`are as many as the time of ${where}`, () => {
      assert.equal(threads({}, machine(files)), expected);
    });
  }

  test("are the fewer where Slurm and a group have a bound", () => {
    const root = machine({ "proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "300000 100000" });
    assert.equal(threads({ SLURM_CPUS_PER_TASK: "8" }, root), 3);
    assert.equal(threads({ SLURM_CPUS_PER_TASK: "2" }, root), 2);
  });
});
