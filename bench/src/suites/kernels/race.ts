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

interface Racer {
  readonly program: KernelProgram;
  missing: MissingProgram | undefined;
  readonly times: KernelTime[];
}

async function runProgram(
  racer: Racer,
  cases: readonly KernelCase[],
  seconds: number,
): Promise<readonly KernelTime[]> {
  if (racer.missing !== undefined) return [];
  try {
    return await racer.program.time(cases, seconds);
  } catch (error) {
    racer.missing = { program: racer.program.name, ...programFailure(error) };
    return [];
  }
}

function recordTimes({ program: { name }, times }: Racer): KernelRecord[] {
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
  const racers = programs.map((program): Racer => {
    const { name, unavailable: reason } = program;
    const missing = reason
      ? ({ program: name, status: "unavailable", reason } as const)
      : undefined;
    return { program, missing, times: [] };
  });

  const turns = racers.map((racer) => ({
    name: racer.program.name,
    isOut: () => racer.missing !== undefined,
    async run() {
      racer.times.push(...(await runProgram(racer, cases, seconds)));
    },
  }));
  await takeTurns(turns, rounds);
  return {
    measurements: racers.flatMap(recordTimes),
    missing: racers.flatMap(({ missing }) => missing ?? []),
  };
}
