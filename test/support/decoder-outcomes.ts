import assert from "node:assert/strict";
import type { ImageProcessorOptions } from "pixtok";
import { inChild } from "./child.js";

/**
 * What becomes of each file in a folder by the decoder that the environment is to name ("auto", "sharp"): a digest of its
 * row, or the error's code; for each of `options`, by its number.
 */
export async function decoderOutcomes(
  folder: string,
  decoder: string,
  options: readonly ImageProcessorOptions[],
): Promise<Record<string, string>[]> {
  const { value, errors } = await inChild(
    `
      const { createHash } = await import("node:crypto");
      const { readdirSync } = await import("node:fs");
      const { ImageProcessor } = await import("pixtok");
      const [folder] = process.argv.slice(1);
      const outcomes = [];
      for (const options of ${JSON.stringify(options)}) {
        const processor = new ImageProcessor({ resize: { width: 31, height: 17 }, ...options });
        const found = {};
        for (const name of readdirSync(folder)) {
          found[name] = await processor.process(folder + "/" + name).then(
            ({ pixel_values: { data } }) =>
              createHash("sha256").update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest("hex"),
            ({ code }) => code,
          );
        }
        outcomes.push(found);
      }
      return outcomes;
    `,
    { args: [folder], env: { PIXTOK_DECODER: decoder } },
  );
  assert.equal(errors, "");
  return value as Record<string, string>[];
}
