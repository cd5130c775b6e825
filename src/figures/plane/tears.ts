import { type CheckpointFact, type FailureFact } from '../facts/incident-facts.ts';
import { type Scales } from './scales.ts';

export interface CheckpointLine {
  readonly checkpoint: CheckpointFact;
  readonly y: number;
  /** Only where there is room: lines may be closer than text is high. */
  readonly isLabelled: boolean;
}

/** A failure drawn as a tear: a zigzag band from the crash to the restart. */
export interface Tear {
  readonly failure: FailureFact;
  readonly band: string;
  readonly edges: string;
  readonly topY: number;
  readonly bottomY: number;
  /** From the restored checkpoint to the crash: what is done again afterwards. */
  readonly rewound: { readonly y: number; readonly height: number };
  readonly text: string;
  /** For narrow figures. */
  readonly shortText: string;
}

const LABEL_HEIGHT = 15;
const TEAR_HEIGHT_MIN = 11;
const TOOTH_WIDTH = 9;
const TOOTH_HEIGHT = 5;

/** The checkpoints in sight, by the moment they were triggered. */
export function layoutCheckpoints(
  checkpoints: readonly CheckpointFact[],
  scales: Scales,
): readonly CheckpointLine[] {
  let labelledY = Infinity;
  return checkpoints
    .filter(({ triggeredMs }) => isInSight(triggeredMs, scales))
    .map((checkpoint) => {
      const y = scales.y(checkpoint.triggeredMs);
      const isLabelled = labelledY - y >= LABEL_HEIGHT;
      if (isLabelled) labelledY = y;
      return { checkpoint, y, isLabelled };
    });
}

/** The failures in sight. */
export function layoutTears(failures: readonly FailureFact[], scales: Scales): readonly Tear[] {
  return failures
    .filter(({ atMs }) => isInSight(atMs, scales))
    .map((failure) => {
      const topY = scales.y(failure.restartedMs ?? failure.atMs);
      // A short outage takes its height from the time before: what is replayed right after the
      // restart has to stay in sight.
      const bottomY = Math.max(scales.y(failure.atMs), topY + TEAR_HEIGHT_MIN);
      const rewoundY = scales.yInside(failure.rewoundToMs);
      const [lower, upper] = [zigzag(bottomY, scales), zigzag(topY, scales)];
      return {
        failure,
        ...{ topY, bottomY },
        edges: `${lineThrough(lower)}${lineThrough(upper)}`,
        band: `${lineThrough([...lower, ...upper.toReversed()])}z`,
        rewound: { y: bottomY, height: Math.max(0, rewoundY - bottomY) },
        text: tearText(failure),
        shortText: failure.reason,
      };
    });
}

function tearText({ reason, checkpointId, restartedMs }: FailureFact): string {
  if (restartedMs === undefined) return `${reason} · the job gave up`;
  const from = checkpointId === undefined ? 'the beginning' : `checkpoint ${checkpointId}`;
  return `${reason} · back to ${from}`;
}

function isInSight(atMs: number, { view }: Scales): boolean {
  return atMs >= view.processingMs[0] && atMs <= view.processingMs[1];
}

type Point = readonly [x: number, y: number];

function zigzag(y: number, { plot }: Scales): readonly Point[] {
  const count = Math.ceil(plot.width / TOOTH_WIDTH);
  return Array.from({ length: count + 1 }, (_, index) => [
    Math.min(plot.right, plot.left + index * TOOTH_WIDTH),
    y + (index % 2 === 0 ? 0 : -TOOTH_HEIGHT),
  ]);
}

function lineThrough(points: readonly Point[]): string {
  const absolute = points.map(([x, y]) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`);
  return `M${absolute.join('L')}`;
}
