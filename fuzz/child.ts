/** Runs cases, one at a time, as its parent asks for them; see watched-process.ts. */
import { setImmediate } from "node:timers/promises";
import { PixtokError } from "pixtok";
import type { CaseReply, CaseRequest, Outcome } from "./outcome.js";
import { runHub } from "./runs/hub.js";
import { runImages } from "./runs/images.js";
import { runProcessor } from "./runs/processor.js";
import { runSource } from "./runs/source.js";
import { runTokenizer } from "./runs/tokenizer.js";
import type { TargetName } from "./target.js";

const LONGEST_MESSAGE = 1000;
const CASES_BETWEEN_COLLECTIONS = 50;

const runs: Record<TargetName, (request: CaseRequest) => Promise<Outcome>> = {
  images: runImages,
  webdataset: (request) => runSource(request, "shard.tar"),
  parquet: (request) => runSource(request, "pairs.parquet"),
  packed: (request) => runSource(request, "."),
  manifest: (request) => runSource(request),
  coco: (request) => runSource(request, "captions.json"),
  tokenizer: runTokenizer,
  processor: runProcessor,
  hub: runHub,
};

/** What a user meets: an error of pixtok's, short enough to be read, or another, which is a fault. */
function outcomeOf(error: unknown): Outcome {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof PixtokError)) {
    const place = /at .*?(src|dist|node_modules)\/(\S+?):\d+/.exec(stack ?? "")?.[2] ?? "";
    const what = `${name}: ${message.replace(/\d+/g, "N").slice(0, 80)} (${place})`;
    return { kind: "unexpected", what, detail: stack ?? message };
  }
  if (message.length > LONGEST_MESSAGE) {
    const what = `${error.code}: its message has ${message.length} characters`;
    return { kind: "unexpected", what, detail: message.slice(0, 2 * LONGEST_MESSAGE) };
  }
  return { kind: "refused", code: error.code };
}

let cases = 0;

process.on("message", async (request: CaseRequest) => {
  const run = runs[request.target as TargetName];
  const outcome = await run(request).catch(outcomeOf);
  // What was left running fails now, in this case and not in the next one.
  for (let i = 0; i < 3; i += 1) await setImmediate();
  cases += 1;
  if (cases % CASES_BETWEEN_COLLECTIONS === 0) globalThis.gc?.();
  const residentBytes = process.memoryUsage.rss();
  process.send?.({ id: request.id, outcome, residentBytes } satisfies CaseReply);
});
