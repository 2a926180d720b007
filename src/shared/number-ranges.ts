/** Numbers that follow one another. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** Ranges as `sbatch --array=` takes them, such as "0,3-5". */
export function rangesInWords(ranges: readonly NumberRange[]): string {
  return ranges
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(",");
}

/** The same of numbers in ascending order. */
export function numberRanges(numbers: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const before = ranges.at(-1);
    if (before !== undefined && before.last + 1 === number) before.last = number;
    else ranges.push({ first: number, last: number });
  }
  return rangesInWords(ranges);
}
