/**
 * Stable names of what can be wrong with data or with the installation. Misuse of the interface is
 * a `TypeError` or `RangeError` instead.
 */
export type PixtokErrorCode =
  | "FILE_NOT_FOUND"
  | "NOT_A_FILE"
  | "FILE_UNREADABLE"
  | "FILE_UNWRITABLE"
  | "EMPTY_FILE"
  | "FILE_TOO_LARGE"
  | "UNSUPPORTED_FORMAT"
  | "CORRUPT_IMAGE"
  | "TRUNCATED_IMAGE"
  | "TOO_MANY_PIXELS"
  | "DOES_NOT_FIT"
  | "INVALID_IMAGE"
  | "INVALID_TEXT"
  | "INVALID_SAMPLE"
  | "INVALID_COLUMN"
  | "SAMPLE_FAILED"
  | "INVALID_MANIFEST"
  | "UNKNOWN_SOURCE"
  | "INVALID_ARCHIVE"
  | "INVALID_PARQUET"
  | "INVALID_ARROW"
  | "INVALID_PACK"
  | "INCOMPLETE_PACK"
  | "NOT_A_PACK"
  | "PACK_MISMATCH"
  | "PACK_IN_USE"
  | "TOO_MANY_BAD_SAMPLES"
  | "STATE_MISMATCH"
  | "NO_READABLE_SAMPLE"
  | "PROCESSOR_NOT_FOUND"
  | "INVALID_PROCESSOR"
  | "TOKENIZER_NOT_FOUND"
  | "INVALID_TOKENIZER"
  | "INVALID_CHAT_TEMPLATE"
  | "INVALID_CONVERSATION"
  | "IMAGES_MISMATCH"
  | "IMAGE_CUT"
  | "INVALID_TFIDF"
  | "INVALID_WEIGHTS"
  | "INVALID_LOCK"
  | "REMOTE_NOT_FOUND"
  | "REMOTE_REFUSED"
  | "REMOTE_UNREACHABLE"
  | "REMOTE_CORRUPT_FILE"
  | "IMAGE_NOT_AVAILABLE"
  | "CACHE_FULL"
  | "HUB_REPO_NOT_FOUND"
  | "HUB_REVISION_NOT_FOUND"
  | "HUB_ACCESS_DENIED"
  | "HUB_UNREACHABLE"
  | "HUB_CORRUPT_FILE"
  | "HUB_NOT_CACHED"
  | "HUB_CACHE_UNWRITABLE"
  | "OUT_OF_MEMORY"
  | "OUT_OF_FILE_DESCRIPTORS"
  | "STORAGE_FAILED"
  | "SOURCE_CHANGED"
  | "NO_BATCH_FITS"
  | "GPU_NOT_FOUND"
  | "GPU_QUERY_FAILED"
  | "ADDON_NOT_FOUND"
  | "OPTIONAL_PACKAGE_NOT_FOUND"
  | "DECODER_NOT_FOUND";

