import { stat } from "node:fs/promises";
import type { AsyncBuffer, ColumnMetaData, FileMetaData, RowGroup, SchemaElement } from "hyparquet";
import { parquetMetadataAsync } from "hyparquet";
import { PixtokError } from "../errors.js";
import { isOfFileSystem, unreadableFile } from "../unreadable-file.js";
import { sameVersion, versionOf } from "./file-version.js";
import type { OpenFiles } from "./open-files.js";

/** A file whose footer has been read. */
export interface ParquetFile {
  readonly path: string;
  readonly size: number;
  /** Bytes that must be there, of the file as it was when it was opened. */
  read(offset: number, length: number): Promise<Buffer>;
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  /** Rows of each row group. */
  readonly groupRows: readonly number[];
}

/** More in a row group are not believed. */
const MOST_ROWS = 1 << 24;

export function invalidParquet(
  path: string,
  message: string,
  index?: number,
  cause?: unknown,
): PixtokError {
  return new PixtokError("INVALID_PARQUET", message, { source: path, index, cause });
}

/** hyparquet's view of a file. */
function bufferOf(size: number, read: ParquetFile["read"]): AsyncBuffer {
  const slice = async (start: number, end: number): Promise<ArrayBuffer> => {
    if (!(0 <= start && start <= end && end <= size)) {
      throw new RangeError(`bytes ${start} to ${end} are not in the file`);
    }
    const { buffer, byteOffset, length } = await read(start, end - start);
    const whole = byteOffset === 0 && length === buffer.byteLength;
    return (whole ? buffer : buffer.slice(byteOffset, byteOffset + length)) as ArrayBuffer;
  };
  return {
    byteLength: size,
    slice(start, end = size) {
      const bytes = slice(start, end);
      // it reads ahead, and may give up before it looks at what became of it
      bytes.catch(() => {});
      return bytes;
    },
  };
}

/** Sizes in a footer are hostile until they are known to lie in the file. */
function requireInside({ columns }: RowGroup, size: number): void {
  for (const { meta_data: column, file_path: elsewhere } of columns) {
    if (column === undefined || elsewhere) throw new RangeError("its columns are in another file");
    const { start, bytes } = chunkOf(column);
    if (!(start >= 4 && bytes >= 0 && start + bytes <= size)) {
      throw new RangeError(`column ${column.path_in_schema.join(".")} does not lie in the file`);
    }
  }
}

/** Where a column's pages are. */
export function chunkOf(column: ColumnMetaData): { start: number; bytes: number } {
  const { dictionary_page_offset: dictionary, data_page_offset: data } = column;
  return {
    start: Number(dictionary || data),
    bytes: Number(column.total_compressed_size),
  };
}

/** @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; INVALID_PARQUET */
export async function openParquetFile(path: string, files: OpenFiles): Promise<ParquetFile> {
  const version = await stat(path, { bigint: true }).then(versionOf, (cause) => {
    throw unreadableFile(path, cause);
  });
  const { size } = version;
  if (size < 12) throw invalidParquet(path, "this is no Parquet file: it is too short");
  const read = async (offset: number, length: number): Promise<Buffer> => {
    const found = await files.read(path, offset, length);
    if (!sameVersion(found.version, version)) {
      throw new RangeError("the file has been changed since it was opened; open it again");
    }
    if (found.bytes.length < length) throw new RangeError("the file ends before it should");
    return found.bytes;
  };
  const buffer = bufferOf(size, read);
  try {
    const metadata = await parquetMetadataAsync(buffer, { geoparquet: false });
    const groupRows = metadata.row_groups.map((group) => {
      const rows = Number(group.num_rows);
      if (rows !== 0) requireInside(group, size);
      if (!(Number.isInteger(rows) && rows >= 0 && rows <= MOST_ROWS)) {
        throw new RangeError(`a row group tells of ${rows} rows`);
      }
      return rows;
    });
    return { path, size, read, buffer, metadata, groupRows };
  } catch (cause) {
    if (isOfFileSystem(cause)) throw unreadableFile(path, cause);
    const reason = (cause as Error).message;
    throw invalidParquet(
      path,
      `this is no Parquet file, or it is cut short: ${reason}`,
      undefined,
      cause,
    );
  }
}

/** The metadata as if there were no other columns than these leaves. */
export function withLeaves(metadata: FileMetaData, leaves: readonly string[]): FileMetaData {
  const wanted = new Set(leaves);
  const schema: SchemaElement[] = [];
  // depth first, as the list is: gives whether anything of the element is wanted
  let next = 0;
  const visit = (path: readonly string[]): boolean => {
    const element = metadata.schema[next] as SchemaElement;
    next += 1;
    const own = path.length === 0 && next === 1 ? [] : [...path, element.name];
    const place = schema.push({ ...element }) - 1;
    const children = element.num_children ?? 0;
    if (children === 0) {
      if (wanted.has(own.join("."))) return true;
      schema.length = place;
      return false;
    }
    let kept = 0;
    for (let i = 0; i < children; i += 1) if (visit(own)) kept += 1;
    (schema[place] as SchemaElement).num_children = kept;
    if (kept > 0 || own.length === 0) return true;
    schema.length = place;
    return false;
  };
  visit([]);
  const row_groups = metadata.row_groups.map((group) => ({
    ...group,
    columns: group.columns.filter(({ meta_data: column }) =>
      wanted.has(column?.path_in_schema.join(".") ?? ""),
    ),
  }));
  return { ...metadata, schema, row_groups };
}
