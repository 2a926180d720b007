import { describe, wrongType } from "../../shared/validation.js";
import { type ClassNames, classNames } from "../class-names.js";
import type { ColumnType } from "../column-types.js";
import { chooseColumn, usualTextColumns } from "../columns.js";
import type { ConversationReading } from "../conversation-rows.js";
import { bytesColumns, listColumns, ownImageColumn, usualIdColumns } from "../table-columns.js";
import { invalidParquet } from "./parquet-file.js";
import type { ParquetColumns } from "./parquet-metadata.js";
import { type Nested, nestedIn } from "./parquet-nested.js";
import type { ParquetLeaf, ParquetNode } from "./parquet-schema.js";

/** A column of images. */
export interface ImageColumn {
  readonly name: string;
  /** The images' bytes, and their paths: one of them may be missing. */
  readonly bytes: ParquetLeaf | undefined;
  readonly path: ParquetLeaf | undefined;
  /** Whether a row has a list of images. */
  readonly inList: boolean;
}

/** Where a pair is in a row. */
export interface PairColumns {
  /** The row's own image, which only conversations may be without, and further ones, which are not in lists. */
  readonly images: readonly [ImageColumn | undefined, ...ImageColumn[]];
  /** Undefined where no texts are wanted. */
  readonly text: string | undefined;
  readonly texts: ParquetLeaf | undefined;
  /** What the numbers of a column of classes stand for. */
  readonly classes: ClassNames | undefined;
  /** What a row is called. */
  readonly id: ParquetLeaf | undefined;
  /** What else is asked for. */
  readonly others: readonly OtherColumn[];
}

/** A column beside image and text. */
export type OtherColumn = {
  readonly name: string;
  readonly type: ColumnType;
  readonly classes: ClassNames | undefined;
} & (
  | { readonly leaf: ParquetLeaf; readonly nested?: undefined }
  // of structs, or of lists of lists
  | { readonly leaf?: undefined; readonly nested: Nested }
);

/** Columns of times, decimals and bytes are not read. */
const typesOfKinds: Partial<Record<ParquetLeaf["kind"], ColumnType>> = {
  integer: "int64",
  unsigned: "int64",
  float: "float32",
  boolean: "uint8",
  string: "string",
};

/** Numbers, texts, truth values, or a list of them. */
function otherColumn(node: ParquetNode, huggingface: string | undefined): OtherColumn | undefined {
  const { name } = node;
  const inList = node.leaf === undefined || node.repeated ? elementOf(node) : undefined;
  const leaf = (inList ?? node).leaf;
  const type = leaf && typesOfKinds[leaf.kind];
  if (leaf === undefined || type === undefined || leaf.lists.length > 1) return undefined;
  const classes = classNames(huggingface, name);
  return { name, leaf, type: inList === undefined ? type : "json", classes };
}

/** Structs of what other columns have and of bytes, and lists of these. */
function nestedColumn(node: ParquetNode): OtherColumn | undefined {
  if (imageOf(node) !== undefined) return undefined;
  const isRead = ({ kind }: ParquetLeaf) => kind === "bytes" || typesOfKinds[kind] !== undefined;
  const nested = nestedIn(node, isRead);
  if (nested === undefined || nested.kind === "value") return undefined;
  return { name: node.name, nested, type: "json", classes: undefined };
}

const ofKind = (node: ParquetNode | undefined, ...kinds: ParquetLeaf["kind"][]) =>
  node?.leaf !== undefined && !node.repeated && kinds.includes(node.leaf.kind)
    ? node.leaf
    : undefined;

/** What a list has in it: of `list<element: T>` T, and of older writers' `repeated T` T as well. */
function elementOf(node: ParquetNode): ParquetNode | undefined {
  if (node.repeated) return { ...node, repeated: false };
  const [list, ...others] = node.children;
  if (list === undefined || others.length > 0 || !list.repeated) return undefined;
  const [element] = list.children;
  return list.children.length === 1 ? element : { ...list, repeated: false };
}

/** Bytes, paths, or the hub's struct of both. */
function imageIn(node: ParquetNode): Pick<ImageColumn, "bytes" | "path"> | undefined {
  if (node.repeated) return undefined;
  const child = (name: string) => node.children.find((one) => one.name === name);
  const bytes = ofKind(node, "bytes") ?? ofKind(child("bytes"), "bytes", "string");
  const path = ofKind(node, "string") ?? ofKind(child("path"), "string", "bytes");
  if (node.leaf === undefined && bytes === undefined) return undefined;
  return bytes === undefined && path === undefined ? undefined : { bytes, path };
}

/** An image, or a list of images. */
function imageOf(node: ParquetNode): Omit<ImageColumn, "name"> | undefined {
  const own = imageIn(node);
  if (own !== undefined) return { ...own, inList: false };
  const element = elementOf(node);
  const inside = element && imageIn(element);
  return inside && { ...inside, inList: true };
}

