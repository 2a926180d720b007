import { runtimeInfo } from "pixtok";
import { type DecodeOutput, jpegsAmong, prepareDecodeProgram } from "../programs/decode.js";
import type { Contender } from "./contender.js";

const LEAST_SECONDS = 0.5;

function libjpegTurbo(name: string, output: DecodeOutput, description: string): Contender {
  return {
    name,
    description,
    exact: false,
    output: "rate",
    async setUp(pairs) {
      const jpegs = await jpegsAmong(pairs.map((pair) => pair.image));
      const program = await prepareDecodeProgram(jpegs, runtimeInfo().threads, output);
      if ("unavailable" in program) return program;
      return {
        async runEpoch() {
          const { images, seconds } = await program.run(LEAST_SECONDS);
          return { pairs: images, seconds };
        },
        close: () => program.close(),
      };
    },
  };
}

export const decodeOnly = libjpegTurbo(
  "decode-only",
  "rgb",
  "libjpeg-turbo alone, JPEG files in memory to RGB, its own upsampling and colour conversion " +
    "included, on as many threads as pixtok",
);

export const decodePlanes = libjpegTurbo(
  "decode-planes",
  "planes",
  "libjpeg-turbo alone, JPEG files in memory to the planes that they store, without upsampling and " +
    "colour, on as many threads as pixtok: what no pipeline on libjpeg-turbo is faster than",
);
