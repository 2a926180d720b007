import { PixtokError } from "../shared/errors.js";
import { makeTensor } from "../shared/make-tensor.js";
import type { ImageTensor, Tensor } from "../shared/tensor.js";
import type { ImageType } from "./image-choices.js";
import type { ImageProcessorConfig } from "./image-processor-options.js";
import { outputSize, type Size } from "./output-size.js";
import type { BatchPadding, Frame } from "./pretrained/image-steps.js";

/**
 * Shape of one image.
 *
 * @throws {TypeError} where it would depend on the image.
 */
export function imageDims(config: ImageProcessorConfig): readonly [number, number, number] {
  const { width, height } = outputSize(config);
  return config.layout === "chw" ? [3, height, width] : [height, width, 3];
}

/** `memory`, from its start, as a tensor. */
export function imageTensor(
  type: ImageType,
  { buffer, byteOffset }: Uint8Array,
  dims: number[],
): ImageTensor {
  const length = dims.reduce((product, size) => product * size, 1);
  switch (type) {
    case "float32":
      return makeTensor("float32", new Float32Array(buffer, byteOffset, length), dims);
    case "float16":
      return makeTensor("float16", new Uint16Array(buffer, byteOffset, length), dims);
    case "uint8":
      return makeTensor("uint8", new Uint8Array(buffer, byteOffset, length), dims);
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
  return makeTensor<ImageTensor["type"]>(first.type, data, dims) as ImageTensor;
}

/** An image with zeros around it. Precondition: it is one image, channels first, and fits. */
export function framed(image: ImageTensor, { size, left, top }: Frame): ImageTensor {
  const [, , height = 0, width = 0] = image.dims;
  if (width === size.width && height === size.height) return image;
  const plane = size.height * size.width;
  const data = new (image.data.constructor as Float32ArrayConstructor)(3 * plane);
  for (let row = 0; row < 3 * height; row += 1) {
    const channel = Math.floor(row / height);
    const at = channel * plane + (top + (row % height)) * size.width + left;
    data.set(image.data.subarray(row * width, (row + 1) * width), at);
  }
  const dims = [1, 3, size.height, size.width];
  return makeTensor<ImageTensor["type"]>(image.type, data, dims) as ImageTensor;
}

/**
 * Images of any sizes as one tensor, zeros to the right of them and below, and which pixels are theirs.
 * Precondition: the tensors are of one image each, channels first, of one type.
 *
 * @param padding `to` "batch": the greatest height and the greatest width.
 * @throws {PixtokError} DOES_NOT_FIT
 */
export function padded(
  tensors: readonly ImageTensor[],
  { to, hasMask }: BatchPadding,
): { pixel_values: ImageTensor; pixel_mask?: Tensor<"int64"> } {
  const sizes = tensors.map(({ dims: [, , height = 0, width = 0] }) => ({ height, width }));
  const size = to === "batch" ? largest(sizes) : to;
  const { width, height } = size;
  for (const [index, own] of sizes.entries()) {
    if (own.height <= height && own.width <= width) continue;
    const what = `an image of ${own.width}x${own.height} does not fit into pad_size, ${width}x${height}`;
    throw new PixtokError("DOES_NOT_FIT", what, { index });
  }
  const pixel_values = stacked(tensors.map((image) => framed(image, { size, left: 0, top: 0 })));
  return hasMask ? { pixel_values, pixel_mask: pixelMask(sizes, size) } : { pixel_values };
}

function largest(sizes: readonly Size[]): Size {
  return {
    height: Math.max(...sizes.map(({ height }) => height)),
    width: Math.max(...sizes.map(({ width }) => width)),
  };
}

/** 1 for each pixel of an image, 0 for each of the zeros around it. */
function pixelMask(sizes: readonly Size[], { width, height }: Size): Tensor<"int64"> {
  const data = new BigInt64Array(height * width * sizes.length);
  for (const [index, own] of sizes.entries()) {
    for (let row = 0; row < own.height; row += 1) {
      const at = (index * height + row) * width;
      data.fill(1n, at, at + own.width);
    }
  }
  return makeTensor("int64", data, [sizes.length, height, width]);
}

/** A row for each image: the same numbers, or its height and width. */
export function besideTensor(
  value: readonly Size[] | readonly number[] | number,
  count: number,
): Tensor<"int64"> {
  if (typeof value === "number") {
    return makeTensor("int64", new BigInt64Array(count).fill(BigInt(value)), [count]);
  }
  const rows = Array.from({ length: count }, (_, row) => {
    const own = value[row];
    return typeof own === "object" ? [own.height, own.width] : (value as readonly number[]);
  });
  const data = BigInt64Array.from(rows.flat().map(BigInt));
  return makeTensor("int64", data, [count, data.length / count]);
}
