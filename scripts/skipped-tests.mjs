// A reporter for node --test, beside another: its last lines say which tests were skipped, and why.

// biome-ignore lint/style/noDefaultExport: node --test takes a reporter so
export default async function* skippedTests(events) {
  const byReason = new Map();
  for await (const { type, data } of events) {
    if (type !== "test:pass" || data.skip === undefined) continue;
    const reason = data.skip === true || data.skip === "" ? "no reason given" : data.skip;
    byReason.set(reason, [...(byReason.get(reason) ?? []), data.name]);
  }
  for (const [reason, names] of byReason) yield `skipped, ${reason}: ${names.join("; ")}\n`;
  if (byReason.size === 0) yield "skipped: nothing\n";
}
