import type { WatermarkAlignment } from '../time/watermark-strategy.ts';
import type { SplitEnumerator } from './split-enumerator.ts';
import type { TaskWork } from './task-work.ts';

/** How a source reads, apart from what. */
export interface SourceSettings {
  readonly subtask: number;
  readonly autoWatermarkIntervalMs: number;
  readonly startMs: number;
  readonly isBounded: boolean;
  readonly copiesRecords: boolean;
  /** Barriers overtake what waits. */
  readonly isUnaligned: boolean;
  readonly alignment: WatermarkAlignment | undefined;
  readonly work: TaskWork;
  readonly enumerator: SplitEnumerator;
}
