import { spreadOf } from "../../measuring/statistics.js";
import { type Turn, takeTurns } from "../../measuring/turns.js";
import type { DecodeRun, Decoder } from "../../programs/decoders.js";
import { programFailure } from "../../programs/program-failure.js";
import type { DecodeCase } from "./cases.js";
import type { DecodeRecord, MissingDecoder } from "./results.js";

/** A decoder with what it has shown of each case, round after round. */
export interface Candidate {
  readonly decoder: Decoder;
  readonly cases: readonly DecodeCase[];
  readonly runs: (readonly DecodeRun[])[];
  missing: MissingDecoder | undefined;
}

export function candidatesOf(
  decoders: readonly Decoder[],
  cases: readonly DecodeCase[],
): Candidate[] {
  return decoders.map((decoder) => {
    const { name, unavailable: reason, formats } = decoder;
    return {
      decoder,
      cases: cases.filter(({ format }) => formats.includes(format)),
      runs: [],
      missing: reason ? { decoder: name, status: "unavailable", reason } : undefined,
    };
  });
}

export function turnOf(candidate: Candidate, threads: number, seconds: number): Turn {
  const { decoder, cases, runs } = candidate;
  return {
    name: `${decoder.name}, ${threads} of its threads`,
    isOut: () => candidate.missing !== undefined || cases.length === 0,
    async run() {
      try {
        const lists = cases.map(({ list }) => list);
        runs.push(await decoder.time(lists, threads, seconds));
      } catch (error) {
        candidate.missing = { decoder: decoder.name, ...programFailure(error) };
      }
    },
  };
}

/** Images a second of a case, by round. */
export function ratesOf({ runs, cases }: Candidate, one: DecodeCase): number[] {
  return runs.flatMap((ofRound) => {
    const run = ofRound[cases.indexOf(one)];
    return run === undefined ? [] : run.images / run.seconds;
  });
}

/** Each decoder once a round on all of its cases, one after the other, on one thread. */
export async function raceDecoders(
  candidates: readonly Candidate[],
  rounds: number,
  seconds: number,
): Promise<DecodeRecord[]> {
  await takeTurns(
    candidates.map((candidate) => turnOf(candidate, 1, seconds)),
    rounds,
  );
  return candidates.flatMap((candidate) =>
    candidate.cases.flatMap((one) => {
      const rates = ratesOf(candidate, one);
      if (rates.length === 0) return [];
      const { format, label, megapixels } = one;
      const decoder = candidate.decoder.name;
      return [{ decoder, format, label, megapixels, rounds: rates, rate: spreadOf(rates) }];
    }),
  );
}
