import { allocateMemory, lendMemory, releaseMemory } from "../../native/batch-memory.js";
import { runtime } from "../../native/runtime.js";
import { columnsReader, type MessageBody } from "./batch-columns.js";
import type { FoundRow } from "./file-rows.js";
import { readIndexed, unreadMessage } from "./indexed-message.js";
import { imageShape, isArray, packFields } from "./pack-columns.js";
import type { PackConfig } from "./pack-format.js";
import type { MessagePlace } from "./pack-index.js";
import { readRows } from "./packed-rows.js";
import type { RowContext } from "./packed-source.js";

/**
 * Rows of messages that no other row is read of. Of each its file's schema, the message's head, the row's image and what is
 * behind all images are read into memory, by threads that wait for storage: a message that is mapped for one row costs more
 * than that, and waits in the thread that maps it.
 */

/** A row that is to be read, where its message is. */
export interface LoneRow {
  readonly path: string;
  readonly place: MessagePlace;
  readonly context: RowContext;
}

/** An image of more bytes is not copied. */
const MOST_IMAGE_BYTES = 2 ** 19;
/** The schema, the head and what is behind the images are those of all rows, and are read for one. */
const MOST_OTHER_BYTES = 2 ** 17;
/** Memory of rows that are kept, of a set: what there is no room for is mapped. */
const MOST_KEPT_BYTES = 2 ** 28;
/** Bodies begin at a multiple of this in files; so do their parts in memory. */
const ALIGNMENT = 8;

const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Where the parts of a row are in memory. */
interface RowMemory {
  readonly schema: number;
  readonly head: number;
  readonly image: number;
  readonly behind: number;
  readonly end: number;
}

/** Memory of rows that are read together. */
interface RowsMemory {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Rows in it that somebody reads or waits for. */
  readers: number;
}

export interface LoneRows {
  /** Whether one row of the message is read in less time than the message is mapped. */
  isRead(place: MessagePlace): boolean;
  /**
   * Reads rows, each as a promise of its own: undefined where there is no room for it, and where its message is not as these are
   * written, which who maps it may say more of. They stay for as long as their contexts keep them, or somebody has them. Never throws.
   */
  read(rows: readonly LoneRow[]): Promise<FoundRow | undefined>[];
}

/**
 * @param mostKeptBytes of rows that are kept.
 * @returns undefined for a set whose images are not all of one size.
 */
