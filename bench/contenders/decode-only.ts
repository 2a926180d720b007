import { runtimeInfo } from "pixtok";
import type { Contender } from "../contender.js";
import { jpegsAmong, prepareDecodeProgram } from "../decode-program.js";

const EPOCHS_PER_RUN = 3;

export const decodeOnly: Contender = {
  name: "decode-only",
  description:
    "libjpeg-turbo alone, JPEG files in memory to RGB, as many threads as pixtok: the speed limit",
  exact: false,
  output: "rate",
  async setUp(pairs) {
    const jpegs = await jpegsAmong(pairs.map((pair) => pair.image));
    const program = await prepareDecodeProgram(jpegs, runtimeInfo().threads);
    if ("unavailable" in program) return program;
    return {
      async runEpoch() {
        const report = await program.run(EPOCHS_PER_RUN);
        return {
          pairs: report.images * report.epochs.length,
          seconds: report.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
        };
      },
      close: () => program.close(),
    };
  },
};