/** Texts or numbers, or a list of them. */
function textOf(node: ParquetNode): ParquetLeaf | undefined {
  const kinds = ["string", "bytes", "integer", "unsigned"] as const;
  return ofKind(node, ...kinds) ?? ofKind(elementOf(node), ...kinds);
}

const isHubImage = (node: ParquetNode) =>
  node.leaf === undefined && imageIn(node)?.bytes !== undefined;

/** What is wanted of a file, as its user says. */
interface WantedColumns {
  readonly imageColumn: unknown;
  readonly textColumn: unknown;
  readonly columns: readonly string[] | "auto";
  readonly imageColumns: readonly string[];
  readonly texts: boolean;
}

/**
 * @param file whose columns they are, for errors.
 * @param reading how rows are read as conversations, which need no images. Default: they are pairs.
 * @throws {PixtokError} INVALID_PARQUET where there are no such columns, or of another type.
 */
export function pairColumns(
  file: string,
  { columns, huggingface }: ParquetColumns,
  { imageColumn, textColumn, columns: others, imageColumns, texts: hasTexts }: WantedColumns,
  reading?: ConversationReading,
): PairColumns {
  const names = columns.map(({ name }) => name);
  const at = { code: "INVALID_PARQUET", path: file } as const;
  const named = (name: string): ParquetNode => {
    const [first, ...others] = columns.filter((column) => column.name === name);
    if (others.length > 0)
      throw invalidParquet(file, `several columns are called ${describe(name)}`);
    return first as ParquetNode;
  };

  const hasImage = (name: string) => names.includes(name) && imageOf(named(name)) !== undefined;
  // struct before bytes, one before several, bytes before paths
  const byType = () =>
    columns.find(isHubImage)?.name ??
    [...bytesColumns, ...listColumns].find((name) => hasImage(name) && !isPath(named(name))) ??
    columns.find((column) => isHubImage(elementOf(column) ?? column))?.name;
  const image = ownImageColumn({ given: imageColumn, names, hasImage, byType }, reading, at);
  const stored = (option: string, name: string): ImageColumn => {
    const found = imageOf(named(name));
    if (found !== undefined) return { name, ...found };
    const expected = "expected bytes, paths, or a struct of bytes and path";
    throw invalidParquet(file, `${option}: ${expected}, in ${describe(name)}`);
  };
  const further = imageColumns.map((name): ImageColumn => {
    const column = stored("imageColumns", chooseColumn("imageColumns", name, [], names, at));
    if (!column.inList) return column;
    const expected = "expected one image in each row, not a list, which imageColumn may name";
    throw invalidParquet(file, `imageColumns: ${expected}, in ${describe(name)}`);
  });
  const own = image === undefined ? undefined : stored("imageColumn", image);
  const images = [own, ...further] as const;

  if (!hasTexts && textColumn !== undefined) {
    throw wrongType("textColumn", "none with texts: false", textColumn);
  }
  const text = hasTexts
    ? chooseColumn("textColumn", textColumn, usualTextColumns, names, at)
    : undefined;
  const texts = text === undefined ? undefined : textOf(named(text));
  if (text !== undefined && texts === undefined) {
    throw invalidParquet(
      file,
      `textColumn: expected a text, a whole number or a list of them in ${describe(text)}`,
    );
  }
  const asked =
    others === "auto" ? names.filter((name) => name !== image && name !== text) : others;
  const otherNames = asked.filter((name) => !imageColumns.includes(name));
  const read = otherNames.map((name) => {
    const node = named(chooseColumn("columns", name, [], names, at));
    const flat = otherColumn(node, huggingface);
    const column = flat ?? (reading === undefined ? undefined : nestedColumn(node));
    if (column !== undefined || others === "auto") return column;
    throw invalidParquet(
      file,
      `columns: expected numbers, texts, truth values or a list of them in ${describe(name)}`,
    );
  });
  return {
    others: read.filter((column) => column !== undefined),
    images,
    text,
    texts,
    classes: text === undefined ? undefined : classNames(huggingface, text),
    id: usualIdColumns
      .filter((name) => names.includes(name) && name !== text && name !== image)
      .map((name) => ofKind(named(name), "string"))
      .find((leaf) => leaf !== undefined),
  };
}

const isPath = (node: ParquetNode) => imageOf(node)?.bytes === undefined;

/** What is to be the same in all files of a source. */
export function signatureOf({ images, text, texts, classes, id, others }: PairColumns): string {
  const ofImages = images.flatMap((image) => [image?.bytes, image?.path]);
  const own = others.flatMap(({ leaf, nested }) => (leaf === undefined ? nested.leaves : [leaf]));
  const leaves = [...ofImages, texts, id, ...own].map((leaf) => leaf && [leaf.path, leaf.lists]);
  return JSON.stringify([
    images.map((image) => image?.name),
    text,
    leaves,
    classes,
    others.map((other) => other.classes),
  ]);
}
