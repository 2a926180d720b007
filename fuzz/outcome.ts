/** What became of a row or an image. */
export type RowOutcome =
  | { readonly verdict: "read"; readonly digest: string }
  | { readonly verdict: "refused"; readonly code: string };

/** What became of a case in the process that ran it. */
export type Outcome =
  | { readonly kind: "read"; readonly rows: readonly RowOutcome[] }
  | { readonly kind: "refused"; readonly code: string }
  /** An error that is none of pixtok's, or one that is no use to a reader. */
  | { readonly kind: "unexpected"; readonly what: string; readonly detail: string };

/** What the parent tells a process to run. */
export interface CaseRequest {
  readonly id: number;
  readonly target: string;
  readonly folder: string;
  /** For images: turn them as their EXIF data say. */
  readonly exifOrientation: boolean;
  /** For images: write the pixels into this file. */
  readonly pixelsTo?: string;
}

export interface CaseReply {
  readonly id: number;
  readonly outcome: Outcome;
  readonly residentBytes: number;
}
