import type { LoaderLimit, LoaderStageName, LoaderStats, LoaderWait } from "./loader-stats.js";

type Measured = Omit<LoaderStats, "limit" | "sentence">;

/** A wait that is shorter than this share of the epoch limits nothing. */
const SHORT_WAIT = 0.05;
/** The threads limit where they are busy for this share of the epoch; else something keeps work from them. */
const BUSY = 0.7;

const threadStages = ["read", "decode", "resize", "normalize"] as const;

function greatest<Name extends string>(
  names: readonly Name[],
  sizeOf: (name: Name) => number,
): Name {
  return names.reduce((most, name) => (sizeOf(name) > sizeOf(most) ? name : most));
}

const percent = (share: number) => `${Math.round(100 * share)} %`;

/** What limits an epoch, and why. */
export function limitOf(measured: Measured): Pick<LoaderStats, "limit" | "sentence"> {
  const { batches, seconds, waitForData, waitForTrainer } = measured;
  if (batches === 0) return { limit: null, sentence: "no batch has been delivered" };
  const shareOf = (time: number) => percent(time / seconds);
  if (waitForTrainer >= waitForData && waitForTrainer >= SHORT_WAIT * seconds) {
    return {
      limit: "trainer",
      sentence: `the trainer: the loader waits ${shareOf(waitForTrainer)} of the time`,
    };
  }
  if (waitForData < SHORT_WAIT * seconds) {
    return {
      limit: "trainer",
      sentence: `the trainer: it waits for data only ${shareOf(waitForData)} of the time`,
    };
  }
  const { limit, why } = limitOfLoader(measured);
  return { limit, sentence: `${why}: the trainer waits ${shareOf(waitForData)} of the time` };
}

const words: Record<Exclude<LoaderWait, "images">, string> = {
  source: "the source, which gives rows",
  tokenize: "the tokenizer",
  mix: "mixing rows by mixUp and cutMix",
  fields: "the loader's fields",
  other: "the loader's own work on the main thread",
};

function limitOfLoader({ waitsOn, stages, threads, seconds }: Measured): {
  limit: LoaderLimit;
  why: string;
} {
  const wait = greatest(Object.keys(waitsOn) as LoaderWait[], (name) => waitsOn[name]);
  if (wait !== "images") return { limit: wait === "other" ? "loader" : wait, why: words[wait] };
  const secondsOf = (name: LoaderStageName) => stages[name].seconds;
  const own = greatest(threadStages, secondsOf);
  if (secondsOf("sharp") > threads.busy) {
    return { limit: "sharp", why: "images that sharp decodes, as the threads decline them" };
  }
  const busy = threads.busy / (threads.count * seconds);
  const part = `${own}, ${percent(secondsOf(own) / threads.busy)} of the`;
  const idle = `work of threads that are busy ${percent(busy)} of the time`;
  return { limit: own, why: `${part} ${busy < BUSY ? idle : "threads' work"}` };
}
