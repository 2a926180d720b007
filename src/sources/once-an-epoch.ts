import type { SourceContext } from "../shared/sample-context.js";

/** Does something once in each epoch, for all pairs that are read in it; once more where it failed. */
export function onceAnEpoch(
  work: () => Promise<void>,
): (context: SourceContext | undefined) => Promise<void> {
  let last: { readonly epoch: number; readonly done: Promise<void> } | undefined;
  return (context) => {
    const epoch = context?.epoch ?? 0;
    if (last?.epoch === epoch) return last.done;
    const own = { epoch, done: work() };
    last = own;
    own.done.catch(() => {
      if (last === own) last = undefined;
    });
    return own.done;
  };
}
