import type { ChatMessage } from "../chat/chat-message.js";
import type { ChatOptions } from "../chat/chat-template.js";
import { requireMessages } from "../chat/rows/messages.js";
import { type ImageProcessor, processorOfCore } from "../image/image-processor.js";
import { readPretrainedOptions } from "../image/pretrained/pretrained-options.js";
import { readOptions } from "../shared/options.js";
import { shownAs } from "../shared/shown-as.js";
import { isObject, outOfRange } from "../shared/validation.js";
import { whenLoaded } from "../shared/when-loaded.js";
import type { TokenType } from "../text/token-rows.js";
import { type Tokenizer, tokenizerOfCore } from "../text/tokenizer.js";
import type { ModelCore } from "./model-core.js";
import { processRows } from "./process-rows.js";
import type { ProcessedRows } from "./processed-rows.js";
import {
  type ConversationOptions,
  chatReaders,
  conversationReaders,
  type ProcessorPretrainedOptions,
  type ProcessorRow,
  pretrainedModelReaders,
} from "./processor-options.js";
import { shownModel } from "./shown-model.js";

/**
 * What a processor consists of. For other rooms: the class has no members for them.
 *
 * @internal
 */
export let coreOfModelProcessor: (processor: Processor) => ModelCore;

/** Likewise: a processor of what it consists of. @internal */
export let modelProcessorOfCore: (core: ModelCore) => Processor;

/**
 * Images and conversations to what a vision–language model takes, equal to what its processor in transformers 5.24
 * gives: docs/guides/vision-language.md lists the classes.
 */
export class Processor {
  readonly #core: ModelCore;
  /** Of its images. */
  readonly imageProcessor: ImageProcessor;
  /** Of its texts. */
  readonly tokenizer: Tokenizer;

  static {
    coreOfModelProcessor = (processor) => processor.#core;
    modelProcessorOfCore = (core) => new Processor(core);
    shownAs<Processor>((processor) => shownModel(processor.#core.model))(Processor.prototype);
  }

  private constructor(core: ModelCore) {
    this.#core = core;
    this.imageProcessor = processorOfCore(core.model.images);
    this.tokenizer = tokenizerOfCore(core.model.tokenizer);
  }

  /**
   * @param idOrPath a folder with the files of a processor and of a tokenizer, or the id of a model on the hub.
   * @throws {TypeError | RangeError} for misuse.
   * @throws {PixtokError} PROCESSOR_NOT_FOUND; INVALID_PROCESSOR, naming the key or class that is not understood;
   *   TOKENIZER_NOT_FOUND, INVALID_TOKENIZER, INVALID_CHAT_TEMPLATE; and the codes that begin with HUB_.
   */
  static async fromPretrained(
    idOrPath: string,
    options: ProcessorPretrainedOptions = {},
  ): Promise<Processor> {
    const given = readOptions("Processor.fromPretrained", options, pretrainedModelReaders);
    const { revision, image = {}, tokenizer, chat_template: chatTemplate } = given;
    if (isObject(image) && image.revision !== undefined) {
      throw new TypeError(
        'image: unknown option "revision"; the option revision is of the whole model',
      );
    }
    // chat templates and classes are only loaded when one is asked for
    const [{ readPretrainedModel }, { modelCore }] = await whenLoaded(
      Promise.all([import("./pretrained-model.js"), import("./model-core.js")]),
    );
    const model = await readPretrainedModel(idOrPath, {
      revision,
      image: readPretrainedOptions(image),
      tokenizer: tokenizer ?? {},
      chatTemplate,
    });
    return new Processor(modelCore(model, tokenizer?.padding_side));
  }

  /** The template that conversations are written by, in Jinja; undefined where the model has none. */
  get chatTemplate(): string | undefined {
    return this.#core.model.template?.source;
  }

  /**
   * A conversation as one text, as `apply_chat_template` of transformers writes it.
   *
   * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
   * @throws {PixtokError} INVALID_CONVERSATION for what the template refuses; INVALID_CHAT_TEMPLATE.
   */
  applyChatTemplate(messages: readonly ChatMessage[], options: ChatOptions = {}): string {
    const given = readOptions("applyChatTemplate", options, chatReaders);
    if (given.continue_final_message !== false && given.add_generation_prompt) {
      const expected = "false with add_generation_prompt";
      throw outOfRange("continue_final_message", expected, given.continue_final_message);
    }
    return this.#core.requireTemplate().render(requireMessages(messages), given as ChatOptions)
      .text;
  }

  /**
   * Rows of texts or conversations, each with its images, to the tensors of a batch.
   *
   * ```ts
   * const { input_ids, pixel_values, labels } = await processor.process(
   *   { messages, images: ["cat.jpg"] },
   *   { labels: true },
   * );
   * ```
   *
   * @throws {TypeError | RangeError} for misuse.
   * @throws {PixtokError} the first row at fault, with its `index`: INVALID_CONVERSATION, IMAGES_MISMATCH, IMAGE_CUT,
   *   DOES_NOT_FIT; and those of images that cannot be read.
   */
  async process<T extends TokenType = "int64">(
    rows: ProcessorRow | readonly ProcessorRow[],
    options: ConversationOptions<T> = {},
  ): Promise<ProcessedRows<T>> {
    const given = readOptions("process", options, conversationReaders);
    const list = Array.isArray(rows) ? (rows as readonly ProcessorRow[]) : [rows as ProcessorRow];
    if (list.length === 0) throw outOfRange("rows", "at least one row", rows);
    return processRows<T>(this.#core, list, given);
  }
}
