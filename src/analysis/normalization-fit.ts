import {
  type ImageProcessorConfig,
  readImageProcessorOptions,
} from "../image/image-processor-options.js";
import type { PerChannel } from "../image/normalization-options.js";
import { literal } from "../shared/literal.js";

/** How far the mean of normalized values may be from 0. */
const MOST_MEAN = 0.5;
/** What the standard deviation of normalized values, or its inverse, may be. */
const MOST_STD = 2;

/** Whether an ImageProcessor's mean and std fit its images. */
export interface NormalizationFit {
  /** Mean of each channel's values after normalization; 0 where it fits perfectly. */
  readonly mean: PerChannel;
  /** Their standard deviation; 1 where it fits perfectly. */
  readonly std: PerChannel;
  /** Whether every mean is from -0.5 to 0.5, and every standard deviation from 0.5 to 2. */
  readonly fits: boolean;
}

const channelNames = ["red", "green", "blue"] as const;

/** A value for each of red, green and blue. */
export function perChannel<T>(value: (channel: 0 | 1 | 2) => T): readonly [T, T, T] {
  return [value(0), value(1), value(2)];
}

/** What a processor multiplies by, for a value from 0 to 1. */
function unitScale({ rescale }: ImageProcessorConfig): number {
  if (typeof rescale === "number") return 255 * rescale;
  return rescale ? 1 : 255;
}

/** Null where the processor does not normalize. `mean` and `std` are those of values from 0 to 1. */
export function normalizationFit(
  config: ImageProcessorConfig,
  mean: PerChannel,
  std: PerChannel,
): NormalizationFit | null {
  const { mean: subtracted, std: divisor } = config;
  if (subtracted === null || divisor === null) return null;
  const scale = unitScale(config);
  const means = perChannel((c) => (scale * mean[c] - subtracted[c]) / divisor[c]);
  const stds = perChannel((c) => Math.abs(scale * std[c]) / divisor[c]);
  const fits =
    means.every((value) => Math.abs(value) <= MOST_MEAN) &&
    stds.every((value) => value >= 1 / MOST_STD && value <= MOST_STD);
  return { mean: means, std: stds, fits };
}

/** What to say of a fit that is none; null where there is nothing to say. */
export function normalizationWarning(
  fit: NormalizationFit | null,
  configuration: string,
): string | null {
  if (fit === null || fit.fits) return null;
  const channels = channelNames.map(
    (name, c) => `${name} ${fit.mean[c]?.toFixed(2)} and ${fit.std[c]?.toFixed(2)}`,
  );
  return (
    `the processor's mean and std do not fit these images: normalized values have mean and ` +
    `standard deviation ${channels.join(", ")}, expected from -${MOST_MEAN} to ${MOST_MEAN} and ` +
    `from ${1 / MOST_STD} to ${MOST_STD}; unless a pretrained model asks for them, use ${configuration}`
  );
}

const sixDigits = (value: number) => Number(value.toPrecision(6));

/**
 * The code of an ImageProcessor with these `mean` and `std`, of values from 0 to 1, and otherwise with
 * the options of `config`. One of type "uint8" becomes one that normalizes.
 */
export function normalizingProcessor(
  config: ImageProcessorConfig,
  mean: PerChannel,
  std: PerChannel,
): string {
  const defaults = readImageProcessorOptions({});
  const { mean: _, std: __, ...kept } = config;
  const given = config.type === "uint8" ? { ...kept, type: defaults.type, rescale: true } : kept;
  const changed = Object.entries(given).filter(
    ([name, value]) => literal(value) !== literal(defaults[name as keyof ImageProcessorConfig]),
  );
  const scale = unitScale({ ...config, ...given });
  // a channel that is the same everywhere has nothing to be divided by
  const divisor = (value: number) => (value === 0 ? 1 : sixDigits(scale * value));
  return `new ImageProcessor(${literal({
    ...Object.fromEntries(changed),
    mean: mean.map((value) => sixDigits(scale * value)),
    std: std.map(divisor),
  })})`;
}
