import type { TableOptions } from "../table-options.js";

/** Options of `openArrow`. */
export interface ArrowOptions extends TableOptions {
  /** Column of the images, or of lists of them. Default: the first that is there of image, img, … */
  imageColumn?: string;
  /**
   * Column of the text or texts. Default: the first that is there of text, caption, … Numbers are texts as
   * their digits; those of a ClassLabel of the `datasets` library as the names of the classes.
   */
  textColumn?: string;
}
