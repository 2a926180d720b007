import {
  BICUBIC,
  BILINEAR,
  crop,
  HALF,
  IMAGENET,
  LANCZOS,
  OPENAI_CLIP,
  RGB,
  shortest,
  spareCrop,
  square,
} from "./class-defaults.js";
import { detectorKeys, maskFormerKeys, owlVitKeys, swin2srKeys } from "./old-keys.js";
import { type ProcessorClass, processorClass } from "./processor-class.js";
import { visionClasses } from "./vision/vision-classes.js";

const clip = { ...OPENAI_CLIP, ...BICUBIC, ...RGB, ...shortest(224), ...crop(224) };
const detector = {
  geometry: "detector",
  ignored: ["do_convert_annotations", "format"],
} as const;
const oldDetector = { ...detector, oldKeys: detectorKeys } as const;
/** Of classes that do not look at these keys. */
const noPad = { do_pad: false };
const neitherCropNorPad = { ...noPad, do_center_crop: false };
const detr = {
  ...IMAGENET,
  ...BILINEAR,
  size: { shortest_edge: 800, longest_edge: 1333 },
  default_to_square: false,
  do_pad: true,
};
const labels = { ignored: ["do_reduce_labels", "reduce_labels", "num_labels"] };
const segmenter = {
  ignored: [...labels.ignored, "ignore_index", "size_divisibility", "_max_size", "do_pad"],
  geometry: "maskFormer",
  oldKeys: maskFormerKeys,
  fixed: { do_center_crop: false },
} as const;
const page = {
  ignored: ["ocr_lang", "tesseract_config"],
  only: { apply_ocr: false },
  fixed: noPad,
};
const depth = {
  ...HALF,
  ...BICUBIC,
  ...square(384),
  keep_aspect_ratio: false,
  ensure_multiple_of: 1,
};

