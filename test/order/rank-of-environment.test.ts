// rank: "environment": which of several processes a launcher's variables make of this one.

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { DataLoader, type DataLoaderOptions } from "pixtok";
import { rankOfEnvironment } from "../../src/order/rank-of-environment.js";
import {
  fleets,
  slurmJob,
  slurmJobOfStep,
  slurmStep,
  type Variables,
} from "../support/launchers.js";
import { numberedDataset } from "../support/pairs.js";
import { fc } from "../support/properties.js";

describe("the rank of the environment", () => {
  for (const [launcher, values, worldSize] of [
    ["torchrun", { RANK: "1", WORLD_SIZE: "2" }],
    ["mpirun of Open MPI", { OMPI_COMM_WORLD_RANK: "1", OMPI_COMM_WORLD_SIZE: "2" }],
    ["mpirun of MPICH", { PMI_RANK: "1", PMI_SIZE: "2" }],
    ["srun", slurmStep(1, 2)],
    [
      "a job of two nodes of AWS Batch",
      { AWS_BATCH_JOB_NODE_INDEX: "1", AWS_BATCH_JOB_NUM_NODES: "2" },
    ],
    ["a Kubernetes indexed job, with worldSize", { JOB_COMPLETION_INDEX: "1" }, 2],
    [
      "mpirun within a job of Slurm",
      { ...slurmJob(2), SLURM_PROCID: "0", OMPI_COMM_WORLD_RANK: "1", OMPI_COMM_WORLD_SIZE: "2" },
    ],
    ["torchrun on each of a step's nodes", { ...slurmStep(1, 2), RANK: "1", WORLD_SIZE: "2" }],
    [
      "a step of several tasks in an array of jobs",
      { ...slurmStep(1, 2), SLURM_ARRAY_TASK_ID: "3", SLURM_ARRAY_TASK_COUNT: "8" },
    ],
  ] as [string, Variables, number?][]) {
    test(`is what ${launcher} says: 1 of 2`, () => {
      assert.deepEqual(rankOfEnvironment(values, worldSize), { rank: 1, worldSize: 2 });
    });
  }

  for (const [place, values, worldSize] of [
    ["on a laptop", {}],
    [
      "in a step of one task in an array, with worldSize",
      { ...slurmStep(0, 1), SLURM_ARRAY_TASK_ID: "3", SLURM_ARRAY_TASK_COUNT: "8" },
      1,
    ],
    [
      "in a torchrun of one process in an array, with worldSize",
      { ...slurmJob(1), RANK: "0", WORLD_SIZE: "1", SLURM_ARRAY_TASK_ID: "3" },
      1,
    ],
    ["in the script of a Slurm job of one task", { ...slurmJob(1), SLURM_PROCID: "0" }],
    [
      "in the one task of an array",
      { ...slurmJob(1), SLURM_ARRAY_TASK_ID: "3", SLURM_ARRAY_TASK_COUNT: "1" },
    ],
  ] as [string, Variables, number?][]) {
    test(`is 0 of 1 ${place}`, () => {
      assert.deepEqual(rankOfEnvironment(values, worldSize), { rank: 0, worldSize: 1 });
    });
  }

  for (const [what, values, message, worldSize] of [
    [
      "the script of a Slurm job of four tasks",
      { ...slurmJob(4), SLURM_PROCID: "0" },
      /^SLURM_STEP_NUM_TASKS: expected 4, as this Slurm job has 4 tasks: start this by srun, which makes it one of them, or leave `rank` out where this process is alone, got undefined$/,
    ],
    [
      "one of a job of four tasks that was sent off from within a step of one",
      { ...slurmJob(4), SLURM_PROCID: "0", SLURM_STEP_NUM_TASKS: "1" },
      /^SLURM_STEP_NUM_TASKS: expected 4, .* got "1"$/,
    ],
    [
      "a Slurm job of two nodes, which srun would start a task on each of",
      { SLURM_JOB_ID: "1", SLURM_NNODES: "2", SLURM_PROCID: "0" },
      /^SLURM_STEP_NUM_TASKS: expected 2/,
    ],
    [
      "a Slurm job of two nodes with three tasks on each, which srun would start",
      {
        ...{ SLURM_JOB_ID: "1", SLURM_NNODES: "2", SLURM_NTASKS_PER_NODE: "3" },
        SLURM_PROCID: "0",
      },
      /^SLURM_STEP_NUM_TASKS: expected 6/,
    ],
    [
      "a job without a number of tasks that was sent off from within a step of two",
      slurmJobOfStep(2),
      /^SLURM_STEP_NUM_TASKS: expected 2/,
    ],
    [
      "a job of an array of Slurm",
      { ...slurmJob(1), SLURM_ARRAY_TASK_ID: "3", SLURM_ARRAY_TASK_COUNT: "8" },
      /^rank: expected a number and worldSize where pairs are shared among jobs of an array of Slurm, .* SLURM_ARRAY_TASK_ID=3/,
    ],
    [
      "a job of an array of AWS Batch",
      { AWS_BATCH_JOB_ARRAY_INDEX: "3", AWS_BATCH_JOB_ARRAY_SIZE: "8" },
      /^rank: expected a number and worldSize .* AWS_BATCH_JOB_ARRAY_INDEX=3/,
    ],
    [
      "a Kubernetes indexed job without worldSize",
      { JOB_COMPLETION_INDEX: "0" },
      /^worldSize: expected a number, as a Kubernetes indexed job does not set it/,
    ],
    [
      "a torchrun of one process in each pod of a Kubernetes indexed job",
      { JOB_COMPLETION_INDEX: "0", RANK: "0", WORLD_SIZE: "1" },
      /^worldSize: expected a number/,
    ],
    [
      "a torchrun of one process in each of four tasks",
      { ...slurmStep(2, 4), RANK: "0", WORLD_SIZE: "1" },
      /^rank: expected a number, as the variables of srun are of 4 processes, and those of torchrun of 1/,
    ],
    [
      "half of a pair of variables",
      { RANK: "1" },
      /^WORLD_SIZE: expected a number, as torchrun sets it beside RANK/,
    ],
    ["the other half", { WORLD_SIZE: "4" }, /^RANK: expected a number/],
    [
      "another worldSize than the launcher's",
      { RANK: "1", WORLD_SIZE: "2" },
      /^worldSize: expected 2, as torchrun says, got 4/,
      4,
    ],
    [
      "a worldSize where nobody says anything",
      {},
      /^worldSize: expected 1, as the environment says, got 4/,
      4,
    ],
    [
      "an index beyond worldSize",
      { JOB_COMPLETION_INDEX: "2" },
      /^JOB_COMPLETION_INDEX: expected less than 2/,
      2,
    ],
    ["a rank that there is not", { RANK: "2", WORLD_SIZE: "2" }, /^RANK: expected less than 2/],
    [
      "what is no number",
      { RANK: "x", WORLD_SIZE: "2" },
      /^RANK: expected an integer of at least 0, got "x"/,
    ],
    [
      "what is empty",
      { PMI_RANK: "", PMI_SIZE: "2" },
      /^PMI_RANK: expected an integer of at least 0, got ""/,
    ],
  ] as [string, Variables, RegExp, number?][]) {
    test(`refuses ${what}`, () => {
      assert.throws(() => rankOfEnvironment(values, worldSize), { message });
    });
  }

  test("makes of any fleet its ranks, each once, or refuses in every process: nothing is read in part", () => {
    fc.assert(
      fc.property(fleets, ({ processes, completions }) => {
        const ranks = processes.map((variables) => {
          try {
            return rankOfEnvironment(variables, completions);
          } catch (error) {
            assert.ok(error instanceof TypeError || error instanceof RangeError);
            return undefined;
          }
        });
        if (ranks.every((rank) => rank === undefined)) return;
        const sizes = new Set(ranks.map((rank) => rank?.worldSize));
        assert.deepEqual([...sizes], [processes.length], "all processes are ranks of one world");
        const numbers = new Set(ranks.map((rank) => rank?.rank));
        assert.equal(numbers.size, processes.length);
      }),
    );
  });
});

describe('rank: "environment" of a loader', () => {
  const before = { ...process.env };
  const set = (values: Variables) => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, before, values);
  };
  afterEach(() => set({}));

  test("takes the pairs of that rank", async () => {
    set({ OMPI_COMM_WORLD_RANK: "1", OMPI_COMM_WORLD_SIZE: "2" });
    const options: DataLoaderOptions = { rank: "environment", batchSize: 10 };
    const loader = new DataLoader(await numberedDataset(6), options);
    for await (const { indices } of loader) assert.deepEqual(indices, [1, 3, 5]);
  });

  test("refuses a worldSize that is no number before it looks at the environment", async () => {
    const dataset = await numberedDataset(4);
    const options = { rank: "environment", worldSize: "2" } as unknown as DataLoaderOptions;
    assert.throws(() => new DataLoader(dataset, options), /worldSize: expected an integer/);
  });
});
