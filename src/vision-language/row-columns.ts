import type { TokenIds } from "../text/token-rows.js";
import type { ModelCore } from "./model-core.js";
import { type EncodedRow, NOT_LEARNED, numbersOf, typesOf } from "./row-tensors.js";

/** Numbers of each token of a row, by the names that a batch's tensors have: what is padded there. */
export type TokenColumns = Readonly<Record<string, TokenIds>>;

/** What stands beside the ids of the tokens of a row. */
export interface BesideIds {
  readonly labels: boolean;
}

const TYPES = "token_type_ids";

const hasTypes = ({ model }: ModelCore) => model.names.inputs.includes(TYPES);

/** Names of the columns of a row; `input_ids` are the first. There is no padding, so that no mask says what is. */
export function tokenColumnNames(core: ModelCore, { labels }: BesideIds): string[] {
  const ofTokens = hasTypes(core) ? [TYPES] : [];
  return [
    "input_ids",
    ...(labels ? ["labels"] : []),
    ...new Set([...ofTokens, ...Object.keys(core.types)]),
  ];
}

/** A row by its columns, as rowTensors() has it in a batch. */
export function tokenColumns(
  core: ModelCore,
  { ids, typeIds, learned }: EncodedRow,
  beside: BesideIds,
): TokenColumns {
  const types = Object.entries(core.types).map(([name, ofImages]) => [
    name,
    typesOf(ids, ofImages),
  ]);
  const columns: TokenColumns = {
    input_ids: ids,
    labels: numbersOf(ids, (id, at) => (learned?.[at] === 1 ? id : NOT_LEARNED)),
    [TYPES]: typeIds,
    ...Object.fromEntries(types),
  };
  const names = tokenColumnNames(core, beside);
  return Object.fromEntries(names.map((name) => [name, columns[name] as TokenIds]));
}

/** A row that tokenColumns() has written. Types of images follow from ids: theirs are for other readers. */
export function rowOfColumns({
  input_ids: ids = [],
  labels,
  [TYPES]: typeIds = new Int32Array(ids.length),
}: TokenColumns): EncodedRow {
  const learned = labels && numbersOf(labels, (one) => (one === NOT_LEARNED ? 0 : 1));
  return { ids, typeIds, learned: learned ?? null };
}
