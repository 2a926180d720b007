import type { TableOptions } from "../table-options.js";

/** Options of `openManifest`. */
export interface ManifestOptions extends TableOptions {
  /**
   * "jsonl", "csv" or "tsv"; "json" for an array of objects, or an object of texts by image. Default: what
   * the file's name says; of `.json` also JSON Lines, by how it begins.
   */
  format?: "jsonl" | "csv" | "tsv" | "json";
  /** Column, or key, of the image's path; in JSON it may be an array of paths. Default: the first of image, image_path, … */
  imageColumn?: string;
  /** Column of the text; in JSON it may be an array of texts. Default: the first of text, caption, … */
  textColumn?: string;
}
