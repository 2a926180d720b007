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

/** A row that somebody waits for, where its message is. */
export interface LoneRow {
  readonly path: string;
  readonly place: MessagePlace;
  readonly context: RowContext;
  /**
   * Takes the row, which is there for as long as this runs, or its context keeps it. Undefined: its message is to be mapped, as there
   * is no room for the row, or the message is not as these are written. Never throws.
   */
  readonly found: (row: FoundRow | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

/** An image of more bytes is not copied. */
const MOST_IMAGE_BYTES = 2 ** 19;
/** The schema, the head and what is behind the images are those of all rows, and are read for one. */
const MOST_OTHER_BYTES = 2 ** 17;
/** Memory of rows that are read or kept, of a set: what there is no room for is mapped. */
const MOST_BYTES_IN_USE = 2 ** 28;
/** Bodies begin at a multiple of this in files; so do their parts in memory. */
const ALIGNMENT = 8;

/** What the addon says of a file: null where its parts were read. */
type FileAnswer = Parameters<typeof unreadMessage>[2] | null;

const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Where images, and what is behind them, begin in a message's body. */
interface BodyLayout {
  readonly images: number;
  readonly behind: number;
  /** Of what is behind the images. */
  readonly behindBytes: number;
}

/** Where the parts of a row are in memory. */
interface RowMemory {
  readonly layout: BodyLayout;
  readonly schema: number;
  readonly head: number;
  readonly image: number;
  /** 0 where nobody looks at it. */
  readonly imageBytes: number;
  readonly behind: number;
  readonly end: number;
}

/** Memory of rows that are read together. */
interface RowsMemory {
  readonly bytes: Uint8Array;
  /** Of the memory, be it there or not. */
  readonly size: number;
  /** Of each row. */
  readonly places: readonly RowMemory[];
  /** Rows in it that somebody reads or waits for. */
  readers: number;
}

export interface LoneRows {
  /** Whether one row of the message is read in less time than the message is mapped. */
  isRead(place: MessagePlace): boolean;
  /** Reads rows. Never throws. */
  read(rows: readonly LoneRow[]): void;
}

/**
 * @param mostBytes of memory at the same time.
 * @returns undefined for a set whose images are not all of one size.
 */
export function loneRows(config: PackConfig, mostBytes = MOST_BYTES_IN_USE): LoneRows | undefined {
  const { size } = config;
  if (size === null) return undefined;
  const shape = imageShape(size);
  const imageBytes = shape.reduce((product, axis) => product * axis, 1);
  const columns = columnsReader(packFields(config));
  let bytesInUse = 0;

  /** Images are behind the offsets of the lists that arrays are. */
  const layoutOf = ({ bytes, headBytes, rows }: MessagePlace): BodyLayout => {
    let images = 0;
    if (isArray(shape, config.format)) {
      let lists = rows;
      for (const axis of shape) {
        images += aligned((lists + 1) * Int32Array.BYTES_PER_ELEMENT);
        lists *= axis;
      }
    }
    const behind = aligned(images + rows * imageBytes);
    return { images, behind, behindBytes: bytes - headBytes - behind };
  };

  const memoryFrom = (start: number, { place, context }: LoneRow): RowMemory => {
    const layout = layoutOf(place);
    const own = context?.textAlone === true ? 0 : imageBytes;
    const schema = aligned(start);
    const head = aligned(schema + place.schemaBytes);
    const image = aligned(head + place.headBytes);
    const behind = aligned(image + own);
    const end = behind + layout.behindBytes;
    return { layout, schema, head, image, imageBytes: own, behind, end };
  };

  /** The body, as far as it has been read. Nobody reads the offsets of arrays: these are all of one length. */
  const bodyOf = (read: Uint8Array, at: RowMemory, place: MessagePlace): MessageBody => ({
    memory: read.buffer,
    bytes: place.bytes - place.headBytes,
    find(start, bytes) {
      const { images, behind } = at.layout;
      if (start >= behind) return { offset: read.byteOffset + at.behind + start - behind, bytes };
      if (start < images) return { offset: 0, bytes: 0 };
      if (start > images || bytes < place.rows * imageBytes) {
        throw new RangeError("a column is not where it should be");
      }
      return { offset: read.byteOffset + at.image, bytes: at.imageBytes };
    },
  });

  const rowIn = (bytes: Uint8Array, at: RowMemory, { path, place, context }: LoneRow) => {
    const { schemaBytes, headBytes, rows, row } = place;
    const memory = bytes.buffer as ArrayBuffer;
    const schema = Buffer.from(memory, bytes.byteOffset + at.schema, schemaBytes);
    const head = Buffer.from(memory, bytes.byteOffset + at.head, headBytes);
    const imageRows = { first: row, count: at.imageBytes === 0 ? 0 : 1 };
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
  const numbersOf = (rows: readonly LoneRow[], places: readonly RowMemory[]): Float64Array => {
    const numbers: number[] = [];
    for (const [i, { place }] of rows.entries()) {
      const { layout, schema, head, image, imageBytes: own, behind } = places[i] as RowMemory;
      const { fileBytes, schemaBytes, offset, headBytes, row } = place;
      const body = offset + headBytes;
      numbers.push(fileBytes, own === 0 ? 3 : 4);
      numbers.push(0, schemaBytes, schema);
      numbers.push(offset, headBytes, head);
      if (own > 0) numbers.push(body + layout.images + row * imageBytes, own, image);
      numbers.push(body + layout.behind, layout.behindBytes, behind);
    }
    return Float64Array.from(numbers);
  };

  /** What somebody has kept nevertheless is an array of no length then, not other bytes. */
  const release = (memory: RowsMemory) => {
    memory.readers -= 1;
    if (memory.readers > 0) return;
    bytesInUse -= memory.size;
    releaseMemory(memory.bytes);
  };

  const give = (memory: RowsMemory, i: number, row: LoneRow, answer: FileAnswer) => {
    let found: FoundRow | undefined;
    try {
      if (answer !== null) throw unreadMessage(row.path, row.place, answer);
      found = rowIn(memory.bytes, memory.places[i] as RowMemory, row);
      if (found?.stays) row.context?.keep?.(() => release(memory));
    } catch (error) {
      release(memory);
      row.reject(error);
      return;
    }
    row.found(found);
    if (!found?.stays) release(memory);
  };

  /** Where the first rows go, as many as there is room for. */
  const placesOf = (rows: readonly LoneRow[]): RowMemory[] => {
    const places: RowMemory[] = [];
    let end = 0;
    for (const row of rows) {
      const place = memoryFrom(end, row);
      end = place.end;
      if (bytesInUse + end > mostBytes) break;
      places.push(place);
    }
    return places;
  };

  const begin = (rows: readonly LoneRow[], places: readonly RowMemory[]) => {
    // if this throws a thread may be writing into the memory, which the garbage collector finds later
    const bytes = lendMemory(allocateMemory(places.at(-1)?.end ?? 0, true));
    const paths = rows.map(({ path }) => path);
    return { bytes, ...runtime().addon.readParts(paths, numbersOf(rows, places), bytes) };
  };

  const readTogether = (rows: readonly LoneRow[], places: readonly RowMemory[]) => {
    const { bytes, each, done } = begin(rows, places);
    const memory: RowsMemory = { bytes, size: bytes.length, places, readers: rows.length };
    bytesInUse += memory.size;
    for (const [piece, answered] of done.entries()) {
      const first = piece * each;
      const own = rows.slice(first, first + each);
      answered.then(
        (answers) => {
          for (const [i, row] of own.entries()) give(memory, first + i, row, answers?.[i] ?? null);
        },
        (error) => {
          for (const row of own) {
            release(memory);
            row.reject(error);
          }
        },
      );
    }
  };

  return {
    isRead(place) {
      const { behindBytes } = layoutOf(place);
      const other = place.schemaBytes + place.headBytes + behindBytes;
      return imageBytes <= MOST_IMAGE_BYTES && behindBytes >= 0 && other <= MOST_OTHER_BYTES;
    },
    read(rows) {
      const places = placesOf(rows);
      const some = rows.slice(0, places.length);
      try {
        if (some.length > 0) readTogether(some, places);
      } catch (error) {
        for (const { reject } of some) reject(error);
      }
      for (const { found } of rows.slice(places.length)) found(undefined);
    },
  };
}
