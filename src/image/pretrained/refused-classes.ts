/** Why classes of transformers 5.24 are not read, by name without "ImageProcessor". */
const reasons: readonly (readonly [why: string, families: string])[] = [
  [
    "it resizes floating-point numbers in a way of its own",
    "PPOCRV5ServerDet PPOCRV5ServerRec SLANeXt UVDoc",
  ],
  [
    "it resizes as OpenCV does, without antialiasing",
    "PPDocLayoutV2 PPDocLayoutV3 PPDocLayoutV4 PPOCRV6SmallRec",
  ],
  ["it looks for the page within the image", "Nougat PPFormulaNet"],
  ["it replaces colours by those of a palette", "ImageGPT"],
  ["it takes videos", "Tvp VideoMAE Vivit"],
  ["it takes pairs of images, in grey", "EfficientLoFTR LightGlue SuperGlue"],
  ["it takes a box, a text or a mask beside each image", "OneFormer VitMatte VitPose"],
  ["transformers 5.24 fails with it, too", "Idefics"],
  ["timm prepares its images, not transformers", "TimmWrapper"],
  [
    "it gives images of two sizes, each with a name of its own",
    "DeepseekOcr2 DeepseekVLHybrid Step3p7 UnlimitedOcr",
  ],
  ["it surrounds images with numbers that are no bytes", "Inkling Inkling2"],
  [
    "it cuts images into patches after it has resized floating-point numbers",
    "NemotronH_Omni_Reasoning_V3",
  ],
  ["it normalizes each image by the mean and std of its own", "Kosmos2_5 Pix2Struct"],
  [
    "it cuts images into patches or tiles for a language model in a way of its own",
    "Molmo2 UltraVBert",
  ],
];

/** Undefined for a class that is read, or that there is none of. */
export function whyRefused(family: string): string | undefined {
  return reasons.find(([, families]) => families.split(" ").includes(family))?.[0];
}
