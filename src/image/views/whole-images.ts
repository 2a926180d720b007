import { elementBytes } from "../../shared/element-bytes.js";
import type { Tensor } from "../../shared/tensor.js";
import { compileSizePlan } from "../compiled-plan.js";
import { type FailedImage, type ImagePlan, prepareImages } from "../image-batch.js";
import type { ImageProcessorConfig } from "../image-processor-options.js";
import { imageDims, imageTensor } from "../image-tensors.js";
import { outputSize, type Size } from "../output-size.js";
import type { Picture } from "../view.js";
import { imageSizes } from "./image-sizes.js";
import type { PicturePlan } from "./picture-plan.js";

/** An image is one unit, whatever its size. */
export const WHOLE: Picture = { views: [], units: 1, facts: {} };

/** Numbers that follow each other without a gap, as the first place and how many there are. */
function runsOf(numbers: readonly number[]): { place: number; count: number }[] {
  const runs: { place: number; count: number }[] = [];
  for (const [place, number] of numbers.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && number === (numbers[place - 1] as number) + 1) last.count += 1;
    else runs.push({ place, count: 1 });
  }
  return runs;
}

/**
 * Images that are all made into one size, as a plan for images that are taken apart: they stand one behind the other, each
 * as one unit.
 *
 * @param plan what an image goes through.
 * @param outputs what stands beside the pixels, of images of these sizes.
 */
export function wholeImages(
  config: ImageProcessorConfig,
  plan: () => ImagePlan,
  outputs: (sizes: readonly Size[]) => Readonly<Record<string, Tensor>>,
): PicturePlan {
  const { layout, type } = config;
  const size = outputSize(config);
  const dims = imageDims(config);
  const unit = { size, layout, copies: 1, dims: () => [...dims] };
  let sizes: ImagePlan | undefined;
  return {
    geometry: { picture: () => WHOLE, unit, rows: "none", outputs: () => ({}) },
    async measure(request, _lists, how) {
      sizes ??= compileSizePlan(config);
      return (await imageSizes(request, sizes, how)).map((own) => ({
        size: own,
        picture: { ...WHOLE },
      }));
    },
    layOut({ measured }) {
      const { slotBytes } = plan();
      return {
        bytes: measured.length * slotBytes,
        dims: [measured.length, ...dims],
        unitSize: size,
        rowUnits: measured.length,
        sideBySide: false,
        places: measured.map((_, place) => {
          const offset = place * slotBytes;
          const rowUnits = measured.length;
          return { offset, size, elementBytes: elementBytes[type], unit, rowUnits };
        }),
        zeros: measured.map(() => []),
      };
    },
    async prepare(request, { measured }, _batch, memory, how, at = [...measured.keys()]) {
      const prepareRun = async ({ place, count }: { place: number; count: number }) => {
        const end = place + count;
        const { images, indices, sources } = request;
        const own = {
          images: images.slice(place, end),
          indices: indices.slice(place, end),
          sources: sources.slice(place, end),
          firstSlot: at[place] as number,
        };
        const failed = await prepareImages(plan(), own, memory, how);
        return failed.map(({ row, error }): FailedImage => ({ row: place + row, error }));
      };
      // all are waited for: nothing may write into the memory any more
      const settled = await Promise.allSettled(runsOf(at).map(prepareRun));
      return settled.flatMap((result) => {
        if (result.status === "rejected") throw result.reason;
        return result.value;
      });
    },
    results: ({ measured }, batch, memory) => ({
      pixels: imageTensor(type, memory, batch.dims),
      outputs: outputs(measured.map((one) => one.size)),
    }),
  };
}
