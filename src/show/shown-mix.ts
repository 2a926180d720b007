import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import type { MixedRow } from "../image/row-mixing.js";
import type { RowsToShow } from "./rows-to-show.js";
import { type ShownColumn, shownColumns } from "./shown-columns.js";

/** What a row of a batch was mixed with. */
export interface ShownMix extends MixedRow {
  /** The other's row in the batch. */
  readonly otherRow: number;
}

/** A share for people to read. */
const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

/** What a row was mixed with; null where it was not. */
export function shownMix({ augmentation, indices }: RowsToShow, row: number): ShownMix | null {
  const mixed = augmentation?.mixed?.[row];
  return mixed === undefined
    ? null
    : { ...mixed, otherRow: row === 0 ? indices.length - 1 : row - 1 };
}

/** How much of a row is its own, how much is of another, and which that is. */
export function mixText({ share, other }: MixedRow): {
  readonly own: string;
  readonly others: string;
  readonly other: string;
} {
  return { own: percent(share), others: percent(1 - share), other: `#${other}` };
}

/** The shares of classes in a row, as a column; none where rows are not mixed. */
export function softLabelsOf(
  { soft_labels }: RowsToShow,
  row: number,
  { source, image }: DatasetPipeline,
): ShownColumn[] {
  const labels = image.augmentation?.mixing?.labels;
  if (soft_labels === undefined || labels === undefined) return [];
  const { column, classes } = labels;
  const shares = [...soft_labels.data.subarray(row * classes, (row + 1) * classes)];
  const parts = shares.flatMap((share, label) => {
    if (share === 0) return [];
    const [named] = shownColumns(new Map([[column, label]]), source.classNames);
    return [`${named?.text}: ${percent(share)}`];
  });
  return [{ name: "soft_labels", text: parts.join(", "), isLabel: false }];
}
