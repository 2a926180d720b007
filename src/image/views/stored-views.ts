import type { Size } from "../output-size.js";
import { type Picture, type View, viewSize } from "../view.js";

/** What of an image is stored, and what makes its units of that again. */
export interface StoredViews {
  /** Makes the stored units of the image. */
  readonly picture: Picture;
  /** Of a stored unit: that of the largest sides. */
  readonly unit: Size;
  /** Make the image's own units of the stored ones, which lie one below the other. */
  readonly views: readonly View[];
}

export function storedViews(picture: Picture): StoredViews {
  const shrunk = picture.views.find(({ cubic }) => cubic === true);
  return shrunk === undefined ? ofUnits(picture) : ofSource(picture, shrunk.from as number);
}

/** The units themselves, those that are smaller in the corner of zeros. */
function ofUnits(picture: Picture): StoredViews {
  const stored = picture.views.flatMap((view) => {
    const { cells } = view;
    if (cells === undefined) return [];
    const { width, height } = viewSize(view);
    const count = (width / cells.size.width) * (height / cells.size.height);
    return [{ size: cells.size, first: cells.first ?? 0, count }];
  });
  const unit = {
    width: Math.max(...stored.map(({ size }) => size.width)),
    height: Math.max(...stored.map(({ size }) => size.height)),
  };
  const views = stored.flatMap(({ size, first, count }) => {
    const { width, height } = size;
    // those that fill their units are as one image
    const together = width === unit.width && height === unit.height ? count : 1;
    return Array.from({ length: count / together }, (_, place): View => {
      const to = { width, height: height * together };
      const crop = { left: 0, top: unit.height * (first + place), ...to };
      return { crop, to, cells: { size, first: first + place } };
    });
  });
  return { picture, unit, views };
}

/**
 * What numbers are made smaller of. Precondition: all units are made of that.
 *
 * @param from the place of the view.
 */
function ofSource({ views, facts }: Picture, from: number): StoredViews {
  const source = views[from] as View;
  const unit = viewSize(source);
  const made = views
    .slice(from + 1)
    .map((view) => ({ ...view, from: (view.from as number) - from }));
  return {
    picture: {
      views: [...views.slice(0, from), { ...source, cells: { size: unit } }],
      units: 1,
      facts,
    },
    unit,
    views: [{ to: unit }, ...made],
  };
}
