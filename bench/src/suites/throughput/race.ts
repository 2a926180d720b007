import type { ContenderBatch, ContenderOptions, Pair } from "../../contenders/contender.js";
import type { ContenderName } from "../../contenders/index.js";
import { isPythonContenderName } from "../../contenders/python.js";
import { evenlySpread } from "../../measuring/spread.js";
import { watchTreeMemory } from "../../measuring/tree-memory.js";
import { progress, takeTurns } from "../../measuring/turns.js";
import { PYTHON_NOT_INSTALLED } from "../../setup/python.js";
import { startNodeWorker } from "../../workers/node-worker.js";
import type { Introduction, Measurement } from "../../workers/protocol.js";
import { startPythonWorker } from "../../workers/python-worker.js";
import type { WorkerProcess } from "../../workers/worker-process.js";
import { assembleOutputs, compareOutputs, type Difference, type Outputs } from "./compare.js";
import { type Entry, entryLabel } from "./entry.js";

export interface RaceSettings {
  readonly pairs: readonly Pair[];
  readonly entries: readonly Entry[];
  readonly options: ContenderOptions;
  readonly rounds: number;
  /** A round is at least this long. */
  readonly seconds: number;
  /** The interpreter that has the Python contenders' packages. */
  readonly python?: string;
}

export interface ContenderResult extends Entry {
  readonly status: "measured" | "unavailable" | "failed";
  /** Why it was not measured. */
  readonly reason?: string;
  readonly introduction?: Introduction;
  /** From pixtok's outputs, for the same pairs. */
  readonly difference?: Difference;
  /** Length of the list of pairs it went through. */
  readonly pairs?: number;
  /** With the processes that it started, where it started any: while it warmed up, in bytes. */
  readonly treePeakMemory?: number;
  readonly rounds: readonly Measurement[];
}

/** The contender whose outputs the others' are compared with. */
export const REFERENCE: ContenderName = "pixtok";
// More than one batch of the default size, and a last batch that is not full.
const COMPARED_PAIRS = 96;

interface Trial {
  readonly result: ContenderResult;
  readonly pairsPerSecond: number;
  readonly outputs?: Outputs;
}

function startWorker({ name, threads }: Entry, python: string | undefined): WorkerProcess {
  const environment = { ...process.env };
  if (threads !== undefined) environment.PIXTOK_THREADS = `${threads}`;
  if (!isPythonContenderName(name)) return startNodeWorker(environment);
  if (python === undefined) throw new Error(PYTHON_NOT_INSTALLED);
  return startPythonWorker(python, environment);
}

/** Runs a contender once in a process of its own: does it work, how fast is it, what comes out? */
async function runTrial(
  entry: Entry,
  pairs: readonly Pair[],
  { options, python }: RaceSettings,
): Promise<Trial> {
  progress(`trial run: ${entryLabel(entry)}`);
  let introduction: Introduction | undefined;
  const notMeasured = (status: "unavailable" | "failed", reason: string): Trial => ({
    result: { ...entry, status, reason, rounds: [], ...(introduction && { introduction }) },
    pairsPerSecond: 0,
  });
  if (isPythonContenderName(entry.name) && python === undefined) {
    return notMeasured("unavailable", PYTHON_NOT_INSTALLED);
  }

  const worker = startWorker(entry, python);
  try {
    const ready = await worker.ask({ type: "setUp", contender: entry.name, pairs, options });
    if (ready.type === "ready" || ready.type === "unavailable") introduction = ready.introduction;
    if (ready.type === "unavailable" || ready.type === "failed") {
      return notMeasured(ready.type, ready.reason);
    }
    // Once to warm up: how many pairs it is given in the race follows from its rate.
    await worker.ask({ type: "measure", seconds: 0 });
    const measured = await worker.ask({ type: "measure", seconds: 0 });
    if (measured.type === "failed") return notMeasured("failed", measured.reason);
    if (measured.type !== "measured" || introduction === undefined) {
      throw new Error(`unexpected reply ${measured.type}`);
    }
    const trial: Trial = {
      result: { ...entry, status: "measured", introduction, rounds: [] },
      pairsPerSecond: measured.measurement.pairs / measured.measurement.seconds,
    };
    if (introduction.output === "rate") return trial;

    const batches: ContenderBatch[] = [];
    const delivered = await worker.ask({ type: "deliver" }, (batch) => batches.push(batch));
    if (delivered.type === "failed") return notMeasured("failed", delivered.reason);
    return { ...trial, outputs: assembleOutputs(batches, pairs.length) };
  } catch (error) {
    return notMeasured("failed", error instanceof Error ? error.message : String(error));
  } finally {
    await worker.close();
  }
}

