import type { PretrainedRequest } from "./pretrained/pretrained-options.js";
import { invalidProcessor } from "./pretrained/processor-files.js";
import { processorDefinition } from "./pretrained/processor-options.js";
import { type ProcessorCore, type ProcessorOrigin, processorCore } from "./processor-core.js";

/**
 * @param path of what the origin is from, for errors.
 * @throws {PixtokError} INVALID_PROCESSOR
 */
export function coreOfOrigin(
  origin: ProcessorOrigin,
  request: Pick<PretrainedRequest, "resampler" | "exifOrientation" | "alpha">,
  path: string,
): ProcessorCore {
  const definition = processorDefinition(origin.keys, { ...origin, path });
  const { resampler, exifOrientation, alpha = definition.options.alpha ?? "drop" } = request;
  try {
    return processorCore(
      { resampler, ...definition.options, exifOrientation, alpha },
      { ...definition, origin },
    );
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw invalidProcessor(path, cause);
  }
}
