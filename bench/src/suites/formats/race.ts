import { spreadOf } from "../../measuring/statistics.js";
import { type Turn, takeTurns } from "../../measuring/turns.js";
import type { DecodeRun, Decoder } from "../../programs/decoders.js";
import { programFailure } from "../../programs/program-failure.js";
import type { DecodeCase } from "./cases.js";
import type { DecodeRecord, MissingDecoder } from "./results.js";

/** A decoder with what it has shown of each case, round after round. */
export interface Racer {
  readonly decoder: Decoder;
  readonly cases: readonly DecodeCase[];
  readonly runs: (readonly DecodeRun[])[];
  missing: MissingDecoder | undefined;
}

export function racersOf(decoders: readonly Decoder[], cases: readonly DecodeCase[]): Racer[] {
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

export function turnOf(racer: Racer, threads: number, seconds: number): Turn {
  const { decoder, cases, runs } = racer;
  return {
    name: `${decoder.name}, ${threads} of its threads`,
    isOut: () => racer.missing !== undefined || cases.length === 0,
    async run() {
      try {
        const lists = cases.map(({ list }) => list);
        runs.push(await decoder.time(lists, threads, seconds));
      } catch (error) {
        racer.missing = { decoder: decoder.name, ...programFailure(error) };
      }
    },
  };
}

/** Images a second of a case, by round. */
export function ratesOf({ runs, cases }: Racer, one: DecodeCase): number[] {
  return runs.flatMap((ofRound) => {
    const run = ofRound[cases.indexOf(one)];
    return run === undefined ? [] : run.images / run.seconds;
  });
}

/** Each decoder once a round on all of its cases, one after the other, on one thread. */
export async function raceDecoders(
  racers: readonly Racer[],
  rounds: number,
  seconds: number,
): Promise<DecodeRecord[]> {
  await takeTurns(
    racers.map((racer) => turnOf(racer, 1, seconds)),
    rounds,
  );
  return racers.flatMap((racer) =>
    racer.cases.flatMap((one) => {
      const rates = ratesOf(racer, one);
      if (rates.length === 0) return [];
      const { format, label, megapixels } = one;
      const decoder = racer.decoder.name;
      return [{ decoder, format, label, megapixels, rounds: rates, rate: spreadOf(rates) }];
    }),
  );
}
