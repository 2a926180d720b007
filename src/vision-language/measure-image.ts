import { outputSize, type Size } from "../image/output-size.js";
import { processorDefinition } from "../image/pretrained/processor-options.js";
import type { ProcessorCore, ProcessorOrigin } from "../image/processor-core.js";
import { requirePossible } from "../image/views/picture-batch.js";
import type { MeasuredImage } from "./classes/measured-image.js";

/** What an image processor makes of an image, from its size alone. */
export type MeasureImage = (size: Size, count: number) => MeasuredImage;

/** @param path of the processor's file, for errors. */
export function imageMeasure(
  { config }: ProcessorCore,
  origin: ProcessorOrigin,
  path: string,
): MeasureImage {
  const { pictures, outputs } = processorDefinition(origin.keys, { ...origin, path });
  if (pictures === null) {
    const facts = Object.fromEntries(
      Object.entries(outputs).flatMap(([name, value]) =>
        typeof value === "string" ? [] : [[name, [value].flat() as number[]]],
      ),
    );
    return (size, count) => ({ size, count, units: 1, unit: outputSize(config), facts });
  }
  return (size, count) => {
    const picture = pictures.picture(size, count);
    requirePossible(picture, config.maxPixels);
    const unit = picture.views.find(({ cells }) => cells !== undefined)?.cells?.size ?? size;
    return { size, count, units: picture.units, unit, facts: picture.facts };
  };
}
