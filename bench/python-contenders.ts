/** As in python/contenders/__init__.py. */
export const pythonContenderNames = [
  "torch-dataloader-0",
  "torch-dataloader-2",
  "torchvision-tensor",
  "opencv",
  "spdl",
  "dali-cpu",
  "tf-data",
] as const;

export type PythonContenderName = (typeof pythonContenderNames)[number];

export function isPythonContenderName(name: string): name is PythonContenderName {
  return (pythonContenderNames as readonly string[]).includes(name);
}
