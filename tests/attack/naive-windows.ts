import type { Item, WindowShape } from './plan.ts';

/** Windows as plainly as they can be said: [startMs, endMs). */
export interface NaiveBounds {
  readonly startMs: number;
  readonly endMs: number;
}

/** The tumbling or sliding windows of a moment. */
export function boundsOf(atMs: number, shape: WindowShape): NaiveBounds[] {
  const { sizeMs, offsetMs, slideMs } = shape;
  const lastStartMs = Math.floor((atMs - offsetMs) / slideMs) * slideMs + offsetMs;
  const bounds: NaiveBounds[] = [];
  for (let startMs = lastStartMs; startMs > atMs - sizeMs; startMs -= slideMs) {
    bounds.push({ startMs, endMs: startMs + sizeMs });
  }
  return bounds;
}

/** How long a session waits for more after this record. */
export function gapOf({ key }: Item, shape: WindowShape): number {
  return shape.kind === 'dynamic-session' ? shape.sizeMs * (1 + Number(key[1])) : shape.sizeMs;
}

export interface NaiveSession extends NaiveBounds {
  readonly ids: readonly string[];
}

/**
 * Sessions of the records of one key; undefined when one begins just where another ends: then it
 * depends on the course whether the first is still there to be merged with.
 */
export function sessionsOf(items: readonly Item[], shape: WindowShape): NaiveSession[] | undefined {
  const sessions: NaiveSession[] = [];
  for (const item of [...items].sort((left, right) => left.atMs - right.atMs)) {
    const { atMs, id } = item;
    const endMs = atMs + gapOf(item, shape);
    const last = sessions.at(-1);
    if (last?.endMs === atMs) return undefined;
    if (last === undefined || last.endMs < atMs) {
      sessions.push({ startMs: atMs, endMs, ids: [id] });
      continue;
    }
    const ids = [...last.ids, id];
    sessions[sessions.length - 1] = { ...last, endMs: Math.max(last.endMs, endMs), ids };
  }
  return sessions;
}
