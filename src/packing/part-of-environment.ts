import { launchedProcess } from "../order/launched-process.js";
import { rankOfEnvironment } from "../order/rank-of-environment.js";
import { type Environment, numberIn } from "../shared/environment.js";
import { outOfRange, wrongType } from "../shared/validation.js";

/** One of several parts, from 0. */
export interface PartOfSet {
  readonly index: number;
  readonly of: number;
}

/** Schedulers that start the same command several times, and tell each which one it is. */
const schedulers = [
  { index: "SLURM_ARRAY_TASK_ID", size: slurmArraySize },
  { index: "AWS_BATCH_JOB_ARRAY_INDEX", size: batchArraySize },
  { index: "JOB_COMPLETION_INDEX", size: indexedJobSize },
] as const;

const GIVE = "the number of parts (--part environment/8, of: 8)";

/** An array may be of the tasks that are to run again: only one from 0 on, without gaps, tells how many there are. */
function slurmArraySize(environment: Environment, of: number | undefined): number {
  const [first, last] = ["SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX"].map((variable) =>
    numberIn(environment, variable),
  );
  if (of !== undefined) {
    if (last === undefined || last < of) return of;
    throw outOfRange(
      "SLURM_ARRAY_TASK_MAX",
      `at most ${of - 1}, as the parts are numbered from 0 (--array=0-${of - 1})`,
      last,
    );
  }
  const count = numberIn(environment, "SLURM_ARRAY_TASK_COUNT", 1);
  if (count !== undefined && first === 0 && last === count - 1) return count;
  throw wrongType("part.of", `${GIVE} with an array that is not one of all tasks from 0 on`, of);
}

function batchArraySize(environment: Environment, of: number | undefined): number {
  const variable = "AWS_BATCH_JOB_ARRAY_SIZE";
  const size = numberIn(environment, variable, 1);
  if (of === undefined || of === size) {
    if (size !== undefined) return size;
    throw wrongType(variable, "a number, as AWS Batch sets it", undefined);
  }
  throw outOfRange("part.of", `${size}, which is ${variable}`, of);
}

function indexedJobSize(_environment: Environment, of: number | undefined): number {
  if (of !== undefined) return of;
  throw wrongType("part.of", `${GIVE}, as Kubernetes does not set that of completions`, of);
}

/**
 * Which part of a set the scheduler's number for this process means. A process of no array takes its rank for it; the
 * part is all of the set where nobody says anything.
 *
 * @param of number of parts, as it is given; undefined where it is not.
 * @throws {TypeError | RangeError} where that cannot be told, or several processes would have the same part.
 */
export function partOfEnvironment(environment: Environment, of: number | undefined): PartOfSet {
  const found = schedulers.filter(({ index }) => environment[index] !== undefined);
  const [scheduler, other] = found;
  if (scheduler === undefined) {
    const { rank, worldSize } = rankOfEnvironment(environment, of);
    return { index: rank, of: worldSize };
  }
  if (other !== undefined) {
    throw wrongType(
      "part.index",
      `a number, as ${scheduler.index} and ${other.index} are both set`,
      "environment",
    );
  }
  const { launcher, of: processes } = launchedProcess(environment) ?? { launcher: "", of: 1 };
  if (processes > 1) {
    throw wrongType(
      "part.index",
      `one process for each ${scheduler.index}, where ${launcher} has started ${processes} that would pack the same part`,
      "environment",
    );
  }
  const parts = scheduler.size(environment, of);
  const index = numberIn(environment, scheduler.index) as number;
  if (index >= parts) {
    throw outOfRange(scheduler.index, `at most ${parts - 1}, as there are ${parts} parts`, index);
  }
  return { index, of: parts };
}
