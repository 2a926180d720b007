import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Schema } from "apache-arrow";
import { temporaryName } from "../shared/atomic-file.js";
import { unwritableFile } from "../shared/unwritable-file.js";
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

export interface PackedFileWriter {
  write(rows: RowsToPack): Promise<void>;
  /** Gives the file its name, once everything is on the disk; discards it where that fails. */
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

/** The names in a folder outlive a power cut once the folder itself is on the disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => {}); // some file systems cannot
  await folder?.close();
}

/**
 * Writes a packed file under another name until it is whole.
 *
 * @param token of the claim on it, which is part of that other name.
 * @param mostMessages how often write() is called at most.
 * @throws {PixtokError} FILE_UNWRITABLE or a fault of the machine, from every method.
 */
export async function openPackedFileWriter(
  path: string,
  token: string,
  metadata: PackedFileMetadata,
  mostMessages: number,
): Promise<PackedFileWriter> {
  const temporary = temporaryName(path, token);
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
      throw unwritableFile(path, cause);
    }
  };
  const file = await attempt(() => open(temporary, "wx"));
  const append = async (pieces: readonly Uint8Array[]) => {
    position = await attempt(() => writePieces(file, pieces, position));
  };
  const discard = async () => {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
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
          await writePieces(file, [schema], 0);
          await file.datasync();
          await file.close();
          await rename(temporary, path);
          await syncFolder(dirname(path));
        });
      } catch (error) {
        await discard();
        throw error;
      }
    },
    discard,
  };
}
