/** A part of what a message says. */
export type ChatPart =
  | {
      /** Words. */
      readonly type: "text";
      /** What is said. */
      readonly text: string;
    }
  | {
      /** Stands for the next of the row's images. What else it has is for the template. */
      readonly type: "image";
      readonly [field: string]: unknown;
    }
  | {
      /** What else the template knows. */
      readonly type: string;
      readonly [field: string]: unknown;
    };

/** What one says in a conversation, as chat templates read it. */
export interface ChatMessage {
  /** Who says it: "system", "user", "assistant", "tool" or whatever the template knows. */
  readonly role: string;
  /** A text, or texts and images in their order. Default none, as of a message that only calls tools. */
  readonly content?: string | readonly ChatPart[] | null;
  /** What else the template reads: `tool_calls`, `reasoning_content`, `name`, … */
  readonly [field: string]: unknown;
}
