import { makeTensor } from "../../../shared/make-tensor.js";
import type { Tensor } from "../../../shared/tensor.js";
import type { Size } from "../../output-size.js";
import type { PictureGeometry, PictureOutput, PreparedPictures } from "../../picture-geometry.js";
import { type Picture, viewSize } from "../../view.js";

type Outputs = PictureGeometry["outputs"];
type Output = (prepared: PreparedPictures) => PictureOutput;

/** Outputs by their names. */
export function outputsNamed(outputs: Readonly<Record<string, Output>>): Outputs {
  return (prepared) =>
    Object.fromEntries(Object.entries(outputs).map(([name, make]) => [name, make(prepared)]));
}

export function int64(numbers: readonly number[], dims: number[]): Tensor<"int64"> {
  return makeTensor("int64", BigInt64Array.from(numbers.map(BigInt)), dims);
}

/** A fact of each image, all numbers of it: [images, numbers]. */
export function factRows(name: string): Output {
  return ({ pictures }) => {
    const rows = pictures.map(({ facts }) => facts[name] as readonly number[]);
    const numbers = rows.flat();
    return int64(numbers, [rows.length, numbers.length / rows.length]);
  };
}

/** A fact of each image that is one number: [images]. */
export function factNumbers(name: string): Output {
  return ({ pictures }) => {
    const numbers = pictures.flatMap(({ facts }) => facts[name] as readonly number[]);
    return int64(numbers, [numbers.length]);
  };
}

/** A fact of each image that is one number, in lists as the images are. */
export function factLists(name: string): Output {
  return ({ pictures, lists }) =>
    perList(lists, pictures).map((some) =>
      some.flatMap(({ facts }) => facts[name] as readonly number[]),
    );
}

/** Height and width of each image: [images, 2]. */
export const originalSizes: Output = ({ sizes }) =>
  int64(
    sizes.flatMap(({ height, width }) => [height, width]),
    [sizes.length, 2],
  );

/** How many images each list has: [lists]. */
export const listLengths: Output = ({ lists }) => int64([...lists], [lists.length]);

/** What each list has of what there is of each image. */
export function perList<T>(lists: readonly number[], all: readonly T[]): T[][] {
  let next = 0;
  return lists.map((length) => {
    next += length;
    return all.slice(next - length, next);
  });
}

/** 1 for units with an image in them, 0 for those that are filled up: [images, units]. */
export const unitMask: Output = ({ pictures, rowUnits }) => {
  const data = new Int32Array(pictures.length * rowUnits);
  for (const [row, picture] of pictures.entries()) {
    data.fill(1, row * rowUnits, row * rowUnits + writtenUnits(picture).length);
  }
  return makeTensor("int32", data, [pictures.length, rowUnits]);
};

/** Size of each unit that is written, in their order. Precondition: none is left out. */
export function writtenUnits({ views }: Picture): Size[] {
  const sizes: Size[] = [];
  for (const view of views) {
    if (view.cells === undefined) continue;
    const { width, height } = viewSize(view);
    const { size, first = 0 } = view.cells;
    const count = (width / size.width) * (height / size.height);
    for (let unit = 0; unit < count; unit += 1) sizes[first + unit] = size;
  }
  return sizes;
}

/** 1 for each pixel of each unit, 0 for what is filled up: [lists, units of the fullest, height, width]. */
export const pixelMask: Output = (prepared) => {
  const { pictures, lists, rowUnits, unitSize, allocate } = prepared;
  const { width, height } = unitSize;
  const pixels = lists.length * rowUnits * height * width;
  const { buffer, byteOffset } = allocate(BigInt64Array.BYTES_PER_ELEMENT * pixels);
  const data = new BigInt64Array(buffer, byteOffset, pixels).fill(0n);
  for (const [row, some] of perList(lists, pictures).entries()) {
    for (const [unit, size] of some.flatMap(writtenUnits).entries()) {
      fillCorner(data, (row * rowUnits + unit) * height, size, width);
    }
  }
  return makeTensor("int64", data, [lists.length, rowUnits, height, width]);
};

/** From a row of a mask on. */
function fillCorner(mask: BigInt64Array, first: number, size: Size, stride: number): void {
  for (let row = 0; row < size.height; row += 1) {
    const start = (first + row) * stride;
    mask.fill(1n, start, start + size.width);
  }
}
