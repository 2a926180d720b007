import { crc32 } from "node:zlib";
import { runtime } from "../../native/runtime.js";
import { PixtokError, type PixtokErrorCode } from "../../shared/errors.js";
import { findSpan } from "../../shared/find-span.js";
import type { SourceContext } from "../../shared/sample-context.js";
import { askForParts, offsetColumns } from "./asked-pages.js";
import { columnsReader } from "./batch-columns.js";
import { endsOf, type FoundRow } from "./file-rows.js";
import { headBytes, MOST_SCHEMA_BYTES } from "./message-list.js";
import { packFields } from "./pack-columns.js";
import { INDEX_NAME, invalidPack, type PackConfig } from "./pack-format.js";
import { type MessagePlace, messageOfRow, type PackIndex, pathInIndex } from "./pack-index.js";
import { type PackedRows, readRows } from "./packed-rows.js";

/**
 * Rows of a set of more files than a process may map: the messages that they are in are mapped one by one, and those that
 * were read longest ago are let go of. A system has room for some 65 000 maps of a process.
 */

/** What is mapped at most, but for what is in use. */
const MOST_WINDOWS = 2048;
const MOST_WINDOW_BYTES = 4 * 2 ** 30;

/** Messages that are in use at the same time; rows of more are copied. */
const MOST_IN_USE = 16_384;

const OTHER_SCHEMA = "it is not what the index says";

/** A message that is mapped. */
interface Window {
  readonly rows: PackedRows;
  readonly memory: ArrayBuffer;
  /** Rows of it that somebody reads. */
  readers: number;
}

/** How many messages may be mapped. */
export interface WindowLimits {
  readonly windows?: number;
  readonly bytes?: number;
  readonly inUse?: number;
}

/** What reads the rows of a mapped message. What it looks at is asked for at once: the system fetches it page by page else. */
function rowsReader(
  config: PackConfig,
): (message: Buffer, headBytes: number, rows: number) => PackedRows {
  const columns = columnsReader(packFields(config));
  return (message, ownHead, rows) => {
    const batch = columns(message, ownHead, rows);
    askForParts(message.buffer as ArrayBuffer, offsetColumns(batch));
    return readRows(batch, config);
  };
}

function openWindow(
  path: string,
  place: MessagePlace,
  read: ReturnType<typeof rowsReader>,
  room: SchemaRoom,
): Pick<Window, "rows" | "memory"> {
  const { addon } = runtime();
  const { fileBytes, offset, bytes, headBytes: ownHead, headCrc, rows } = place;
  if (bytes === 0) throw invalidPack(path, `${INDEX_NAME} has a message of no bytes`);
  if (place.schemaBytes > MOST_SCHEMA_BYTES) throw notIndexed(path, OTHER_SCHEMA);
  const schema = room.of(place.schemaBytes);
  const mapped = addon.mapRange(path, fileBytes, offset, bytes, schema);
  if ("fileBytes" in mapped) {
    throw notIndexed(path, `it has ${mapped.fileBytes} bytes, and ${INDEX_NAME} says ${fileBytes}`);
  }
  if ("code" in mapped) {
    throw mapped.code === "FILE_NOT_FOUND"
      ? goneFile(path)
      : new PixtokError(mapped.code as PixtokErrorCode, mapped.message, { source: path });
  }
  const memory = mapped.bytes;
  try {
    // it has the checksums of all that is in the file: another one may have messages of the same lengths
    if (crc32(schema) !== place.schemaCrc) throw notIndexed(path, OTHER_SCHEMA);
    const message = Buffer.from(memory);
    const head = message.subarray(0, ownHead);
    if (ownHead > bytes || headBytes(head) !== ownHead || crc32(head) !== headCrc) {
      throw notIndexed(path, `it has not the rows that ${INDEX_NAME} says`);
    }
    return { memory, rows: read(message, ownHead, rows) };
  } catch (cause) {
    addon.unmapRange(memory);
    if (cause instanceof PixtokError) throw cause;
    throw invalidPack(path, `it cannot be read: ${(cause as Error).message}`, cause);
  }
}

/** Memory that schemas are read into, one after the other. */
interface SchemaRoom {
  of(bytes: number): Buffer;
}

/** No memory is allocated for each: V8 looks for garbage whenever some is, while it has young array buffers of maps. */
function schemaRoom(): SchemaRoom {
  let memory = Buffer.alloc(0);
  return {
    of(bytes) {
      if (memory.length < bytes) memory = Buffer.allocUnsafeSlow(2 * bytes);
      return memory.length === bytes ? memory : memory.subarray(0, bytes);
    },
  };
}

/** The error for a file that is not there any more. */
export function goneFile(path: string): PixtokError {
  const message = `it is not there, and ${INDEX_NAME} names it; pixtok verify --missing says which parts to pack again`;
  return new PixtokError("INCOMPLETE_PACK", message, { source: path });
}

/** The error for a file that is another one than when the index was written. */
export function notIndexed(path: string, reason: string): PixtokError {
  return invalidPack(path, `${reason}: one of both is damaged, or the file has been replaced`);
}

/** What finds rows of a set by its index. */
export function windowRows(
  folder: string,
  index: PackIndex,
  {
    windows = MOST_WINDOWS,
    bytes: mostBytes = MOST_WINDOW_BYTES,
    inUse: mostInUse = MOST_IN_USE,
  }: WindowLimits = {},
): (row: number, context: SourceContext | undefined) => FoundRow {
  const mostWindows = Math.min(windows, MOST_WINDOWS);
  const ends = endsOf(index.rows);
  const read = rowsReader(index.config);
  const room = schemaRoom();
  /** By the number of the message; used last at the end. */
  const idle = new Map<number, Window>();
  const inUse = new Map<number, Window>();
  let mappedBytes = 0;

  /**
   * Lets go of what was used longest ago, and never of what is in use or newest. When there are as many windows as there may be,
   * there stay as many: V8 looks for garbage when there is more memory than there has been.
   */
  const letGo = (newest: number) => {
    for (const [message, { memory }] of idle) {
      const isRoom = idle.size + inUse.size <= mostWindows && mappedBytes <= mostBytes;
      if (isRoom || message === newest) return;
      idle.delete(message);
      mappedBytes -= memory.byteLength;
      runtime().addon.unmapRange(memory);
    }
  };
  const keep = (
    message: number,
    window: Window,
    context: Pick<Required<SourceContext>, "keep">,
  ) => {
    if (window.readers === 0) {
      idle.delete(message);
      inUse.set(message, window);
    }
    window.readers += 1;
    context.keep(() => {
      window.readers -= 1;
      if (window.readers > 0) return;
      inUse.delete(message);
      idle.set(message, window);
      letGo(message);
    });
  };
  return (row, context) => {
    const { span: file, indexInSpan } = findSpan(ends, row);
    const place = messageOfRow(folder, index, file, indexInSpan);
    const { message } = place;
    let window = inUse.get(message) ?? idle.get(message);
    if (window === undefined) {
      const path = pathInIndex(folder, index, file);
      window = { ...openWindow(path, place, read, room), readers: 0 };
      idle.set(message, window);
      mappedBytes += window.memory.byteLength;
      letGo(message); // when the new one is there: there was never less memory
    } else if (window.readers === 0) {
      idle.delete(message);
      idle.set(message, window);
    }
    const stays = context?.keep !== undefined && (window.readers > 0 || inUse.size < mostInUse);
    if (stays) keep(message, window, context as Required<SourceContext>);
    return { message: window.rows, row: place.row, stays };
  };
}
