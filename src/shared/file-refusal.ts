import type { PixtokErrorCode } from "./errors.js";

/** Why the addon does not read a file: what the file system says, as an error of Node's is. */
export class FileRefusal extends Error {
  readonly code: PixtokErrorCode;

  constructor({ code, message }: { readonly code: string; readonly message: string }) {
    super(message);
    this.code = code as PixtokErrorCode;
  }
}
