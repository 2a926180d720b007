/** Other libraries' packed sets: the same bytes and tokens, read to the same normalized batches. */
import type { Pair } from "../../contenders/contender.js";
import { type PackedContenderName, packedContenderNames } from "../../contenders/python.js";
import { severalTimesOver } from "../../measuring/spread.js";
import { PYTHON_NOT_INSTALLED } from "../../setup/python.js";
import { startPythonWorker } from "../../workers/python-worker.js";
import type { SourceSet } from "./sets.js";

const MAX_LENGTH = 128;
/** An epoch of theirs begins slowly: with fewer pairs it is mostly its beginning that is timed. */
const LEAST_PAIRS = 4000;

async function startContender(
  contender: PackedContenderName,
  pairs: readonly Pair[],
  options: { batchSize: number; tokenizerFolder: string; python: string },
): Promise<SourceSet> {
  const { batchSize, tokenizerFolder, python } = options;
  const worker = startPythonWorker(python, process.env);
  const ready = await worker.ask({
    type: "setUp",
    contender,
    pairs,
    options: { batchSize, tokenizerFolder, maxLength: MAX_LENGTH },
  });
  const close = () => worker.close();
  if (ready.type !== "ready") {
    await close();
    return { name: contender, unavailable: "reason" in ready ? ready.reason : ready.type };
  }
  return {
    name: contender,
    ways: [
      {
        order: "in order",
        async epochRate(seconds) {
          const reply = await worker.ask({ type: "measure", seconds });
          if (reply.type === "measured") return reply.measurement.pairs / reply.measurement.seconds;
          throw new Error("reason" in reply ? reply.reason : `unexpected reply ${reply.type}`);
        },
      },
    ],
    close,
  };
}

export async function startPackedContenders(
  pairs: readonly Pair[],
  batchSize: number,
  tokenizerFolder: string,
  python: string | undefined,
): Promise<SourceSet[]> {
  if (python === undefined) {
    return packedContenderNames.map((name) => ({ name, unavailable: PYTHON_NOT_INSTALLED }));
  }
  const sets: SourceSet[] = [];
  for (const name of packedContenderNames) {
    const many = severalTimesOver(pairs, LEAST_PAIRS);
    sets.push(await startContender(name, many, { batchSize, tokenizerFolder, python }));
  }
  return sets;
}
