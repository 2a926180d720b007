import { fact, type Placeholder } from "./measured-image.js";

/** Rows and columns of what makes an image: `text` of each, with what is between columns and after rows. */
function grid(
  down: number,
  across: number,
  cell: (row: number, column: number) => string,
  between = "",
  afterRow: (row: number) => string = () => "",
): string {
  return Array.from({ length: down }, (_, row) => {
    const cells = Array.from({ length: across }, (_, column) => cell(row, column));
    return cells.join(between) + afterRow(row);
  }).join("");
}

/** Each row of patches ends by a token of its own, and the last by another: Pixtral. */
export const pixtralText =
  (image: string, rowEnd: string, end: string, patch: number): Placeholder =>
  (one) => {
    const [height = one.unit.height, width = one.unit.width] = fact(one, "size", []);
    const [down, across] = [Math.floor(height / patch), Math.floor(width / patch)];
    const rows = grid(
      down,
      across,
      () => image,
      "",
      () => rowEnd,
    );
    return rows.slice(0, rows.length - rowEnd.length) + end;
  };

export interface SplitTokens {
  readonly fake: string;
  readonly image: string;
  readonly whole: string;
  readonly length: number;
}

/** Each tile by its place, then the whole: Idefics3 and SmolVLM. */
export const splitText =
  ({ fake, image, whole, length }: SplitTokens): Placeholder =>
  (one) => {
    const [down = 0] = fact(one, "rows", []);
    const [across = 0] = fact(one, "cols", []);
    const tokens = image.repeat(length);
    const last = `${fake}${whole}${tokens}${fake}`;
    if (down === 0 && across === 0) return last;
    const tiles = grid(
      down,
      across,
      (row, column) => `${fake}<row_${row + 1}_col_${column + 1}>${tokens}`,
      "",
      () => "\n",
    );
    return `${tiles}\n${last}`;
  };

/** Tiles with what separates them, then the whole: Llama4. */
export const llama4Text =
  (patch: number, downsampled: number): Placeholder =>
  (one) => {
    const { height, width } = one.unit;
    const patches = Math.floor(height / patch) * Math.floor(width / patch);
    const tokens = "<|patch|>".repeat(Math.floor(patches / downsampled));
    const [down = 1, across = 1] = fact(one, "aspect_ratios", []);
    const tiles =
      down * across > 1
        ? grid(
            down,
            across,
            () => tokens,
            "<|tile_x_separator|>",
            () => "<|tile_y_separator|>",
          )
        : "";
    return `<|image_start|>${tiles}<|image|>${tokens}<|image_end|>`;
  };

/** The whole, then tiles with what separates them: Ovis2. */
export const ovis2Text =
  (length: number): Placeholder =>
  (one) => {
    const tokens = "<IMG_ATOM>".repeat(length);
    const [down = 1, across = 1] = fact(one, "grids", []);
    const tiles =
      down * across > 1
        ? grid(
            down,
            across,
            () => tokens,
            "<IMG_COL>",
            (row) => (row < down - 1 ? "<IMG_ROW>" : ""),
          )
        : "";
    return `<IMG_START>${tokens}<IMG_GRID>${tiles}<IMG_END>`;
  };

/** The whole, then parts of one that is much longer than wide: Gemma3. */
export const partsText =
  (whole: string): Placeholder =>
  (one) => {
    const [parts = 0] = fact(one, "num_crops", []);
    if (parts === 0) return whole;
    const all = Array.from({ length: parts }, () => whole).join(" ");
    return `Here is the original image ${whole} and here are some crops to help you see better ${all}`;
  };

export interface Lfm2Tokens {
  readonly image: string;
  readonly start: string;
  readonly end: string;
  readonly whole: string;
}

/** Tiles by their places, and the whole of a large image: Lfm2Vl. */
export const lfm2Text =
  ({ image, start, end, whole }: Lfm2Tokens): Placeholder =>
  (one) => {
    const [downsampled = 1] = fact(one, "downsampled", []);
    const shapes = fact(one, "shapes", []);
    const tokensOf = (at: number) => {
      const sides = shapes.slice(2 * at, 2 * at + 2);
      return image.repeat(
        sides.reduce((product, side) => product * Math.ceil(side / downsampled), 1),
      );
    };
    const [down = 1] = fact(one, "rows", []);
    const [across = 1] = fact(one, "columns", []);
    const tiles = down * across;
    if (tiles === 1) return `${start}${tokensOf(0)}${end}`;
    const cell = (row: number, column: number) =>
      `<|img_row_${row + 1}_col_${column + 1}|>${tokensOf(row * across + column)}`;
    const hasWhole = shapes.length / 2 > tiles;
    const last = hasWhole ? `${whole}${tokensOf(tiles)}` : "";
    return `${start}${grid(down, across, cell)}${last}${end}`;
  };

/** Begin and end of what stands around something. */
export type Ends = readonly [begin: string, end: string];

export interface SliceTokens {
  readonly image: string;
  readonly whole: Ends;
  readonly slice: Ends;
  readonly number: Ends;
}

/** The image's number in its row, the whole, then rows of slices: MiniCPMV4_6. */
export const sliceText =
  ({ image, whole, slice, number }: SliceTokens): Placeholder =>
  (one, place) => {
    const [merged = 1] = fact(one, "merged", []);
    const sizes = fact(one, "sizes", []);
    const tokensOf = (at: number, [begin, end]: Ends) => {
      const [down = 0, across = 0] = sizes.slice(2 * at, 2 * at + 2);
      return begin + image.repeat((down * across) / merged ** 2) + end;
    };
    const [down = 0, across = 0] = fact(one, "grids", []);
    const slices = grid(
      down,
      across,
      (row, column) => tokensOf(1 + row * across + column, slice),
      "",
      (row) => (row < down - 1 ? "\n" : ""),
    );
    const [hasNumber = 0] = fact(one, "ids", []);
    const named = hasNumber === 1 ? `${number[0]}${place}${number[1]}` : "";
    return named + tokensOf(0, whole) + slices;
  };

/** Tiles by their numbers, then the whole: AyaVision. */
export const numberedText =
  (start: string, end: string, tile: string, whole: string, tokens: string): Placeholder =>
  (one) => {
    const [units = 1] = fact(one, "num_patches", []);
    const tiles = Array.from({ length: units - 1 }, (_, at) => `${tile}_${at + 1}${tokens}`);
    return `${start}${tiles.join("")}${whole}${tokens}${end}`;
  };
