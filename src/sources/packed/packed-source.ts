import { findSpan } from "../../shared/find-span.js";
import { requireOptions, wrongType } from "../../shared/validation.js";
import { makeFingerprint } from "../pair-source.js";
import { type PackedPair, type PackedSource, packedColumns } from "./is-packed.js";
import { invalidPack } from "./pack-format.js";
import { type PackedFile, type PackedRows, readPackedFile } from "./packed-file.js";
import { openPackedFiles } from "./packed-folder.js";

/**
 * A packed set. Its files are mapped into memory: they must not be made shorter while it is in use.
 *
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; NOT_A_PACK, INVALID_PACK, INCOMPLETE_PACK,
 *   PACK_MISMATCH; OUT_OF_MEMORY where the heap is too small for so many messages.
 */
export async function openPackedSource(
  folder: string,
  options: object = {},
): Promise<PackedSource> {
  if ("columns" in options) throw packedColumns(options.columns);
  if ("texts" in options)
    throw wrongType("texts", "true with a packed set, which has texts", options.texts);
  requireOptions("openPackedSource", options, []);
  const files = await openPackedFiles(folder);
  const { config } = (files[0] as PackedFile).metadata;
  const { width, height } = config.size;
  const imageBytes = 3 * width * height;
  const fileLengths: number[] = [];
  const messages: PackedRows[] = [];
  /** Row after the last one of each message. */
  const ends: number[] = [];
  let length = 0;
  for (const file of files) {
    const before = length;
    for (const message of readPackedFile(file)) {
      length += message.length;
      messages.push(message);
      ends.push(length);
    }
    fileLengths.push(length - before);
  }
  if (length === 0) throw invalidPack(folder, "it has no rows");

  const placeOf = (index: number): { message: PackedRows; row: number } => {
    const { span, indexInSpan } = findSpan(ends, index);
    return { message: messages[span] as PackedRows, row: indexInSpan };
  };
  const listAt = ({ offsets }: { offsets: Int32Array }, i: number): [number, number] => [
    offsets[i] as number,
    offsets[i + 1] as number,
  ];
  const textAt = ({ texts }: PackedRows, i: number) =>
    texts.values.toString("utf8", ...listAt(texts, i));
  const tokensAt = ({ tokens }: PackedRows, i: number) =>
    tokens.values.subarray(...listAt(tokens, i));
  const textsAt = (message: PackedRows, row: number): string | string[] => {
    if (message.several === null) return textAt(message, row);
    const [first, end] = listAt({ offsets: message.several }, row);
    return Array.from({ length: end - first }, (_, i) => textAt(message, first + i));
  };
  const tokenIdsAt = (message: PackedRows, row: number): Int32Array[] => {
    if (message.several === null) return [tokensAt(message, row)];
    const [first, end] = listAt({ offsets: message.several }, row);
    return Array.from({ length: end - first }, (_, i) => tokensAt(message, first + i));
  };

  const checksums = files.map(({ messages }) =>
    messages.map(({ headCrc, bodyCrc }) => `${headCrc} ${bodyCrc}`).join(),
  );
  return {
    length,
    pack: { folder, config },
    fingerprint: makeFingerprint(checksums),
    description: `packed set, ${length} pairs of ${width}x${height} in ${files.length} files`,
    blockLengths: () => fileLengths,
    get(index): PackedPair {
      const { message, row } = placeOf(index);
      const start = row * imageBytes;
      return {
        image: {
          data: message.images.subarray(start, start + imageBytes),
          width,
          height,
          channels: 3,
          layout: "chw",
        },
        text: textsAt(message, row),
        key: message.keys.values.toString("utf8", ...listAt(message.keys, row)),
        tokenIds: tokenIdsAt(message, row),
      };
    },
    texts(index) {
      const { message, row } = placeOf(index);
      return textsAt(message, row);
    },
  };
}
