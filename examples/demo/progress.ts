import { SingleBar } from "cli-progress";

/**
 * Shows a progress bar while the work is done, and takes it away afterwards. Where standard error
 * is no terminal, nothing is shown.
 *
 * @param work gets a function to tell how much is done so far
 */
export async function withProgress<Result>(
  label: string,
  total: number,
  work: (report: (done: number) => void) => Promise<Result>,
): Promise<Result> {
  const bar = new SingleBar({
    format: `  ${label.padEnd(11)} {bar} {value}/{total}`,
    barsize: 32,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    clearOnComplete: true,
    linewrap: true,
    gracefulExit: false,
  });
  bar.start(total, 0);
  try {
    return await work((done) => bar.update(done));
  } finally {
    bar.stop();
  }
}
