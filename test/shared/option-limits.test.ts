// Limits and defaults of options, one by one: a number is refused that is one beyond, with what may be given.

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import {
  type AugmentationOptions,
  blockSampler,
  type ChatRowOptions,
  type ConversationOptions,
  checkDataset,
  computeStats,
  contactSheet,
  createLock,
  DataLoader,
  type DataLoaderOptions,
  type EncodeOptions,
  findBatchSize,
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
  type OwnTokenizer,
  openManifest,
  openParquet,
  type ProcessOptions,
  packDataset,
  showDataset,
  type TextOptions,
  verifyPack,
  weightedSampler,
} from "pixtok";
import { readChatOptions } from "../../src/dataset/chat-options.js";
import { readAugmentation } from "../../src/image/augmentation.js";
import { packReaders } from "../../src/packing/pack-options.js";
import { remoteReaders } from "../../src/remote/remote-options.js";
import { readOptions } from "../../src/shared/options.js";
import { showReaders } from "../../src/show/show-options.js";
import { encodeReaders } from "../../src/text/tokenizer-options.js";
import { conversationReaders } from "../../src/vision-language/processor-options.js";

const image = new ImageProcessor({ resize: { width: 8, height: 8 } });
const dataset = new MultimodalDataset({ imagePaths: ["a.png"], text: null, image });
const pixels = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 as const };

const processor = (options: ImageProcessorOptions) => new ImageProcessor(options);
const process = (options: ProcessOptions) => image.process(pixels, options);
const augmented = (options: AugmentationOptions) => readAugmentation(options, image.config);
const loader = (options: DataLoaderOptions) => new DataLoader(dataset, options);
const remote = (options: object) => openManifest("http://127.0.0.1:1/a.jsonl", options);
const tokenizer: OwnTokenizer = { pad_token_id: 0, encode: () => [1] };
const texts = (text: TextOptions) =>
  new MultimodalDataset({ imagePaths: ["a.png"], texts: ["a"], tokenizer, text });
const chat = (options: ChatRowOptions) => readChatOptions("chat", options);
const rows = (options: ConversationOptions) =>
  readOptions("processor", options, conversationReaders);
const tokens = (options: EncodeOptions) => readOptions("tokenizer", options, encodeReaders);
const TOKENS = 2 ** 20;
const MOST_TOKENS = 2 ** 31 - 1;
const SIDE = 2 ** 20;

