import { type Environment, numberIn } from "../shared/environment.js";
import { outOfRange, wrongType } from "../shared/validation.js";

/** A process among those that work together. */
export interface LaunchedProcess {
  /** Who started it, in errors. */
  readonly launcher: string;
  readonly rank: number;
  /** Number of processes. */
  readonly of: number;
}

/**
 * Launchers that set both numbers for each process, the innermost first: mpirun starts its daemons by srun, and
 * torchrun may run in a process of either.
 */
const launchers = [
  { name: "torchrun", rank: "RANK", of: "WORLD_SIZE" },
  { name: "Open MPI", rank: "OMPI_COMM_WORLD_RANK", of: "OMPI_COMM_WORLD_SIZE" },
  { name: "MPI", rank: "PMI_RANK", of: "PMI_SIZE" },
] as const;

/** An AWS Batch job of several nodes has a container on each. */
const batchNodes = {
  name: "AWS Batch",
  rank: "AWS_BATCH_JOB_NODE_INDEX",
  of: "AWS_BATCH_JOB_NUM_NODES",
} as const;

function byVariables(
  environment: Environment,
  { name, ...variables }: { name: string; rank: string; of: string },
): LaunchedProcess | undefined {
  const rank = numberIn(environment, variables.rank);
  const of = numberIn(environment, variables.of, 1);
  if (rank === undefined && of === undefined) return undefined;
  if (rank === undefined || of === undefined) {
    const [missing, there] =
      rank === undefined ? [variables.rank, variables.of] : [variables.of, variables.rank];
    throw wrongType(missing, `a number, as ${name} sets it beside ${there}`, undefined);
  }
  if (rank >= of) {
    throw outOfRange(variables.rank, `less than ${of}, which is ${variables.of}`, rank);
  }
  return { launcher: name, rank, of };
}

/**
 * The process of a step that srun has started. The script of a job has a rank as well, and the number of the job's
 * tasks, but not a step's; a job that was sent off from within a step has that of the other step, and may have its
 * number of tasks, but says anew how many are on each node.
 */
function bySrun(environment: Environment): LaunchedProcess | undefined {
  const tasks = numberIn(environment, "SLURM_NTASKS", 1);
  const ofStep = numberIn(environment, "SLURM_STEP_NUM_TASKS", 1);
  if (ofStep === undefined || (tasks !== undefined && tasks !== ofStep)) return undefined;
  const { SLURM_TASKS_PER_NODE: onNodes, SLURM_STEP_TASKS_PER_NODE: ofStepOnNodes } = environment;
  if (onNodes !== undefined && ofStepOnNodes !== undefined && onNodes !== ofStepOnNodes) {
    return undefined;
  }
  const step = { name: "srun", rank: "SLURM_PROCID", of: "SLURM_STEP_NUM_TASKS" };
  return byVariables(environment, step);
}

/**
 * @returns undefined where no launcher has started this process.
 * @throws {TypeError | RangeError} where a launcher within another one has started fewer processes: each would take itself
 *   for one of those few.
 */
export function launchedProcess(environment: Environment): LaunchedProcess | undefined {
  const found = [
    ...launchers.map((launcher) => byVariables(environment, launcher)),
    bySrun(environment),
    byVariables(environment, batchNodes),
  ].filter((one) => one !== undefined);
  const [innermost] = found;
  if (innermost === undefined) return undefined;
  const larger = found.find(({ of }) => of > innermost.of);
  if (larger === undefined) return innermost;
  throw wrongType(
    "rank",
    `a number, as the variables of ${larger.launcher} are of ${larger.of} processes, and those of ${innermost.launcher} of ${innermost.of}`,
    "environment",
  );
}

/** @throws {TypeError} in the script of a Slurm job of several tasks: it is no task of the job. */
export function requireNoScriptOfTasks(environment: Environment): void {
  const tasks = numberIn(environment, "SLURM_NTASKS", 1);
  const nodes = numberIn(environment, "SLURM_NNODES", 1) ?? 1;
  const onNode = numberIn(environment, "SLURM_NTASKS_PER_NODE", 1) ?? 1;
  const wanted = tasks ?? nodes * onNode;
  if (wanted === 1) return;
  throw wrongType(
    "SLURM_STEP_NUM_TASKS",
    `${wanted}, as this Slurm job has ${wanted} tasks: start this by srun, which makes it one of them, or leave \`rank\` out where this process is alone`,
    environment.SLURM_STEP_NUM_TASKS,
  );
}
