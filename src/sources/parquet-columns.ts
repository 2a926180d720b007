import { parquetSchema, type SchemaTree } from "hyparquet";
import { describe, wrongType } from "../validation.js";
import { chooseColumn, usualTextColumns } from "./columns.js";
import { invalidParquet, type ParquetFile } from "./parquet-file.js";

/** Where a pair is in a row. */
export interface PairColumns {
  readonly image: string;
  /** Leaf of the pictures' bytes, and of their paths where these are of the hub's kind. */
  readonly bytes: string;
  readonly path: string | undefined;
  readonly text: string;
  /** Leaves of the text, or texts. */
  readonly textLeaves: readonly string[];
  /** What a row is called. */
  readonly id: string | undefined;
}

const usualImageColumns = ["image", "img", "picture", "photo", "jpg", "jpeg", "png", "webp"];
const usualIdColumns = ["__key__", "key", "id"];

const isBytes = ({ element, children }: SchemaTree) =>
  children.length === 0 && element.type === "BYTE_ARRAY" && element.repetition_type !== "REPEATED";
const isString = (tree: SchemaTree) =>
  isBytes(tree) &&
  (tree.element.converted_type === "UTF8" || tree.element.logical_type?.type === "STRING");

const childOf = (tree: SchemaTree, name: string) =>
  tree.children.find(({ element }) => element.name === name);

function leavesOf({ children, path }: SchemaTree): string[] {
  return children.length === 0 ? [path.join(".")] : children.flatMap(leavesOf);
}

/** The hub's picture: a struct of bytes and path. */
function isHubPicture(tree: SchemaTree): boolean {
  const bytes = childOf(tree, "bytes");
  return bytes !== undefined && isBytes(bytes) && tree.element.repetition_type !== "REPEATED";
}

/** Of a text, or a list of texts: the leaf that has them. */
function isText(tree: SchemaTree): boolean {
  const leaves = leavesOf(tree);
  if (leaves.length !== 1) return false;
  let leaf = tree;
  while (leaf.children[0] !== undefined) leaf = leaf.children[0];
  return leaf.element.type === "BYTE_ARRAY";
}

/** @throws {PixtokError} INVALID_PARQUET where there are no such columns, or of another type. */
export function pairColumns(
  { path: file, metadata }: ParquetFile,
  imageColumn: unknown,
  textColumn: unknown,
): PairColumns {
  const { children } = parquetSchema(metadata);
  const names = children.map(({ element }) => element.name);
  const at = { code: "INVALID_PARQUET", path: file } as const;
  const named = (name: string) => children[names.indexOf(name)] as SchemaTree;

  if (imageColumn !== undefined && typeof imageColumn !== "string") {
    throw wrongType("imageColumn", "a name", imageColumn);
  }
  const hub = children.find(isHubPicture)?.element.name;
  const usual = usualImageColumns.filter((name) => names.includes(name) && isBytes(named(name)));
  const image = chooseColumn("imageColumn", imageColumn ?? hub, usual, names, at);
  const picture = named(image);
  if (!isHubPicture(picture) && !isBytes(picture)) {
    throw invalidParquet(
      file,
      `imageColumn: expected bytes, or a struct of bytes and path, in ${describe(image)}`,
    );
  }
  const path = childOf(picture, "path");

  const text = chooseColumn("textColumn", textColumn, usualTextColumns, names, at);
  if (!isText(named(text))) {
    throw invalidParquet(
      file,
      `textColumn: expected a text or a list of texts in ${describe(text)}`,
    );
  }
  return {
    image,
    bytes: isHubPicture(picture) ? `${image}.bytes` : image,
    path: path !== undefined && isBytes(path) ? `${image}.path` : undefined,
    text,
    textLeaves: leavesOf(named(text)),
    id: usualIdColumns.find((name) => names.includes(name) && isString(named(name))),
  };
}
