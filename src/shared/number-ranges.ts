/** Numbers in ascending order as `sbatch --array=` takes them, such as "0,3-5". */
export function numberRanges(numbers: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const before = ranges.at(-1);
    if (before !== undefined && before.last + 1 === number) before.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(",");
}
