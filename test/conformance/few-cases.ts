/** What cases of a golden file are told apart by, besides what they expect. */
interface Case {
  image?: unknown;
  filter?: unknown;
  processor?: unknown;
}

const MOST = 100;

/**
 * Cases that have each image, each filter and each processor of all of them at least once; every n-th of these
 * where there are more than a hundred.
 */
export function fewCases<T extends Case>(cases: readonly T[]): T[] {
  const seen = new Set<string>();
  const different = cases.filter(({ image, filter, processor }) => {
    const before = seen.size;
    for (const part of [{ image }, { filter }, { processor }]) seen.add(JSON.stringify(part));
    return seen.size > before;
  });
  const step = Math.ceil(different.length / MOST);
  return different.filter((_, i) => i % step === 0);
}
