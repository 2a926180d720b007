import type { ClassSetup, TokenName } from "./class-setup.js";
import { fact, type MeasuredImage, type Placeholder } from "./measured-image.js";
import {
  lfm2Text,
  llama4Text,
  numberedText,
  ovis2Text,
  partsText,
  pixtralText,
  sliceText,
  splitText,
} from "./tile-texts.js";
import {
  always,
  anyResolution,
  boundedResolution,
  counted,
  type FeatureOptions,
  mergedPatches,
  patchesOfUnit,
} from "./token-counts.js";
import type { Insertion, VisionLanguageClass } from "./vision-language-class.js";

const token = (otherwise: string): TokenName => ({ otherwise });
const named = (name: string, otherwise?: string): TokenName =>
  otherwise === undefined ? { name } : { name, otherwise };

/** So many of the token that stands for an image. */
const repeated =
  (place: TokenName, count: (setup: ClassSetup) => (image: MeasuredImage) => number) =>
  (setup: ClassSetup): Placeholder => {
    const [one, countOf] = [setup.token(place), count(setup)];
    return (image) => one.repeat(countOf(image));
  };

const image = named("image_token", "<image>");
const qwenImage = named("image_token", "<|image_pad|>");
const qwenVideo = named("video_token", "<|video_pad|>");
const ofImage = (...tokens: TokenName[]) => ({ image: tokens });

/** A token for each square of patches, with a type. */
function gridClass(
  models: string,
  place: TokenName,
  rest: Partial<VisionLanguageClass> = {},
): VisionLanguageClass {
  return {
    models: models.split(" "),
    place,
    written: repeated(place, () => mergedPatches),
    types: { mm_token_type_ids: ofImage(place) },
    ...rest,
  };
}

/** A token for each square of patches that are merged, of the whole image and of each slice. */
function slicedClass(model: string, types: VisionLanguageClass["types"] = {}): VisionLanguageClass {
  const ends = (setup: ClassSetup, name: string) =>
    [setup.token(named(`${name}_start_token`)), setup.token(named(`${name}_end_token`))] as const;
  return {
    models: [model],
    place: named("image_token"),
    unread: [named("video_token")],
    written: (setup) =>
      sliceText({
        image: setup.token(named("image_token")),
        whole: ends(setup, "image"),
        slice: ends(setup, "slice"),
        number: ends(setup, "image_id"),
      }),
    unused: ["num_patches_per_image", "grids"],
    types,
    paddingSide: "left",
  };
}

const dropsFirst = (setup: ClassSetup) =>
  setup.text("vision_feature_select_strategy", "") === "default";

const features = (setup: ClassSetup): FeatureOptions => ({
  patch: setup.whole("patch_size"),
  additional: setup.whole("num_additional_image_tokens", 0),
  dropsFirst: dropsFirst(setup),
});

/** LLaVA's say in their configuration which token it is, where the tokenizer does not. */
const llavaImage: TokenName = { name: "image_token", key: "image_token", otherwise: "<image>" };
const pixtralImage: TokenName = { key: "image_token", otherwise: "[IMG]" };
const ayaImage: TokenName = { key: "image_token", otherwise: "<image>" };
const ayaPatch: TokenName = { key: "img_patch_token", otherwise: "<|IMG_PATCH|>" };

const rowsAndColumns = () => ({ return_row_col_info: true });
const cropped = () => ({ crop_to_patches: true });

/** Between images that follow each other one token of what is around them, and a space before a word. */
const idefics2Joined = (setup: ClassSetup) => {
  const fake = setup.token(named("image_boundary_token", "<fake_token_around_image>"));
  return (before: string, written: string, after: string) => {
    const own = before.endsWith(fake) ? written.slice(fake.length) : written;
    return /^[^\s<]/.test(after) ? `${own} ` : own;
  };
};

/** The token that begins a text, behind images that come first. */
const mllamaInserted = (setup: ClassSetup) => {
  const begin = setup.token(named("bos_token"));
  const place = setup.token(named("image_token", "<|image|>"));
  return (text: string): Insertion => {
    let at = 0;
    while (text.startsWith(place, at)) at += place.length;
    return { at, text: text.includes(begin) ? "" : begin };
  };
};

const JANUS_PROMPT =
  "You are a helpful language and vision assistant. You are able to understand the visual content that the user provides, and assist the user with a variety of tasks using natural language.\n\n";

const gemmaImage = named("image_token");

