import type { Size } from "../output-size.js";
import type { ConfigReader } from "./config-reader.js";
import type { ProcessorGeometry } from "./image-steps.js";
import { byShortestEdge } from "./resized-size.js";

/** Turned as the page lies, as large as its shorter side, then made smaller to fit on it, in its middle. */
export function donut(reader: ConfigReader): ProcessorGeometry {
  const page = pageSize(reader);
  const resizes = reader.flag("do_resize");
  const turns = reader.flag("do_align_long_axis");
  for (const key of ["do_pad", "do_thumbnail"]) {
    if (!reader.flag(key)) throw reader.expected(key, "true");
  }
  if (reader.flag("do_center_crop")) throw reader.expected("do_center_crop", "false");
  // there nearest is bicubic in one of its resizes
  if (reader.get("resample") === 0) throw reader.expected("resample", "1 to 5");
  return {
    options: { resize: null, centerCrop: page, pad: null },
    steps(image) {
      const turn = turns && isAcross(image, page);
      const turned = turn ? { width: image.height, height: image.width } : image;
      const enlargedTo = resizes
        ? byShortestEdge(turned, Math.min(page.width, page.height))
        : turned;
      const to = thumbnailSize(enlargedTo, page);
      return {
        turn,
        resizes: [{ to: enlargedTo }, { to }],
        frame: {
          size: page,
          left: Math.floor((page.width - to.width) / 2),
          top: Math.floor((page.height - to.height) / 2),
        },
      };
    },
  };
}

/** Lists are [width, height] there. */
function pageSize(reader: ConfigReader): Size {
  const size = reader.get("size");
  if (!Array.isArray(size)) return reader.fixedSize();
  const { width: height, height: width } = reader.frame("size");
  return { width, height };
}

/** Whether one is high and the other wide. */
function isAcross(image: Size, page: Size): boolean {
  return page.width < page.height
    ? image.width > image.height
    : page.width > page.height && image.width < image.height;
}

function thumbnailSize(image: Size, page: Size): Size {
  const width = Math.min(image.width, page.width);
  const height = Math.min(image.height, page.height);
  if (width === image.width && height === image.height) return image;
  if (image.height > image.width) {
    return { width: Math.trunc((image.width * height) / image.height), height };
  }
  if (image.width > image.height) {
    return { width, height: Math.trunc((image.height * width) / image.width) };
  }
  return { width, height };
}
