/**
 * The two clocks. The tags are optional, so that a plain number can be used for either, but a
 * value of one axis can't be handed to the other by mistake.
 */
export type EventTimeMs = number & { readonly axis?: 'event' };
export type ProcessingTimeMs = number & { readonly axis?: 'processing' };

/**
 * Stand-ins for Flink's `Long.MIN_VALUE` and `Long.MAX_VALUE` watermarks. Simplified: the range of
 * exact integers of a JavaScript number (53 bits), so that times stay plain JSON.
 */
export const WATERMARK_MIN = Number.MIN_SAFE_INTEGER;
export const WATERMARK_MAX = Number.MAX_SAFE_INTEGER;
