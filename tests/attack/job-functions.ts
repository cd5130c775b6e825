import { BoundedOutOfOrdernessWatermarks, OutputTag, ProcessJoinFunction } from '#engine';
import type { AsyncFunction, Collector, ProcessJoinContext, WatermarkOutput } from '#engine';
import type { Item, ResultRow } from './plan.ts';
import { answerItem } from './stages.ts';

/** Where every job sends what is too late. */
export const LATE = new OutputTag<Item>('late');

/** A watermark after every record. */
export class PerRecordWatermarks extends BoundedOutOfOrdernessWatermarks<Item> {
  override onEvent(item: Item, timestampMs: number, output: WatermarkOutput): void {
    super.onEvent(item, timestampMs, output);
    this.onPeriodicEmit(output);
  }
}

export function toRow({ id, key }: Item): ResultRow {
  return { key, startMs: null, endMs: null, count: 1, ids: [id] };
}

/** A service outside that takes its time, more for some than for others. */
export const askService: AsyncFunction<Item, Item> = {
  asyncInvoke: (item, resultFuture, service) => {
    const latencyMs = (item.id.charCodeAt(2) % 4) * 37;
    service.after(latencyMs, () => resultFuture.complete([answerItem(item)]));
  },
};

export class JoinPair extends ProcessJoinFunction<Item, Item, ResultRow> {
  override processElement(
    left: Item,
    right: Item,
    _context: ProcessJoinContext,
    out: Collector<ResultRow>,
  ): void {
    out.collect(pairRow(left, right));
  }
}

export function pairRow({ key, id }: Item, right: Item): ResultRow {
  return { key, startMs: null, endMs: null, count: 2, ids: [id, right.id] };
}
