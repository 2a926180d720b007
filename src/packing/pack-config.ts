import type { DatasetPipeline, ImageColumnPipeline } from "../dataset/dataset-pipeline.js";
import { packedConversations } from "../dataset/packed-conversations.js";
import { contentSize } from "../image/output-size.js";
import { outOfRange } from "../shared/validation.js";
import { isWellFormed } from "../shared/well-formed.js";
import { isNumberType } from "../sources/column-types.js";
import {
  MOST_PACKED_COLUMNS,
  type PackConfig,
  type PackedColumn,
  type PackedImageColumn,
} from "../sources/packed/pack-format.js";
import { tokenizerConfig } from "../sources/packed/pack-match.js";
import { packedPictures } from "../sources/packed/packed-pictures.js";
import { cleaningName } from "../text/text-cleaning.js";
import { Tokenizer } from "../text/tokenizer.js";
import { coreOfModelProcessor } from "../vision-language/processor.js";

/** @throws {TypeError | RangeError} where images would differ in size, or there are too many columns. */
export function packConfig(dataset: DatasetPipeline, filePairs: number): PackConfig {
  const { pairs, source, image } = dataset;
  return {
    ...imageConfig(dataset),
    processor: image.processor.config,
    ...textConfig(dataset),
    columns: packedColumns(dataset),
    imageColumns: dataset.imageColumns.map(packedImageColumn),
    source: { pairs: pairs.length, fingerprint: source.fingerprint ?? null },
    shardPairs: filePairs,
  };
}

function imageConfig({
  image: { processor, pictures },
  imageChoice: { maxImages },
  chat,
}: DatasetPipeline): Pick<PackConfig, "format" | "size" | "pictures"> {
  if (pictures === null) {
    const size = contentSize("packDataset", processor.config);
    return { format: 2, size, pictures: null };
  }
  return {
    format: chat === undefined ? 3 : 4,
    size: null,
    pictures: packedPictures(processor, maxImages),
  };
}

function textConfig({
  text,
  onMultipleTexts,
  processor,
  chat,
}: DatasetPipeline): Pick<PackConfig, "text" | "tokenizer" | "conversations"> {
  if (processor !== undefined && chat !== undefined) {
    return {
      text: null,
      tokenizer: tokenizerConfig(processor.tokenizer),
      conversations: packedConversations(coreOfModelProcessor(processor), chat),
    };
  }
  const conversations = null;
  if (text === null) return { text: null, tokenizer: null, conversations };
  const { tokenizer, padding } = text;
  const { clean, maxLength, tokens } = text.config;
  const common = { clean: cleaningName(clean), maxLength, several: onMultipleTexts === "random" };
  return tokenizer instanceof Tokenizer
    ? { text: { ...common, ready: null }, tokenizer: tokenizerConfig(tokenizer), conversations }
    : {
        text: { ...common, ready: { ...padding, column: tokens ?? null } },
        ...{ tokenizer: null, conversations },
      };
}

function packedImageColumn({ name, image }: ImageColumnPipeline): PackedImageColumn {
  requireName(name);
  const { config } = image.processor;
  return { name, size: contentSize("packDataset", config), processor: config };
}

/** @throws {RangeError} for a name that Arrow cannot hold. */
function requireName(name: string): void {
  if (name === "" || !isWellFormed(name)) {
    throw outOfRange("dataset", "columns of names in Unicode, none of them empty", name);
  }
}

function packedColumns({ columns, source }: DatasetPipeline): readonly PackedColumn[] {
  if (columns.length > MOST_PACKED_COLUMNS) {
    throw outOfRange("dataset", `at most ${MOST_PACKED_COLUMNS} columns`, columns.length);
  }
  const { classNames = {} } = source;
  return columns.map((column) => {
    const { name, type } = column;
    requireName(name);
    const isNamed = isNumberType(type) && Object.hasOwn(classNames, name);
    return { ...column, classes: isNamed ? (classNames[name] ?? null) : null };
  });
}
