/** Many strings as UTF-8 in one piece of memory, without an object for each. */
export interface StringStore {
  readonly length: number;
  push(text: string): void;
  at(index: number): string;
}

export function stringStore(): StringStore {
  let bytes = Buffer.allocUnsafe(1 << 16);
  let used = 0;
  let ends = new Float64Array(1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(text) {
      const most = 3 * text.length; // bytes of UTF-8 for a UTF-16 unit
      if (used + most > bytes.length) {
        const larger = Buffer.allocUnsafe(2 * bytes.length + most);
        bytes.copy(larger, 0, 0, used);
        bytes = larger;
      }
      used += bytes.write(text, used, "utf8");
      if (length === ends.length) {
        const larger = new Float64Array(2 * length);
        larger.set(ends);
        ends = larger;
      }
      ends[length] = used;
      length += 1;
    },
    at: (index) =>
      bytes.toString("utf8", index === 0 ? 0 : (ends[index - 1] as number), ends[index]),
  };
}
