/** Memory of this process, as far as it is in use. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collector = (options?: { readonly type: 'minor' | 'major' }) => void;

function exposeCollector(): Collector {
  if (globalThis.gc !== undefined) return globalThis.gc as unknown as Collector;
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collector;
}

/**
 * Collects what was left behind lately, so that the next to be measured does not pay for it. Not
 * everything: a full collection also takes the compiled code of what has ended, and the engine
 * would then be measured cold, round after round.
 */
export function collectYoungGarbage(): void {
  collect({ type: 'minor' });
}

const collect = exposeCollector();

/** Bytes that are reachable now: objects, and the memory of typed arrays. */
export function bytesInUse(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
