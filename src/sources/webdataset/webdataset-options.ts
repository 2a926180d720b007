import type { RemoteOptions } from "../../remote/remote-options.js";
import type { ProgressCallback } from "../../shared/progress-callback.js";

/** Options of `openWebDataset`. */
export interface WebDatasetOptions extends RemoteOptions {
  /**
   * Extension of the image, where samples have several; or of each image of a list, in its order; some may be
   * missing. Default: that of any format that is read; several that differ in a number alone, such as "0.jpg" and
   * "1.jpg", are a list in the order of these.
   */
  imageExtension?: string | readonly string[];
  /** Extension of the text. Default: txt, or else json, or else cls. */
  textExtension?: string;
  /** Key of the text in JSON files, which then win over txt. Default: the first of text, caption, … */
  textColumn?: string;
  /** Whether pairs have texts; else none is looked for, and `text` is "". Default true. */
  texts?: boolean;
  /**
   * What else pairs have, as `pair.columns`: "cls", the number in a sample's `.cls` file, and keys of its `.json`
   * file; or all that the first samples have. Default none.
   */
  columns?: readonly string[] | "auto";
  /**
   * Columns of further images, which pairs have as `pair.columns`: the extension of one, such as "right.jpg", or
   * "right" for that of any format. Default none.
   */
  imageColumns?: readonly string[];
  /**
   * Called with how many shards have been opened, and of how many: those without an index take a while. Default
   * none.
   */
  onProgress?: ProgressCallback;
}
