import { runtime } from "../../native/runtime.js";
import type { SourceContext } from "../../shared/sample-context.js";
import { askForParts, offsetColumns } from "./asked-pages.js";
import { columnsReader, wholeBody } from "./batch-columns.js";
import type { FoundRow } from "./file-rows.js";
import { readIndexed, requirePlace, unreadMessage } from "./indexed-message.js";
import { packFields } from "./pack-columns.js";
import type { PackConfig } from "./pack-format.js";
import type { MessagePlace } from "./pack-index.js";
import { type PackedRows, readRows } from "./packed-rows.js";
import type { RowContext } from "./packed-source.js";

/**
 * Messages of a set of more files than a process may map: they are mapped one by one, and those that were read longest ago are
 * let go of. A system has room for some 65 000 maps of a process.
 */

/** What is mapped at most, but for what is in use. */
const MOST_WINDOWS = 2048;
const MOST_WINDOW_BYTES = 4 * 2 ** 30;

/** Messages that are in use at the same time; rows of more are copied. */
const MOST_IN_USE = 16_384;

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
    const head = message.subarray(0, ownHead);
    const batch = columns(head, rows, wholeBody(message, ownHead));
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
  requirePlace(path, place);
  const { fileBytes, offset, bytes, headBytes, rows } = place;
  const schema = room.of(place.schemaBytes);
  const mapped = addon.mapRange(path, fileBytes, offset, bytes, schema);
  if (!("bytes" in mapped)) throw unreadMessage(path, place, mapped);
  const memory = mapped.bytes;
  try {
    const message = Buffer.from(memory);
    const head = message.subarray(0, headBytes);
    const found = readIndexed(path, place, schema, head, () => read(message, headBytes, rows));
    return { memory, rows: found };
  } catch (error) {
    addon.unmapRange(memory);
    throw error;
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

/** Messages that are mapped. */
export interface MessageWindows {
  /** A row of a message that is mapped already; undefined where it is not. */
  find(place: MessagePlace, context: RowContext): FoundRow | undefined;
  /**
   * A row of a message that is not.
   *
   * @throws {PixtokError} INVALID_PACK, INCOMPLETE_PACK; a fault of the machine.
   */
  open(path: string, place: MessagePlace, context: RowContext): FoundRow;
}

export function messageWindows(
  config: PackConfig,
  {
    windows = MOST_WINDOWS,
    bytes: mostBytes = MOST_WINDOW_BYTES,
    inUse: mostInUse = MOST_IN_USE,
  }: WindowLimits = {},
): MessageWindows {
  const mostWindows = Math.min(windows, MOST_WINDOWS);
  const read = rowsReader(config);
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
  const rowOf = (window: Window, { message, row }: MessagePlace, context: RowContext): FoundRow => {
    const stays = context?.keep !== undefined && (window.readers > 0 || inUse.size < mostInUse);
    if (stays) keep(message, window, context as Required<SourceContext>);
    return { message: window.rows, row, stays, isMapped: true };
  };
  return {
    find(place, context) {
      const { message } = place;
      const window = inUse.get(message) ?? idle.get(message);
      if (window === undefined) return undefined;
      if (window.readers === 0) {
        idle.delete(message);
        idle.set(message, window);
      }
      return rowOf(window, place, context);
    },
    open(path, place, context) {
      const window = { ...openWindow(path, place, read, room), readers: 0 };
      idle.set(place.message, window);
      mappedBytes += window.memory.byteLength;
      letGo(place.message); // when the new one is there: there was never less memory
      return rowOf(window, place, context);
    },
  };
}
