import type { PixtokError } from "../../shared/errors.js";
import { describe, wrongType } from "../../shared/validation.js";
import { type ClassNames, classNames } from "../class-names.js";
import type { ColumnType, NumberColumn, NumberColumnType } from "../column-types.js";
import { chooseColumn, usualTextColumns } from "../columns.js";
import type { ConversationReading } from "../conversation-rows.js";
import { bytesColumns, listColumns, ownImageColumn, usualIdColumns } from "../table-columns.js";
import type { ArrowField, ArrowKind, ArrowSchema } from "./arrow-schema.js";
import { hasParts } from "./arrow-values.js";

/** The place of a column among those of the table. */
type Place = number;

/** Where an image is in its column: in it, or in the elements of a list there; of a struct, places of its columns. */
export interface ImageColumn {
  readonly name: string;
  readonly place: Place;
  readonly inList: boolean;
  /** Undefined: there are none; "self": the column, or element, itself. */
  readonly bytes: Place | "self" | undefined;
  readonly path: Place | "self" | undefined;
}

/** A column beside image and text. */
export interface OtherColumn {
  readonly name: string;
  readonly place: Place;
  readonly type: ColumnType | NumberColumn;
  readonly classes: ClassNames | undefined;
}

/** Where a pair is in a row. */
export interface PairColumns {
  /** Undefined where conversations have none. */
  readonly image: ImageColumn | undefined;
  /** Of further images, which are not in lists. */
  readonly imageColumns: readonly ImageColumn[];
  /** Undefined where no texts are wanted. */
  readonly text: { name: string; place: Place; classes: ClassNames | undefined } | undefined;
  /** What a row is called. */
  readonly id: Place | undefined;
  readonly others: readonly OtherColumn[];
}

/** What is wanted of a table, as its user says. */
export interface WantedColumns {
  readonly imageColumn: unknown;
  readonly textColumn: unknown;
  readonly columns: readonly string[] | "auto";
  readonly imageColumns: readonly string[];
  readonly texts: boolean;
}

const isOf = (field: ArrowField | undefined, ...kinds: ArrowKind[]) =>
  field !== undefined && kinds.includes(field.kind);

const elementOf = ({ kind, children }: ArrowField): ArrowField | undefined =>
  kind === "list" || kind === "fixed list" ? children[0] : undefined;

/** Bytes, paths, or a struct of both. */
function imageIn(field: ArrowField): Pick<ImageColumn, "bytes" | "path"> | undefined {
  if (isOf(field, "bytes")) return { bytes: "self", path: undefined };
  if (isOf(field, "string")) return { bytes: undefined, path: "self" };
  if (!isOf(field, "struct")) return undefined;
  const place = (name: string) => {
    const found = field.children.findIndex((child) => child.name === name);
    return isOf(field.children[found], "bytes", "string") ? found : undefined;
  };
  const bytes = place("bytes");
  return bytes === undefined ? undefined : { bytes, path: place("path") };
}

function imageOf(field: ArrowField): Omit<ImageColumn, "name" | "place"> | undefined {
  const own = imageIn(field);
  if (own !== undefined) return { ...own, inList: false };
  const element = elementOf(field);
  const inside = element && imageIn(element);
  // elements of a fixed list may be none
  return inside && field.size > 0 ? { ...inside, inList: true } : undefined;
}

const isText = (field: ArrowField | undefined) => isOf(field, "string", "bytes", "integer");

const types: Partial<Record<ArrowKind, ColumnType>> = {
  integer: "int64",
  float: "float32",
  boolean: "uint8",
  string: "string",
};

/** Whether it is structs, or lists of these or of lists, but no image. */
const isNested = (field: ArrowField): boolean =>
  imageOf(field) === undefined && field.children.length > 0 && hasParts(field);

/** Numbers, texts, truth values, or a list of them; of lists of one length a shape. */
function otherType(field: ArrowField): OtherColumn["type"] | undefined {
  const own = types[field.kind];
  const element = elementOf(field);
  const inside = element && types[element.kind];
  if (own !== undefined || inside === undefined) return own;
  if (field.kind === "list" || field.size === 0 || inside === "string") return "json";
  return { type: inside as NumberColumnType, shape: [field.size] };
}

