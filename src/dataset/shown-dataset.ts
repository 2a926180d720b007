import type { AugmentationConfig } from "../image/augmentation.js";
import { coreOfProcessor } from "../image/image-processor.js";
import { shownProcessor } from "../image/shown-processor.js";
import { shownLines } from "../shared/shown-as.js";
import type { ColumnConfig } from "../sources/column-types.js";
import { descriptionOf } from "../sources/derived-source.js";
import { cleaningName } from "../text/text-cleaning.js";
import type { DatasetPipeline } from "./dataset-pipeline.js";
import type { TextPipeline } from "./text-pipeline.js";

function shownText({ config }: TextPipeline, chat: DatasetPipeline["chat"]): string {
  if (chat !== undefined) {
    const most = chat.maxLength === undefined ? "" : `, at most ${chat.maxLength} tokens`;
    return `${chat.rows}${most}, ${chat.type}`;
  }

  const { tokens, clean, maxLength, padding, type } = config;
  const from = tokens === undefined ? `cleaned: ${cleaningName(clean)}` : `ready in ${tokens}`;
  const length = padding === "longest" ? `at most ${maxLength}` : String(maxLength);
  return `${from}, ${length} tokens, ${type}`;
}

function shownColumn({ name, type, shape }: ColumnConfig): string {
  return shape.length === 0 ? `${name} ${type}` : `${name} ${type} [${shape.join(", ")}]`;
}

/** What is drawn. */
function namesOf({ operations, mixing, ...own }: AugmentationConfig): string {
  const { mixUp, cutMix } = mixing ?? {};
  return Object.entries({ ...own, ...operations, mixUp, cutMix })
    .filter(([, value]) => Boolean(value))
    .map(([name]) => name)
    .join(", ");
}

/** Where a dataset's pairs come from, and what they go through. */
export function shownDataset({
  source,
  image,
  imageColumns,
  text,
  columns,
  chat,
}: DatasetPipeline): string {
  const { maxImages, augmentation } = image;
  const images = maxImages === undefined ? "" : `${maxImages} a row, `;
  return shownLines(`MultimodalDataset: ${descriptionOf(source)}`, [
    ["image", `${images}${shownProcessor(coreOfProcessor(image.processor))}`],
    ...(augmentation === null ? [] : [["augmentation", namesOf(augmentation)] as const]),
    ["text", text === null ? "none" : shownText(text, chat)],
    ...(columns.length === 0 ? [] : [["columns", columns.map(shownColumn).join(", ")] as const]),
    ...imageColumns.map(({ name, image: { processor } }) => {
      return [`columns.${name}`, shownProcessor(coreOfProcessor(processor))] as const;
    }),
  ]);
}
