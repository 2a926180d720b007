/** A file whose format, or whose kind of it, is not read. */
export class UnsupportedPicture extends Error {
  override readonly name = "UnsupportedPicture";
}
