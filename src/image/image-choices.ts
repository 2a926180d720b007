/** Filter of the resize, by Pillow's names. */
export type ResampleFilter = "nearest" | "box" | "bilinear" | "hamming" | "bicubic" | "lanczos";
/** Element type of an image tensor. */
export type ImageType = "float32" | "float16" | "uint8";
/** Order of the axes of an image: channels first, or channels last. */
export type ImageLayout = "chw" | "hwc";
/** Whose rounding of sizes and crops is followed. */
export type GeometryConvention = "torchvision" | "huggingface" | "huggingface-torchvision";
/** Order of the channels of an image. */
export type ChannelOrder = "rgb" | "bgr";
/** What becomes of transparency. */
export type AlphaTreatment = "drop" | "white";
/** Whether JPEG files may be shrunk while they are decoded. */
export type JpegDecode = "exact" | "fast";

export const filters = [
  "nearest",
  "box",
  "bilinear",
  "hamming",
  "bicubic",
  "lanczos",
] as const satisfies ResampleFilter[];
export const types = ["float32", "float16", "uint8"] as const satisfies ImageType[];
export const layouts = ["chw", "hwc"] as const satisfies ImageLayout[];
export const conventions = [
  "torchvision",
  "huggingface",
  "huggingface-torchvision",
] as const satisfies GeometryConvention[];
export const channelOrders = ["rgb", "bgr"] as const satisfies ChannelOrder[];
export const alphaTreatments = ["drop", "white"] as const satisfies AlphaTreatment[];
export const jpegDecodes = ["exact", "fast"] as const satisfies JpegDecode[];
