// part: { index: "environment" }: which part of a set a scheduler's number for a process means.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { packLayout } from "../../src/packing/pack-layout.js";
import { partOfEnvironment } from "../../src/packing/part-of-environment.js";
import {
  batchArray,
  fleets,
  indexedJob,
  slurmArray,
  slurmJob,
  type Variables,
} from "../support/launchers.js";
import { fc } from "../support/properties.js";

const first = (fleet: readonly Variables[]) => fleet[0] as Variables;
const last = (fleet: readonly Variables[]) => fleet.at(-1) as Variables;

describe("the part of the environment", () => {
  for (const [where, variables, of] of [
    ["an array of Slurm of all tasks", last(slurmArray([0, 1, 2, 3]))],
    ["an array of Slurm, with the number of parts", last(slurmArray([0, 1, 2, 3])), 4],
    [
      "an array of Slurm of tasks that run again, with the number of parts",
      last(slurmArray([1, 3])),
      4,
    ],
    ["an array of AWS Batch", last(batchArray(4))],
    ["an array of AWS Batch, with its size", last(batchArray(4)), 4],
    ["an indexed job of Kubernetes, with the number of completions", last(indexedJob(4)), 4],
    ["a step of srun", { ...slurmJob(4), SLURM_PROCID: "3", SLURM_STEP_NUM_TASKS: "4" }],
    ["mpirun", { OMPI_COMM_WORLD_RANK: "3", OMPI_COMM_WORLD_SIZE: "4" }, 4],
    [
      "the one process of a job of an array that has room for several",
      { ...last(slurmArray([0, 1, 2, 3])), SLURM_NTASKS: "2" },
    ],
  ] as [string, Variables, number?][]) {
    test(`is that of ${where}: 3 of 4`, () => {
      assert.deepEqual(partOfEnvironment(variables, of), { index: 3, of: 4 });
    });
  }

  test("is all of the set where nobody says anything", () => {
    assert.deepEqual(partOfEnvironment({}, undefined), { index: 0, of: 1 });
  });

  for (const [what, variables, message, of] of [
    [
      "an array of Slurm that is not one of all tasks, without the number of parts",
      first(slurmArray([1, 3])),
      /^part\.of: expected the number of parts \(--part environment\/8, of: 8\) with an array that is not one of all tasks from 0 on, got undefined$/,
    ],
    [
      "an array of Slurm from 1 on, whose last task would have no part, in each of its tasks",
      first(slurmArray([1, 2, 3, 4])),
      /^SLURM_ARRAY_TASK_MAX: expected at most 3, as the parts are numbered from 0 \(--array=0-3\), got 4$/,
      4,
    ],
    [
      "another number of parts than AWS Batch has tasks",
      first(batchArray(4)),
      /^part\.of: expected 4, which is AWS_BATCH_JOB_ARRAY_SIZE, got 8$/,
      8,
    ],
    [
      "a task of AWS Batch without the number of tasks",
      { AWS_BATCH_JOB_ARRAY_INDEX: "0" },
      /^AWS_BATCH_JOB_ARRAY_SIZE: expected a number, as AWS Batch sets it, got undefined$/,
    ],
    [
      "an indexed job without the number of completions",
      first(indexedJob(4)),
      /^part\.of: expected the number of parts .* as Kubernetes does not set that of completions/,
    ],
    [
      "an index that there is no part of",
      last(indexedJob(4)),
      /^JOB_COMPLETION_INDEX: expected at most 2, as there are 3 parts, got 3$/,
      3,
    ],
    [
      "two schedulers",
      { ...first(indexedJob(4)), ...first(batchArray(4)) },
      /^part\.index: expected a number, as AWS_BATCH_JOB_ARRAY_INDEX and JOB_COMPLETION_INDEX are both set/,
      4,
    ],
    [
      "a step of several tasks in a job of an array, which would have the same part",
      { ...first(slurmArray([0, 1])), SLURM_NTASKS: "2", SLURM_STEP_NUM_TASKS: "2" },
      /^part\.index: expected one process for each SLURM_ARRAY_TASK_ID, where srun has started 2 that would pack the same part/,
    ],
    [
      "a number of parts where nobody says which one this is",
      {},
      /^worldSize: expected 1, as the environment says, got 8/,
      8,
    ],
    [
      "what is no number",
      { JOB_COMPLETION_INDEX: "1.5" },
      /^JOB_COMPLETION_INDEX: expected an integer/,
      4,
    ],
  ] as [string, Variables, RegExp, number?][]) {
    test(`refuses ${what}`, () => {
      assert.throws(() => partOfEnvironment(variables, of), { message });
    });
  }

  test("makes of any fleet parts that are the whole set, each file once, or refuses in every process", () => {
    fc.assert(
      fc.property(fleets, fc.integer({ min: 1, max: 40 }), ({ processes, completions }, files) => {
        const layout = packLayout(files, 1, 1);
        const packed = processes.map((variables) => {
          try {
            const { index, of } = partOfEnvironment(variables, completions);
            return layout.part(index, of);
          } catch (error) {
            assert.ok(error instanceof TypeError || error instanceof RangeError);
            return undefined;
          }
        });
        if (packed.every((part) => part === undefined)) return;
        const all = packed.flatMap((part) => part ?? []).sort((a, b) => a - b);
        assert.deepEqual(
          all,
          Array.from({ length: files }, (_, file) => file),
        );
      }),
    );
  });
});
