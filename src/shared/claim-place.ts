/** What is in a claim, and when it was written. */
export interface WrittenClaim {
  readonly content: string;
  /** When it was last written, in milliseconds since 1970, by the clock of its place. */
  readonly written: number;
  /** The time by that clock; that of this machine may be another. */
  now(): Promise<number>;
}

/** Where claims are: in a folder, or in whatever else several machines share. */
export interface ClaimPlace {
  /** How long is waited for somebody's moment of work before it is looked at again, in milliseconds. */
  readonly pollMs: number;
  /** Whether no claim is ever seen half written: what has the name of one, and is none, is somebody's own file. */
  readonly areWhole: boolean;
  /** What a claim is called for people. */
  pathOf(name: string): string;
  /**
   * Names of all claims, and perhaps of other things.
   *
   * @param on what they are claims on. Default: whatever is claimed.
   */
  names(on?: string): Promise<string[]>;
  /** Creates a claim that is whole as soon as it is there; false where there is one of this name already. */
  create(name: string, content: string): Promise<boolean>;
  /** Undefined where there is no such claim. */
  read(name: string): Promise<WrittenClaim | undefined>;
  /**
   * Writes one's own claim anew with what is in it, once; false where it is not there any more.
   *
   * @param signal ends it where it takes its time.
   */
  renew(name: string, content: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Removes a claim, but none that another process has since made in its place.
   *
   * @param token of the claim; undefined where it cannot be read.
   */
  remove(name: string, token: string | undefined): Promise<void>;
}