/** Calls, an option, numbers that it may not have, and the range of those that it may. */
const LIMITS: readonly [
  call: (value: number) => unknown,
  option: string,
  numbers: number[],
  range: string,
][] = [
  [
    (width) => processor({ resize: { width, height: 8 } }),
    "resize.width",
    [0, 65537],
    "from 1 to 65536",
  ],
  [(maxPixels) => processor({ maxPixels }), "maxPixels", [0], "of at least 1"],
  [
    (top) => process({ crop: { top, left: 0, height: 1, width: 1 } }),
    "crop.top",
    [-1, SIDE + 1],
    `from 0 to ${SIDE}`,
  ],
  [
    (height) => process({ crop: { top: 0, left: 0, height, width: 1 } }),
    "crop.height",
    [0, SIDE + 1],
    `from 1 to ${SIDE}`,
  ],
  [
    (left) => process({ window: { top: 0, left } }),
    "window.left",
    [-SIDE - 1, SIDE + 1],
    `from ${-SIDE} to ${SIDE}`,
  ],
  ...(
    [
      [{ name: "brightness" }, "factor", [-1, 1e6 + 1], "from 0 to 1000000"],
      [{ name: "hue" }, "factor", [-0.6, 0.6], "from -0.5 to 0.5"],
      [{ name: "posterize" }, "bits", [0, 9], "from 1 to 8"],
      [{ name: "solarize" }, "threshold", [-1, 257], "from 0 to 256"],
      [{ name: "rotate" }, "angle", [-36001, 36001], "from -36000 to 36000"],
      [{ name: "affine" }, "scale", [0, 1e6 + 1], "from 0.000001 to 1000000"],
      [
        { name: "erase", left: 0, height: 1, width: 1, value: 0 },
        "top",
        [-1, SIDE + 1],
        `from 0 to ${SIDE}`,
      ],
    ] as const
  ).map(([operation, name, numbers, range]): (typeof LIMITS)[number] => [
    (value) => process({ operations: [{ ...operation, [name]: value }] as never }),
    `operations.${name}`,
    [...numbers],
    range,
  ]),
  ...(
    [
      ["horizontalFlip", (value: number) => value, [-0.1, 1.1], "from 0 to 1"],
      ["randomGrayscale", (value: number) => value, [-0.1, 1.1], "from 0 to 1"],
      ["randomCrop.padding", (padding: number) => ({ padding }), [-1, 65537], "from 0 to 65536"],
      ["randAugment.numOps", (numOps: number) => ({ numOps }), [-1, 17], "from 0 to 16"],
      [
        "randAugment.magnitude",
        (magnitude: number) => ({ magnitude }),
        [-1, 1024],
        "from 0 to 1023",
      ],
      [
        "trivialAugment.numMagnitudeBins",
        (numMagnitudeBins: number) => ({ numMagnitudeBins }),
        [1, 1025],
        "from 2 to 1024",
      ],
      ["colorJitter.contrast", (contrast: number) => ({ contrast }), [-1, 1001], "from 0 to 1000"],
      ["colorJitter.hue", (hue: number) => ({ hue }), [-0.1, 0.6], "from 0 to 0.5"],
      [
        "randomRotation.degrees",
        (degrees: number) => ({ degrees }),
        [-1, 36001],
        "from 0 to 36000",
      ],
      [
        "gaussianBlur.kernelSize",
        (kernelSize: number) => ({ kernelSize }),
        [0, 1024],
        "from 1 to 1023",
      ],
      [
        "gaussianBlur.sigma",
        (sigma: number) => ({ kernelSize: 3, sigma }),
        [0, 1001],
        "from 0.001 to 1000",
      ],
      [
        "randomErasing.probability",
        (probability: number) => ({ probability }),
        [-1, 2],
        "from 0 to 1",
      ],
      ["mixUp.alpha", (alpha: number) => ({ alpha }), [0, 101], "from 0.01 to 100"],
      [
        "labels.classes",
        (classes: number) => ({ column: "a", classes }),
        [0, SIDE + 1],
        `from 1 to ${SIDE}`,
      ],
    ] as const
  ).map(([option, of, numbers, range]): (typeof LIMITS)[number] => [
    (value) => augmented({ [option.split(".")[0] as string]: of(value) }),
    `augmentation.${option}`,
    [...numbers],
    range,
  ]),
  [(batchSize) => loader({ batchSize }), "batchSize", [0, SIDE + 1], `from 1 to ${SIDE}`],
  [(prefetch) => loader({ prefetch }), "prefetch", [-1, 1025], "from 0 to 1024"],
  [(prefetchBytes) => loader({ prefetchBytes }), "prefetchBytes", [0], "of at least 1"],
  [
    (shuffleBuffer) => loader({ shuffleBuffer }),
    "shuffleBuffer",
    [0, 2 ** 24 + 1],
    "from 1 to 16777216",
  ],
  [
    (shuffleWindow) => loader({ shuffleWindow }),
    "shuffleWindow",
    [0, 2 ** 32],
    "from 1 to 4294967295",
  ],
  [(threads) => loader({ threads }), "threads", [0, 1025], "from 1 to 1024"],
  [(maxErrors) => loader({ maxErrors, onError: "skip" }), "maxErrors", [-1], "of at least 0"],
  [(seed) => loader({ seed }), "seed", [-1], "of at least 0"],
  [
    (window) => loader({ sequencePacking: { window } }),
    "sequencePacking.window",
    [0, SIDE + 1],
    `from 1 to ${SIDE}`,
  ],
  [
    (maxLength) => loader({ sequencePacking: { maxLength } }),
    "sequencePacking.maxLength",
    [0, TOKENS + 1],
    `from 1 to ${TOKENS}`,
  ],
  [(maxLength) => chat({ maxLength }), "chat.maxLength", [0, TOKENS + 1], `from 1 to ${TOKENS}`],
  [
    (padToMultipleOf) => chat({ padToMultipleOf }),
    "chat.padToMultipleOf",
    [0, TOKENS + 1],
    `from 1 to ${TOKENS}`,
  ],
  [(maxLength) => texts({ maxLength }), "text.maxLength", [0, TOKENS + 1], `from 1 to ${TOKENS}`],
  [
    (padToMultipleOf) => texts({ padToMultipleOf }),
    "text.padToMultipleOf",
    [0, TOKENS + 1],
    `from 1 to ${TOKENS}`,
  ],
  [
    (padTokenId) => texts({ padTokenId }),
    "text.padTokenId",
    [-1, MOST_TOKENS + 1],
    `from 0 to ${MOST_TOKENS}`,
  ],
  [
    (maxImages) => new MultimodalDataset({ imagePaths: ["a.png"], text: null, image, maxImages }),
    "maxImages",
    [0, 513],
    "from 1 to 512",
  ],
  [
    (max_length) => rows({ max_length }),
    "max_length",
    [0, MOST_TOKENS + 1],
    `from 1 to ${MOST_TOKENS}`,
  ],
  [
    (pad_to_multiple_of) => rows({ pad_to_multiple_of }),
    "pad_to_multiple_of",
    [0, MOST_TOKENS + 1],
    `from 1 to ${MOST_TOKENS}`,
  ],
  [
    (pad_to_multiple_of) => tokens({ pad_to_multiple_of }),
    "pad_to_multiple_of",
    [0, MOST_TOKENS + 1],
    `from 1 to ${MOST_TOKENS}`,
  ],
  [(stride) => tokens({ stride }), "stride", [-1, MOST_TOKENS + 1], `from 0 to ${MOST_TOKENS}`],
  [
    (rowCacheBytes) => openParquet("a.parquet", { rowCacheBytes }),
    "rowCacheBytes",
    [-1],
    "of at least 0",
  ],
  [(parts) => verifyPack("/nowhere", { parts }), "parts", [0, 2 ** 24 + 1], "from 1 to 16777216"],
  [(retries) => packDataset(dataset, "/nowhere", { retries }), "retries", [-1, 11], "from 0 to 10"],
  [
    (threads) => packDataset(dataset, "/nowhere", { threads }),
    "threads",
    [0, 1025],
    "from 1 to 1024",
  ],
  [
    (fileBytes) => packDataset(dataset, "/nowhere", { fileBytes }),
    "fileBytes",
    [0],
    "of at least 1",
  ],
  [(remoteRetries) => remote({ remoteRetries }), "remoteRetries", [-1, 101], "from 0 to 100"],
  [
    (timeoutSeconds) => remote({ timeoutSeconds }),
    "timeoutSeconds",
    [0, 2e6 + 1],
    "from 0.001 to 2000000",
  ],
  [(cacheBytes) => remote({ cacheBytes }), "cacheBytes", [-1], "of at least 0"],
  [(samples) => showDataset(dataset, { samples }), "samples", [0], "of at least 1"],
  [(draws) => showDataset(dataset, { draws }), "draws", [0, 65], "from 1 to 64"],
  [(statsSamples) => showDataset(dataset, { statsSamples }), "statsSamples", [-1], "of at least 0"],
  [(samples) => contactSheet(dataset, { samples }), "samples", [0], "of at least 1"],
  [(samples) => checkDataset(dataset, { samples }), "samples", [0], "of at least 1"],
  [
    (batchSize) => checkDataset(dataset, { batchSize }),
    "batchSize",
    [0, SIDE + 1],
    `from 1 to ${SIDE}`,
  ],
  [(threads) => computeStats(dataset, { threads }), "threads", [0, 1025], "from 1 to 1024"],
  [(samples) => computeStats(dataset, { samples }), "samples", [0], "of at least 1"],
  [(max) => findBatchSize(async () => {}, { max }), "max", [0, SIDE + 1], `from 1 to ${SIDE}`],
  [(start) => findBatchSize(async () => {}, { start, max: 9 }), "start", [0, 10], "from 1 to 9"],
  [
    (maxLength) => createLock({ maxLength } as never),
    "maxLength",
    [0, TOKENS + 1],
    `from 1 to ${TOKENS}`,
  ],
  [(window) => blockSampler([1, 1], { window }), "window", [0, 2 ** 32], "from 1 to 4294967295"],
  [(length) => weightedSampler([1, 1], { length }), "length", [0], "of at least 1"],
];

