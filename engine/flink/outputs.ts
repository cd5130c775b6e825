import { cloneValue } from '../core/clone.ts';
import type { Key, KeyTable } from '../core/key-table.ts';
import type { Output } from '../operators/operator.ts';
import { keyGroupOf, subtaskOfKeyGroup } from '../state/key-groups.ts';
import type { Random } from '../core/random.ts';
import { ELEMENT } from './channel.ts';
import type { Channel } from './channel.ts';

/** An output over the network, whose channels also carry watermarks and barriers. */
export interface NetworkOutput extends Output {
  readonly channels: readonly Channel[];
}

/** Routes each record by the key group of its key. Models Flink's KeyGroupStreamPartitioner. */
export class HashOutput implements NetworkOutput {
  readonly channels: readonly Channel[];
  readonly #keySelector: (value: unknown) => Key;
  readonly #keys: KeyTable;
  readonly #maxParallelism: number;
  readonly #copies: boolean;
  /** The channel of each key seen, by key id. */
  readonly #channelOfKey: Channel[] = [];

  constructor(
    channels: readonly Channel[],
    keySelector: (value: unknown) => Key,
    keys: KeyTable,
    maxParallelism: number,
    copies: boolean,
  ) {
    this.channels = channels;
    this.#keySelector = keySelector;
    this.#keys = keys;
    this.#maxParallelism = maxParallelism;
    this.#copies = copies;
  }

  emit(value: unknown, timestampMs: number, _key: number, cause: number): void {
    const key = this.#keys.intern(this.#keySelector(value));
    const channel = this.#channelOfKey[key] ?? this.#route(key);
    const sent = this.#copies ? cloneValue(value) : value;
    channel.push(ELEMENT.record, timestampMs, sent, key, cause);
  }

  #route(key: number): Channel {
    const keyGroup = keyGroupOf(this.#keys.valueOf(key), this.#maxParallelism);
    const index = subtaskOfKeyGroup(keyGroup, this.#maxParallelism, this.channels.length);
    const channel = this.channels[index] as Channel;
    this.#channelOfKey[key] = channel;
    return channel;
  }
}

/**
 * Deals records round-robin; with one channel, goes straight on. Models Flink's
 * RebalancePartitioner, RescalePartitioner and ForwardPartitioner, which differ in their channels.
 * Simplified: begins with the first channel (Flink's rebalance begins with a random one).
 */
export class RebalanceOutput implements NetworkOutput {
  readonly channels: readonly Channel[];
  readonly #copies: boolean;
  #next = 0;

  constructor(channels: readonly Channel[], copies: boolean) {
    this.channels = channels;
    this.#copies = copies;
  }

  emit(value: unknown, timestampMs: number, _key: number, cause: number): void {
    const channel = this.channels[this.#next] as Channel;
    this.#next = (this.#next + 1) % this.channels.length;
    const sent = this.#copies ? cloneValue(value) : value;
    channel.push(ELEMENT.record, timestampMs, sent, -1, cause);
  }
}

/** Sends each record to a channel picked at random. Models Flink's ShufflePartitioner. */
export class ShuffleOutput implements NetworkOutput {
  readonly channels: readonly Channel[];
  readonly #copies: boolean;
  readonly #random: Random;

  constructor(channels: readonly Channel[], copies: boolean, random: Random) {
    this.channels = channels;
    this.#copies = copies;
    this.#random = random;
  }

  emit(value: unknown, timestampMs: number, _key: number, cause: number): void {
    const channel = this.channels[this.#random.below(this.channels.length)] as Channel;
    const sent = this.#copies ? cloneValue(value) : value;
    channel.push(ELEMENT.record, timestampMs, sent, -1, cause);
  }
}

/** Sends a copy of each record to every channel. Models Flink's BroadcastPartitioner. */
export class BroadcastOutput implements NetworkOutput {
  readonly channels: readonly Channel[];

  constructor(channels: readonly Channel[]) {
    this.channels = channels;
  }

  emit(value: unknown, timestampMs: number, _key: number, cause: number): void {
    // A record that crosses the network is serialized, whatever object reuse says.
    for (const channel of this.channels) {
      channel.push(ELEMENT.record, timestampMs, cloneValue(value), -1, cause);
    }
  }
}

/** Sends all records to the first channel. Models Flink's GlobalPartitioner. */
export class GlobalOutput implements NetworkOutput {
  readonly channels: readonly Channel[];
  readonly #copies: boolean;

  constructor(channels: readonly Channel[], copies: boolean) {
    this.channels = channels;
    this.#copies = copies;
  }

  emit(value: unknown, timestampMs: number, _key: number, cause: number): void {
    const sent = this.#copies ? cloneValue(value) : value;
    (this.channels[0] as Channel).push(ELEMENT.record, timestampMs, sent, -1, cause);
  }
}
