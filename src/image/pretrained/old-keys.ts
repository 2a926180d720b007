import type { ProcessorKeys } from "./processor-keys.js";

const DETECTOR_SIZE = { shortest_edge: 800, longest_edge: 1333 };

function without(keys: ProcessorKeys, ...names: string[]): ProcessorKeys {
  return Object.fromEntries(Object.entries(keys).filter(([name]) => !names.includes(name)));
}

/** An integer as the shorter edge, with the longer one that `max_size` says. */
function sizeWithLimit(size: unknown, limit: unknown): unknown {
  if (typeof size !== "number") return size;
  return typeof limit === "number"
    ? { shortest_edge: size, longest_edge: limit }
    : { shortest_edge: size };
}

/** DETR's: an integer size has a longest edge of 1333 unless max_size says another, or null. */
export function detectorKeys(keys: ProcessorKeys): ProcessorKeys {
  const { size, max_size: limit = 1333, pad_and_return_pixel_mask: pads } = keys;
  return {
    ...(pads === undefined ? {} : { do_pad: pads }),
    ...without(keys, "max_size", "pad_and_return_pixel_mask"),
    size: sizeWithLimit(size ?? DETECTOR_SIZE, limit),
  };
}

/** MaskFormer's: max_size stands beside an integer size, or in place of the default's longest edge. */
export function maskFormerKeys(keys: ProcessorKeys): ProcessorKeys {
  const { size, max_size: limit } = keys;
  const whole =
    typeof limit === "number" ? { ...DETECTOR_SIZE, longest_edge: limit } : DETECTOR_SIZE;
  return { ...without(keys, "max_size"), size: sizeWithLimit(size ?? whole, limit) };
}

/** OWL-ViT's: `rescale` is do_rescale. */
export function owlVitKeys(keys: ProcessorKeys): ProcessorKeys {
  return "rescale" in keys ? { ...without(keys, "rescale"), do_rescale: keys.rescale } : keys;
}

/** Swin2SR's: `pad_size` is size_divisor. */
export function swin2srKeys(keys: ProcessorKeys): ProcessorKeys {
  const { pad_size: divisor = null } = keys;
  return { ...(divisor === null ? {} : { size_divisor: divisor }), ...without(keys, "pad_size") };
}

/** The class of a file that was saved while image processors were called feature extractors. */
export function currentClassName(name: unknown): unknown {
  return typeof name === "string" ? name.replaceAll("FeatureExtractor", "ImageProcessor") : name;
}
