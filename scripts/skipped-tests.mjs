// A reporter for node --test, beside another: its last lines say which tests were skipped, and why. With
// PIXTOK_EVERY_TEST=1 a test that is skipped for what could be installed is a failure.

/** Reasons that no installation removes, or only one of gigabytes. */
const UNAVOIDABLE = [
  /^there is no shared data on this machine$/,
  /^there is not enough memory$/,
  /^this Node has no /,
  /^there is no \/dev\/fuse$/,
  /^(only root may mount it|file systems cannot be mounted here)$/,
  /^there is no Python with (transformers|torch) /,
];

const isFailure = (reason) =>
  process.env.PIXTOK_EVERY_TEST === "1" && !UNAVOIDABLE.some((pattern) => pattern.test(reason));

// biome-ignore lint/style/noDefaultExport: node --test takes a reporter so
export default async function* skippedTests(events) {
  const byReason = new Map();
  for await (const { type, data } of events) {
    if (type !== "test:pass" || data.skip === undefined) continue;
    const reason = data.skip === true || data.skip === "" ? "no reason given" : data.skip;
    byReason.set(reason, [...(byReason.get(reason) ?? []), data.name]);
  }
  for (const [reason, names] of byReason) {
    const failed = isFailure(reason);
    if (failed) process.exitCode = 1;
    yield `${failed ? "failed: " : ""}skipped, ${reason}: ${names.join("; ")}\n`;
  }
  if (byReason.size === 0) yield "skipped: nothing\n";
}
