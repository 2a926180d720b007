/** Pairs in a batch. A batch of more would not fit into memory with images of any usual size. */
export const MAX_BATCH_SIZE = 1 << 20;

/** Samples that a report lists: more than anyone reads, and few enough to keep where every sample is bad. */
export const MAX_LISTED = 1000;

/** Causes that are looked at behind an error: libraries wrap three or four, and one may be its own cause. */
export const MAX_CAUSES = 8;

/** Threads that prepare images. More than any machine has cores, and few enough to be started. */
export const MAX_THREADS = 1024;

/**
 * Bytes of a tokenizer, configuration or lock, which are read whole. The largest that people use have some
 * 40 MB.
 */
export const MAX_MODEL_FILE_BYTES = 1 << 28;

/** Tokens in a row. */
export const MAX_ROW_TOKENS = 1 << 20;
