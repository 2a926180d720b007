import { isPacked } from "../sources/packed/is-packed.js";
import { requireStored } from "../sources/packed/pack-match.js";
import { readDatasetAugmentation } from "./dataset-augmentation.js";
import type { DatasetPipeline } from "./dataset-pipeline.js";
import { imagePipeline } from "./image-pipeline.js";

/**
 * The same pairs with another augmentation.
 *
 * @param augmentation a user's options; null: none.
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 * @throws {PixtokError} PACK_MISMATCH where a pack does not hold what it draws from.
 */
export function withAugmentation(
  pipeline: DatasetPipeline,
  augmentation: unknown,
): DatasetPipeline {
  const { source, columns, imageColumns } = pipeline;
  const { processor, applied, maxImages } = pipeline.image;
  const rows = { image: processor, columns, imageColumns, maxImages };
  const config = augmentation === null ? null : readDatasetAugmentation(augmentation, rows);
  if (config !== null && isPacked(source)) {
    requireStored(source.pack.folder, source.pack.config, config, processor.config);
  }
  return { ...pipeline, image: imagePipeline(processor, applied, config, maxImages) };
}
