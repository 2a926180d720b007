import type { TableOptions } from "../table-options.js";

/** Options of `openParquet`. */
export interface ParquetOptions extends TableOptions {
  /**
   * Column of the images: encoded files as bytes, paths, the hub's struct of `bytes` and `path`, or a list
   * of these. Default: the first such struct, or else the first of image,
   * img, jpg, … that has bytes, or else lists and paths.
   */
  imageColumn?: string;
  /**
   * Column of the text or texts. Default: the first that is there of text, caption, … Numbers are texts as
   * well: those of a ClassLabel of the `datasets` library their classes' names, others their digits.
   */
  textColumn?: string;
  /**
   * Most bytes of images that are kept in memory, a row group or a larger page at a time, at least one; texts and other
   * columns take a quarter as much beside them. Images that are stored without compression are read where they are and need
   * none; of others a loader with `shuffle: "blocks"` needs `shuffleWindow` row groups. Default 512 MiB.
   */
  rowCacheBytes?: number;
}
