import type { FailedImage } from "../image/image-batch.js";
import { countedLists } from "../image/image-lists.js";
import { coreOfProcessor } from "../image/image-processor.js";
import {
  areMovedDown,
  haveSameUnits,
  type MovedPicture,
  movePictures,
} from "../image/views/move-pictures.js";
import type { PictureBatch } from "../image/views/picture-batch.js";
import type { MeasuredLists, MeasuredPicture, PicturePlan } from "../image/views/picture-plan.js";
import { allocateMemory, releaseMemory } from "../native/batch-memory.js";
import { PixtokError } from "../shared/errors.js";
import { makeTensor } from "../shared/make-tensor.js";
import type { SignalledContext } from "../shared/sample-context.js";
import type { ImagePart, RowImages } from "./image-part.js";
import type { ImagePipeline } from "./image-pipeline.js";
import { listOfImages, type PairImage } from "./multiple-images.js";
import { firstErrors, type PairImagesOptions } from "./pair-images.js";

/** An image that is taken apart, and the row that it is in. */
interface RowPicture extends PairImage {
  readonly index: number;
  readonly row: number;
  readonly measured: MeasuredPicture;
}

/** Images of rows, and where their units are. */
interface Layout {
  readonly rows: readonly RowImages[];
  readonly pictures: readonly RowPicture[];
  readonly given: MeasuredLists;
  /** Null where there are no images. */
  readonly batch: PictureBatch | null;
}

/** How many images each list has: those of a row; of a sequence, where each list is a row of the output. */
function listLengths(rows: readonly RowImages[], { geometry }: PicturePlan): number[] {
  const lengths: number[] = [];
  for (const [at, { pictures = [], sequence }] of rows.entries()) {
    const goesOn = sequence !== undefined && sequence === rows[at - 1]?.sequence;
    const last = lengths.length - 1;
    if (goesOn && geometry.rows === "list") lengths[last] = (lengths[last] ?? 0) + pictures.length;
    else lengths.push(pictures.length);
  }
  return lengths;
}

function layoutOf(rows: readonly RowImages[], plan: PicturePlan): Layout {
  const pictures = rows.flatMap(({ images, index, pictures: own = [] }, row) =>
    listOfImages(images).map((image, place) => {
      return { ...image, index, row, measured: own[place] as MeasuredPicture };
    }),
  );
  const given = {
    measured: pictures.map(({ measured }) => measured),
    lists: countedLists(listLengths(rows, plan), plan.geometry),
  };
  if (pictures.length === 0) return { rows, pictures, given, batch: null };
  try {
    return { rows, pictures, given, batch: plan.layOut(given) };
  } catch (cause) {
    if (!(cause instanceof PixtokError) || cause.index === undefined) throw cause;
    const { index, source } = pictures[cause.index] as RowPicture;
    throw new PixtokError(cause.code, cause.reason, { index, source, cause });
  }
}

/**
 * Images that are taken apart, put together as their class does it. Where the units of all are is known before any is
 * decoded.
 *
 * @param pairs of all rows, their images measured.
 * @throws {PixtokError} OUT_OF_MEMORY; DOES_NOT_FIT where a class does not take images of several sizes together.
 */
export function joinedImages(
  { processor, hasCounts }: ImagePipeline,
  plan: PicturePlan,
  pairs: readonly RowImages[],
  { signal }: SignalledContext,
  how: Pick<PairImagesOptions, "threads" | "times">,
): ImagePart {
  const { pixelsName } = coreOfProcessor(processor);
  let layout = layoutOf(pairs, plan);
  /** Null where there are no images. */
  let memory = memoryOf(layout);

  /** Prepares images by their places in the layout; gives the rows that failed. */
  const prepareAt = async (at: readonly number[]): Promise<FailedImage[]> => {
    const { pictures, given, batch } = layout;
    if (batch === null || memory === null) return [];
    const some = at.map((place) => pictures[place] as RowPicture);
    const request = {
      images: some.map(({ image }) => image),
      indices: some.map(({ index }) => index),
      sources: some.map(({ source }) => source),
    };
    const failed = await plan.prepare(request, given, batch, memory, { ...how, signal }, at);
    return firstErrors(
      failed.map(({ row, error }) => ({ row: (some[row] as RowPicture).row, error })),
    );
  };

  /** Gives the batch other rows. Images that it had are moved; gives the places of those that are to be prepared. */
  const change = (rows: readonly RowImages[]): number[] => {
    const before = layout;
    const next = layoutOf(rows, plan);
    /** Where there is no memory for it, the batch keeps what it has. */
    const put = (target: Uint8Array | null) => {
      if (memory !== null && memory !== target) releaseMemory(memory);
      memory = target;
      layout = next;
    };
    const own = memory;
    const isNone = own === null || before.batch === null || next.batch === null;
    if (isNone || !haveSameUnits(before.batch, next.batch)) {
      put(memoryOf(next));
      return [...next.pictures.keys()];
    }
    const placeOf = new Map(before.pictures.map(({ measured }, place) => [measured, place]));
    const moved: MovedPicture[] = [];
    const others: number[] = [];
    for (const [to, { measured }] of next.pictures.entries()) {
      const from = placeOf.get(measured);
      if (from === undefined) others.push(to);
      else moved.push({ from, to, units: measured.picture.units });
    }
    const stays = areMovedDown(before.batch, next.batch, moved);
    const target = stays ? own : allocateMemory(next.batch.bytes, true);
    movePictures(
      { batch: before.batch, memory: own },
      { batch: next.batch, memory: target },
      moved,
    );
    put(target);
    return others;
  };

  return {
    bytes: memory?.length ?? 0,
    async prepare(some, rows) {
      const given = new Map(rows.map((row, place) => [row, some[place] as RowImages]));
      const next = layout.rows.map((own, row) => given.get(row) ?? own);
      if (next.some((own, row) => own !== layout.rows[row])) return prepareAt(change(next));
      const places = [...layout.pictures.keys()];
      return prepareAt(
        places.filter((place) => given.has((layout.pictures[place] as RowPicture).row)),
      );
    },
    keep: async (kept) => prepareAt(change(kept.map((row) => layout.rows[row] as RowImages))),
    tensors(count, lend) {
      const { rows, given, batch } = layout;
      const counts = BigInt64Array.from(
        rows.map(({ pictures = [] }) => pictures.length),
        BigInt,
      );
      const numbers = hasCounts ? { num_images: makeTensor("int64", counts, [count]) } : {};
      if (batch === null || memory === null) return { pixels: undefined, fields: numbers };
      const allocate = (bytes: number) => lend(allocateMemory(bytes, true));
      const { pixels, outputs } = plan.results(given, batch, lend(memory), allocate);
      return { pixels, fields: { ...numbers, [pixelsName]: pixels, ...outputs } };
    },
    release() {
      if (memory !== null) releaseMemory(memory);
    },
  };
}

function memoryOf({ batch }: Layout): Uint8Array | null {
  return batch && allocateMemory(batch.bytes, true);
}