/** What a reader of the message can do about it. */
const advice: Partial<Record<PixtokErrorCode, string>> = {
  FILE_NOT_FOUND:
    "check the path: one in a manifest or table starts at that file's folder or at root, any other relative one at the current folder of the process",
  NOT_A_FILE: "give the path of a regular file; folders, pipes and devices are not read as one",
  FILE_UNREADABLE: "check the file's permissions",
  FILE_UNWRITABLE: "check that the folder exists and can be written to",
  EMPTY_FILE: "copy or download the file again, or leave this sample out",
  FILE_TOO_LARGE:
    "Node 22 and newer have longer arrays than Node 20; or pack into smaller files, by fileBytes",
  UNSUPPORTED_FORMAT:
    "JPEG, PNG, WebP, GIF, AVIF, TIFF, BMP, PPM, TGA and QOI are read; convert the file, or leave this sample out",
  CORRUPT_IMAGE: "copy or download the file again, or leave this sample out",
  TRUNCATED_IMAGE: "copy or download the file again, or leave this sample out",
  TOO_MANY_PIXELS: "raise maxPixels if the file is to be trusted",
  SAMPLE_FAILED: "see the error's cause",
  INVALID_PACK: "pixtok verify says which files are damaged: delete those, and pack again",
  INCOMPLETE_PACK: "run pixtok pack again, with the same options: it goes on where it stopped",
  PACK_IN_USE:
    "wait until it has ended and run this again, which goes on where that one stopped; or pack another part",
  PACK_MISMATCH: "ask for what was packed, or pack into another folder",
  STATE_MISMATCH: "resume with the options and the dataset that the state was made with",
  PROCESSOR_NOT_FOUND:
    "AutoProcessor.from_pretrained(name).save_pretrained(folder) in Python writes such a folder",
  TOKENIZER_NOT_FOUND:
    "AutoTokenizer.from_pretrained(name).save_pretrained(folder) in Python writes a tokenizer.json",
  IMAGES_MISMATCH: "give as many images as the text has places for",
  IMAGE_CUT: "raise max_length, make images smaller, or leave this row out",
  INVALID_TFIDF: "fit it again and save it",
  INVALID_WEIGHTS:
    "write one finite number of at least 0 for each row of the dataset, as float32 or float64",
  INVALID_LOCK: "pixtok lock writes one",
  REMOTE_NOT_FOUND: "check the URL",
  REMOTE_REFUSED: "check the URL, and what authorizes to read it",
  REMOTE_UNREACHABLE: "check the connection, and try again; files that have come whole are kept",
  REMOTE_CORRUPT_FILE: "try again; nothing of it was kept",
  CACHE_FULL:
    "raise cacheBytes, or read fewer files at once: in their order, or with smaller batches and less prefetch",
  HUB_REPO_NOT_FOUND: "check the name; a private model needs a token in HF_TOKEN",
  HUB_REVISION_NOT_FOUND: "check the branch, tag or commit",
  HUB_ACCESS_DENIED: "accept the terms on its page, and set HF_TOKEN to a token of that account",
  HUB_UNREACHABLE:
    "check the connection, the proxy and HF_ENDPOINT; HF_HUB_OFFLINE=1 uses the cache alone",
  HUB_CORRUPT_FILE: "try again; nothing of it was kept",
  HUB_NOT_CACHED: "download it once with a connection, and HF_HUB_OFFLINE unset",
  HUB_CACHE_UNWRITABLE: "set HF_HOME or HF_HUB_CACHE to a folder that can be written to",
  OUT_OF_MEMORY: "use smaller batches, less prefetch or fewer threads",
  OUT_OF_FILE_DESCRIPTORS: "raise the limit of open files (ulimit -n), or close what is not in use",
  STORAGE_FAILED: "check the disk or the mount, and try again",
  SOURCE_CHANGED: "open it again, and write to another file while this one is in use",
  NO_BATCH_FITS:
    "use smaller images, shorter texts or a smaller model, or free memory that others hold",
  GPU_NOT_FOUND: "only NVIDIA's GPUs are asked, through their driver's nvidia-smi",
  GPU_QUERY_FAILED: "run nvidia-smi by hand to see what is wrong with the driver",
};

/** Which sample an error is about. */
export interface SampleOrigin {
  /** Index in the dataset, or position in the list that was passed. Default none. */
  index?: number | undefined;
  /** The path, or a word for what has none ("buffer", "pixels"). Default none. */
  source?: string | undefined;
}

/** What a `PixtokError` is about. */
export interface PixtokErrorOptions extends SampleOrigin {
  /** The error behind it. Default none. */
  cause?: unknown;
  /** What to do about it, behind the message. Default: what helps with most errors of the code. */
  advice?: string;
}

/** Something is wrong with a sample, a file or the installation; `code` says what. */
export class PixtokError extends Error {
  /** Always "PixtokError". */
  override readonly name = "PixtokError";
  /** What is wrong, as a stable name. */
  readonly code: PixtokErrorCode;
  /** Index of the sample at fault, where one is. */
  readonly index: number | undefined;
  /** Path of the sample or file at fault, where there is one. */
  readonly source: string | undefined;
  /** What is wrong: the message without the sample and without advice. */
  readonly reason: string;

  /**
   * Also thrown by sources of your own, for a pair that cannot be read.
   *
   * @param message what is wrong; the sample, and what to do about it, are added.
   */
  constructor(code: PixtokErrorCode, message: string, options: PixtokErrorOptions = {}) {
    super(composeMessage(code, message, options), { cause: options.cause });
    this.code = code;
    this.index = options.index;
    this.source = options.source;
    this.reason = cutMiddle(message, MAX_MESSAGE_LENGTH);
  }
}

function composeMessage(
  code: PixtokErrorCode,
  message: string,
  origin: Pick<PixtokErrorOptions, "index" | "source" | "advice">,
): string {
  const sample = origin.index === undefined ? "" : `sample ${origin.index}`;
  const source =
    origin.source === undefined ? "" : JSON.stringify(cutMiddle(origin.source, MAX_SOURCE_LENGTH));
  const where = [sample, source].filter((name) => name !== "").join(", ");
  const hint = origin.advice ?? advice[code];
  const what = cutMiddle(message, MAX_MESSAGE_LENGTH);
  return `${where === "" ? "" : `${where}: `}${what}${hint === undefined ? "" : ` (${hint})`}`;
}

/** A message is read by people: a path of any length, or a data URI, must not fill their screen. */
const MAX_SOURCE_LENGTH = 160;
const MAX_MESSAGE_LENGTH = 400;

/** A text with its middle left out where it is longer than `length`. */
function cutMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const half = Math.floor((length - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(-half)}`;
}
