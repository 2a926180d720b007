import { type AnyDataset, pipelineOf } from "../dataset/dataset.js";
import { requireIndexedDataset } from "../dataset/dataset-walk.js";
import { inOrder } from "../dataset/ordered-work.js";
import { workMeter } from "../dataset/work-meter.js";
import type { ImagePlan } from "../image/image-batch.js";
import { coreOfProcessor, type ImageProcessor } from "../image/image-processor.js";
import { contentSize } from "../image/output-size.js";
import { pictureStorage, storingCore } from "../image/views/picture-storage.js";
import { versionsInUse } from "../lock/versions.js";
import { readOptions } from "../shared/options.js";
import { type SampleErrors, sampleErrorList } from "../shared/sample-error.js";
import { requireString, wrongType } from "../shared/validation.js";
import { type ColumnConfig, columnArrays, isNumberType } from "../sources/column-types.js";
import { descriptionOf } from "../sources/derived-source.js";
import { isPacked } from "../sources/packed/is-packed.js";
import { packedFileName } from "../sources/packed/pack-format.js";
import type { RowsToPack } from "../sources/packed/record-batch.js";
import { claimPart } from "./claimed-part.js";
import { indexVersions, indexWholeSet } from "./index-versions.js";
import { packConfig } from "./pack-config.js";
import { takenOver } from "./pack-in-use.js";
import { type MessageTask, packLayout } from "./pack-layout.js";
import { type PackDatasetOptions, packReaders } from "./pack-options.js";
import { openPackedFileWriter, type PackedFileWriter } from "./packed-file-writer.js";
import { packTarget } from "./packs-by-location.js";
import { prepareRows } from "./prepared-rows.js";

/** What has been packed. */
export interface PackResult {
  /** Files of the whole set, in the version that has the rows. */
  readonly files: number;
  /** Which version of the set that is, from 1: more where rows were appended. */
  readonly version: number;
  /** Files that this call has written. */
  readonly written: number;
  /** Files of its part that were there already. */
  readonly kept: number;
  /** Rows that it has written. */
  readonly pairs: number;
  /** Pairs that could not be read, with onError "skip"; those in kept files are not counted. */
  readonly errors: SampleErrors;
}

/** Makes images as they are stored. */
function storingPlan(processor: ImageProcessor): ImagePlan {
  coreOfProcessor(processor).plan(); // what has none cannot be packed
  contentSize("packDataset", processor.config);
  return storingCore(processor.config, "chw").plan();
}

/** Bytes of a row's numbers in columns. */
function numberBytes(columns: readonly ColumnConfig[]): number {
  return columns.reduce(
    (sum, { type, size }) =>
      sum + (isNumberType(type) ? size * columnArrays[type].BYTES_PER_ELEMENT : 0),
    0,
  );
}

