const fetched = new WeakSet<Uint8Array>();

/** Remembers that these bytes are an image that has a URL of its own. */
export function asFetchedImage(bytes: Uint8Array): Uint8Array {
  fetched.add(bytes);
  return bytes;
}

/** Whether bytes are an image that was fetched for itself, and none that lies in a file with others. */
export function isFetchedImage(bytes: Uint8Array): boolean {
  return fetched.has(bytes);
}
