import { corrupt } from "../image-fault.js";
import type { TiffImage } from "./tiff-blocks.js";
import type { TiffLayout } from "./tiff-layout.js";

/** LZW, deflate and ZSTD; the others pass the tag over. */
const predicted: readonly number[] = [5, 8, 32946, 50000];

/** Samples that are differences to the pixel before (TIFF 6.0, section 14, and Adobe's note 3 on floats). */
export function undoPredictor(
  samples: Buffer,
  stride: number,
  { directory, format }: TiffImage,
  { predictor, isPlanar, compression }: TiffLayout,
): void {
  if (predictor === 1 || !predicted.includes(compression)) return;
  const { bits } = format;
  const step = isPlanar ? 1 : format.samples;
  const isFloat = predictor === 3;
  const isKnown = isFloat ? format.kind === "float" : predictor === 2 && [8, 16, 32].includes(bits);
  if (!isKnown) throw corrupt(`its predictor ${predictor} is not one of its samples`);
  for (let row = 0; row < samples.length; row += stride) {
    const ofRow = samples.subarray(row, row + stride);
    if (isFloat) undoFloats(ofRow, step, directory.littleEndian);
    else undoDifferences(ofRow, step, bits >> 3, directory.littleEndian);
  }
}

function undoDifferences(row: Buffer, step: number, bytes: number, littleEndian: boolean): void {
  const first = step * bytes;
  if (bytes === 1) {
    for (let i = first; i < row.length; i += 1)
      row[i] = (row[i] as number) + (row[i - first] as number);
    return;
  }
  const most = 2 ** (8 * bytes);
  for (let i = first; i + bytes <= row.length; i += bytes) {
    const sum = littleEndian
      ? row.readUIntLE(i, bytes) + row.readUIntLE(i - first, bytes)
      : row.readUIntBE(i, bytes) + row.readUIntBE(i - first, bytes);
    if (littleEndian) row.writeUIntLE(sum % most, i, bytes);
    else row.writeUIntBE(sum % most, i, bytes);
  }
}

/** The highest bytes of all floats come first, then the next ones. */
function undoFloats(row: Buffer, step: number, littleEndian: boolean): void {
  for (let i = step; i < row.length; i += 1)
    row[i] = (row[i] as number) + (row[i - step] as number);
  const planes = Buffer.from(row);
  const floats = row.length / 4;
  for (let i = 0; i < floats; i += 1) {
    for (let byte = 0; byte < 4; byte += 1) {
      row[4 * i + (littleEndian ? 3 - byte : byte)] = planes[byte * floats + i] as number;
    }
  }
}
