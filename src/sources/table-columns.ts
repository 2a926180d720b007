import { urlColumns } from "./columns.js";

/** Names of columns, most telling first, in which tables have images and names of rows. */
export const bytesColumns = ["image", "img", "photo", "jpg", "jpeg", "png", "webp"];
export const listColumns = ["images", "photos"];
const pathColumns = ["image_path", "file_name", "filename", "path", "filepath", ...urlColumns];
export const usualImageColumns = [...bytesColumns, ...listColumns, ...pathColumns];
export const usualIdColumns = ["__key__", "key", "id"];
