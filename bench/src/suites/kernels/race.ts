import { groupBy } from "../../measuring/grouping.js";
import { spreadOf } from "../../measuring/statistics.js";
import { takeTurns } from "../../measuring/turns.js";
import type { KernelCase, KernelProgram, KernelTime } from "../../programs/kernels.js";
import { programFailure } from "../../programs/program-failure.js";
import {
  caseLabel,
  type KernelRecord,
  type KernelResults,
  type MissingProgram,
  measurementLabel,
} from "./results.js";

interface RaceSettings {
  readonly programs: readonly KernelProgram[];
  readonly cases: readonly KernelCase[];
  readonly rounds: number;
  readonly seconds: number;
}

interface Candidate {
  readonly program: KernelProgram;
  missing: MissingProgram | undefined;
  readonly times: KernelTime[];
}

async function runProgram(
  candidate: Candidate,
  cases: readonly KernelCase[],
  seconds: number,
): Promise<readonly KernelTime[]> {
  if (candidate.missing !== undefined) return [];
  try {
    return await candidate.program.time(cases, seconds);
  } catch (error) {
    candidate.missing = { program: candidate.program.name, ...programFailure(error) };
    return [];
  }
}

function recordTimes({ program: { name }, times }: Candidate): KernelRecord[] {
  const series = groupBy(times, (time) => `${measurementLabel(time, name)}: ${caseLabel(time)}`);
  return [...series.values()].map((ofOne) => {
    const { kernel, operation, resampler, weights, filter, from, to } = ofOne[0] as KernelTime;
    const rounds = ofOne.map((time) => time.nanoseconds);
    const nanoseconds = spreadOf(rounds);
    const pixels = from.reduce((sum, [width, height]) => sum + width * height, 0) / from.length;
    const megapixelsPerSecond = (1000 * pixels) / nanoseconds.median;
    const what = {
      program: name,
      kernel,
      operation,
      ...(resampler !== undefined && { resampler }),
      weights,
      filter,
      from,
      to,
    };
    return { ...what, nanoseconds, megapixelsPerSecond, rounds };
  });
}

/** Each program once a round, one after the other, on the same cases. */
export async function raceKernels({
  programs,
  cases,
  rounds,
  seconds,
}: RaceSettings): Promise<Pick<KernelResults, "measurements" | "missing">> {
  const candidates = programs.map((program): Candidate => {
    const { name, unavailable: reason } = program;
    const missing = reason
      ? ({ program: name, status: "unavailable", reason } as const)
      : undefined;
    return { program, missing, times: [] };
  });

  const turns = candidates.map((candidate) => ({
    name: candidate.program.name,
    isOut: () => candidate.missing !== undefined,
    async run() {
      candidate.times.push(...(await runProgram(candidate, cases, seconds)));
    },
  }));
  await takeTurns(turns, rounds);
  return {
    measurements: candidates.flatMap(recordTimes),
    missing: candidates.flatMap(({ missing }) => missing ?? []),
  };
}