/**
 * @param invalid makes an error of the file.
 * @param reading how rows are read as conversations, which need no images. Default: they are pairs.
 * @throws {PixtokError} where there are no such columns, or of another type.
 */
export function pairColumns(
  { fields, huggingface }: ArrowSchema,
  { imageColumn, textColumn, columns, imageColumns, texts }: WantedColumns,
  path: string,
  invalid: (message: string) => PixtokError,
  reading?: ConversationReading,
): PairColumns {
  const names = fields.map(({ name }) => name);
  const at = { code: "INVALID_ARROW", path } as const;
  const placeOf = (name: string): Place => {
    const place = names.indexOf(name);
    if (names.lastIndexOf(name) === place) return place;
    throw invalid(`several columns are called ${describe(name)}`);
  };
  const fieldOf = (name: string) => fields[placeOf(name)] as ArrowField;

  const hasImage = (name: string) => names.includes(name) && imageOf(fieldOf(name)) !== undefined;
  const hasBytes = (name: string) => hasImage(name) && imageOf(fieldOf(name))?.bytes !== undefined;
  // as of Parquet: struct before bytes, one before several, bytes before paths
  const byType = () =>
    fields.find((field) => isOf(field, "struct") && imageIn(field) !== undefined)?.name ??
    [...bytesColumns, ...listColumns].find(hasBytes) ??
    fields.find((field) => isOf(elementOf(field), "struct") && imageOf(field) !== undefined)?.name;
  const image = ownImageColumn({ given: imageColumn, names, hasImage, byType }, reading, at);
  const stored = (option: string, name: string): ImageColumn => {
    const found = imageOf(fieldOf(name));
    if (found !== undefined) return { name, place: placeOf(name), ...found };
    const expected = "expected bytes, paths, or a struct of bytes and path";
    throw invalid(`${option}: ${expected}, in ${describe(name)}`);
  };
  const further = imageColumns.map((name): ImageColumn => {
    const column = stored("imageColumns", chooseColumn("imageColumns", name, [], names, at));
    if (!column.inList) return column;
    const expected = "expected one image in each row, not a list, which imageColumn may name";
    throw invalid(`imageColumns: ${expected}, in ${describe(name)}`);
  });
  if (!texts && textColumn !== undefined) {
    throw wrongType("textColumn", "none with texts: false", textColumn);
  }
  const text = texts
    ? chooseColumn("textColumn", textColumn, usualTextColumns, names, at)
    : undefined;
  if (text !== undefined && !isText(fieldOf(text)) && !isText(elementOf(fieldOf(text)))) {
    const expected = "expected a text, a whole number or a list of them";
    throw invalid(`textColumn: ${expected}, in ${describe(text)}`);
  }
  const asked =
    columns === "auto" ? names.filter((name) => name !== image && name !== text) : columns;
  const wanted = asked.filter((name) => !imageColumns.includes(name));
  const others = wanted.flatMap((name): OtherColumn[] => {
    const place = placeOf(chooseColumn("columns", name, [], names, at));
    const field = fields[place] as ArrowField;
    const isPart = reading !== undefined && isNested(field);
    const type = otherType(field) ?? (isPart ? "json" : undefined);
    if (type !== undefined) return [{ name, place, type, classes: classNames(huggingface, name) }];
    if (columns === "auto") return [];
    const expected = "expected numbers, texts, truth values or a list of them";
    throw invalid(`columns: ${expected}, in ${describe(name)}`);
  });
  const id = usualIdColumns.find(
    (name) =>
      names.includes(name) && name !== text && name !== image && isOf(fieldOf(name), "string"),
  );
  return {
    image: image === undefined ? undefined : stored("imageColumn", image),
    imageColumns: further,
    text:
      text === undefined
        ? undefined
        : { name: text, place: placeOf(text), classes: classNames(huggingface, text) },
    id: id === undefined ? undefined : placeOf(id),
    others,
  };
}
