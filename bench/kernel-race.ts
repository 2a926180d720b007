import { groupBy } from "./grouping.js";
import type { KernelProgram } from "./kernel-programs.js";
import {
  caseLabel,
  type KernelCase,
  type KernelRecord,
  type KernelResults,
  type KernelTime,
  type MissingProgram,
  measurementLabel,
} from "./kernel-results.js";
import { publicText } from "./public-text.js";
import { spreadOf } from "./statistics.js";

interface RaceSettings {
  readonly programs: readonly KernelProgram[];
  readonly rounds: number;
  readonly seconds: number;
}

const judgedCases: readonly KernelCase[] = [
  { filter: "bilinear", from: [500, 375], to: [224, 224] },
  { filter: "bicubic", from: [1000, 1000], to: [384, 384] },
  { filter: "lanczos", from: [1000, 1000], to: [384, 384] },
];

const REHEARSAL_SECONDS = 0.01;

/** How a program ends that this machine lacks something for: EX_UNAVAILABLE. */
const EXIT_UNAVAILABLE = 69;

interface Racer {
  readonly program: KernelProgram;
  missing: MissingProgram | undefined;
  readonly times: KernelTime[];
}

function describeFailure(program: string, error: unknown): MissingProgram {
  const failure: { message?: string; stderr?: string; code?: number | string } =
    error instanceof Error ? error : { message: String(error) };
  const lastWords = failure.stderr?.trim().split("\n").at(-1);
  return {
    program,
    status: failure.code === EXIT_UNAVAILABLE ? "unavailable" : "failed",
    reason: publicText(lastWords || failure.message || "no reason given"),
  };
}

async function runProgram(
  racer: Racer,
  what: string,
  cases: readonly KernelCase[],
  seconds: number,
): Promise<readonly KernelTime[]> {
  if (racer.missing !== undefined) return [];
  process.stderr.write(`${what}: ${racer.program.name}\n`);
  try {
    return await racer.program.time(cases, seconds);
  } catch (error) {
    racer.missing = describeFailure(racer.program.name, error);
    return [];
  }
}

function distinctCases(cases: readonly KernelCase[]): KernelCase[] {
  const distinct = new Map(
    cases.map(({ filter, from, to }) => [caseLabel({ filter, from, to }), { filter, from, to }]),
  );
  return [...distinct.values()];
}

function recordTimes({ program: { name }, times }: Racer): KernelRecord[] {
  const series = groupBy(times, (time) => `${measurementLabel(time, name)}: ${caseLabel(time)}`);
  return [...series.values()].map((ofOne) => {
    const { kernel, operation, filter, from, to } = ofOne[0] as KernelTime;
    const rounds = ofOne.map((time) => time.nanoseconds);
    const nanoseconds = spreadOf(rounds);
    const megapixelsPerSecond = (from[0] * from[1] * 1000) / nanoseconds.median;
    const what = { program: name, kernel, operation, filter, from, to };
    return { ...what, nanoseconds, megapixelsPerSecond, rounds };
  });
}

/** Each program once a round, one after the other, on the same cases. */
export async function raceKernels({
  programs,
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

  // A program may have cases of its own, which the others are then given too.
  let cases = [...judgedCases];
  for (const racer of racers) {
    const times = await runProgram(racer, "rehearsing", judgedCases, REHEARSAL_SECONDS);
    cases = distinctCases([...cases, ...times]);
  }
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < racers.length; place++) {
      const racer = racers[(round + place) % racers.length] as Racer;
      const what = `round ${round + 1} of ${rounds}`;
      racer.times.push(...(await runProgram(racer, what, cases, seconds)));
    }
  }
  return {
    measurements: racers.flatMap(recordTimes),
    missing: racers.flatMap(({ missing }) => missing ?? []),
  };
}
