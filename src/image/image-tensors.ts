import { PixtokError } from "../shared/errors.js";
import type { ImageTensor, Tensor } from "../shared/tensor.js";
import type { ImageType, Size } from "./image-processor-options.js";

/** `memory`, from its start, as a tensor. */
export function imageTensor(
  type: ImageType,
  { buffer, byteOffset }: Uint8Array,
  dims: number[],
): ImageTensor {
  const length = dims.reduce((product, size) => product * size, 1);
  switch (type) {
    case "float32":
      return { type: "float32", data: new Float32Array(buffer, byteOffset, length), dims };
    case "float16":
      return { type: "float16", data: new Uint16Array(buffer, byteOffset, length), dims };
    case "uint8":
      return { type: "uint8", data: new Uint8Array(buffer, byteOffset, length), dims };
  }
}

/**
 * Tensors of one image each as one. Precondition: they have one type, and there is at least one.
 *
 * @throws {PixtokError} DOES_NOT_FIT where their sizes differ.
 */
export function stacked(tensors: readonly ImageTensor[]): ImageTensor {
  const [first] = tensors as [ImageTensor];
  if (tensors.length === 1) return first;
  for (const [index, { dims }] of tensors.entries()) {
    if (dims.join() === first.dims.join()) continue;
    const what = `it becomes ${dims.slice(1).join(" x ")}, and the first image ${first.dims.slice(1).join(" x ")}: process them one at a time`;
    throw new PixtokError("DOES_NOT_FIT", what, { index });
  }
  const data = new (first.data.constructor as Float32ArrayConstructor)(
    first.data.length * tensors.length,
  );
  for (const [index, tensor] of tensors.entries()) data.set(tensor.data, index * first.data.length);
  const dims = [tensors.length, ...first.dims.slice(1)];
  return { type: first.type, data, dims } as ImageTensor;
}

/**
 * Images of any sizes as one tensor, zeros to the right of them and below, and which pixels are theirs.
 * Precondition: the tensors are of one image each, channels first, of float32.
 *
 * @param size of all; "batch": the greatest height and the greatest width.
 * @throws {PixtokError} DOES_NOT_FIT
 */
export function padded(
  tensors: readonly ImageTensor[],
  size: Size | "batch",
): { pixel_values: ImageTensor; pixel_mask: Tensor<"int64"> } {
  const sizes = tensors.map(({ dims: [, , height = 0, width = 0] }) => ({ height, width }));
  const { height, width } =
    size === "batch"
      ? {
          height: Math.max(...sizes.map((one) => one.height)),
          width: Math.max(...sizes.map((one) => one.width)),
        }
      : size;
  const plane = height * width;
  const data = new Float32Array(3 * plane * tensors.length);
  const mask = new BigInt64Array(plane * tensors.length);
  for (const [index, own] of sizes.entries()) {
    if (own.height > height || own.width > width) {
      const what = `an image of ${own.width}x${own.height} does not fit into pad_size, ${width}x${height}`;
      throw new PixtokError("DOES_NOT_FIT", what, { index });
    }
    const pixels = (tensors[index] as ImageTensor).data as Float32Array;
    for (let row = 0; row < 3 * own.height; row += 1) {
      const channel = Math.floor(row / own.height);
      const at = (3 * index + channel) * plane + (row % own.height) * width;
      data.set(pixels.subarray(row * own.width, (row + 1) * own.width), at);
      if (channel === 0)
        mask.fill(1n, index * plane + row * width, index * plane + row * width + own.width);
    }
  }
  const count = tensors.length;
  return {
    pixel_values: { type: "float32", data, dims: [count, 3, height, width] },
    pixel_mask: { type: "int64", data: mask, dims: [count, height, width] },
  };
}

/** A row for each image: the same numbers, or its height and width. */
export function besideTensor(
  value: readonly Size[] | readonly number[] | number,
  count: number,
): Tensor<"int64"> {
  if (typeof value === "number") {
    return { type: "int64", data: new BigInt64Array(count).fill(BigInt(value)), dims: [count] };
  }
  const rows = Array.from({ length: count }, (_, row) => {
    const own = value[row];
    return typeof own === "object" ? [own.height, own.width] : (value as readonly number[]);
  });
  const data = BigInt64Array.from(rows.flat().map(BigInt));
  return { type: "int64", data, dims: [count, data.length / count] };
}
