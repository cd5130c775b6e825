import { eventTimeOf } from '../dataset/attributes.ts';
import type { Attribute } from '../dataset/attributes.ts';
import type { Row, Value, WindowValue } from '../dataset/value.ts';

/** When a row or key is over, in ms; undefined: it carries no event time. */
export type EventTime = (row: Row) => number | undefined;

/**
 * The moment that a watermark is compared with: a window's end, or the event time itself. Models
 * Spark 4.2.0 WatermarkSupport.watermarkExpression: what is at or before the watermark is over.
 */
export function eventTimeIn(attributes: readonly Attribute[]): EventTime | undefined {
  const attribute = eventTimeOf(attributes);
  if (attribute === undefined) return undefined;
  const { name, isWindow } = attribute;
  if (isWindow) return (row) => (row[name] as WindowValue | null)?.end;
  return (row) => (row[name] as number | null) ?? undefined;
}

/** As eventTimeIn, for keys whose values stand in the order of these attributes. */
export function eventTimeOfKey(
  attributes: readonly Attribute[],
): ((key: readonly Value[]) => number | undefined) | undefined {
  const place = attributes.findIndex(({ delayMs }) => delayMs !== undefined);
  if (place === -1) return undefined;
  const isWindow = attributes[place]?.isWindow === true;
  if (isWindow) return (key) => (key[place] as WindowValue | null)?.end;
  return (key) => (key[place] as number | null) ?? undefined;
}

/** Whether a time is over; one that is null never is. */
export function isOver(timeMs: number | undefined, watermarkMs: number): boolean {
  return timeMs !== undefined && timeMs <= watermarkMs;
}
