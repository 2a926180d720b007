import { type RemoteOptions, remoteReaders } from "../remote/remote-options.js";
import { type OptionReaders, withDefault } from "../shared/options.js";
import { requireBoolean } from "../shared/validation.js";
import { readColumnNames, readImageColumns } from "./column-types.js";
import { rootReaders } from "./image-root.js";

/** Options of sources whose rows have columns: manifests, Parquet, Arrow. */
export interface TableOptions extends RemoteOptions {
  /**
   * What else pairs have, as `pair.columns`: columns of these names, or all. Of Parquet and Arrow numbers, texts,
   * truth values and lists of them are read; of a ClassLabel its numbers. Default none.
   */
  columns?: readonly string[] | "auto";
  /** Columns of further images, which pairs have as `pair.columns`: of what `imageColumn` may have, but lists. Default none. */
  imageColumns?: readonly string[];
  /** Whether pairs have texts; else no column of texts is looked for, and `text` is "". Default true. */
  texts?: boolean;
  /** Where relative paths of images start: a folder, or its URL. Default: the folder of the file that has them. */
  root?: string;
  /** Whether paths may lead out of `root`; otherwise such a row is an error. Default false. */
  allowOutsideRoot?: boolean;
}

export const tableReaders = {
  columns: readColumnNames,
  imageColumns: readImageColumns,
  texts: withDefault(requireBoolean, true),
  ...rootReaders,
  ...remoteReaders,
} satisfies OptionReaders<TableOptions>;
