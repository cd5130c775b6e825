import { KIND, PANE_TIMINGS, WATERMARK_MIN, keyGroupOf, subtaskOfKeyGroup } from '#engine';
import type { Trace } from '#engine';
import type { AttackedRun } from './attacked-run.ts';
import { mustEqual } from './attacked-run.ts';
import type { Item, WindowWork } from './plan.ts';
import { boundsOf } from './naive-windows.ts';
import { throughStages } from './stages.ts';

interface NaiveWindow {
  readonly key: string;
  readonly startMs: number;
  readonly ids: readonly string[];
  /** It has a record that no firing at the window's end has shown. */
  readonly isPending: boolean;
}

type NaiveState = ReadonlyMap<string, NaiveWindow>;

/** What each subtask held at each checkpoint. */
type Snapshots = Map<number, Map<number, NaiveState>>;

interface Place {
  readonly id: number;
  readonly index: number;
  /** Subtasks that share its work. */
  readonly width: number;
}

/** What a subtask did, or should have, by the row that was the reason. */
type DeedsByRow = Map<number, string[]>;

/**
 * Goes through the trace beside each window subtask, with the rules written as plainly as can be:
 * what it received and the watermark it had then decide what it fires, drops and sends to the side.
 * Right whatever was late, crashed and restored: it takes and restores snapshots where the trace
 * says so.
 */
export function checkWindows(attacked: AttackedRun): string | undefined {
  const { plan, trace } = attacked;
  if (plan.work.type !== 'window' || plan.work.contents === 'coGroup') return undefined;
  if (!['tumbling', 'sliding'].includes(plan.work.shape.kind)) return undefined;
  const { subtasks } = trace.header;
  const judges = new Map<number, WindowJudge>();
  const snapshots: Snapshots = new Map();
  subtasks.forEach(({ operator, index, epoch }, id) => {
    if (operator !== 'work') return;
    const peers = subtasks.filter((other) => other.operator === 'work' && other.epoch === epoch);
    const place = { id, index, width: peers.length };
    judges.set(id, new WindowJudge(attacked, plan.work as WindowWork, place, snapshots));
  });
  const { kind, subtask } = trace.columns;
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (kind[row] === KIND['job-restarting']) {
      for (const judge of judges.values()) judge.noteFailure();
    }
    judges.get(subtask[row] as number)?.see(row);
  }
  for (const [id, judge] of judges) {
    const problem = judge.verdict();
    if (problem !== undefined) return `window subtask ${id}: ${problem}`;
  }
  return undefined;
}

class WindowJudge {
  readonly #attacked: AttackedRun;
  readonly #trace: Trace;
  readonly #work: WindowWork;
  #windows = new Map<string, NaiveWindow>();
  readonly #place: Place;
  readonly #snapshots: Snapshots;
  #watermarkMs = WATERMARK_MIN;
  readonly #expected: DeedsByRow = new Map();
  readonly #actual: DeedsByRow = new Map();
  /** The record that may have been in service when the subtask died. */
  #lastReceivedRow = -1;
  readonly #excused = new Set<number>();

  constructor(attacked: AttackedRun, work: WindowWork, place: Place, snapshots: Snapshots) {
    this.#attacked = attacked;
    this.#trace = attacked.trace;
    this.#work = work;
    this.#place = place;
    this.#snapshots = snapshots;
  }

  see(row: number): void {
    const { kind, a } = this.#trace.columns;
    switch (kind[row]) {
      case KIND['record-received']:
        this.#lastReceivedRow = row;
        this.#receive(row);
        return;
      case KIND['watermark-advanced']:
        this.#watermarkMs = a[row] as number;
        this.#advance(row);
        return;
      case KIND['snapshot-taken']:
        this.#take(a[row] as number);
        return;
      case KIND['subtask-restored']:
        this.#windows = this.#restored(a[row] as number);
        this.#watermarkMs = WATERMARK_MIN;
        return;
      default:
        this.#note(row);
    }
  }

  #take(checkpointId: number): void {
    const held = this.#snapshots.get(checkpointId) ?? new Map<number, NaiveState>();
    held.set(this.#place.id, new Map(this.#windows));
    this.#snapshots.set(checkpointId, held);
  }

