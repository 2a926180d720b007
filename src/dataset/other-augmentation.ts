import { isPacked } from "../sources/packed/is-packed.js";
import { packedImageColumn, requireStored } from "../sources/packed/pack-match.js";
import type { PairSource } from "../sources/pair-source.js";
import { movesOf, readDatasetAugmentation, readNamedAugmentation } from "./dataset-augmentation.js";
import type { DatasetPipeline, ImageColumnPipeline } from "./dataset-pipeline.js";
import { imagePipeline } from "./image-pipeline.js";

/** A column that follows the dataset, with what of an augmentation moves pixels. */
function columnWith(
  source: PairSource,
  column: ImageColumnPipeline,
  augmentation: unknown,
): ImageColumnPipeline {
  const { name, image } = column;
  const { processor, applied, maxImages } = image;
  const moves = movesOf(augmentation);
  const config = moves === undefined ? null : readNamedAugmentation(moves, processor);
  if (config !== null && isPacked(source)) {
    const packed = packedImageColumn(source.pack, name);
    const names = { image: `columns.${name}.processor`, augmentation: "augmentation" };
    requireStored(source.pack.folder, packed, config, processor.config, names);
  }
  return { ...column, image: imagePipeline(processor, applied, config, maxImages) };
}

/**
 * The same pairs with another augmentation. Columns of images that have one of their own keep it, but with none.
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
  return {
    ...pipeline,
    image: imagePipeline(processor, applied, config, maxImages),
    imageColumns: imageColumns.map((column) =>
      column.followsDataset || augmentation === null
        ? columnWith(source, column, augmentation)
        : column,
    ),
  };
}