/** Adds how far the outputs are from the reference's; fails those that claim to be exact and aren't. */
function compareWithReference(
  { result, outputs }: Trial,
  reference: Outputs | undefined,
): ContenderResult {
  if (outputs === undefined || reference === undefined || outputs === reference) return result;
  const difference = compareOutputs(outputs, reference);
  if (result.introduction?.exact && !difference.identical) {
    const reason = `claims to be exact but its outputs are not ${REFERENCE}'s`;
    return { ...result, status: "failed", reason, difference };
  }
  return { ...result, difference };
}

async function runTrials(settings: RaceSettings): Promise<Trial[]> {
  const pairs = evenlySpread(settings.pairs, COMPARED_PAIRS);
  // The reference goes first, asked for or not, so that only its outputs need to be kept.
  const reference = await runTrial({ name: REFERENCE }, pairs, settings);
  const trials: Trial[] = [];
  for (const entry of settings.entries) {
    const trial =
      entryLabel(entry) === REFERENCE ? reference : await runTrial(entry, pairs, settings);
    const result = compareWithReference(trial, reference.outputs);
    trials.push({ result, pairsPerSecond: trial.pairsPerSecond });
  }
  return trials;
}

interface Candidate {
  result: ContenderResult;
  readonly worker: WorkerProcess;
}

async function startCandidate(trial: Trial, settings: RaceSettings): Promise<Candidate> {
  const { batchSize } = settings.options;
  const enough = Math.ceil((trial.pairsPerSecond * settings.seconds) / batchSize);
  // Whole batches where there are as many pairs: DALI fills up a last one, and is not paid for it.
  const most = Math.max(1, Math.floor(settings.pairs.length / batchSize));
  const pairs = evenlySpread(settings.pairs, Math.min(enough, most) * batchSize);
  const { options, python } = settings;
  const worker = startWorker(trial.result, python);
  const candidate: Candidate = { worker, result: { ...trial.result, pairs: pairs.length } };
  const { name: contender } = trial.result;
  const ready = await worker.ask({ type: "setUp", contender, pairs, options });
  if (ready.type !== "ready") {
    const reason = "reason" in ready ? ready.reason : `unexpected reply ${ready.type}`;
    candidate.result = { ...candidate.result, status: "failed", reason };
  }
  return candidate;
}

async function runRound({ worker, result }: Candidate, seconds: number): Promise<ContenderResult> {
  const reply = await worker.ask({ type: "measure", seconds });
  if (reply.type === "measured") {
    return { ...result, rounds: [...result.rounds, reply.measurement] };
  }
  const reason = "reason" in reply ? reply.reason : `unexpected reply ${reply.type}`;
  return { ...result, status: "failed", reason };
}

/** All contenders stay alive; one at a time works, each once a round. */
async function race(candidates: readonly Candidate[], settings: RaceSettings): Promise<void> {
  for (const candidate of candidates) {
    if (candidate.result.status !== "measured") continue;
    progress(`warming up: ${entryLabel(candidate.result)}, ${candidate.result.pairs} pairs`);
    const memory = watchTreeMemory(candidate.worker.pid);
    const warm = await runRound(candidate, 0);
    const treePeakMemory = memory.stop();
    candidate.result = { ...warm, rounds: [], ...(treePeakMemory && { treePeakMemory }) };
  }
  const turns = candidates.map((candidate) => ({
    name: entryLabel(candidate.result),
    isOut: () => candidate.result.status !== "measured",
    async run() {
      candidate.result = await runRound(candidate, settings.seconds);
    },
  }));
  await takeTurns(turns, settings.rounds);
}

export async function runRace(settings: RaceSettings): Promise<ContenderResult[]> {
  const trials = await runTrials(settings);
  const candidates: Candidate[] = [];
  try {
    for (const trial of trials) {
      if (trial.result.status === "measured")
        candidates.push(await startCandidate(trial, settings));
    }
    await race(candidates, settings);
  } finally {
    await Promise.all(candidates.map(({ worker }) => worker.close()));
  }
  const entered = new Map(candidates.map(({ result }) => [entryLabel(result), result]));
  return trials.map(({ result }) => entered.get(entryLabel(result)) ?? result);
}
