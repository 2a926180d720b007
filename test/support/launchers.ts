// What schedulers and launchers set for the processes that they start: as their documentation says, and as Slurm 22.05
// and Open MPI do.

import { fc } from "./properties.js";

export type Variables = Readonly<Record<string, string>>;

/** Processes that were started together, to do one piece of work. */
export interface Fleet {
  readonly processes: readonly Variables[];
  /** Number of them, where the user has to give it. */
  readonly completions?: number;
}

const each = (count: number, variables: (index: number) => Variables): Variables[] =>
  Array.from({ length: count }, (_, index) => variables(index));

/** What all processes of a job have. */
export const slurmJob = (tasks: number): Variables => ({
  SLURM_JOB_ID: "17",
  SLURM_NTASKS: `${tasks}`,
  SLURM_NPROCS: `${tasks}`,
  SLURM_NNODES: "1",
  SLURM_TASKS_PER_NODE: `${tasks}`,
});

/** What a task of a step has beside that. */
export const slurmStep = (rank: number, tasks: number): Variables => ({
  ...slurmJob(tasks),
  SLURM_PROCID: `${rank}`,
  SLURM_STEP_ID: "0",
  SLURM_STEP_NUM_TASKS: `${tasks}`,
  SLURM_STEP_TASKS_PER_NODE: `${tasks}`,
});

/** The script of a job that a task of a step has sent off without a number of tasks: it has one, and says the step's. */
export const slurmJobOfStep = (tasks: number): Variables => ({
  ...slurmStep(0, tasks),
  SLURM_TASKS_PER_NODE: "1",
});

/** By sbatch, whose script is a process of a rank and of no step, or by srun. */
const slurm = (tasks: number, bySrun: boolean): Variables[] =>
  bySrun
    ? each(tasks, (index) => slurmStep(index, tasks))
    : [{ ...slurmJob(tasks), SLURM_PROCID: "0" }];

const pairs = {
  torchrun: ["RANK", "WORLD_SIZE"],
  "Open MPI": ["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"],
  MPICH: ["PMI_RANK", "PMI_SIZE"],
  "AWS Batch": ["AWS_BATCH_JOB_NODE_INDEX", "AWS_BATCH_JOB_NUM_NODES"],
} as const;

function launched(
  launcher: keyof typeof pairs,
  count: number,
  around: Variables = {},
): Variables[] {
  const [rank, size] = pairs[launcher];
  return each(count, (index) => ({ ...around, [rank]: `${index}`, [size]: `${count}` }));
}

/** Jobs of an array with these numbers. */
export function slurmArray(numbers: readonly number[]): Variables[] {
  return numbers.map((number) => ({
    ...slurmJob(1),
    SLURM_PROCID: "0",
    SLURM_ARRAY_TASK_ID: `${number}`,
    SLURM_ARRAY_TASK_COUNT: `${numbers.length}`,
    SLURM_ARRAY_TASK_MIN: `${Math.min(...numbers)}`,
    SLURM_ARRAY_TASK_MAX: `${Math.max(...numbers)}`,
  }));
}

export const batchArray = (size: number): Variables[] =>
  each(size, (index) => ({
    AWS_BATCH_JOB_ARRAY_INDEX: `${index}`,
    AWS_BATCH_JOB_ARRAY_SIZE: `${size}`,
  }));

export const indexedJob = (completions: number): Variables[] =>
  each(completions, (index) => ({ JOB_COMPLETION_INDEX: `${index}` }));

const counts = fc.integer({ min: 1, max: 12 });
const launcher = fc.constantFrom(...(Object.keys(pairs) as (keyof typeof pairs)[]));

/** Fleets of every kind, some within another one. */
export const fleets: fc.Arbitrary<Fleet> = fc.oneof(
  fc.record({
    processes: fc.tuple(launcher, counts).map(([name, count]) => launched(name, count)),
  }),
  fc.record({
    processes: fc.tuple(counts, fc.boolean()).map(([tasks, bySrun]) => slurm(tasks, bySrun)),
  }),
  fc.record({ processes: counts.map((tasks) => [slurmJobOfStep(tasks)]) }),
  // mpirun in the script of a job, whose variables its processes have as well
  fc.record({
    processes: counts.map((count) =>
      launched("Open MPI", count, { ...slurmJob(count), SLURM_PROCID: "0" }),
    ),
  }),
  // torchrun with several processes in each task of a step
  fc.record({
    processes: fc.tuple(counts, counts).map(([tasks, inTask]) => {
      const steps = slurm(tasks, true).flatMap((task) => each(inTask, () => task));
      return launched("torchrun", steps.length).map((own, i) => ({ ...steps[i], ...own }));
    }),
  }),
  // a process that is alone by itself, in each task of a step
  fc.record({
    processes: counts.map((tasks) =>
      slurm(tasks, true).map((task) => ({ ...task, RANK: "0", WORLD_SIZE: "1" })),
    ),
  }),
  fc.record({
    processes: fc
      .uniqueArray(fc.nat(20), { minLength: 1, maxLength: 8 })
      .map((numbers) => slurmArray(numbers.sort((a, b) => a - b))),
  }),
  fc.record({ processes: counts.map(batchArray) }),
  fc.record({ processes: counts.map(indexedJob) }),
  counts.map((completions) => ({ processes: indexedJob(completions), completions })),
);