  /** Its own snapshot; after a change of parallelism, its keys out of all the others'. */
  #restored(checkpointId: number): Map<string, NaiveWindow> {
    const held = this.#snapshots.get(checkpointId);
    const own = held?.get(this.#place.id);
    if (own !== undefined) return new Map(own);
    const { header } = this.#trace;
    const epochOf = (id: number): number => header.subtasks[id]?.epoch ?? 0;
    const others = [...(held ?? [])].filter(([id]) => epochOf(id) !== epochOf(this.#place.id));
    const { maxParallelism } = header;
    return new Map(
      others
        .flatMap(([, windows]) => [...windows])
        .filter(([, { key }]) => {
          const keyGroup = keyGroupOf(key, maxParallelism);
          const owner = subtaskOfKeyGroup(keyGroup, maxParallelism, this.#place.width);
          return owner === this.#place.index;
        }),
    );
  }

  noteFailure(): void {
    this.#excused.add(this.#lastReceivedRow);
  }

  /** The first row after which something else happened than should have. */
  verdict(): string | undefined {
    const rows = new Set([...this.#expected.keys(), ...this.#actual.keys()]);
    for (const row of [...rows].sort((left, right) => left - right)) {
      const actual = this.#actual.get(row) ?? [];
      // Whoever dies while it serves a record has done nothing with it.
      if (actual.length === 0 && (this.#excused.has(row) || this.#isCutOff(row))) continue;
      const problem = mustEqual(`what follows row ${row}`, actual, this.#expected.get(row) ?? []);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** The run was over while the record was being served. */
  #isCutOff(row: number): boolean {
    return row === this.#lastReceivedRow && !this.#attacked.isFinished;
  }

  #receive(row: number): void {
    const { shape, hasLateOutput } = this.#work;
    const item = this.#itemOf(row);
    const open = boundsOf(item.atMs, shape).filter(({ endMs }) => !this.#isOver(endMs));
    if (open.length === 0) this.#expect(row, `${hasLateOutput ? 'side' : 'drop'} ${item.atMs}`);
    for (const { startMs, endMs } of open) {
      const name = `${item.key} ${startMs}`;
      const before = this.#windows.get(name);
      const isLate = endMs - 1 <= this.#watermarkMs;
      const ids = [...(before?.ids ?? []), item.id];
      const isPending = !isLate || (before?.isPending ?? false);
      const window = { key: item.key, startMs, ids, isPending };
      this.#windows.set(name, window);
      if (isLate) this.#expect(row, fireText(window, shape.sizeMs, 'late'));
    }
  }

  /** The watermark has passed the end of a window and its lateness. */
  #isOver(endMs: number): boolean {
    return endMs - 1 + this.#work.latenessMs <= this.#watermarkMs;
  }

  #advance(row: number): void {
    const { sizeMs } = this.#work.shape;
    for (const [name, window] of [...this.#windows]) {
      const endMs = window.startMs + sizeMs;
      if (window.isPending && endMs - 1 <= this.#watermarkMs) {
        this.#expect(row, fireText(window, sizeMs, 'on-time'));
        this.#windows.set(name, { ...window, isPending: false });
      }
      if (this.#isOver(endMs)) {
        this.#windows.delete(name);
        this.#expect(row, `clear ${window.key} ${window.startMs}`);
      }
    }
  }

  /** Notes a deed of the subtask under the record or watermark that made it do it. */
  #note(row: number): void {
    const { kind, a, b, c, key } = this.#trace.columns;
    const keyText = String(this.#trace.keys[key[row] as number]);
    const startMs = a[row] as number;
    switch (kind[row]) {
      case KIND['window-fired']: {
        const ids = idsIn(this.#valueAt(row));
        const window = { key: keyText, startMs, ids };
        const sizeMs = (b[row] as number) - startMs;
        this.#act(row, fireText(window, sizeMs, String(PANE_TIMINGS[c[row] as number])));
        return;
      }
      case KIND['window-cleared']:
        this.#act(row, `clear ${keyText} ${startMs}`);
        return;
      case KIND['record-dropped-late']:
        this.#act(row, `drop ${startMs}`);
        return;
      case KIND['side-output']:
        this.#act(row, `side ${startMs}`);
        return;
      default:
    }
  }

  #expect(row: number, deed: string): void {
    this.#expected.set(row, [...(this.#expected.get(row) ?? []), deed]);
  }

  #act(row: number, deed: string): void {
    const { kind, cause } = this.#trace.columns;
    let reason = cause[row] as number;
    const isReason = (code: number | undefined): boolean =>
      code === KIND['record-received'] || code === KIND['watermark-advanced'];
    while (reason >= 0 && !isReason(kind[reason])) reason = cause[reason] as number;
    this.#actual.set(reason, [...(this.#actual.get(reason) ?? []), deed]);
  }

  #valueAt(row: number): unknown {
    return this.#trace.values[this.#trace.columns.value[row] as number];
  }

  /** The record behind a `record-received`: as it was emitted, or as the source read it. */
  #itemOf(row: number): Item {
    const { cause, kind, b, c } = this.#trace.columns;
    const sender = cause[row] as number;
    if (kind[sender] === KIND['record-emitted']) return this.#valueAt(sender) as Item;
    const { plan } = this.#attacked;
    const split = this.#trace.header.splits[c[sender] as number];
    const { partitions, other } = plan;
    const partition = split?.log === 'other' ? other : partitions[split?.partition ?? 0];
    const record = partition?.[b[sender] as number];
    if (record === undefined) throw new Error(`row ${row} has no record`);
    const { id, key, atMs } = record;
    return throughStages({ id, key, atMs }, plan.stages)[0] as Item;
  }
}

/** Contents of a window, however it keeps them. */
function idsIn(contents: unknown): readonly string[] {
  if (!Array.isArray(contents)) return (contents as Item).id.split(' ');
  return contents.map((item: string | Item) => (typeof item === 'string' ? item : item.id));
}

function fireText(
  { key, startMs, ids }: Pick<NaiveWindow, 'key' | 'startMs' | 'ids'>,
  sizeMs: number,
  timing: string,
): string {
  return `fire ${timing} ${key} [${startMs},${startMs + sizeMs}) {${[...ids].sort().join(' ')}}`;
}
