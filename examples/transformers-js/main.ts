// Embeds images and their captions by transformers.js: as it prepares them itself, and as pixtok does.
//
//   npm start                                          # drawn scenes, and a small model that has learned from such
//   npm start -- --model Xenova/clip-vit-base-patch32  # a model of the hub that is like CLIP
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { env } from "@huggingface/transformers";
import { drawScenes } from "../demo/scenes.js";
import { cosinesBetween, countFound, type Embedded } from "./embeddings.js";
import { prepareSmallModel } from "./small-model.js";
import { embedAlone, openModels } from "./transformers-alone.js";
import { embedByLoader, embedInPipeline, openPreparation } from "./with-pixtok.js";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    out: { type: "string" },
  },
});
// npm runs this in its own folder: paths that are given start where npm was called
const given = (path: string) => resolve(process.env.INIT_CWD ?? ".", path);
const out = values.out === undefined ? "output" : given(values.out);
const { model = "model" } = values;
const isSmall = model === "model";
const folder = join(out, "model");
if (isSmall) await prepareSmallModel(folder);
env.localModelPath = resolve(out); // where transformers.js looks for "model"

const pairs = await drawScenes(join(out, "scenes"), { count: 128, seed: 7 });
const models = await openModels(model);
const preparation = await openPreparation(isSmall ? folder : model);
const alone = await embedAlone(models, model, pairs);
const inPipeline = await embedInPipeline(models, preparation, pairs);
const byLoader = await embedByLoader(models, preparation, pairs);

const found = (of: Embedded) => `${countFound(of)} of ${pairs.length} images find their caption`;
console.log(`transformers.js alone:  ${found(alone)}`);
console.log(`pixtok in its pipeline: ${found(inPipeline)}`);
console.log(`batches of a loader:    ${found(byLoader)}`);

const describe = (cosines: number[]) =>
  `cosine ${cosines[Math.floor(cosines.length / 2)]?.toFixed(4)} in the median, ${cosines[0]?.toFixed(4)} at least`;
console.log("what changes, of the two embeddings of each image and each caption:");
console.log(`  images:   ${describe(cosinesBetween(alone.images, byLoader.images))}`);
console.log(`  captions: ${describe(cosinesBetween(alone.texts, byLoader.texts))}`);
console.log(
  `  pixtok in the pipeline or by a loader: ${describe(cosinesBetween(inPipeline.images, byLoader.images))}`,
);
