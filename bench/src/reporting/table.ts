export const NOTHING = "–";

type Rows = readonly (readonly string[])[];

/** Rows of cells, the header first; the first column holds names and the others figures. */
export type Table = Rows;

/** Cells as wide as their column's widest: names to the left, figures to the right. */
function padded(table: Table, narrowest: number): Rows {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(narrowest, ...table.map((row) => row[column]?.length ?? 0)),
  );
  return table.map((row) =>
    widths.map((width, column) => {
      const cell = row[column] ?? "";
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    }),
  );
}

export function plainTable(table: Table): string {
  return padded(table, 0)
    .map((row) => row.join("  ").trimEnd())
    .join("\n");
}

/** Laid out as the formatter lays tables out, for what is written is checked like all other files. */
export function markdownTable(table: Table): string {
  const [header = [], ...rows] = padded(table, "---".length);
  const rule = header.map((cell, column) =>
    column === 0 ? "-".repeat(cell.length) : `${"-".repeat(cell.length - 1)}:`,
  );
  return [header, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
