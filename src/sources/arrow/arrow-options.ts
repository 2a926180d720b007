import type { RemoteOptions } from "../../remote/remote-options.js";

/** Options of `openArrow`. Those of what is elsewhere are about images that are URLs. */
export interface ArrowOptions extends RemoteOptions {
  /** Column of the images, or of lists of them. Default: the first that is there of image, img, … */
  imageColumn?: string;
  /**
   * Column of the text or texts. Default: the first that is there of text, caption, … Numbers are texts as
   * their digits; those of a ClassLabel of the `datasets` library as the names of the classes.
   */
  textColumn?: string;
  /**
   * What else pairs have, as `pair.columns`: columns of these names, or all. Numbers, texts, truth values and
   * lists of them are read. Default none.
   */
  columns?: readonly string[] | "auto";
  /** Whether pairs have texts; else no column of texts is looked for, and `text` is "". Default true. */
  texts?: boolean;
  /** Where paths of images start. Default: the folder of the file that has them. */
  root?: string;
  /** Whether paths may lead out of `root`; otherwise such a row is an error. Default false. */
  allowOutsideRoot?: boolean;
}
