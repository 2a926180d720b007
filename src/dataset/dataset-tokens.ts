import { untilAborted } from "../shared/abort.js";
import { machineFault } from "../shared/machine-fault.js";
import { plainContext, type SignalledContext, whileKept } from "../shared/sample-context.js";
import type { TokenIds } from "../text/token-rows.js";
import { type DatasetPipeline, requireTexts } from "./dataset-pipeline.js";
import type { OnError } from "./error-policy.js";

/** At once, for their texts alone; a source may bring the bytes of their images along. */
const MOST_PAIRS_READ = 256;

/** Token ids of the pairs' texts, cut to `text.maxLength`, not padded. Images are not read. */
export async function datasetTokens(
  dataset: DatasetPipeline,
  indices: readonly number[],
  signal: AbortSignal,
): Promise<TokenIds[]> {
  return whileKept(plainContext(signal), async (kept) => {
    const reading = Promise.all(indices.map((index) => dataset.pairs.readText(index, kept)));
    const tokens = await requireTexts(dataset).tokensOf(await untilAborted(reading, signal));
    return tokens.map((ids) => ids.slice()); // those of a packed set lie in its files
  });
}

/**
 * Number of tokens that each of the pairs' texts has, cut to `text.maxLength`, special ones included. Images are not read.
 *
 * With "throw" a pair that cannot be read ends it: the pair may be there when a batch is made of it, and its order would be
 * another one than elsewhere, unsaid. Else the pair is read a second time, and is null where that fails, too.
 */
export async function tokenCounts(
  dataset: DatasetPipeline,
  indices: readonly number[],
  context: SignalledContext,
  onError: OnError,
): Promise<(number | null)[]> {
  const { pairs } = dataset;
  const text = requireTexts(dataset);
  const textOnce = (index: number, kept: SignalledContext) =>
    pairs.readText(index, kept).catch((error: unknown) => {
      const fault = machineFault(error, { index });
      if (fault !== null) throw fault;
      if (onError === "throw") throw error;
      return null; // making a batch of it will report the error
    });
  const textOf = async (index: number, kept: SignalledContext) =>
    (await textOnce(index, kept)) ?? textOnce(index, kept);
  const counts: (number | null)[] = [];
  while (counts.length < indices.length) {
    const some = indices.slice(counts.length, counts.length + MOST_PAIRS_READ);
    const found = await whileKept(context, async (kept) => {
      const reading = Promise.all(some.map((index) => textOf(index, kept)));
      const texts = await untilAborted(reading, kept.signal);
      const tokens = (await text.tokensOf(texts.filter((one) => one !== null))).values();
      return texts.map((one) => (one === null ? null : (tokens.next().value as TokenIds).length));
    });
    counts.push(...found);
  }
  return counts;
}
