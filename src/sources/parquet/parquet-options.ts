import type { RemoteOptions } from "../../remote/remote-options.js";

/** Options of `openParquet`. */
export interface ParquetOptions extends RemoteOptions {
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
   * What else pairs have, as `pair.columns`: columns of these names, or all. Numbers, texts, truth values and
   * lists of them are read; of a ClassLabel its numbers. Default none.
   */
  columns?: readonly string[] | "auto";
  /** Whether pairs have texts; else no column of texts is looked for, and `text` is "". Default true. */
  texts?: boolean;
  /** Where relative paths of images start that have no bytes: a folder, or its URL. Default: the file's folder. */
  root?: string;
  /** Whether such paths may lead out of `root`; otherwise such a row is an error. Default false. */
  allowOutsideRoot?: boolean;
  /**
   * Most bytes of rows that are kept in memory, a row group at a time, at least one. Images that are
   * stored without compression are read where they are and need none. Default 512 MiB.
   */
  rowCacheBytes?: number;
}
