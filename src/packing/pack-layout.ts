import { MOST_MESSAGES } from "../sources/packed/message-list.js";

/** Bytes of a message, texts left out, which is prepared and written at once while others are on their way. */
const MOST_MESSAGE_BYTES = 16 * 2 ** 20;
/** Rows of a message: its pairs are read at the same time, however small their images are. */
const MOST_MESSAGE_ROWS = 256;

/** Pairs of one message of a packed file. */
export interface MessageTask {
  readonly file: number;
  readonly indices: number[];
  /** Whether it is its file's last one. */
  readonly last: boolean;
}

/** Which pairs are in which file: a function of the set alone, never of the part that is packed. */
export interface PackLayout {
  readonly filePairs: number;
  readonly files: number;
  /** Pairs in a file. */
  pairsIn(file: number): number;
  /** Messages of a file. */
  messagesIn(file: number): number;
  /** Files of a part of the set, one after the other. */
  part(index: number, of: number): number[];
  tasks(files: readonly number[]): Generator<MessageTask>;
}

/** The first file of one of `of` parts of a set of `files` files. */
const firstOfPart = (files: number, index: number, of: number) => Math.floor((index * files) / of);

/** How many files a part has. */
export function sizeOfPart(files: number, index: number, of: number): number {
  return firstOfPart(files, index + 1, of) - firstOfPart(files, index, of);
}

/** Which of `of` parts of a set of `files` files has a file. */
export function partOfFile(files: number, file: number, of: number): number {
  return Math.ceil(((file + 1) * of) / files) - 1;
}

/** @param rowBytes of an image, and of numbers beside it. */
export function packLayout(length: number, rowBytes: number, fileBytes: number): PackLayout {
  const inMessage = Math.max(1, Math.floor(MOST_MESSAGE_BYTES / rowBytes));
  const wantedPairs = Math.max(1, Math.floor(fileBytes / rowBytes));
  const messagePairs = Math.min(wantedPairs, MOST_MESSAGE_ROWS, inMessage);
  const filePairs = Math.min(wantedPairs, MOST_MESSAGES * messagePairs);
  const files = Math.ceil(length / filePairs);
  const pairsIn = (file: number) => Math.min(filePairs, length - file * filePairs);
  return {
    filePairs,
    files,
    pairsIn,
    messagesIn: (file) => Math.ceil(pairsIn(file) / messagePairs),
    part(index, of) {
      const first = firstOfPart(files, index, of);
      return Array.from({ length: sizeOfPart(files, index, of) }, (_, i) => first + i);
    },
    *tasks(wanted) {
      for (const file of wanted) {
        const pairs = pairsIn(file);
        for (let first = 0; first < pairs; first += messagePairs) {
          const size = Math.min(messagePairs, pairs - first);
          const start = file * filePairs + first;
          const indices = Array.from({ length: size }, (_, i) => start + i);
          yield { file, indices, last: first + size === pairs };
        }
      }
    },
  };
}
