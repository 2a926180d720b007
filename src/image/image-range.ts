/** An image file within another file, such as an archive: read by the native threads. */
export interface ImageRange {
  /** Path of the file around it. */
  path: string;
  /** Position of its first byte in that file. */
  offset: number;
  /** In bytes. */
  length: number;
}
