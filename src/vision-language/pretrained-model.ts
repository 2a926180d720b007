import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type ChatTemplate, chatTemplate } from "../chat/chat-template.js";
import { type PretrainedFiles, resolvePretrained } from "../hub/pretrained-files.js";
import type { PretrainedRequest } from "../image/pretrained/pretrained-options.js";
import {
  type ProcessorFile,
  readKeysIfAny,
  readProcessorFile,
} from "../image/pretrained/processor-files.js";
import type { ProcessorKeys } from "../image/pretrained/processor-keys.js";
import type { ProcessorCore, ProcessorOrigin } from "../image/processor-core.js";
import { coreOfOrigin } from "../image/processor-of-origin.js";
import { PixtokError } from "../shared/errors.js";
import { isObject } from "../shared/validation.js";
import { type TokenizerCore, tokenizerCore } from "../text/tokenizer-core.js";
import { readTokenizerFiles, type TokenizerOverrides } from "../text/tokenizer-files.js";
import {
  readOptionalText,
  readTokenizerConfig,
  standardTokens,
  type TokenizerNames,
  tokenizerNames,
} from "../text/tokenizer-settings.js";
import { classSetup } from "./classes/class-setup.js";
import type { VisionLanguageClass } from "./classes/vision-language-class.js";
import { type ImageWriting, imageWriting, modelClass } from "./model-class.js";

const modelFiles: PretrainedFiles = {
  kind: "tokenizer",
  oneOf: ["tokenizer.json", "vocab.txt"],
  also: [
    "processor_config.json",
    "preprocessor_config.json",
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "chat_template.json",
  ],
  missing: "TOKENIZER_NOT_FOUND",
  absent: "PROCESSOR_NOT_FOUND",
};

/** What a model's files say, read. */
export interface PretrainedModel {
  readonly path: string;
  readonly images: ProcessorCore;
  /** What the image processor was made from. */
  readonly origin: ProcessorOrigin;
  readonly tokenizer: TokenizerCore;
  readonly names: TokenizerNames;
  readonly class: VisionLanguageClass;
  /** Name of the class, without "Processor". */
  readonly className: string;
  /** What the class has read of the files, by name: numbers and tokens that texts are made of. */
  readonly used: Readonly<Record<string, unknown>>;
  /** Contents of `processor_config.json` and `tokenizer_config.json`. */
  readonly settings: Readonly<Record<"processor" | "tokenizer", Readonly<Record<string, unknown>>>>;
  readonly writing: ImageWriting;
  /** Tokens that chat templates know by their names. */
  readonly specialTokens: Readonly<Record<string, string>>;
  /** Undefined where no file has one. */
  readonly template: ChatTemplate | undefined;
}

export interface PretrainedModelOptions {
  readonly revision: unknown;
  /** How the image processor is made of its file, or what it consists of where that is known. */
  readonly image: PretrainedRequest | ProcessorCore;
  readonly tokenizer: TokenizerOverrides;
  readonly chatTemplate: string | undefined;
}

/**
 * Reads a folder, or a model of the hub.
 *
 * @throws {PixtokError} PROCESSOR_NOT_FOUND, INVALID_PROCESSOR, TOKENIZER_NOT_FOUND, INVALID_TOKENIZER,
 *   INVALID_CHAT_TEMPLATE, and those of the hub.
 */
export async function readPretrainedModel(
  idOrPath: unknown,
  options: PretrainedModelOptions,
): Promise<PretrainedModel> {
  const path = await resolvePretrained(idOrPath, modelFiles, { revision: options.revision });
  if (!(await stat(path)).isDirectory()) {
    throw new PixtokError("PROCESSOR_NOT_FOUND", "this is no folder of a model", { source: path });
  }
  const config = (await readKeysIfAny(join(path, "processor_config.json"))) ?? {};
  const file = await readProcessorFile(path);
  const tokenizerConfig = await readTokenizerConfig(path);
  const names = tokenizerNames(tokenizerConfig);
  const className =
    config.processor_class ?? file.keys.processor_class ?? tokenizerConfig.processor_class;
  const named = modelClass(className ?? undefined, file.modelType, path);
  const found = named.class;
  const setup = classSetup(config, names.tokens, path);
  const ofClass = found.imageKeys?.(setup) ?? {};
  const { image } = options;
  const images = "overrides" in image ? imagesOf(file, ofClass, image) : image;
  const tokenizer = await tokenizerCore(
    await readTokenizerFiles(path, options.tokenizer, undefined),
  );
  const writing = imageWriting(found, setup);
  for (const token of [writing.place, writing.filled]) {
    if (tokenizer.tokenToId(token) === null) {
      const message = `the vocabulary has no ${token}, which images stand for in a model of this class`;
      throw new PixtokError("INVALID_TOKENIZER", message, { source: path });
    }
  }
  const given = options.chatTemplate;
  const written =
    given === undefined
      ? await templateOfFiles(path, config, tokenizerConfig.chat_template)
      : { source: given, from: "the option chat_template" };
  const special = specialTokens(names);
  const template = written && (await chatTemplate(written.source, special, written.from));
  return {
    ...{ path, images, origin: images.origin as ProcessorOrigin, tokenizer, names },
    ...{ class: found, className: named.name, used: setup.used, writing },
    ...{ specialTokens: special, template },
    settings: { processor: config, tokenizer: tokenizerConfig },
  };
}

function imagesOf(
  { keys, modelType, path }: ProcessorFile,
  ofClass: ProcessorKeys,
  request: PretrainedRequest,
): ProcessorCore {
  const { backend, overrides } = request;
  return coreOfOrigin(
    { keys: { ...keys, ...ofClass, ...overrides }, modelType, backend },
    request,
    path,
  );
}

/** Those that a chat template knows by their names. */
function specialTokens({ tokens }: TokenizerNames): Record<string, string> {
  const known = standardTokens.flatMap((name) => {
    const token = Object.hasOwn(tokens, name) ? tokens[name] : undefined;
    return token === undefined ? [] : [[name, token] as const];
  });
  return Object.fromEntries(known);
}

interface TemplateSource {
  readonly source: string;
  /** What it is from, for errors. */
  readonly from: string;
}

/** In the order of transformers: the processor's own, then the tokenizer's. */
async function templateOfFiles(
  folder: string,
  config: Readonly<Record<string, unknown>>,
  ofTokenizer: unknown,
): Promise<TemplateSource | undefined> {
  const of = (source: string, name: string) => ({ source, from: join(folder, name) });
  if (typeof config.chat_template === "string") {
    return of(config.chat_template, "processor_config.json");
  }
  const old = await readKeysIfAny(join(folder, "chat_template.json"));
  if (typeof old?.chat_template === "string") return of(old.chat_template, "chat_template.json");
  const own = await readOptionalText(join(folder, "chat_template.jinja"));
  if (own !== undefined && own !== null) return of(own, "chat_template.jinja");
  const last = defaultTemplate(ofTokenizer);
  return last === undefined ? undefined : of(last, "tokenizer_config.json");
}

/** A template, or the one of several that is called "default". */
function defaultTemplate(given: unknown): string | undefined {
  if (typeof given === "string") return given;
  const named = Array.isArray(given)
    ? given.find((one) => isObject(one) && one.name === "default")?.template
    : undefined;
  return typeof named === "string" ? named : undefined;
}
