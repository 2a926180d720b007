import type { RemoteOptions } from "../../remote/remote-options.js";

/** Options of `openImageFolder`. */
export interface ImageFolderOptions extends RemoteOptions {
  /**
   * What else pairs have, as `pair.columns`: of folders of classes "label", the number of the class among the
   * folders' names in their order; or all there is. Default none.
   */
  columns?: readonly string[] | "auto";
  /**
   * Whether pairs have texts; else neither files nor names of folders are looked at for them, and `text` is "".
   * Default true.
   */
  texts?: boolean;
  /** Whether symbolic links may lead out of the folder; otherwise one is an error. Default false. */
  allowOutsideRoot?: boolean;
}
