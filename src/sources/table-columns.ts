import { urlColumns } from "./columns.js";
import type { ConversationReading } from "./conversation-rows.js";

/** Names of columns, most telling first, in which tables have images and names of rows. */
export const bytesColumns = ["image", "img", "photo", "jpg", "jpeg", "png", "webp"];
export const listColumns = ["images", "photos"];
const pathColumns = ["image_path", "file_name", "filename", "path", "filepath", ...urlColumns];
export const usualImageColumns = [...bytesColumns, ...listColumns, ...pathColumns];
/** Of conversations; other names of images may be of what a conversation is about. */
export const conversationImageColumns = [
  ...["image", "images", "image_path", "image_paths"],
  ...["file_name", "file_names"],
];

/** The column that conversations take their images from, where it is one of images. Without conversations none. */
export function imagesOfConversations(
  reading: ConversationReading | undefined,
  hasImage: (name: string) => boolean,
): string | undefined {
  if (reading === undefined) return undefined;
  const { images } = reading.columns ?? {};
  return (images === undefined ? ["images", "image"] : [images]).find(hasImage);
}

export const usualIdColumns = ["__key__", "key", "id"];