/** @see packDataset */
export async function writePack(
  dataset: AnyDataset,
  folder: string,
  options: PackDatasetOptions,
): Promise<PackResult> {
  requireIndexedDataset(dataset);
  requireString("folder", folder, "the path of a folder, or s3://BUCKET/PREFIX");
  const given = readOptions("packDataset", options, packReaders);
  const target = await packTarget(folder, given);
  const { fileBytes, part, append, onError, retries, threads, onProgress, signal } = given;
  const pipeline = pipelineOf(dataset);
  const { source } = pipeline;
  const images = [pipeline.image, ...pipeline.imageColumns.map(({ image }) => image)];
  const augmented = images.find(({ augmentation }) => augmentation !== null);
  if (augmented !== undefined) {
    const expected = "one without augmentation, which is drawn anew later";
    throw wrongType("dataset", expected, augmented.augmentation);
  }
  const { onMultipleImages } = pipeline.imageChoice;
  const maxImages = pipeline.image.pictures === null ? pipeline.imageChoice.maxImages : undefined;
  if (maxImages !== undefined || onMultipleImages !== "first") {
    const given =
      maxImages === undefined
        ? `onMultipleImages: "${onMultipleImages}"`
        : `maxImages: ${maxImages}`;
    throw wrongType("dataset", "one whose rows are of one image, always the same", given);
  }
  if (isPacked(source)) throw wrongType("dataset", "one of images", source.description);

  if (append && source.fingerprint === undefined) {
    const expected =
      "one whose source has a fingerprint, which tells whether its rows are appended already";
    throw wrongType("dataset", expected, descriptionOf(source));
  }

  const pictures =
    pipeline.image.pictures === null
      ? null
      : pictureStorage(coreOfProcessor(pipeline.image.processor));
  const stacked = pictures === null ? images : images.slice(1);
  const plans = stacked.map(({ processor }) => storingPlan(processor));
  const pictureBytes = (pictures?.imageBytes ?? 0) * pipeline.image.rowImages;
  const imageBytes = plans.reduce((sum, { slotBytes }) => sum + slotBytes, pictureBytes);
  const rowBytes = imageBytes + numberBytes(pipeline.columns);
  const plan = packLayout(dataset.length, rowBytes, fileBytes);
  const config = packConfig(pipeline, plan.filePairs);
  const mine = plan.part(part.index, part.of);
  const wanted = { config, files: plan.files, mine, append };
  const claimed = await claimPart(target, wanted, pipeline, signal);
  const { claim, there, lock, version, first, end: files, before, isIndexed } = claimed;
  const missing = mine.filter((file) => !there.has(file));

  const pairsIn = (list: readonly number[]) =>
    list.reduce((sum, file) => sum + plan.pairsIn(file), 0);
  const total = pairsIn(mine);
  let done = total - pairsIn(missing);
  let pairs = 0;
  const unreadable = sampleErrorList();
  const { times, details } = workMeter(threads);
  const preparing = {
    store: pictures?.store ?? null,
    plans,
    several: config.text?.several === true,
    onError,
    retries,
    threads,
    times,
  };
  const madeBy = versionsInUse();
  let writer: PackedFileWriter | undefined;
  // Syncing a file to disk is slow. The next one is begun during it.
  let finishing: Promise<void> = Promise.resolve();
  const finish = async (whole: PackedFileWriter) => {
    if (claim !== null && !(await claim.isHeld())) {
      await whole.discard();
      throw takenOver(target.name);
    }
    await whole.finish();
  };
  const write = async ({ file, last }: MessageTask, rows: RowsToPack) => {
    const shard = first + file;
    writer ??= await openPackedFileWriter(
      target.newFile(packedFileName(shard, files), claim?.token ?? ""),
      {
        config,
        shard,
        shards: files,
        first,
        ...(before !== undefined && { before }),
        ...(lock !== undefined && { lock }),
        versions: madeBy,
      },
      plan.messagesIn(file),
    );
    if (rows.indices.length > 0) await writer.write(rows);
    if (!last) return;
    await finishing;
    finishing = finish(writer);
    finishing.catch(() => {}); // it is waited for later
    writer = undefined;
  };
  try {
    if (done > 0) onProgress?.(done, total, { errors: 0 });
    await inOrder(
      plan.tasks(missing),
      {
        work: ({ indices }, stopped) => prepareRows(pipeline, indices, preparing, stopped),
        async collect({ rows, errors, release }, task) {
          await write(task, rows).finally(release);
          unreadable.add(errors);
          pairs += rows.indices.length;
          done += task.indices.length;
          onProgress?.(done, total, details(unreadable.errors.count));
        },
        discard: ({ release }) => release(),
      },
      signal,
    );
    await finishing;
  } finally {
    await writer?.discard();
    await finishing.catch(() => {});
    await claim?.release().catch(() => {});
  }
  const written = missing.length;
  const anew = written > 0 || !isIndexed;
  if (append) await indexVersions(target, anew, signal);
  else await indexWholeSet(target, files, { anew, signal });
  return { files, version, written, kept: mine.length - written, pairs, errors: unreadable.errors };
}