/** By name, without "ImageProcessor". */
export const processorClasses: Readonly<Record<string, ProcessorClass>> = {
  CLIP: processorClass(
    "clip aimv2 aimv2_vision_model altclip florence2 git groupvit kosmos-2 metaclip_2 mlcd vipllava xclip",
    clip,
  ),
  ChineseCLIP: processorClass("chinese_clip", clip),
  Bit: processorClass("bit dinov2 focalnet hiera pixio", clip),
  Siglip: processorClass("siglip colpali gemma3n paligemma", {
    ...HALF,
    ...BICUBIC,
    ...RGB,
    ...square(224),
    default_to_square: false,
  }),
  ViT: processorClass(
    "vit clipseg dinat ijepa mgp-str swiftformer swin swinv2 trocr vit_mae vit_msn",
    { ...HALF, ...BILINEAR, ...square(224) },
  ),
  DINOv3ViT: processorClass(
    "dinov3_vit",
    { ...IMAGENET, ...BILINEAR, ...square(224) },
    { geometry: "dinov3", onlyBackend: "torchvision", fixed: noPad },
  ),
  DeiT: processorClass("deit", { ...HALF, ...BICUBIC, ...square(256), ...crop(224) }),
  Blip: processorClass("blip blip-2 instructblip", {
    ...OPENAI_CLIP,
    ...BICUBIC,
    ...RGB,
    ...square(384),
  }),
  ConvNext: processorClass(
    "convnext convnextv2 cvt regnet resnet",
    { ...HALF, ...BICUBIC, ...shortest(384), crop_pct: 224 / 256 },
    { geometry: "convnext", fixed: noPad },
  ),
  PoolFormer: processorClass(
    "poolformer",
    { ...IMAGENET, ...BICUBIC, ...shortest(224), ...crop(224), crop_pct: 0.9 },
    { geometry: "poolformer" },
  ),
  Beit: processorClass(
    "beit data2vec-vision",
    { ...HALF, ...BICUBIC, ...square(224), ...spareCrop(224) },
    { ...labels, fixed: noPad },
  ),
  Segformer: processorClass(
    "segformer upernet",
    { ...IMAGENET, ...BILINEAR, ...square(512) },
    { ...labels, fixed: neitherCropNorPad },
  ),
  Pvt: processorClass("pvt pvt_v2", { ...IMAGENET, ...BICUBIC, ...square(224) }),
  MobileNetV1: processorClass("mobilenet_v1", {
    ...HALF,
    ...BILINEAR,
    ...shortest(256),
    ...crop(224),
  }),
  MobileNetV2: processorClass(
    "mobilenet_v2",
    { ...HALF, ...BILINEAR, ...shortest(256), ...crop(224) },
    { ...labels, fixed: noPad },
  ),
  MobileViT: processorClass(
    "mobilevit mobilevitv2",
    {
      ...HALF,
      ...BICUBIC,
      ...shortest(224),
      ...crop(256),
      do_flip_channel_order: true,
    },
    { ...labels, fixed: { ...noPad, do_normalize: false } },
  ),
  EfficientNet: processorClass(
    "efficientnet align",
    {
      ...HALF,
      ...BICUBIC,
      ...square(346),
      ...spareCrop(289),
      rescale_offset: false,
      include_top: true,
    },
    { fixed: noPad },
  ),
  Levit: processorClass(
    "levit",
    { ...IMAGENET, ...BICUBIC, ...shortest(224), ...crop(224) },
    { geometry: "levit" },
  ),
  Perceiver: processorClass(
    "perceiver",
    { ...IMAGENET, ...BICUBIC, ...square(224), ...crop(256) },
    { geometry: "perceiver" },
  ),
  DPT: processorClass("dpt depth_anything", depth, {
    geometry: "dpt",
    ignored: [...labels.ignored, "size_divisor"],
  }),
  // its own preprocessing does not convert, whatever do_convert_rgb says
  PromptDepthAnything: processorClass("prompt_depth_anything", depth, {
    geometry: "dpt",
    ignored: ["size_divisor", "prompt_scale_to_meter"],
    fixed: { do_convert_rgb: false, do_center_crop: false },
  }),
  CHMv2: processorClass(
    "chmv2",
    {
      image_mean: [0.42, 0.411, 0.296],
      image_std: [0.213, 0.156, 0.143],
      ...BICUBIC,
      ...square(384),
      do_resize: false,
      keep_aspect_ratio: true,
      ensure_multiple_of: 16,
      do_pad: true,
      size_divisor: 16,
    },
    { geometry: "dpt", onlyBackend: "torchvision", ignored: labels.ignored },
  ),
  DepthPro: processorClass(
    "depth_pro",
    { ...HALF, ...BILINEAR, ...square(1536) },
    { geometry: "depthPro", onlyBackend: "torchvision", fixed: neitherCropNorPad },
  ),
  ZoeDepth: processorClass(
    "zoedepth",
    {
      ...HALF,
      ...BILINEAR,
      size: { height: 384, width: 512 },
      keep_aspect_ratio: true,
      ensure_multiple_of: 1 / 32,
      do_pad: true,
    },
    { geometry: "zoeDepth", fixed: { do_center_crop: false } },
  ),
  GLPN: processorClass(
    "glpn",
    { ...BILINEAR, size_divisor: 32, do_normalize: false },
    { geometry: "glpn" },
  ),
  OwlViT: processorClass(
    "owlvit",
    { ...OPENAI_CLIP, ...BICUBIC, ...RGB, ...square(768), ...spareCrop(768) },
    { oldKeys: owlVitKeys },
  ),
  Owlv2: processorClass(
    "owlv2",
    { ...OPENAI_CLIP, ...RGB, ...square(960), do_pad: true },
    {
      geometry: "owlv2",
      pilRefused: "it filters and resizes by scipy",
      oldKeys: owlVitKeys,
      fixed: { ...BILINEAR, do_center_crop: false },
    },
  ),
  // its own preprocessing does not convert, whatever do_convert_rgb says
  SegGpt: processorClass(
    "seggpt",
    { ...IMAGENET, ...BICUBIC, ...square(448) },
    { ignored: ["num_labels"], fixed: { ...neitherCropNorPad, do_convert_rgb: false } },
  ),
  Eomt: processorClass(
    "eomt eomt_dinov3",
    {
      ...IMAGENET,
      ...BILINEAR,
      size: { shortest_edge: 640, longest_edge: 640 },
      default_to_square: false,
    },
    {
      geometry: "eomt",
      ignored: ["ignore_index"],
      only: { do_split_image: false },
      fixed: { do_center_crop: false },
    },
  ),
  Sapiens2: processorClass(
    "sapiens2",
    { ...IMAGENET, ...BILINEAR, size: { height: 1024, width: 768 }, ...spareCrop(224) },
    {
      onlyBackend: "torchvision",
      ignored: [...labels.ignored, "keypoint_heatmap_downscale_factor", "keypoint_heatmap_sigma"],
      only: { do_pad: false },
    },
  ),
  SuperPoint: processorClass(
    "superpoint",
    { ...BILINEAR, size: { height: 480, width: 640 }, default_to_square: false },
    { only: { do_grayscale: false }, fixed: { ...neitherCropNorPad, do_normalize: false } },
  ),
  PPLCNet: processorClass(
    "pp_lcnet",
    {
      image_mean: [0.406, 0.456, 0.485],
      image_std: [0.225, 0.224, 0.229],
      ...BILINEAR,
      ...square(256),
      ...crop(224),
      resize_short: 256,
      size_divisor: 1,
    },
    {
      geometry: "ppLcNet",
      onlyBackend: "torchvision",
      fixed: { do_pad: false, do_flip_channel_order: true },
      flipsNormalized: true,
    },
  ),
  LayoutLMv2: processorClass(
    "layoutlmv2 layoutxlm",
    { ...BILINEAR, ...square(224), apply_ocr: true },
    {
      ...page,
      fixed: {
        ...neitherCropNorPad,
        do_rescale: false,
        do_normalize: false,
        do_flip_channel_order: true,
      },
    },
  ),
  LayoutLMv3: processorClass(
    "layoutlmv3 udop",
    { ...HALF, ...BILINEAR, ...square(224), apply_ocr: true },
    { ...page, only: { ...page.only, do_center_crop: false } },
  ),
  Detr: processorClass("detr omdet-turbo table-transformer", detr, oldDetector),
  ConditionalDetr: processorClass("conditional_detr", detr, oldDetector),
  DeformableDetr: processorClass("deformable_detr lw_detr", detr, oldDetector),
  GroundingDino: processorClass("grounding-dino mm-grounding-dino", detr, oldDetector),
  Yolos: processorClass("yolos", detr, {
    ...oldDetector,
    geometry: "yolos",
    fixed: { do_center_crop: false },
  }),
  MaskFormer: processorClass(
    "maskformer",
    { ...detr, size_divisor: 32, do_reduce_labels: false },
    segmenter,
  ),
  Mask2Former: processorClass(
    "mask2former",
    { ...detr, size_divisor: 32, do_reduce_labels: false },
    segmenter,
  ),
  Vilt: processorClass(
    "vilt",
    { ...HALF, ...BICUBIC, ...shortest(384), size_divisor: 32, do_pad: true },
    { geometry: "vilt", fixed: { do_center_crop: false, pad_size: null } },
  ),
  BridgeTower: processorClass(
    "bridgetower",
    {
      ...OPENAI_CLIP,
      ...BICUBIC,
      ...shortest(288),
      do_center_crop: true,
      crop_size: { shortest_edge: 288 },
      size_divisor: 32,
      do_pad: true,
    },
    { geometry: "vilt", fixed: { pad_size: null } },
  ),
  RTDetr: processorClass(
    "rt_detr deimv2",
    { ...IMAGENET, ...BILINEAR, ...square(640), default_to_square: false, do_normalize: false },
    detector,
  ),
  RfDetr: processorClass("rf_detr", detr, {
    ...oldDetector,
    geometry: "rfDetr",
    onlyBackend: "torchvision",
    fixed: { do_center_crop: false },
  }),
  Sam: processorClass(
    "sam sam_hq",
    {
      ...IMAGENET,
      ...BILINEAR,
      ...RGB,
      size: { longest_edge: 1024 },
      do_pad: true,
      pad_size: { height: 1024, width: 1024 },
    },
    {
      geometry: "sam",
      ignored: ["mask_size", "mask_pad_size"],
      outputs: { original_sizes: "size", reshaped_input_sizes: "resized" },
    },
  ),
  Sam2: processorClass(
    "sam2 edgetam sam2_video",
    { ...IMAGENET, ...BILINEAR, ...RGB, ...square(1024) },
    { onlyBackend: "torchvision", ignored: ["mask_size"], outputs: { original_sizes: "size" } },
  ),
  Sam3: processorClass(
    "sam3 sam3_lite_text sam3_tracker sam3_tracker_video sam3_video",
    { ...HALF, ...BILINEAR, ...RGB, ...square(1008) },
    { onlyBackend: "torchvision", ignored: ["mask_size"], outputs: { original_sizes: "size" } },
  ),
  Flava: processorClass(
    "flava",
    { ...OPENAI_CLIP, ...BICUBIC, ...square(224), ...crop(224) },
    {
      ignored: [
        "input_size_patches",
        "total_mask_patches",
        "mask_group_min_patches",
        "mask_group_max_patches",
        "mask_group_min_aspect_ratio",
        "mask_group_max_aspect_ratio",
        "codebook_do_resize",
        "codebook_size",
        "codebook_resample",
        "codebook_do_center_crop",
        "codebook_crop_size",
        "codebook_do_rescale",
        "codebook_rescale_factor",
        "codebook_do_map_pixels",
        "codebook_do_normalize",
        "codebook_image_mean",
        "codebook_image_std",
      ],
      fixed: noPad,
      only: { return_image_mask: false, return_codebook_pixels: false },
    },
  ),
  Swin2SR: processorClass(
    "swin2sr",
    { do_pad: true, size_divisor: 8 },
    {
      geometry: "swin2sr",
      oldKeys: swin2srKeys,
      fixed: { do_resize: false, do_center_crop: false, do_normalize: false },
    },
  ),
  TextNet: processorClass(
    "textnet",
    { ...IMAGENET, ...BILINEAR, ...RGB, ...shortest(640), ...spareCrop(224), size_divisor: 32 },
    { geometry: "textnet" },
  ),
  Donut: processorClass(
    "donut-swin",
    {
      ...HALF,
      ...BILINEAR,
      size: { height: 2560, width: 1920 },
      do_thumbnail: true,
      do_align_long_axis: false,
      do_pad: true,
    },
    { geometry: "donut" },
  ),
  Chameleon: processorClass("chameleon", {
    ...LANCZOS,
    ...RGB,
    ...shortest(512),
    ...crop(512),
    rescale_factor: 0.0078,
    image_mean: [1, 1, 1],
    image_std: [1, 1, 1],
  }),
  VideoLlava: processorClass("video_llava", clip, {
    onlyBackend: "pil",
    fixed: noPad,
    pixelValues: "pixel_values_images",
  }),
  PPChart2Table: processorClass("pp_chart2table", {
    ...OPENAI_CLIP,
    ...BICUBIC,
    ...square(1024),
  }),
  PI0: processorClass(
    "pi0",
    {
      ...HALF,
      ...BICUBIC,
      ...RGB,
      size: { max_height: 224, max_width: 224 },
      default_to_square: false,
      do_pad: true,
      pad_size: { height: 224, width: 224 },
    },
    { onlyBackend: "torchvision" },
  ),
  Tipsv2: processorClass(
    "tipsv2",
    { ...BILINEAR, ...RGB, ...square(448), do_normalize: false },
    { onlyBackend: "torchvision" },
  ),
  Tipsv2Dpt: processorClass(
    "tipsv2_dpt",
    { ...BILINEAR, ...RGB, ...square(448), do_normalize: false },
    { onlyBackend: "torchvision" },
  ),
  ...visionClasses,
};
