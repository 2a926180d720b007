import { DataLoader, MultimodalDataset, Tokenizer } from "pixtok";
import type { Contender } from "./contender.js";

export const pixtok: Contender = {
  name: "pixtok",
  description: "this library's DataLoader with its standard preset, batches released after use",
  exact: true,
  output: "batches",
  async setUp(pairs, { batchSize, tokenizerFolder, maxLength }) {
    const dataset = new MultimodalDataset({
      imagePaths: pairs.map((pair) => pair.image),
      texts: pairs.map((pair) => pair.text),
      tokenizer: await Tokenizer.fromPretrained(tokenizerFolder),
      text: { maxLength },
    });
    const loader = new DataLoader(dataset, { batchSize });
    return {
      async runEpoch(onBatch) {
        for await (const batch of loader) {
          const { image, input_ids, attention_mask, indices } = batch;
          if (
            image.type !== "float32" ||
            input_ids.type !== "int64" ||
            attention_mask.type !== "int64"
          ) {
            throw new TypeError(`expected float32 and int64, got ${image.type}, ${input_ids.type}`);
          }
          await onBatch?.({
            image: image.data,
            input_ids: input_ids.data,
            attention_mask: attention_mask.data,
            indices,
          });
          batch.release();
        }
        return { pairs: pairs.length };
      },
      async close() {},
    };
  },
};
