import assert from "node:assert/strict";
import { inChild } from "./child.js";

/**
 * What becomes of each file in a folder by the decoder that the environment is to name ("auto", "sharp"): a digest of its
 * row, or the error's code. `options`: those of an ImageProcessor, as code.
 */
export async function decoderOutcomes(
  folder: string,
  decoder: string,
  options: string,
): Promise<unknown> {
  const { value, errors } = await inChild(
    `
      const { createHash } = await import("node:crypto");
      const { readdirSync } = await import("node:fs");
      const { ImageProcessor } = await import("pixtok");
      const processor = new ImageProcessor({ resize: { width: 31, height: 17 }, ...${options} });
      const [folder] = process.argv.slice(1);
      const found = {};
      for (const name of readdirSync(folder)) {
        found[name] = await processor.process(folder + "/" + name).then(
          ({ pixel_values: { data } }) =>
            createHash("sha256").update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest("hex"),
          ({ code }) => code,
        );
      }
      return found;
    `,
    { args: [folder], env: { PIXTOK_DECODER: decoder } },
  );
  assert.equal(errors, "");
  return value;
}
