import { type ImageTimes, imageTimes } from "../image/image-times.js";

/**
 * Where a batch's making stood when, by performance.now(); Infinity for what has not come to its end. What the batch
 * waits for is one after the other: its rows, then images and tokens at the same time, then mixing, then fields.
 */
export interface BatchTimes {
  /** The source has given all rows. */
  rowsAt: number;
  imagesAt: number;
  /** 0 where there are no texts. */
  tokensAt: number;
  /** Mixing of its rows begins, and ends; both stay Infinity where rows are not mixed. */
  mixFrom: number;
  mixedAt: number;
  /** The batch has its tensors. */
  madeAt: number;
  /** Rows that the source has given. */
  rows: number;
  /** Bytes of texts, and of images that the source gave as bytes. */
  sourceBytes: number;
  /** Milliseconds in which texts were tokenized, and bytes of the tensors of tokens. */
  tokenize: number;
  tokenBytes: number;
  /** Elements of the tensors of images, those of columns too, and their bytes. */
  imageElements: number;
  imageBytes: number;
  readonly images: ImageTimes;
}

export function batchTimes(): BatchTimes {
  return {
    rowsAt: Infinity,
    imagesAt: Infinity,
    tokensAt: Infinity,
    mixFrom: Infinity,
    mixedAt: Infinity,
    madeAt: Infinity,
    rows: 0,
    sourceBytes: 0,
    tokenize: 0,
    tokenBytes: 0,
    imageElements: 0,
    imageBytes: 0,
    images: imageTimes(),
  };
}
