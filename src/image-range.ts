/** A picture file within another file, such as an archive: read by the native threads. */
export interface ImageRange {
  path: string;
  /** Of its first byte. */
  offset: number;
  /** In bytes. */
  length: number;
}
