import type { RemoteOptions } from "../../remote/remote-options.js";

/** Options of `openCocoCaptions`. */
export interface CocoOptions extends RemoteOptions {
  /** The folder that the images are in, or its URL. Default: the JSON file's. */
  root?: string;
  /**
   * The split that is wanted of Karpathy's captions, whose images name theirs: "train", "restval", "val", "test".
   * Default: there is but one.
   */
  split?: string;
  /** Whether pairs have texts; else captions are not looked at, and `text` is "". Default true. */
  texts?: boolean;
  /** Whether file names may lead out of `root`; otherwise such an image is an error. Default false. */
  allowOutsideRoot?: boolean;
  /** As of other sources: "auto" is all columns, and there are none here; a name is refused. Default none. */
  columns?: readonly string[] | "auto";
}
