import type { FileHandle } from "node:fs/promises";
import { Schema } from "apache-arrow";
import { isOfFileSystem } from "../shared/unreadable-file.js";
import { outOfRange } from "../shared/validation.js";
import {
  describeMessage,
  MOST_SCHEMA_BYTES,
  writeMessageList,
} from "../sources/packed/message-list.js";
import { packFields } from "../sources/packed/pack-columns.js";
import { type PackedFileMetadata, schemaMetadata } from "../sources/packed/pack-format.js";
import {
  END_OF_STREAM,
  type RowsToPack,
  rowsMessage,
  schemaMessage,
} from "../sources/packed/record-batch.js";
import type { NewFile } from "./new-file.js";

export interface PackedFileWriter {
  write(rows: RowsToPack): Promise<void>;
  /** Gives the file its name, once everything is in it; discards it where that fails. */
  finish(): Promise<void>;
  /** Deletes what there is of it. */
  discard(): Promise<void>;
}

/** @param messageList what the stream consists of, as writeMessageList() writes it. */
function packedFileSchema(metadata: PackedFileMetadata, messageList: string): Schema {
  return new Schema(packFields(metadata.config), schemaMetadata(metadata, messageList));
}

/** Writes pieces one after the other; gives the position behind them. */
async function writePieces(
  file: FileHandle,
  pieces: readonly Uint8Array[],
  start: number,
): Promise<number> {
  let position = start;
  for (const piece of pieces) {
    for (let done = 0; done < piece.length; ) {
      const { bytesWritten } = await file.write(piece, done, piece.length - done, position);
      done += bytesWritten;
      position += bytesWritten;
    }
  }
  return position;
}

/**
 * Writes a packed file.
 *
 * @param mostMessages how often write() is called at most.
 * @throws {PixtokError} FILE_UNWRITABLE, or a fault of the machine or of a server, from every method.
 */
export async function openPackedFileWriter(
  newFile: NewFile,
  metadata: PackedFileMetadata,
  mostMessages: number,
): Promise<PackedFileWriter> {
  const room = mostMessages + 1;
  const blank = packedFileSchema(metadata, writeMessageList([], room));
  const start = await schemaMessage(blank);
  if (start.length > MOST_SCHEMA_BYTES) {
    const most = `at most ${MOST_SCHEMA_BYTES} bytes of names of columns and classes, chat.tools and chat.documents`;
    throw outOfRange("dataset", most, `${start.length} bytes`);
  }
  const messages = [describeMessage([start], 0)];
  let position = start.length;

  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw isOfFileSystem(cause) ? newFile.unwritable(cause) : cause;
    }
  };
  const file = await attempt(newFile.begin);
  const append = async (pieces: readonly Uint8Array[]) => {
    position = await attempt(() => writePieces(file.handle, pieces, position));
  };
  return {
    async write(rows) {
      const pieces = await rowsMessage(blank, metadata.config, rows);
      messages.push(describeMessage(pieces, rows.indices.length));
      await append(pieces);
    },
    async finish() {
      try {
        await append([END_OF_STREAM]);
        const schema = await schemaMessage(
          packedFileSchema(metadata, writeMessageList(messages, room)),
        );
        await attempt(async () => {
          await writePieces(file.handle, [schema], 0);
          await file.finish();
        });
      } catch (error) {
        await file.discard();
        throw error;
      }
    },
    discard: file.discard,
  };
}
