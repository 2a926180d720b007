/** What many classes have as defaults. */

export const OPENAI_CLIP = {
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
};
export const IMAGENET = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
export const HALF = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };

/** Pillow's numbers of its filters. */
export const LANCZOS = { resample: 1 };
export const BILINEAR = { resample: 2 };
export const BICUBIC = { resample: 3 };

export const RGB = { do_convert_rgb: true };

export const square = (side: number) => ({ size: { height: side, width: side } });
export const shortest = (side: number) => ({
  size: { shortest_edge: side },
  default_to_square: false,
});
export const crop = (side: number) => ({
  do_center_crop: true,
  crop_size: { height: side, width: side },
});
/** A crop that is only made where a file asks for it. */
export const spareCrop = (side: number) => ({ crop_size: { height: side, width: side } });