/** Processor classes by name without "Processor". */
export const visionLanguageClasses: Readonly<Record<string, VisionLanguageClass>> = {
  Qwen2VL: gridClass("qwen2_vl", qwenImage, { unread: [qwenVideo] }),
  Qwen2_5_VL: gridClass("qwen2_5_vl", qwenImage, { unread: [qwenVideo] }),
  Qwen3VL: gridClass("qwen3_vl qwen3_vl_moe qwen3_5 qwen3_5_moe qwen4_exp", qwenImage, {
    unread: [qwenVideo],
  }),
  VideoLlama3: gridClass("video_llama_3", qwenImage, { unread: [qwenVideo], types: {} }),
  Glm4v: gridClass("glm4v glm4v_moe", named("image_token", "<|image|>"), {
    unread: [named("video_token", "<|video|>")],
  }),
  Glm46V: gridClass("glm46v", named("image_token", "<|image|>"), {
    unread: [named("video_token", "<|video|>")],
  }),
  Ernie4_5_VLMoe: gridClass("ernie4_5_vl_moe", named("image_token"), {
    unread: [named("video_token")],
    types: {
      mm_token_type_ids: ofImage(named("image_token")),
      moe_mm_token_type_ids: ofImage(
        named("image_token"),
        named("image_start_token"),
        named("image_end_token"),
      ),
    },
  }),
  PaddleOCRVL: gridClass("paddleocr_vl", named("image_token")),
  Llava: {
    models: ["llava", "vipllava"],
    place: llavaImage,
    written: repeated(llavaImage, (setup) => patchesOfUnit(features(setup))),
  },
  LlavaNext: {
    models: ["llava_next"],
    place: llavaImage,
    written: repeated(llavaImage, (setup) => anyResolution(features(setup))),
    imageKeys: () => ({ do_pad: true }),
  },
  LlavaOnevision: {
    models: ["llava_onevision"],
    place: llavaImage,
    unread: [named("video_token", "<video>")],
    written: repeated(llavaImage, (setup) => {
      const bound = /^anyres_max_(\d+)$/.exec(
        setup.text("vision_aspect_ratio", "anyres_max_9"),
      )?.[1];
      if (bound === undefined)
        throw setup.invalid('vision_aspect_ratio: expected "anyres_max_" and a number');
      return boundedResolution(setup.whole("num_image_tokens"), Number(bound), dropsFirst(setup));
    }),
  },
  Idefics2: {
    models: ["idefics2"],
    place: image,
    written: (setup) => {
      const fake = setup.token(named("image_boundary_token", "<fake_token_around_image>"));
      const tokens = setup.token(image).repeat(setup.whole("image_seq_len", 64));
      return ({ units }) => fake + `${tokens}${fake}`.repeat(units);
    },
    joined: idefics2Joined,
  },
  Idefics3: {
    models: ["idefics3", "modernvbert", "ultravbert"],
    place: token("<image>"),
    written: (setup) =>
      splitText({
        fake: "<fake_token_around_image>",
        image: "<image>",
        whole: "<global-img>",
        length: setup.whole("image_seq_len", 169),
      }),
    imageKeys: rowsAndColumns,
    unused: ["rows", "cols"],
  },
  SmolVLM: {
    models: ["smolvlm"],
    place: image,
    unread: [named("video_token", "<video>")],
    written: (setup) =>
      splitText({
        fake: setup.token(named("fake_image_token", "<fake_token_around_image>")),
        image: setup.token(image),
        whole: setup.token(named("global_image_token", "<global-img>")),
        length: setup.whole("image_seq_len", 169),
      }),
    imageKeys: rowsAndColumns,
    unused: ["rows", "cols"],
  },
  Gemma3: {
    models: ["gemma3", "t5gemma2", "t5gemma2_encoder"],
    place: named("boi_token"),
    filled: gemmaImage,
    written: (setup) => {
      const tokens = setup.token(gemmaImage).repeat(setup.whole("image_seq_length", 256));
      const [begin, end] = [setup.token(named("boi_token")), setup.token(named("eoi_token"))];
      return partsText(`\n\n${begin}${tokens}${end}\n\n`);
    },
    imageKeys: () => ({
      do_convert_rgb: true,
      do_pan_and_scan: false,
      pan_and_scan_min_crop_size: 256,
      pan_and_scan_max_num_crops: 4,
      pan_and_scan_min_ratio_to_activate: 1.2,
    }),
    unused: ["num_crops"],
    types: { token_type_ids: ofImage(gemmaImage) },
  },
  Gemma4: {
    models: ["gemma4", "diffusion_gemma"],
    place: gemmaImage,
    unread: [token("<|video|>"), named("audio_token", "<|audio|>")],
    written: (setup) => {
      const [begin, end] = [setup.token(named("boi_token")), setup.token(named("eoi_token"))];
      const one = setup.token(gemmaImage);
      const count = counted("num_soft_tokens_per_image");
      return (measured) => `${begin}${one.repeat(count(measured))}${end}`;
    },
    unused: ["num_soft_tokens_per_image"],
    types: { mm_token_type_ids: ofImage(gemmaImage) },
  },
  Pixtral: {
    models: ["pixtral", "mistral3", "mistral_large4"],
    place: pixtralImage,
    written: (setup) =>
      pixtralText(
        setup.token(pixtralImage),
        setup.text("image_break_token", "[IMG_BREAK]"),
        setup.text("image_end_token", "[IMG_END]"),
        setup.whole("patch_size", 16) * setup.whole("spatial_merge_size", 1),
      ),
    imageKeys: (setup) => {
      const side = setup.whole("patch_size", 16) * setup.whole("spatial_merge_size", 1);
      return { patch_size: { height: side, width: side } };
    },
  },
  InternVL: {
    models: ["internvl"],
    place: named("context_image_token"),
    unread: [named("video_token")],
    written: (setup) => {
      const tokens = setup
        .token(named("context_image_token"))
        .repeat(setup.whole("image_seq_length", 256));
      const [begin, end] = [named("start_image_token"), named("end_image_token")].map(setup.token);
      return (one) => `${begin}${tokens.repeat(fact(one, "num_patches", [1])[0] as number)}${end}`;
    },
    imageKeys: cropped,
    unused: ["num_patches"],
    paddingSide: "left",
  },
  AyaVision: {
    models: ["aya_vision"],
    place: ayaImage,
    filled: ayaPatch,
    written: (setup) => {
      const side = setup.whole("patch_size", 28) * setup.whole("downsample_factor", 1);
      const patches = Math.floor(setup.whole("img_size", 364) / side) ** 2;
      return numberedText(
        setup.text("start_of_img_token", "<|START_OF_IMG|>"),
        setup.text("end_of_img_token", "<|END_OF_IMG|>"),
        setup.text("tile_token", "TILE"),
        setup.text("tile_global_token", "TILE_GLOBAL"),
        setup.token(ayaPatch).repeat(patches),
      );
    },
    imageKeys: cropped,
    unused: ["num_patches"],
    paddingSide: "left",
  },
  GotOcr2: {
    models: ["got_ocr2"],
    place: token("<imgpad>"),
    written: repeated(
      token("<imgpad>"),
      () => (one) => 256 * (fact(one, "num_patches", [1])[0] as number),
    ),
    imageKeys: () => ({ crop_to_patches: false, min_patches: 1, max_patches: 12 }),
    unused: ["num_patches"],
  },
  Mllama: {
    models: ["mllama"],
    place: named("image_token", "<|image|>"),
    written: repeated(named("image_token", "<|image|>"), () => always(1)),
    inserted: mllamaInserted,
    unused: ["num_tiles"],
    crossAttention: true,
  },
  Llama4: {
    models: ["llama4"],
    place: token("<|image|>"),
    filled: token("<|patch|>"),
    written: (setup) =>
      llama4Text(
        setup.whole("patch_size", 14),
        Math.round(1 / setup.number("pixel_shuffle_ratio", 0.5) ** 2),
      ),
    unused: ["aspect_ratios"],
    paddingSide: "left",
  },
  Ovis2: {
    models: ["ovis2"],
    place: token("<image>"),
    filled: token("<IMG_ATOM>"),
    written: (setup) => ovis2Text(setup.whole("image_seq_length", 256)),
    unused: ["grids"],
  },
  Janus: {
    models: ["janus"],
    place: named("image_token"),
    written: (setup) => {
      const tokens = setup.token(named("image_token")).repeat(setup.whole("num_image_tokens", 576));
      const [begin, end] = [named("boi_token"), named("eoi_token")].map(setup.token);
      return () => `${begin}${tokens}${end}`;
    },
    inserted: (setup) => {
      const text = setup.flag("use_default_system_prompt", false) ? JANUS_PROMPT : "";
      return () => ({ at: 0, text });
    },
    paddingSide: "left",
  },
  DeepseekVL: {
    models: ["deepseek_vl"],
    place: named("image_token"),
    written: repeated(named("image_token"), (setup) =>
      always(setup.whole("num_image_tokens", 576)),
    ),
  },
  Aria: {
    models: ["aria"],
    place: named("image_token"),
    written: (setup) => {
      const one = setup.token(named("image_token"));
      const tokens = setup.wholes("size_conversion", { 490: 128, 980: 256 });
      return (measured) => {
        const [parts = 1] = fact(measured, "crops", []);
        return one.repeat(parts * (tokens[measured.unit.height] ?? 0));
      };
    },
    imageKeys: () => ({ max_image_size: 980, split_image: false }),
    unused: ["num_crops"],
  },
  Phi4Multimodal: {
    models: ["phi4_multimodal"],
    place: named("image_token"),
    unread: [named("audio_token")],
    written: repeated(named("image_token"), () => counted("tokens")),
    unused: ["num_img_tokens"],
  },
  MiniCPMV4_6: slicedClass("minicpmv4_6"),
  MiniCPMV4_7: slicedClass("minicpmv4_7", {
    mm_token_type_ids: ofImage(named("image_token")),
  }),
  MiniCPMOcr: slicedClass("minicpm_ocr"),
  Lfm2Vl: {
    models: ["lfm2_vl"],
    place: image,
    written: (setup) =>
      lfm2Text({
        image: setup.token(image),
        start: setup.token(named("image_start_token", "<|image_start|>")),
        end: setup.token(named("image_end_token", "<|image_end|>")),
        whole: setup.token(named("image_thumbnail_token", "<|img_thumbnail|>")),
      }),
    imageKeys: rowsAndColumns,
    unused: ["image_rows", "image_cols", "image_sizes", "token_type_ids"],
    addsSpecialTokens: false,
  },
};
