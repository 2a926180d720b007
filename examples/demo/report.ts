const labelWidth = 11;

/** Prints lines side by side with a label before the first. */
export function printSection(label: string, ...lines: string[]): void {
  const text = lines
    .map((line, index) => `  ${(index === 0 ? label : "").padEnd(labelWidth)} ${line}`)
    .join("\n");
  process.stdout.write(`${text}\n`);
}

export function printBlankLine(): void {
  process.stdout.write("\n");
}

/** Pads the cells of each column to one width, on the left where they begin with a digit. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const pad = (cell: string, column: number) =>
    /^\d/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join("  ").trimEnd());
}

/** A rate with as many digits as mean something: 1523, 84.1, 7.32. */
export function formatRate(pairsPerSecond: number): string {
  const digits = pairsPerSecond < 10 ? 2 : pairsPerSecond < 100 ? 1 : 0;
  return `${pairsPerSecond.toFixed(digits)} pairs/s`;
}
