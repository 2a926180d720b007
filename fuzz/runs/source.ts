import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DataLoader, ImageProcessor, MultimodalDataset, verifyPack } from "pixtok";
import { smallTokenizer } from "../../test/support/pairs.js";
import { MOST_PIXELS } from "../limits.js";
import type { CaseRequest, Outcome, RowOutcome } from "../outcome.js";

const MOST_ROWS = 200;

const small = new ImageProcessor({
  resize: { width: 8, height: 8 },
  type: "uint8",
  maxPixels: MOST_PIXELS,
});

const manifest = /\.(jsonl|csv|tsv)$/;

/** Opens what is in the folder as users do, and reads an epoch of it. */
export async function runSource(request: CaseRequest, name?: string): Promise<Outcome> {
  const { folder } = request;
  const path = join(folder, name ?? readdirSync(folder).find((one) => manifest.test(one)) ?? "");
  const isPacked = request.target === "packed";
  if (isPacked) await verifyPack(folder);
  const dataset = await MultimodalDataset.from(path, {
    ...(isPacked
      ? {}
      : { tokenizer: await smallTokenizer(), image: small, text: { maxLength: 16 } }),
  });
  const rows: RowOutcome[] = [];
  const loader = new DataLoader(dataset, {
    batchSize: 4,
    onError: "skip",
    maxErrors: Number.MAX_SAFE_INTEGER,
    onSampleError: ({ code }) => rows.push({ verdict: "refused", code }),
  });
  for await (const batch of loader) {
    for (const text of batch.texts) {
      const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
      rows.push({ verdict: "read", digest });
    }
    batch.release();
    if (rows.length >= MOST_ROWS) break;
  }
  return { kind: "read", rows };
}