describe("a number beyond what there may be is refused:", () => {
  for (const [call, option, numbers, range] of LIMITS) {
    for (const number of numbers) {
      test(`${option} of ${number}`, () =>
        assert.rejects(
          async () => call(number),
          (error: Error) => {
            assert.equal(error.name, "RangeError", String(error));
            assert.ok(error.message.startsWith(`${option}: expected `), error.message);
            assert.ok(error.message.includes(`${range}, got ${number}`), error.message);
            return true;
          },
        ));
    }
  }
});

describe("what is left out is", () => {
  const cases: readonly [what: string, got: object, expected: object][] = [
    [
      "of packing",
      readOptions("packDataset", {}, packReaders),
      {
        fileBytes: 512 * 2 ** 20,
        part: { index: 0, of: 1 },
        append: false,
        onError: "throw",
        retries: 4,
        timeoutSeconds: 30,
        remoteRetries: 4,
      },
    ],
    [
      "of data elsewhere",
      readOptions("openManifest", { cacheDir: "/cache" }, remoteReaders),
      {
        cacheDir: resolve("/cache"),
        cacheBytes: 100 * 2 ** 30,
        timeoutSeconds: 30,
        remoteRetries: 4,
        unreachableImages: "end",
      },
    ],
    [
      "of pages",
      readOptions("showDataset", {}, showReaders),
      { samples: 24, random: false, seed: 0, draws: 4, statsSamples: 1000, boxes: {} },
    ],
    [
      "of tokens",
      readOptions("tokenizer", {}, encodeReaders),
      {
        padding: false,
        truncation: false,
        return_overflowing_tokens: false,
        stride: 0,
        return_offsets_mapping: false,
        add_special_tokens: true,
        type: "int64",
      },
    ],
    [
      "of rows",
      readOptions("processor", {}, conversationReaders),
      {
        add_generation_prompt: false,
        continue_final_message: false,
        padding: "longest",
        truncation: false,
        pad_to_multiple_of: 1,
        labels: false,
        return_assistant_tokens_mask: false,
        type: "int64",
      },
    ],
    [
      "of conversations",
      readChatOptions("chat", {}),
      {
        rows: "conversations",
        padding: "longest",
        padToMultipleOf: 1,
        type: "int64",
        labels: true,
        template: { add_generation_prompt: false },
      },
    ],
    [
      "of a random crop",
      augmented({ randomCrop: {} }).randomCrop ?? {},
      { padding: [0, 0, 0, 0], padIfNeeded: false, fill: [0, 0, 0] },
    ],
    [
      "of a random resized crop",
      augmented({ randomResizedCrop: {} }).randomResizedCrop ?? {},
      { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] },
    ],
    ...Object.entries({
      randomRotation: { center: null, filter: "nearest", fill: [0, 0, 0] },
      randomAffine: { center: null, filter: "nearest", fill: [0, 0, 0] },
      randAugment: {
        numOps: 2,
        magnitude: 9,
        numMagnitudeBins: 31,
        filter: "nearest",
        fill: [0, 0, 0],
      },
      trivialAugment: { numMagnitudeBins: 31, filter: "nearest", fill: [0, 0, 0] },
      autoAugment: { policy: "imagenet", filter: "nearest", fill: [0, 0, 0] },
      colorJitter: { probability: 1 },
      gaussianBlur: { sigma: [0.1, 2], probability: 1 },
      randomErasing: { probability: 0.5, scale: [0.02, 0.33], ratio: [0.3, 3.3], value: [0, 0, 0] },
    }).map(([name, expected]): (typeof cases)[number] => {
      const needed: Record<string, object> = {
        randomRotation: { degrees: [0, 1] },
        randomAffine: { degrees: [0, 1] },
        gaussianBlur: { kernelSize: [3, 3] },
      };
      const given = needed[name] ?? {};
      const { operations } = augmented({ [name]: given });
      return [`of ${name}`, Reflect.get(operations, name) as object, { ...given, ...expected }];
    }),
  ];
  for (const [what, got, expected] of cases) {
    test(`${what} as docs/options.md says`, () => {
      const there = Object.entries(got).filter(([, value]) => value !== undefined);
      assert.deepEqual(Object.fromEntries(there), expected);
    });
  }
});
