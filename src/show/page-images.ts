import { exactDataUrl, smallDataUrl } from "./data-url.js";
import type { RgbImage } from "./image-bytes.js";
import type { PageImage } from "./pair-card.js";
import type { ImageEncoder } from "./shown-pairs.js";

const pageImage = ({ width, height }: RgbImage, url: string): PageImage => ({ url, width, height });

/** Images within a page. */
export const pageImages: ImageEncoder<PageImage> = {
  exact: async (image) => pageImage(image, await exactDataUrl(image)),
  small: async (image) => pageImage(image, await smallDataUrl(image)),
};
