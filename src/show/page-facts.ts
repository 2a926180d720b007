import type { TextConfig } from "../dataset/dataset-options.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import type { ImageProcessorConfig } from "../image/image-processor-options.js";
import type { Size } from "../image/output-size.js";
import { packageVersion } from "../native/runtime-info.js";
import type { AllBoxes } from "./placed-boxes.js";
import type { ShownPair } from "./shown-pairs.js";

type Fact = readonly [name: string, value: string];

const times = ({ width, height }: Size) => `${width} × ${height}`;

function resizeText({ resize }: ImageProcessorConfig): string {
  if (resize === null) return "not resized";
  if ("width" in resize) return `to ${times(resize)}`;
  if ("maxWidth" in resize) return `into ${resize.maxWidth} × ${resize.maxHeight}`;
  if (!("shortestEdge" in resize)) return `longest edge ${resize.longestEdge}`;
  const { shortestEdge, longestEdge } = resize;
  const limit = longestEdge === undefined ? "" : `, longest edge at most ${longestEdge}`;
  return `shortest edge ${shortestEdge}${limit}`;
}

function imageText(config: ImageProcessorConfig): string {
  const { filter, centerCrop, pad, mean, std } = config;
  const steps = [
    `${resizeText(config)}, ${filter}`,
    ...(centerCrop === null ? [] : [`centre ${times(centerCrop)}`]),
    ...(mean === null || std === null ? [] : [`mean ${mean.join(" ")}, std ${std.join(" ")}`]),
    ...(pad === null ? [] : [`padded to ${times(pad)}`]),
  ];
  return steps.join(" → ");
}

const tensorText = ({ type, layout, channelOrder }: ImageProcessorConfig) =>
  `${type}, ${layout}, ${channelOrder}`;

const formatNames = {
  xyxy: "left, top, right, bottom",
  xywh: "left, top, width, height",
  cxcywh: "centre, width, height",
};

/** How texts become tokens. */
function textFacts(
  { clean, maxLength, tokens }: TextConfig,
  chat: DatasetPipeline["chat"],
): Fact[] {
  if (chat !== undefined) {
    const most = chat.maxLength === undefined ? "" : `, at most ${chat.maxLength} tokens`;
    return [["texts", `${chat.rows}${most}`]];
  }
  const cleaning = typeof clean === "function" ? "a function" : clean;
  const from = tokens === undefined ? `clean: ${cleaning}` : `ids of ${tokens}`;
  return [["texts", `${from}, at most ${maxLength} tokens`]];
}

/** What pairs go through, and what has been taken for granted of them. */
export function pageFacts(
  { image, imageColumns, text, chat }: DatasetPipeline,
  pairs: readonly ShownPair<unknown>[],
  { formats }: AllBoxes,
): Fact[] {
  const hasTokens = pairs.some((pair) => pair.text?.tokens != null);
  const { config } = image.processor;
  const prepared =
    image.pictures === null ? imageText(config) : "taken apart, each by its own size";
  return [
    ["images", prepared],
    ["tensor", tensorText(config)],
    ...imageColumns.map(
      ({ name, image: { processor } }): Fact => [
        `images (${name})`,
        `${imageText(processor.config)}; ${tensorText(processor.config)}`,
      ],
    ),
    ...(text !== null && hasTokens ? textFacts(text.config, chat) : []),
    ...[...formats].map(([column, format]): Fact => [`boxes (${column})`, formatNames[format]]),
    ["pixtok", packageVersion()],
  ];
}
