import { PixtokError } from "../../../shared/errors.js";
import type { Size } from "../../output-size.js";
import type { PictureGeometry } from "../../picture-geometry.js";
import type { Crop } from "../../process-options.js";
import type { UnitLayout, View, ViewFrame } from "../../view.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import type { ProcessorBackend } from "../processor-backend.js";
import type { Grid } from "./tile-grid.js";

/** The geometry of a class that takes images apart. */
export function picturesOf(pictures: PictureGeometry): ProcessorGeometry {
  return { options: { resize: null, centerCrop: null, pad: null }, steps: null, pictures };
}

/** Whole images, or tiles: [3, height, width]. */
export function tileUnit(size: UnitLayout["size"]): UnitLayout {
  return {
    size,
    layout: "chw",
    copies: 1,
    dims: ({ width, height }) => [3, height, width],
  };
}

/** Patches as rows of numbers, channel after channel, each so many times. */
export function planarPatchUnit(side: number, copies: number): UnitLayout {
  return {
    size: { width: side, height: side },
    layout: "chw",
    copies,
    dims: () => [3 * copies * side * side],
  };
}

/** Patches as rows of numbers, pixel after pixel. */
export function pixelPatchUnit(side: number): UnitLayout {
  return {
    size: { width: side, height: side },
    layout: "hwc",
    copies: 1,
    dims: () => [3 * side * side],
  };
}

/** Patches side by side, as one image as high as a patch. */
export function columnPatchUnit(side: number): UnitLayout {
  return {
    size: { width: side, height: side },
    layout: "chw",
    copies: 1,
    sideBySide: true,
    dims: ({ width, height }, units) => [1, 3, height, width * units],
  };
}

/** A view that is one unit. */
export function wholeView(view: Omit<View, "cells">, first = 0): View {
  return { ...view, cells: { size: view.frame?.size ?? view.to, first } };
}

export function gridSize(tile: Size, { across, down }: Grid): Size {
  return { width: tile.width * across, height: tile.height * down };
}

/** Parts of an image that lie row after row, the last ones smaller where it is no multiple. */
export function partsOf({ width, height }: Size, part: Size): Crop[] {
  const parts: Crop[] = [];
  for (let top = 0; top < height; top += part.height) {
    for (let left = 0; left < width; left += part.width) {
      parts.push({
        left,
        top,
        width: Math.min(part.width, width - left),
        height: Math.min(part.height, height - top),
      });
    }
  }
  return parts;
}

/** The middle of an image; black around one that is smaller. */
export function middleOf(image: Size, crop: Size, backend: ProcessorBackend): ViewFrame {
  const start = (inner: number, outer: number) => {
    const half = (inner - outer) / 2;
    return backend === "torchvision" ? Math.trunc(half) : Math.floor(half);
  };
  return {
    size: crop,
    left: 0 - start(image.width, crop.width),
    top: 0 - start(image.height, crop.height),
  };
}

/** An image in the middle of a larger one. */
export function centred(
  image: Size,
  size: Size,
  fill?: readonly [number, number, number],
): ViewFrame {
  return {
    size,
    left: Math.floor((size.width - image.width) / 2),
    top: Math.floor((size.height - image.height) / 2),
    ...(fill === undefined ? {} : { fill }),
  };
}

/** An image in the middle of a square as long as its longer side. */
export function squared(image: Size, fill: readonly [number, number, number]): ViewFrame {
  const side = Math.max(image.width, image.height);
  return centred(image, { width: side, height: side }, fill);
}

/** An image in the corner of a larger one. */
export function cornered(size: Size, fill?: readonly [number, number, number]): ViewFrame {
  return { size, left: 0, top: 0, ...(fill === undefined ? {} : { fill }) };
}

/** The mean as a colour, as bytes. */
export function meanColour(reader: ConfigReader): [number, number, number] {
  const [red, green, blue] = reader.perChannel("image_mean");
  const byte = (share: number) => Math.trunc(share * 255);
  return [byte(red), byte(green), byte(blue)];
}

export function isSameSize(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}

/** @throws {PixtokError} DOES_NOT_FIT for an image that is not resized and is no multiple. */
export function requireMultiple({ width, height }: Size, multiple: number): void {
  if (width % multiple === 0 && height % multiple === 0) return;
  throw new PixtokError(
    "DOES_NOT_FIT",
    `${width} x ${height} pixels are no multiples of ${multiple}, and do_resize is false`,
  );
}
