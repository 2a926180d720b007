import { compileSizePlan } from "../image/compiled-plan.js";
import { type ImageInput, imageLabel, requireImage } from "../image/image-input.js";
import { imageSizes } from "../image/views/image-sizes.js";
import { errorOfSample, ofSample } from "../shared/error-of-sample.js";
import { PixtokError } from "../shared/errors.js";
import type { ReadOptions } from "../shared/options.js";
import { outOfRange } from "../shared/validation.js";
import { rowLength } from "../text/encoded-tensors.js";
import type { TokenType } from "../text/token-rows.js";
import type { ModelCore } from "./model-core.js";
import { type ImageFields, modelFields } from "./model-fields.js";
import type { ProcessedRows } from "./processed-rows.js";
import type { conversationReaders, ProcessorRow } from "./processor-options.js";
import { readRow } from "./read-row.js";
import { type EncodedRow, type RowTensors, rowTensors } from "./row-tensors.js";
import type { RowContent, RowText } from "./row-text.js";

type Options = ReadOptions<typeof conversationReaders>;

/** @throws {PixtokError} the first row or image that is at fault; `index` is its row. */
export async function processRows<T extends TokenType>(
  core: ModelCore,
  rows: readonly ProcessorRow[],
  options: Options,
): Promise<ProcessedRows<T>> {
  const { labels, return_assistant_tokens_mask: masks } = options;
  const { continue_final_message: isOpen, add_generation_prompt: asks } = options;
  if (isOpen !== false && (asks || masks)) {
    const other = asks ? "add_generation_prompt" : "return_assistant_tokens_mask";
    throw outOfRange("continue_final_message", `false with ${other}`, isOpen);
  }
  const learned = labels ? "words" : masks ? "marks" : "nothing";
  const reading = {
    ...chatOptions(options),
    add_special_tokens: options.add_special_tokens,
    learned,
  } as const;
  const contents = rows.map((row, index) =>
    ofSample({ index }, () => core.read(readRow(row, `rows[${index}]`), reading)),
  );
  const maxLength = lengthLimit(core, options);
  const measured = await measuredRows(core, contents);
  const encoded = await core.encode(measured, options.truncation ? maxLength : undefined);
  const whole = encoded.map((row, index): EncodedRow => {
    if (row instanceof PixtokError) throw errorOfSample(row, { index });
    return row;
  });
  const tensors = tokenTensors<T>(core, whole, options, maxLength);
  const lists = contents.map(({ images }) => images);
  return { ...tensors, ...(await imageTensors(core, lists, tensors)) };
}

function chatOptions({ tools, documents, template_kwargs, ...options }: Options) {
  return {
    ...(tools === undefined ? {} : { tools }),
    ...(documents === undefined ? {} : { documents }),
    ...(template_kwargs === undefined ? {} : { template_kwargs }),
    add_generation_prompt: options.add_generation_prompt,
    continue_final_message: options.continue_final_message,
  };
}

/** Tokens that rows are cut or padded to; undefined where they are neither. */
function lengthLimit({ model }: ModelCore, options: Options): number | undefined {
  const { max_length: given, truncation, padding } = options;
  if (!truncation && padding !== "max_length") return undefined;
  const limit = given ?? model.tokenizer.files.defaultMaxLength;
  if (limit !== undefined) return limit;
  throw outOfRange("max_length", "a length, as the tokenizer's files have none", given);
}

/** Rows with the sizes of their images, which native threads read from headers. */
async function measuredRows(
  { model }: ModelCore,
  contents: readonly RowContent[],
): Promise<RowText[]> {
  const all = contents.flatMap(({ images }, index) => images.map((image) => ({ image, index })));
  const request = {
    images: all.map(({ image, index }) => requireImage(image, index)),
    indices: all.map(({ index }) => index),
    sources: all.map(({ image }) => imageLabel(image)),
  };
  const sizes =
    all.length === 0 ? [] : await imageSizes(request, compileSizePlan(model.images.config));
  let next = 0;
  return contents.map(({ images, ...row }) => {
    const begin = next;
    next += images.length;
    return { ...row, sizes: sizes.slice(begin, next) };
  });
}

function tokenTensors<T extends TokenType>(
  { model, paddingSide, types }: ModelCore,
  rows: readonly EncodedRow[],
  options: Options,
  maxLength: number | undefined,
): RowTensors<T> {
  const lengths = rows.map(({ ids }, sample) => ({
    sample,
    length: ids.length,
    of: <V>(values: V) => values,
  }));
  const length = rowLength(lengths, {
    padding: options.padding,
    multiple: options.padding === false ? 1 : options.pad_to_multiple_of,
    maxLength,
    cut: options.truncation,
  });
  const isFull = rows.every(({ ids }) => ids.length === length);
  return rowTensors<T>(rows, {
    type: options.type as T,
    length,
    paddingSide,
    padId: isFull ? 0 : model.tokenizer.requirePadTokenId(),
    typeIds: model.names.inputs.includes("token_type_ids"),
    types,
    masks: options.return_assistant_tokens_mask,
    labels: options.labels,
  });
}

/** What the images become, without what no model takes. */
async function imageTensors<T extends TokenType>(
  core: ModelCore,
  lists: readonly (readonly ImageInput[])[],
  { input_ids: ids }: RowTensors<T>,
): Promise<ImageFields> {
  if (lists.every((list) => list.length === 0)) return {};
  const given = await core.model.images.process(lists, {});
  return modelFields(core, given, { ids, starts: lists.map(() => [0]) });
}
