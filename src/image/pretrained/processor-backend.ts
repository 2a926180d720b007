/** Which of the two implementations of transformers 5 is followed. */
export type ProcessorBackend = "torchvision" | "pil";

export const backends = ["torchvision", "pil"] as const satisfies ProcessorBackend[];