export function loneRows(
  config: PackConfig,
  mostKeptBytes = MOST_KEPT_BYTES,
): LoneRows | undefined {
  const { size } = config;
  if (size === null) return undefined;
  const shape = imageShape(size);
  const imageBytes = shape.reduce((product, axis) => product * axis, 1);
  const columns = columnsReader(packFields(config));
  let keptBytes = 0;

  /** Where the images begin in a body: behind the offsets of the lists that arrays are. */
  const imagesIn = ({ rows }: MessagePlace): number => {
    if (!isArray(shape, config.format)) return 0;
    let [start, lists] = [0, rows];
    for (const axis of shape) {
      start += aligned((lists + 1) * Int32Array.BYTES_PER_ELEMENT);
      lists *= axis;
    }
    return start;
  };
  const behindImages = (place: MessagePlace) => aligned(imagesIn(place) + place.rows * imageBytes);
  const bytesBehind = (place: MessagePlace) => place.bytes - place.headBytes - behindImages(place);

  const memoryFrom = (start: number, { place, context }: LoneRow): RowMemory => {
    const schema = aligned(start);
    const head = aligned(schema + place.schemaBytes);
    const image = aligned(head + place.headBytes);
    const behind = aligned(image + (context?.textAlone === true ? 0 : imageBytes));
    return { schema, head, image, behind, end: behind + bytesBehind(place) };
  };

  /** The body, as far as it has been read. Nobody reads the offsets of arrays: these are all of one length. */
  const bodyOf = (read: Uint8Array, at: RowMemory, place: MessagePlace): MessageBody => {
    const images = imagesIn(place);
    const behind = behindImages(place);
    return {
      memory: read.buffer,
      bytes: place.bytes - place.headBytes,
      find(start, bytes) {
        if (start >= behind) return { offset: read.byteOffset + at.behind + start - behind, bytes };
        if (start < images) return { offset: 0, bytes: 0 };
        if (start > images || bytes < place.rows * imageBytes) {
          throw new RangeError("a column is not where it should be");
        }
        return { offset: read.byteOffset + at.image, bytes: at.behind - at.image };
      },
    };
  };

  const rowIn = (bytes: Uint8Array, at: RowMemory, { path, place, context }: LoneRow) => {
    const { schemaBytes, headBytes, rows, row } = place;
    const memory = bytes.buffer as ArrayBuffer;
    const schema = Buffer.from(memory, bytes.byteOffset + at.schema, schemaBytes);
    const head = Buffer.from(memory, bytes.byteOffset + at.head, headBytes);
    const imageRows = { first: row, count: at.image < at.behind ? 1 : 0 };
    const readMessage = (): FoundRow | undefined => {
      try {
        const message = readRows(columns(head, rows, bodyOf(bytes, at, place)), config, imageRows);
        const { byteOffset } = message.images as Uint8Array;
        return byteOffset === bytes.byteOffset + at.image
          ? { message, row, stays: context?.keep !== undefined, isMapped: false }
          : undefined;
      } catch (error) {
        if (error instanceof RangeError) return undefined;
        throw error;
      }
    };
    return readIndexed(path, place, schema, head, readMessage);
  };

  /** Of each file its parts, as readParts() has them. */
  const numbersOf = (rows: readonly LoneRow[], memories: readonly RowMemory[]): Float64Array => {
    const numbers: number[] = [];
    for (const [i, { place }] of rows.entries()) {
      const at = memories[i] as RowMemory;
      const { fileBytes, schemaBytes, offset, headBytes, row } = place;
      const body = offset + headBytes;
      const image = at.image < at.behind;
      numbers.push(fileBytes, image ? 4 : 3);
      numbers.push(0, schemaBytes, at.schema);
      numbers.push(offset, headBytes, at.head);
      if (image) numbers.push(body + imagesIn(place) + row * imageBytes, imageBytes, at.image);
      numbers.push(body + behindImages(place), bytesBehind(place), at.behind);
    }
    return Float64Array.from(numbers);
  };

  /** What somebody has kept nevertheless is an array of no length then, not other bytes. */
  const release = (memory: RowsMemory) => {
    memory.readers -= 1;
    if (memory.readers > 0) return;
    keptBytes -= memory.size;
    releaseMemory(memory.bytes);
  };

  /** Precondition: all are kept by their contexts, or none is: what is not kept is in memory that is not used again. */
  const readTogether = (
    rows: readonly LoneRow[],
    areKept: boolean,
  ): Promise<FoundRow | undefined>[] => {
    let end = 0;
    const memories = rows.map((row) => {
      const memory = memoryFrom(end, row);
      end = memory.end;
      return memory;
    });
    const bytes = areKept ? lendMemory(allocateMemory(end, true)) : new Uint8Array(end);
    const memory: RowsMemory = { bytes, size: end, readers: rows.length };
    const paths = rows.map(({ path }) => path);
    const { each, done } = runtime().addon.readParts(paths, numbersOf(rows, memories), bytes);
    if (areKept) keptBytes += end;
    return rows.map(async (row, i) => {
      try {
        const answers = await done[Math.floor(i / each)];
        const answer = answers?.[i % each] ?? null;
        if (answer !== null) throw unreadMessage(row.path, row.place, answer);
        const found = rowIn(bytes, memories[i] as RowMemory, row);
        row.context?.keep?.(() => release(memory));
        return found;
      } catch (error) {
        if (areKept) release(memory);
        throw error;
      }
    });
  };

  /** The rows that there is room for: all that are not kept, as these are copied at once. */
  const withRoom = (rows: readonly LoneRow[]): Set<LoneRow> => {
    let room = mostKeptBytes - keptBytes;
    return new Set(
      rows.filter((row) => {
        if (row.context?.keep === undefined) return true;
        room -= memoryFrom(0, row).end + ALIGNMENT;
        return room >= 0;
      }),
    );
  };

  return {
    isRead: (place) => {
      const behind = bytesBehind(place);
      const other = place.schemaBytes + place.headBytes + behind;
      return imageBytes <= MOST_IMAGE_BYTES && behind >= 0 && other <= MOST_OTHER_BYTES;
    },
    read(rows) {
      const readings = new Map<LoneRow, Promise<FoundRow | undefined>>();
      const read = withRoom(rows);
      for (const areKept of [true, false]) {
        const some = [...read].filter(({ context }) => (context?.keep !== undefined) === areKept);
        if (some.length === 0) continue;
        const begin = () => {
          try {
            return readTogether(some, areKept);
          } catch (error) {
            return some.map(() => Promise.reject(error));
          }
        };
        for (const [i, reading] of begin().entries()) readings.set(some[i] as LoneRow, reading);
      }
      return rows.map((row) => readings.get(row) ?? Promise.resolve(undefined));
    },
  };
}
