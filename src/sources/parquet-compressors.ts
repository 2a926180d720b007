import * as zlib from "node:zlib";
import type { Compressors } from "hyparquet";
import { compressors } from "hyparquet-compressors";

/** Node's own where it has them: they are faster. */
const own: Compressors = {
  GZIP: (input, length) => zlib.gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) =>
    zlib.brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
};

/** Node 22.15 and newer. */
interface WithZstd {
  zstdDecompressSync?(input: Uint8Array, options: { maxOutputLength: number }): Buffer;
}
const { zstdDecompressSync } = zlib as WithZstd;
if (zstdDecompressSync !== undefined) {
  own.ZSTD = (input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) });
}

export const parquetCompressors: Compressors = { ...compressors, ...own };
