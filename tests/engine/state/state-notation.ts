import { KeyTable } from '../../../engine/core/key-table.ts';
import {
  AggregatingStateDescriptor,
  ListStateDescriptor,
  MapStateDescriptor,
  ReducingStateDescriptor,
  ValueStateDescriptor,
} from '../../../engine/state/descriptors.ts';
import type {
  AggregatingState,
  ListState,
  MapState,
  ReducingState,
  StateDescriptor,
  ValueState,
} from '../../../engine/state/descriptors.ts';
import { KeyedStateBackend } from '../../../engine/state/keyed-state-backend.ts';
import type {
  KeyContext,
  StateBackendType,
  StateSnapshot,
} from '../../../engine/state/keyed-state-backend.ts';
import type { StateTtlConfig } from '../../../engine/state/state-ttl-config.ts';
import { Recorder } from '../../../engine/trace/recorder.ts';

/** A context whose clock and key a test sets. */
export interface TestContext extends KeyContext {
  atMs: number;
}

export function testContext(keys = new KeyTable(), isTraced = true): TestContext {
  return {
    recorder: new Recorder(isTraced),
    keys,
    subtask: 0,
    currentKey: -1,
    callbackRow: -1,
    atMs: 0,
    nowMs() {
      return this.atMs;
    },
  };
}

interface StateOptions {
  readonly backend?: StateBackendType;
  readonly ttl?: StateTtlConfig | undefined;
  readonly context?: TestContext;
  readonly restored?: readonly StateSnapshot[];
}

/**
 * One of each kind of state, driven by one line: `0 v=1 l+a m.a=1 r+1 g+1 | 60 v? l? m? r? g?`.
 * A step is a time in ms and words: `v` value, `l` list, `m` map, `r` reducing (sum), `g`
 * aggregating (what was added); `=` sets, `+` adds, `-` removes, `!` clears, `?` reads, `~` asks a
 * map whether it is empty, `k:` makes k the key. What is read comes back, a line a step.
 */
export class States {
  readonly context: TestContext;
  readonly backend: KeyedStateBackend;
  readonly value: ValueState<unknown>;
  readonly list: ListState<unknown>;
  readonly map: MapState<string, unknown>;
  readonly reducing: ReducingState<number>;
  readonly aggregating: AggregatingState<number, string>;

  constructor({ backend = 'hashmap', ttl, context, restored }: StateOptions = {}) {
    this.context = context ?? testContext();
    let index = 0;
    this.backend = new KeyedStateBackend(this.context, backend, () => index++);
    if (restored !== undefined) this.backend.restore(restored);
    const expiring = <D extends StateDescriptor>(descriptor: D): D => {
      if (ttl !== undefined) descriptor.enableTimeToLive(ttl);
      return descriptor;
    };
    this.value = this.backend.valueState(expiring(new ValueStateDescriptor<unknown>('v')));
    this.list = this.backend.listState(expiring(new ListStateDescriptor<unknown>('l')));
    this.map = this.backend.mapState(expiring(new MapStateDescriptor<string, unknown>('m')));
    const sum = (left: number, right: number): number => left + right;
    this.reducing = this.backend.reducingState(expiring(new ReducingStateDescriptor('r', sum)));
    this.aggregating = this.backend.aggregatingState(
      expiring(new AggregatingStateDescriptor<number, number[], string>('g', collecting)),
    );
    this.setKey('k');
  }

  setKey(key: string): void {
    this.context.currentKey = this.context.keys.intern(key);
  }

  /** Runs the steps; returns what each that reads has read. */
  run(text: string): string[] {
    return text.split('|').flatMap((step) => {
      const [time = '', ...words] = step.trim().split(' ');
      this.context.atMs = Number(time);
      const seen = words.flatMap((word) => this.#do(word) ?? []);
      return seen.length === 0 ? [] : [`${time} ${seen.join(' ')}`];
    });
  }

  #do(word: string): string | undefined {
    if (word.endsWith(':')) {
      this.setKey(word.slice(0, -1));
      return undefined;
    }
    const [name = '', rest] = [word[0], word.slice(1)];
    if (name === 'm') return this.#doMap(rest);
    const operand = rest.slice(1);
    switch (`${name}${rest[0]}`) {
      case 'v=':
        return void this.value.update(Number(operand));
      case 'v!':
        return void this.value.clear();
      case 'l+':
        return void this.list.add(operand);
      case 'l=':
        return void this.list.update(operand === '' ? [] : operand.split(','));
      case 'l!':
        return void this.list.clear();
      case 'r+':
        return void this.reducing.add(Number(operand));
      case 'g+':
        return void this.aggregating.add(Number(operand));
      case 'v?':
        return String(this.value.value());
      case 'l?':
        return `[${this.list.get().join()}]`;
      case 'r?':
        return String(this.reducing.get());
      case 'g?':
        return String(this.aggregating.get());
      default:
        throw new Error(`not in the notation: ${word}`);
    }
  }

  #doMap(rest: string): string | undefined {
    if (rest === '?') return `{${this.map.entries().map((entry) => entry.join('='))}}`;
    if (rest === '~') return String(this.map.isEmpty());
    if (rest === '!') return void this.map.clear();
    const key = rest[1] ?? '';
    if (rest.endsWith('?')) return String(this.map.get(key));
    if (rest.endsWith('-')) return void this.map.remove(key);
    if (rest.endsWith('∈')) return String(this.map.contains(key));
    return void this.map.put(key, Number(rest.slice(3)));
  }
}

const collecting = {
  createAccumulator: (): number[] => [],
  add: (value: number, accumulator: number[]): number[] => {
    accumulator.push(value);
    return accumulator;
  },
  getResult: (accumulator: number[]): string => `(${accumulator.join()})`,
  merge: (left: number[], right: number[]): number[] => [...left, ...right],
};
