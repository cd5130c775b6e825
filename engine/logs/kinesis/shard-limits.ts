/**
 * Models a shard's limits: Amazon Kinesis Data Streams, "Quotas and limits" (as of 2026): 1 MB/s
 * and 1,000 records/s in, 2 MB/s out for all polling readers together, 5 GetRecords calls/s; a
 * call that returns 10 MB makes the calls of the next 5 seconds fail.
 * Simplified: counted by seconds of the clock (AWS does not document how); 1 MB is 2^20 bytes.
 * Invariant: over any whole number of these seconds no more is granted than the limits allow,
 * but for the last call's overshoot, which the next seconds pay for.
 */

const MEBIBYTE = 2 ** 20;

/** Limits of one shard. */
export const SHARD_LIMITS = {
  writeBytesPerSecond: MEBIBYTE,
  writeRecordsPerSecond: 1000,
  readBytesPerSecond: 2 * MEBIBYTE,
  readCallsPerSecond: 5,
  /** Of one GetRecords call. */
  readBytesPerCall: 10 * MEBIBYTE,
  readRecordsPerCall: 10_000,
} as const;

/** What may pass in a second. Overshoot is carried into the seconds after. */
class PerSecond {
  readonly #limit: number;
  #second = -Infinity;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  usedAt(nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    if (second > this.#second) {
      const passed = Math.min(second - this.#second, Number.MAX_SAFE_INTEGER);
      this.#used = Math.max(0, this.#used - passed * this.#limit);
      this.#second = second;
    }
    return this.#used;
  }

  hasRoomFor(amount: number, nowMs: number): boolean {
    return this.usedAt(nowMs) + amount <= this.#limit;
  }

  take(amount: number, nowMs: number): void {
    this.#used = this.usedAt(nowMs) + amount;
  }
}

/** What went in and out of a shard in the current second. */
export class ShardMeter {
  readonly #writtenBytes = new PerSecond(SHARD_LIMITS.writeBytesPerSecond);
  readonly #writtenRecords = new PerSecond(SHARD_LIMITS.writeRecordsPerSecond);
  readonly #readBytes = new PerSecond(SHARD_LIMITS.readBytesPerSecond);
  readonly #readCalls = new PerSecond(SHARD_LIMITS.readCallsPerSecond);

  /** Takes a record in; false: `ProvisionedThroughputExceededException`. */
  tryWrite(bytes: number, nowMs: number): boolean {
    const hasRoom =
      this.#writtenBytes.hasRoomFor(bytes, nowMs) && this.#writtenRecords.hasRoomFor(1, nowMs);
    if (!hasRoom) return false;
    this.#writtenBytes.take(bytes, nowMs);
    this.#writtenRecords.take(1, nowMs);
    return true;
  }

  /** True when a GetRecords call is let through. Calls that are refused count as well. */
  tryReadCall(nowMs: number): boolean {
    const mayCall = this.#readCalls.hasRoomFor(1, nowMs);
    if (mayCall) this.#readCalls.take(1, nowMs);
    return mayCall && this.#readBytes.usedAt(nowMs) < SHARD_LIMITS.readBytesPerSecond;
  }

  /** Counts what a call returned. */
  countRead(bytes: number, nowMs: number): void {
    this.#readBytes.take(bytes, nowMs);
  }
}

/** A fan-out consumer's own pipe: 2 MB/s of one shard, whatever others read. */
export class FanOutMeter {
  readonly #bytes = new PerSecond(SHARD_LIMITS.readBytesPerSecond);

  hasRoom(nowMs: number): boolean {
    return this.#bytes.usedAt(nowMs) < SHARD_LIMITS.readBytesPerSecond;
  }

  count(bytes: number, nowMs: number): void {
    this.#bytes.take(bytes, nowMs);
  }
}

/**
 * Shards that a steady load needs: the most of bytes in, records in and, for readers that poll,
 * bytes out. Fan-out readers have their own 2 MB/s each and add nothing.
 */
export function shardsNeeded(load: {
  readonly megabytesPerSecond: number;
  readonly recordsPerSecond: number;
  readonly pollingReaders: number;
}): number {
  const { megabytesPerSecond, recordsPerSecond, pollingReaders } = load;
  return Math.ceil(
    Math.max(
      megabytesPerSecond,
      recordsPerSecond / SHARD_LIMITS.writeRecordsPerSecond,
      (megabytesPerSecond * pollingReaders) / 2,
    ),
  );
}
