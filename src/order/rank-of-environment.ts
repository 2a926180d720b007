import { type Environment, numberIn } from "../shared/environment.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import {
  type LaunchedProcess,
  launchedProcess,
  requireNoScriptOfTasks,
} from "./launched-process.js";

/** Jobs that run each by itself, now or later: which of the pairs each is to have, it does not know. */
const arrays = [
  { name: "Slurm", index: "SLURM_ARRAY_TASK_ID", size: "SLURM_ARRAY_TASK_COUNT" },
  { name: "AWS Batch", index: "AWS_BATCH_JOB_ARRAY_INDEX", size: "AWS_BATCH_JOB_ARRAY_SIZE" },
] as const;

function requireNoArray(environment: Environment): void {
  for (const { name, index, size } of arrays) {
    const number = numberIn(environment, index);
    if (number === undefined || numberIn(environment, size, 1) === 1) continue;
    throw wrongType(
      "rank",
      `a number and worldSize where pairs are shared among jobs of an array of ${name}, or neither where each has all`,
      `environment, with ${index}=${number}`,
    );
  }
}

/** An indexed job of Kubernetes, which does not tell the number of completions. */
function ofIndexedJob(
  environment: Environment,
  worldSize: number | undefined,
): LaunchedProcess | undefined {
  const rank = numberIn(environment, "JOB_COMPLETION_INDEX");
  if (rank === undefined) return undefined;
  if (worldSize === undefined) {
    throw wrongType(
      "worldSize",
      "a number, as a Kubernetes indexed job does not set it",
      undefined,
    );
  }
  if (rank >= worldSize) {
    throw outOfRange("JOB_COMPLETION_INDEX", `less than ${worldSize}, which is worldSize`, rank);
  }
  return { launcher: "a Kubernetes indexed job", rank, of: worldSize };
}

function processOf(environment: Environment, worldSize: number | undefined): LaunchedProcess {
  const launched = launchedProcess(environment);
  if (launched !== undefined && launched.of > 1) return launched;
  if (launched !== undefined && launched.of === worldSize) return launched; // they say 1
  const ofJob = ofIndexedJob(environment, worldSize);
  if (ofJob !== undefined) return ofJob;
  requireNoArray(environment);
  if (launched !== undefined) return launched;
  requireNoScriptOfTasks(environment);
  return { launcher: "the environment", rank: 0, of: 1 };
}

/**
 * Which of several processes this is, as whoever started it says; 0 of 1 where nobody says anything.
 *
 * @param worldSize as it is given; undefined where it is not.
 * @throws {TypeError | RangeError} where variables contradict each other or `worldSize`, and where taking them as
 *   they are would read a part of the data, or all of it several times, in silence.
 */
export function rankOfEnvironment(
  environment: Environment,
  worldSize: number | undefined,
): { rank: number; worldSize: number } {
  const { launcher, rank, of } = processOf(environment, worldSize);
  if (worldSize !== undefined && worldSize !== of) {
    throw outOfRange("worldSize", `${of}, as ${launcher} says`, worldSize);
  }
  return { rank, worldSize: of };
}
