import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contender, ContenderOptions } from "../src/contenders/contender.js";
import { runLanes } from "../src/contenders/lane-pipeline.js";
import type { TokenRows } from "../src/contenders/padded-tokens.js";
import { cleanText, IMAGE_SIZE, MEAN, STD } from "../src/contenders/standard-preset.js";
import { importOptional, isUnavailable } from "./optional-package.js";

interface Image {
  rgb(): Image;
}

type ImageProcessor = (image: Image) => Promise<{ pixel_values: { data: Float32Array } }>;

type TextTokenizer = (
  texts: readonly string[],
  options: { padding: "max_length"; truncation: true; max_length: number },
) => { input_ids: { data: BigInt64Array }; attention_mask: { data: BigInt64Array } };

interface Transformers {
  readonly env: { allowRemoteModels: boolean };
  readonly RawImage: { read(path: string): Promise<Image> };
  readonly AutoImageProcessor: { from_pretrained(folder: string): Promise<ImageProcessor> };
  readonly AutoTokenizer: { from_pretrained(folder: string): Promise<TextTokenizer> };
}

const BILINEAR = 2;

/** The standard preset as a model on the hub would describe it. */
const preprocessorConfig = {
  image_processor_type: "ViTImageProcessor",
  do_resize: true,
  size: { height: IMAGE_SIZE, width: IMAGE_SIZE },
  resample: BILINEAR,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: MEAN,
  image_std: STD,
};

async function writeModelFolder(tokenizerFolder: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-model-"));
  await cp(tokenizerFolder, folder, { recursive: true });
  await writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(preprocessorConfig));
  return folder;
}

async function loadFrom(folder: string, { AutoImageProcessor, AutoTokenizer }: Transformers) {
  return {
    process: await AutoImageProcessor.from_pretrained(folder),
    tokenize: await AutoTokenizer.from_pretrained(folder),
  };
}

function transformersJs(imagesInFlight: number): Contender {
  return {
    name: `transformers-js-${imagesInFlight}`,
    description: `@huggingface/transformers: image processor, ${imagesInFlight} in flight, and tokenizer; no model`,
    exact: false,
    output: "batches",
    async setUp(pairs, options: ContenderOptions) {
      const transformers = await importOptional<Transformers>("@huggingface/transformers");
      if (isUnavailable(transformers)) return transformers;
      transformers.env.allowRemoteModels = false;

      const folder = await writeModelFolder(options.tokenizerFolder);
      const { process, tokenize } = await loadFrom(folder, transformers).finally(() =>
        rm(folder, { recursive: true, force: true }),
      );

      return runLanes(pairs, options, {
        imagesInFlight,
        async writeImage(path, target, offset) {
          const image = await transformers.RawImage.read(path);
          const { pixel_values } = await process(image.rgb());
          target.set(pixel_values.data, offset);
        },
        encodeTexts(texts): TokenRows {
          const { input_ids, attention_mask } = tokenize(texts.map(cleanText), {
            padding: "max_length",
            truncation: true,
            max_length: options.maxLength,
          });
          return { input_ids: input_ids.data, attention_mask: attention_mask.data };
        },
      });
    },
  };
}

export const oneInFlight = transformersJs(1);
export const fourInFlight = transformersJs(4);
