/** Contenders in Python, as in ../../python/contenders/__init__.py. */

/** From files to batches, as pixtok's loader. */
export const pythonContenderNames = [
  "torch-dataloader-0",
  "torch-dataloader-2",
  "torchvision-tensor",
  "torchcodec",
  "transformers-5",
  "opencv",
  "spdl",
  "dali-cpu",
  "tf-data",
] as const;

/** From a packed set of their own to batches. */
export const packedContenderNames = ["litdata", "streaming"] as const;

export type PythonContenderName = (typeof pythonContenderNames)[number];
export type PackedContenderName = (typeof packedContenderNames)[number];

export function isPythonContenderName(name: string): name is PythonContenderName {
  return (pythonContenderNames as readonly string[]).includes(name);
}
