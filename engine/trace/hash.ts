import { encodeTrace } from './codec.ts';
import type { Trace } from './trace.ts';

/**
 * A 64-bit fingerprint of a trace, as 16 hex digits. Two runs of the same scenario have the same
 * one, in Node and in every browser. FNV-1a over the encoded bytes, twice with different bases;
 * it tells runs apart, it does not protect against forgery.
 */
export function traceHash(trace: Trace): string {
  return bytesHash(encodeTrace(trace));
}

/** The same fingerprint of any bytes. */
export function bytesHash(bytes: Uint8Array): string {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x01000193) ^ (high >>> 15);
  }
  return hex(high) + hex(low);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
