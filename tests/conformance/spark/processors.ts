import { StatefulProcessor, StatefulProcessorWithInitialState, TTLConfig } from '#engine/spark';
import type {
  ExpiredTimerInfo,
  ListState,
  MapState,
  Row,
  StatefulProcessorHandle,
  TimerValues,
  ValueState,
} from '#engine/spark';
import type { TransformProgram } from './scenario.ts';

/** What the processors do that scenario.ts describes (TransformProgram). */
class ProgramState {
  readonly program: TransformProgram;
  private handle!: StatefulProcessorHandle;
  private value: ValueState<number> | undefined;
  private list: ListState<number> | undefined;
  private map: MapState<string, number> | undefined;

  constructor(program: TransformProgram) {
    this.program = program;
  }

  init(handle: StatefulProcessorHandle): void {
    const { variable, ttlMs } = this.program;
    const ttl = new TTLConfig(ttlMs);
    this.handle = handle;
    if (variable === 'value') this.value = handle.getValueState<number>('state', ttl);
    if (variable === 'list') this.list = handle.getListState<number>('state', ttl);
    if (variable === 'map') this.map = handle.getMapState<string, number>('state', ttl);
  }

  begin(count: number): void {
    this.value?.update(count);
    for (let at = 0; at < count; at += 1) this.list?.appendValue(at);
    this.map?.updateValue('initial', count);
  }

  rows(key: string, rows: readonly Row[], times: TimerValues): Row[] {
    let latestMs = 0;
    for (const row of rows) {
      latestMs = Math.max(latestMs, (row['time'] ?? 0) as number);
      this.add((row['value'] ?? 0) as number);
    }
    this.setTimer(times, latestMs);
    const count = this.count();
    if (count >= this.program.limit) {
      this.clear();
      return [{ key, count, kind: 'full' }];
    }
    return this.program.isTalkative ? [{ key, count, kind: 'count' }] : [];
  }

  timer(key: string, expiryMs: number): Row[] {
    const { onTimer, timerMs } = this.program;
    const count = this.count();
    if (onTimer === 'remove') this.clear();
    if (onTimer === 'rearm') this.handle.registerTimer(expiryMs + timerMs);
    return [{ key, count, kind: `timer ${expiryMs}` }];
  }

  private setTimer(times: TimerValues, latestMs: number): void {
    const { timerMs, isSingleTimer, timeMode } = this.program;
    if (timerMs === 0) return;
    if (isSingleTimer) {
      for (const timer of this.handle.listTimers()) this.handle.deleteTimer(timer);
    }
    const fromMs =
      timeMode === 'ProcessingTime'
        ? times.getCurrentProcessingTimeInMs()
        : Math.max(latestMs, times.getCurrentWatermarkInMs());
    this.handle.registerTimer(fromMs + timerMs);
  }

  private add(added: number): void {
    this.value?.update(this.count() + 1);
    this.list?.appendValue(added);
    this.map?.updateValue(String(added), added);
  }

  private count(): number {
    if (this.value !== undefined) return this.value.get() ?? 0;
    return (this.list?.get() ?? this.map?.keys() ?? []).length;
  }

  private clear(): void {
    this.value?.clear();
    this.list?.clear();
    this.map?.clear();
  }
}

/** One that begins without state. */
export class PlainProcessor extends StatefulProcessor<string, Row, Row> {
  private readonly state: ProgramState;

  constructor(program: TransformProgram) {
    super();
    this.state = new ProgramState(program);
  }

  init(): void {
    this.state.init(this.getHandle());
  }

  handleInputRows(key: string, rows: readonly Row[], times: TimerValues): Row[] {
    return this.state.rows(key, rows, times);
  }

  override handleExpiredTimer(key: string, _times: TimerValues, timer: ExpiredTimerInfo): Row[] {
    return this.state.timer(key, timer.getExpiryTimeInMs());
  }
}

/** One whose state begins with counts by key. */
export class SeededProcessor extends StatefulProcessorWithInitialState<string, Row, Row, Row> {
  private readonly state: ProgramState;

  constructor(program: TransformProgram) {
    super();
    this.state = new ProgramState(program);
  }

  init(): void {
    this.state.init(this.getHandle());
  }

  handleInitialState(_key: string, initial: Row): void {
    this.state.begin(initial['rank'] as number);
  }

  handleInputRows(key: string, rows: readonly Row[], times: TimerValues): Row[] {
    return this.state.rows(key, rows, times);
  }

  override handleExpiredTimer(key: string, _times: TimerValues, timer: ExpiredTimerInfo): Row[] {
    return this.state.timer(key, timer.getExpiryTimeInMs());
  }
}
