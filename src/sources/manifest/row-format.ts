/** Tells where rows begin in a text that is given in chunks, one after another. */
export type RowScanner = (chunk: Buffer, found: (start: number) => void) => void;

/** How rows are told apart. */
export interface RowFormat {
  /** By which an index of it is known. */
  readonly name: string;
  /** A scanner from the beginning of a text, or of any row. */
  scanner(): RowScanner;
}
