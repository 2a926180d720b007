import type { PixtokErrorCode } from "../shared/errors.js";
import { chooseColumn, urlColumns } from "./columns.js";
import type { ConversationReading } from "./conversation-rows.js";

/** Names of columns, most telling first, in which tables have images and names of rows. */
export const bytesColumns = ["image", "img", "photo", "jpg", "jpeg", "png", "webp"];
export const listColumns = ["images", "photos"];
const pathColumns = ["image_path", "file_name", "filename", "path", "filepath", ...urlColumns];
const usualImageColumns = [...bytesColumns, ...listColumns, ...pathColumns];
/** Of conversations; other names of images may be of what a conversation is about. */
export const conversationImageColumns = [
  ...["image", "images", "image_path", "image_paths"],
  ...["file_name", "file_names"],
];

/** Where a table's column of images is looked for. */
export interface ImageSearch {
  /** The option of that name. */
  readonly given: unknown;
  readonly names: readonly string[];
  readonly hasImage: (name: string) => boolean;
  /** A column that is one of images by its type. */
  readonly byType: () => string | undefined;
}

/**
 * The column of a row's own image; undefined where conversations have none.
 *
 * @param reading how rows are read as conversations. Default: they are pairs.
 * @throws {TypeError} where the option is no name.
 * @throws {PixtokError} `code`, where there is no such column.
 */
export function ownImageColumn(
  { given, names, hasImage, byType }: ImageSearch,
  reading: ConversationReading | undefined,
  at: { code: PixtokErrorCode; path: string },
): string | undefined {
  if (reading === undefined) {
    const found = given ?? byType() ?? usualImageColumns.find(hasImage);
    return chooseColumn("imageColumn", found, usualImageColumns, names, at);
  }
  if (given !== undefined) {
    return chooseColumn("imageColumn", given, conversationImageColumns, names, at);
  }
  const { images } = reading.columns ?? {};
  const told = (images === undefined ? ["images", "image"] : [images]).find(hasImage);
  return told ?? byType() ?? conversationImageColumns.find(hasImage);
}

export const usualIdColumns = ["__key__", "key", "id"];
