// Answers requests as fuzz/child.ts does, but for those whose folder names what is wrong with it.

const misbehave = {
  spin() {
    for (;;);
  },
  wait: () => new Promise(() => {}),
  abort: () => process.abort(),
  grow() {
    globalThis.kept = Array.from({ length: 40 }, () => Buffer.alloc(2 ** 25, 1));
    return misbehave.wait();
  },
  async reject() {
    Promise.reject(new Error("left behind"));
    await misbehave.wait();
  },
};

process.on("message", async ({ id, folder }) => {
  await misbehave[folder]?.();
  process.send({ id, outcome: { kind: "read", rows: [] }, residentBytes: 0 });
});
