import type { Batch, DataLoader, MultimodalDataset, Tensor } from "pixtok";

/** What became of comparing an epoch with the dataset. */
export interface AlignmentReport {
  rows: number;
  /** Rows that are the same as the dataset's item, to the last byte. */
  equalRows: number;
  /** One sentence for each row that differs, and for an order that is not as it should be. */
  problems: string[];
}

const fields = ["image", "input_ids", "attention_mask"] as const;

/**
 * Goes through an epoch and derives each row of every batch a second time, alone, from its
 * dataset index: the two must be the same bytes. The epoch must hold every pair once, in the
 * order in which an earlier epoch of the same seed and number came.
 */
export async function checkAlignment(
  dataset: MultimodalDataset,
  loader: DataLoader,
  earlierOrder: readonly number[],
  report: (rowsDone: number) => void,
): Promise<AlignmentReport> {
  const order: number[] = [];
  const problems: string[] = [];
  for await (const batch of loader) {
    const differences = await Promise.all(
      batch.indices.map((index, row) => describeDifference(dataset, batch, row, index)),
    );
    problems.push(...differences.filter((difference) => difference !== undefined));
    order.push(...batch.indices);
    batch.release();
    report(order.length);
  }
  const equalRows = order.length - problems.length;
  if (new Set(order).size !== dataset.length || order.length !== dataset.length) {
    problems.push("the epoch does not hold every pair exactly once");
  }
  if (order.some((index, position) => index !== earlierOrder[position])) {
    problems.push("the same seed and epoch gave another order");
  }
  return { rows: order.length, equalRows, problems };
}

async function describeDifference(
  dataset: MultimodalDataset,
  batch: Batch,
  row: number,
  index: number,
): Promise<string | undefined> {
  const item = await dataset.get(index);
  const differing = fields.filter(
    (field) => !bytesOfRow(batch[field], row).equals(bytesOf(item[field])),
  );
  return differing.length === 0
    ? undefined
    : `row ${row} is not dataset.get(${index}): ${differing.join(", ")}`;
}

function bytesOfRow(tensor: Tensor, row: number): Buffer {
  const bytes = bytesOf(tensor);
  const length = bytes.length / (tensor.dims[0] ?? 1);
  return bytes.subarray(row * length, (row + 1) * length);
}

function bytesOf({ data }: Tensor): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
