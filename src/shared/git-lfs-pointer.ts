const START = "version https://git-lfs.github.com/spec/";

/** How many bytes of a file isGitLfsPointer() looks at. */
export const LFS_POINTER_BYTES = START.length;

/** Whether a file is the pointer that Git LFS leaves in place of one that was not downloaded. */
export function isGitLfsPointer(start: Uint8Array): boolean {
  return Buffer.from(start.buffer, start.byteOffset, start.length)
    .toString("latin1", 0, LFS_POINTER_BYTES)
    .startsWith(START);
}

export const IS_LFS_POINTER =
  "this is a Git LFS pointer and not the file itself: run git lfs pull, or download the file";
