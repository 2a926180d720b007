import { extname } from "node:path";
import { type Batch, runtimeInfo } from "pixtok";
import type { AlignmentReport } from "./alignment.js";
import type { Epoch } from "./epochs.js";
import type { Pair } from "./manifest.js";
import { alignColumns, formatRate } from "./report.js";

const shownIndices = 12;
const shownProblems = 5;

/** The version and what it runs on. */
export function describeRuntime(): string {
  const { version, kernel, decoder, sharp, threads } = runtimeInfo();
  const others = decoder.name === "sharp" ? "" : ` and sharp ${sharp}`;
  return `${version}, kernel ${kernel}, decoders ${decoder.name} ${decoder.version}${others}, threads ${threads}`;
}

/** How many pairs, with which kinds of files. */
export function describePairs(pairs: readonly Pair[]): string {
  const counts = new Map<string, number>();
  for (const { image } of pairs) {
    const kind = extname(image).slice(1).toLowerCase() || "without extension";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const kinds = [...counts].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${count} ${kind}`);
  return `${pairs.length} (${kinds.join(", ")})`;
}

/** Each field's element type and shape. */
export function describeBatch(batch: Batch): string[] {
  const tensors = (["image", "input_ids", "attention_mask"] as const).map((name) => {
    const { type, dims } = batch[name];
    return [name, type, `[${dims.join(", ")}]`];
  });
  return alignColumns([...tensors, ["indices", "number", `[${batch.indices.length}]`]]);
}

/** The speed, and how the order begins. */
export function describeEpoch({ order, seconds }: Epoch): string[] {
  const start = order.slice(0, shownIndices).join(" ");
  return [
    `${order.length} pairs in ${seconds.toFixed(2)} s, ${formatRate(order.length / seconds)}`,
    `in the order ${start}${order.length > shownIndices ? " …" : ""}`,
  ];
}

/** Whether all rows are what the dataset says, and what is wrong where they are not. */
export function describeAlignment({ rows, equalRows, problems }: AlignmentReport): string[] {
  const count = `${equalRows} of ${rows} rows equal dataset.get(index), byte for byte,`;
  if (problems.length === 0) {
    return [count, "image and tokens; every pair came once, in the order of epoch 0 again"];
  }
  const unshown = problems.length - shownProblems;
  return [
    `${count} image and tokens`,
    ...problems.slice(0, shownProblems).map((problem) => `FAILED: ${problem}`),
    ...(unshown > 0 ? [`and ${unshown} more`] : []),
  ];
}

/** Both rates, and how many times the second the first is. */
export function describeSpeeds(pixtok: number, pureJavaScript: number): string[] {
  return alignColumns([
    ["pixtok", formatRate(pixtok), `${(pixtok / pureJavaScript).toFixed(1)} times as fast`],
    ["pure JavaScript", formatRate(pureJavaScript), ""],
  ]);
}
