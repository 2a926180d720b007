import { exactDataUrl, smallDataUrl } from "./data-url.js";
import type { RgbImage } from "./image-bytes.js";
import type { PageImage } from "./pair-card.js";
import type { ImageEncoder } from "./shown-pairs.js";

/** A page of more is opened by no browser on a phone, and becomes longer than a string may be. */
const MOST_LETTERS = 2 ** 28;

/**
 * Images within one page.
 *
 * @param most letters of their URLs.
 * @throws {RangeError} from it, once they are more than a page can have.
 */
export function pageImages(most = MOST_LETTERS): ImageEncoder<PageImage> {
  let letters = 0;
  const pageImage = ({ width, height }: RgbImage, url: string): PageImage => {
    letters += url.length;
    if (letters <= most) return { url, width, height };
    throw new RangeError(
      "samples: expected fewer, or smaller images, as a page of more than 256 MiB is opened by no browser",
    );
  };
  return {
    exact: async (image) => pageImage(image, await exactDataUrl(image)),
    small: async (image) => pageImage(image, await smallDataUrl(image)),
  };
}
